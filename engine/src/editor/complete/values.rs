//! Values of members and elements.

use std::collections::HashSet;

use papack_queries::json::lenient::read;
use papack_queries::schema::manifest::{self, SLOTS};
use serde_json::Value;

use super::MOST;
use super::insertion::{of_text, of_value};
use crate::editor::Editor;
use crate::editor::document::{Here, Role};
use crate::editor::features::{Completion, CompletionKind};
use crate::workspace::read_manifest;

impl Editor {
    /// The values that could be at `here`.
    pub(super) fn values_at(&self, here: &Here<'_>) -> Vec<Completion> {
        if here.is_container() {
            return Vec::new();
        }
        match here.role() {
            Role::File => self.files_at(here),
            Role::Pattern => self.patterns_at(here),
            Role::Entry => self.entries_at(here),
            Role::Slot => self.slots_at(here),
            Role::Uuid => self.uuids_at(here),
            Role::Root => self.roots_at(here),
            Role::AssetId => next_ids(here),
            Role::Name => names(here),
            Role::Output | Role::Other => listed(here),
        }
    }

    /// The slots of the bank, those that are free first.
    fn slots_at(&self, here: &Here<'_>) -> Vec<Completion> {
        let bank = here.bank();
        let taken = bank.map(|bank| self.taken_slots(bank, &here.document.root)).unwrap_or_default();
        let (free, used): (Vec<u8>, Vec<u8>) = (0..SLOTS).partition(|slot| !taken.contains_key(slot));
        let place = bank.map(|bank| format!(" in {}", bank.name())).unwrap_or_default();
        let completion = |slot: u8| {
            let detail = match taken.get(&slot) {
                None => format!("free{place}"),
                Some(known) => format!("taken{place} by {}", known.name().unwrap_or(&known.entry.root)),
            };
            let slot = of_value(here, CompletionKind::Value, &Value::from(slot));
            Completion { detail: Some(detail), ..slot }
        };
        free.into_iter().chain(used).map(completion).collect()
    }

    /// In a manifest, the identity that the registry has for it; in the registry, that of the manifest at the root.
    fn uuids_at(&self, here: &Here<'_>) -> Vec<Completion> {
        let registered = || self.asset_at(&here.document.root).map(|known| known.entry.asset_uuid);
        let uuid = match here.sibling("root") {
            Some(root) => self.uuid_of_manifest(&root),
            None => registered(),
        };
        let value = uuid.map(|uuid| Value::from(uuid.hyphenated().to_string()));
        value.map(|value| of_value(here, CompletionKind::Reference, &value)).into_iter().collect()
    }

    fn uuid_of_manifest(&self, root: &str) -> Option<uuid::Uuid> {
        papack_queries::path::check(root).ok()?;
        let manifest = read_manifest(&**self.session.fs(), root).ok()?;
        manifest::identity("", manifest.bytes()?).0.map(|(uuid, _)| uuid)
    }

    /// The folders with a manifest that the registry, as it is written now, does not have.
    fn roots_at(&self, here: &Here<'_>) -> Vec<Completion> {
        let values = read(here.document.text());
        let entries = values.at(&["assets"]).into_iter().flat_map(|list| values.children(list));
        let others = entries.filter(|entry| !values.range(*entry).contains(&here.at));
        let root = |entry| values.string(values.member(entry, "root")?);
        let registered: HashSet<_> = others.filter_map(root).collect();
        let is_taken = |folder: &str| {
            let ends = folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]);
            ends.into_iter().any(|end| registered.contains(&folder[..end]))
        };
        let is_hidden = |folder: &str| folder.split('/').any(|name| name.starts_with('.'));
        let folders = self.state().file_index.manifest_folders();
        let free = folders.filter(|folder| !folder.is_empty() && !is_hidden(folder) && !is_taken(folder));
        let completion = |folder: &str| Completion {
            detail: Some("a manifest that is not registered".into()),
            ..of_value(here, CompletionKind::Folder, &Value::from(folder))
        };
        free.take(MOST).map(completion).collect()
    }
}

/// The id that the registry gives next.
fn next_ids(here: &Here<'_>) -> Vec<Completion> {
    let next = here.values.at(&["next_asset_id"]).map(|next| here.values.written(next));
    let next = next.and_then(|next| next.parse::<u32>().ok());
    let completion = |next: u32| Completion {
        detail: Some("the next id; raise next_asset_id with it".into()),
        ..of_value(here, CompletionKind::Value, &Value::from(next))
    };
    next.map(completion).into_iter().collect()
}

/// The name of the asset's folder.
fn names(here: &Here<'_>) -> Vec<Completion> {
    let folder = here.document.root.rsplit('/').next().filter(|name| manifest::check_name(name).is_ok());
    let completion = |name: &str| Completion {
        detail: Some("the name of its folder".into()),
        ..of_value(here, CompletionKind::Value, &Value::from(name))
    };
    folder.map(completion).into_iter().collect()
}

/// The values that the schema lists; of objects and arrays, an empty one.
fn listed(here: &Here<'_>) -> Vec<Completion> {
    let shape = here.shape();
    let choices = shape.choices().into_iter().map(|choice| Completion {
        detail: choice.is_default.then(|| "counts where nothing is written".into()),
        documentation: choice.description.map(str::to_owned),
        ..of_value(here, CompletionKind::Value, choice.value)
    });
    let empty = match shape.type_name().filter(|_| here.spot.value.is_some()) {
        Some("object") => Some("{}"),
        Some("array") => Some("[]"),
        _ => None,
    };
    choices.chain(empty.map(|empty| of_text(here, CompletionKind::Value, empty.into(), empty, true))).collect()
}
