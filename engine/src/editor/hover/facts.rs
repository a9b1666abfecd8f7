//! What the workspace has to do with a place of a document.

use papack_queries::schema::manifest::SLOTS;
use papack_queries::schema::shape::Schema;

use crate::editor::Editor;
use crate::editor::document::{Here, Role};
use crate::editor::known::{Known, code, escaped};

/// How many files of a pattern are named.
const NAMED: usize = 20;

impl Editor {
    /// What is to be told of the place at `here`, besides what the field means.
    pub(super) fn facts(&self, here: &Here<'_>) -> Option<String> {
        match here.role() {
            Role::File => self.file_facts(here, &here.string()?),
            Role::Pattern => self.glob_facts(here),
            Role::Output => self.asset_at(&here.document.root).map(|known| payload(&known)),
            Role::Slot => self.slot_facts(here),
            Role::Uuid if here.document.schema == Schema::Manifest => Some(self.own_facts(here)),
            Role::Name => Some(self.own_facts(here)),
            Role::Uuid => self.asset_of_uuid(&here.string()?).map(|known| asset(&known)),
            Role::AssetId => self.asset_with_id(here.asset_id()?).map(|known| asset(&known)),
            Role::Root => self.asset_at(&here.string()?).map(|known| asset(&known)),
            Role::Entry | Role::Other => None,
        }
    }

    /// What is to be told of the asset whose manifest this is.
    fn own_facts(&self, here: &Here<'_>) -> String {
        let known = self.asset_at(&here.document.root);
        known.map_or_else(|| "The registry has no asset in this folder.".into(), |known| asset(&known))
    }

    /// The files that the pattern takes.
    fn glob_facts(&self, here: &Here<'_>) -> Option<String> {
        let taken = self.taken_at(here)?;
        if !taken.is_complete {
            return Some("The pattern takes long to match: its files are not shown.".into());
        }
        let count = taken.files.len();
        let mut text = match count {
            0 => "Takes no file.".to_owned(),
            1 => "Takes 1 file:".to_owned(),
            _ => format!("Takes {count} files:"),
        };
        text.extend(taken.files.iter().take(NAMED).map(|file| format!("\n- {}", code(file))));
        if count > NAMED {
            text += &format!("\n- and {} more", count - NAMED);
        }
        Some(text)
    }

    /// Which asset has which slot of the bank.
    fn slot_facts(&self, here: &Here<'_>) -> Option<String> {
        let bank = here.bank()?;
        let taken = self.taken_slots(bank, &here.document.root);
        let free: Vec<_> = (0..SLOTS).filter(|slot| !taken.contains_key(slot)).map(|slot| slot.to_string()).collect();
        let mut text = format!("Slots of {} that other assets of the build have:", bank.name());
        if taken.is_empty() {
            text = format!("No other asset of the build has a slot of {}.", bank.name());
        }
        text.extend(taken.iter().map(|(slot, known)| format!("\n- {slot}: {}", known.title())));
        if !taken.is_empty() && !free.is_empty() {
            text += &format!("\n\nFree: {}", free.join(", "));
        }
        Some(text)
    }
}

/// An asset in a few lines.
fn asset(known: &Known<'_>) -> String {
    let build = if known.entry.included_in_build { "In the build" } else { "Not in the build" };
    let uuid = known.entry.asset_uuid.to_string();
    format!("{}\n\n{build} · {}\n\n{}", known.title(), code(&uuid), payload(known))
}

/// The payload of an asset: its bank and size, and what it is made of.
fn payload(known: &Known<'_>) -> String {
    let Some(record) = known.record else { return "It was not examined yet.".into() };
    let faults = record.diagnostics.iter().filter(|found| found.is_error());
    if let Some(first) = faults.clone().next() {
        let more = match faults.count() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        return format!("No payload: {}{more}", escaped(&first.message));
    }
    let (Some(inputs), Some(payload)) = (&record.inputs, &record.payload) else { return "No payload.".into() };
    let files = match inputs.files.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    format!("Bank {}: {} bytes of {files}", inputs.format.bank().name(), payload.id.size)
}
