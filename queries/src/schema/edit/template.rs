//! A manifest of a new asset.

use serde_json::Value;
use uuid::Uuid;

use super::form::formatted_manifest;
use crate::formats::Format;
use crate::formats::sounds::Loops;
use crate::formats::tiles::EntryZero;
use crate::schema::manifest::VERSIONS;

/// The text of a manifest in the current version, in the layout that authors begin with. Without `files`, which are
/// paths below the asset root, it takes all files that `patterns` match, but none of `except`.
pub fn new_manifest(
    uuid: Uuid,
    name: &str,
    files: &[String],
    patterns: &[String],
    except: &[String],
    format: Format,
) -> String {
    let version = VERSIONS.end();
    let (name, format_name) = (Value::from(name), format.name());
    let (key, values) = if files.is_empty() { ("glob", patterns) } else { ("file", files) };
    let except = match except {
        [] => String::new(),
        except => format!(", \"except\": {}", Value::from(except)),
    };
    let entries = values.iter().map(|value| format!("{{ \"{key}\": {}{except} }}", Value::from(value.as_str())));
    let artifacts = entries.collect::<Vec<_>>().join(",\n    ");
    let artifacts = if values.len() > 1 { format!("[\n    {artifacts}\n  ]") } else { format!("[{artifacts}]") };
    let metadata = match format {
        Format::TilesIndexedV1(options) => {
            let is_written = |field: &(&str, Value)| *field != ("entry_zero", EntryZero::Warn.name().into());
            let fields = options.fields().into_iter().filter(is_written);
            let fields = fields.map(|(name, value)| format!("\"{name}\": {value}")).collect::<Vec<_>>().join(", ");
            format!(",\n    \"metadata\": {{ {fields} }}")
        }
        // A new asset converts nothing.
        Format::SoundsPcmV1(options) => match options.loops {
            Loops::Detect => ",\n    \"metadata\": { \"loops\": \"DETECT\" }".to_owned(),
            Loops::Off => String::new(),
        },
        Format::DataRawV1 | Format::DataTilemapV1 => String::new(),
    };
    let text = format!(
        "{{\n  \"schema_version\": {version},\n  \"asset_uuid\": \"{uuid}\",\n  \"name\": {name},\n  \"artifacts\": \
         {artifacts},\n  \"output\": {{\n    \"format\": \"{format_name}\"{metadata}\n  }}\n}}\n"
    );
    // Names of files make lines too long.
    if except.is_empty() { text } else { formatted_manifest(text.as_bytes()).unwrap_or(text) }
}
