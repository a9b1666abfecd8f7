//! The result of the commands that change documents.

use std::collections::BTreeSet;

use anstyle::Style;
use papack_engine::{Change, ManageResult, Status};
use papack_queries::diagnostic::Diagnostic;

use super::{BAD, GOOD, Report, counted, one_line};

impl Report for ManageResult {
    const IS_TEXT: bool = true;

    fn is_failure(&self) -> bool {
        self.status != Status::Success
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    fn human(&self) -> String {
        let mut lines = change_lines(self);
        let style = style(self);
        let last = match self.status {
            Status::Success if lines.is_empty() => Some(format!("{GOOD}  Up to date{GOOD:#} nothing to change")),
            Status::Success if self.dry_run => Some(format!("{style}     Dry run{style:#} nothing was written")),
            Status::Success => None,
            _ => Some(format!("{BAD}      Failed{BAD:#} {}", self.short())),
        };
        lines.extend(last);
        lines.join("\n")
    }

    fn short(&self) -> String {
        let changes = counted(self.changes.len(), "change");
        match self.status {
            Status::Success if self.changes.is_empty() => "nothing to change".into(),
            Status::Success if self.dry_run => format!("{changes} would be made"),
            Status::Success => format!("{changes} made"),
            Status::GateFailed if self.changes.is_empty() => format!("nothing was changed: {}", in_the_way(self)),
            Status::GateFailed if self.dry_run => format!("{changes} would be made, and {}", in_the_way(self)),
            Status::GateFailed => format!("{changes} made, and {}", in_the_way(self)),
            Status::ExecutionFailed if self.changes.is_empty() => "nothing was changed: the operation failed".into(),
            Status::ExecutionFailed => format!("{changes} made, then the operation failed"),
            Status::PublicationFailed => "nothing was changed: an earlier promotion could not be completed".into(),
            Status::LaneBusy => "nothing was changed: the workspace is busy".into(),
            Status::Cancelled => "cancelled: nothing was changed".into(),
        }
    }
}

/// What was in the way. Where that is no error, it is what a migration left, of assets that are not packed.
fn in_the_way(result: &ManageResult) -> String {
    let errors = result.diagnostics.iter().filter(|found| found.is_error()).count();
    if errors > 0 {
        return counted(errors, "error");
    }
    let of_assets = result.diagnostics.iter().filter(|found| found.asset_id.is_some());
    let left: BTreeSet<_> = of_assets.filter_map(|found| found.path.as_ref()).collect();
    format!("{} left as {}", counted(left.len(), "document"), if left.len() == 1 { "it was" } else { "they were" })
}

/// How changes begin.
fn style(result: &ManageResult) -> Style {
    if result.dry_run { Style::new().bold() } else { GOOD }
}

/// The changes, one a line.
pub fn change_lines(result: &ManageResult) -> Vec<String> {
    let style = style(result);
    let line = |change: &Change| {
        let (verb, what) = in_words(change);
        format!("{style}{verb:>12}{style:#} {what}")
    };
    result.changes.iter().map(line).collect()
}

/// What was done, and to what.
fn in_words(change: &Change) -> (&'static str, String) {
    match change {
        Change::AssetRenumbered { from, to, root } => {
            ("Renumbered", format!("{} from asset {from} to asset {to}", one_line(root)))
        }
        Change::CounterRaised { from, to } => ("Raised", format!("next_asset_id from {from} to {to}")),
        Change::RepetitionDropped { asset_id, root } => {
            ("Dropped", format!("a second line of asset {asset_id} ({})", one_line(root)))
        }
        Change::RegistryFormed => ("Formed", "the registry, one asset a line".to_owned()),
        Change::FilesDeleted { path, files } => {
            let files = usize::try_from(*files).unwrap_or(usize::MAX);
            ("Deleted", format!("{}, {}", one_line(path), counted(files, "file")))
        }
        Change::LeftoverRemoved { path } => ("Removed", one_line(path)),
        Change::FileCreated { path } | Change::FolderCreated { path } => ("Created", one_line(path)),
        Change::DocumentMigrated { path } => ("Migrated", one_line(path)),
        Change::IdentityGiven { path, asset_uuid } => ("Identified", format!("{} as {asset_uuid}", one_line(path))),
        Change::AssetRegistered { asset_id, root, .. } => {
            ("Registered", format!("{} as asset {asset_id}", one_line(root)))
        }
        Change::FolderMoved { from, to } => ("Moved", format!("{} to {}", one_line(from), one_line(to))),
        Change::AssetIncluded { asset_id, root } => ("Included", format!("asset {asset_id}, {}", one_line(root))),
        Change::AssetExcluded { asset_id, root } => ("Excluded", format!("asset {asset_id}, {}", one_line(root))),
        Change::AssetUnregistered { asset_id, root } => {
            ("Unregistered", format!("asset {asset_id}, {}", one_line(root)))
        }
        Change::AssetRenamed { asset_id, from, to } => {
            ("Renamed", format!("asset {asset_id} from {} to {}", one_line(from), one_line(to)))
        }
        Change::PreloadSet { asset_id, slot: Some(slot) } => {
            ("Preloaded", format!("asset {asset_id} into slot {slot}"))
        }
        Change::PreloadSet { asset_id, slot: None } => ("Preloaded", format!("asset {asset_id} no longer")),
        Change::AssetRelocated { asset_id, from, to } => {
            ("Relocated", format!("asset {asset_id} from {} to {}", one_line(from), one_line(to)))
        }
    }
}
