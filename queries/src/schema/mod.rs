//! The documents that authors and the packer write, read strictly and edited with care: `docs/spec/inputs.md`.
//!
//! Bytes go in, and values with diagnostics come out; edits give the new text of a document. This folder knows no file,
//! no query, and nothing of what exists below `assets/`.

mod artifacts;
mod choice;
pub mod edit;
mod format;
pub mod manifest;
pub mod merge;
mod part;
pub mod registry;
pub mod settings;
pub mod shape;
pub(crate) mod tiles;

/// Where the registry lies in a workspace.
pub const REGISTRY_PATH: &str = "assets/.prometeu/index.json";

/// The name of a manifest in its asset root.
pub const MANIFEST_NAME: &str = "asset.json";

use uuid::Uuid;

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::json::{Node, shortened};

/// Reads a lower-case, hyphenated UUID.
pub(crate) fn uuid(node: Node<'_, '_>) -> Option<Uuid> {
    let text = node.string()?;
    match Uuid::try_parse(&text) {
        Ok(uuid) if uuid.hyphenated().to_string() == text => Some(uuid),
        other => {
            let message = format!("{:?} is no lower-case, hyphenated UUID", shortened(&text));
            let written = other.ok().map(|uuid| uuid.hyphenated().to_string());
            let data = Data::choice(shortened(&text), &[], written.as_deref());
            let fault = Diagnostic::error(Code::FieldInvalid, message).with_data(data);
            node.report(match written {
                Some(written) => {
                    let fix = node.string_replacement(true, &written);
                    fault.with_help(format!("write it as {written}")).with_fix(fix)
                }
                None => fault.with_help("a UUID looks like 3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01"),
            });
            None
        }
    }
}
