//! The result of the commands that change documents.

use std::collections::BTreeSet;

use anstyle::Style;
use papack_engine::{Change, ManageResult, Status};
use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use super::recovery::recovered;
use crate::render::print::one_line;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{asset, counted, errors};

impl Report for ManageResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    fn human(&self) -> String {
        let mut lines = change_lines(self);
        let last = match self.status {
            Status::Success if self.changes.is_empty() => Some(verb_line(GOOD, "Up to date", "nothing to change")),
            Status::Success if self.dry_run => Some(verb_line(style(self), "Dry run", "nothing was written")),
            Status::Success => None,
            _ => Some(verb_line(BAD, "Failed", &self.short())),
        };
        lines.extend(spent_ids(self));
        lines.extend(last);
        lines.join("\n")
    }

    fn short(&self) -> String {
        let changes = counted(self.changes.len(), "change");
        match self.status {
            Status::Success if self.changes.is_empty() => "nothing to change".into(),
            Status::Success if self.dry_run => format!("{changes} would be made"),
            Status::Success => format!("{changes} made"),
            Status::GateFailed if self.changes.is_empty() => format!("nothing was changed: {}", blockers(self)),
            Status::GateFailed if self.dry_run => format!("{changes} would be made, and {}", blockers(self)),
            Status::GateFailed => format!("{changes} made, and {}", blockers(self)),
            Status::ExecutionFailed if self.changes.is_empty() => "nothing was changed: the operation failed".into(),
            Status::ExecutionFailed => format!("{changes} made, then the operation failed"),
            Status::PublicationFailed => "nothing was changed: an earlier promotion could not be completed".into(),
            Status::LaneBusy => "nothing was changed: the workspace is busy".into(),
            Status::Cancelled => "cancelled: nothing was changed".into(),
        }
    }
}

/// What `new --all` made, or would make.
#[derive(Serialize)]
#[serde(transparent)]
pub struct ProposalReport(pub ManageResult);

impl Report for ProposalReport {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        self.0.ended()
    }

    fn human(&self) -> String {
        let is_proposal = self.0.status == Status::Success && self.0.dry_run && !self.0.changes.is_empty();
        let way_on = verb_line(Style::new().bold(), "Note", "papack new --all --yes makes them");
        if is_proposal { format!("{}\n{way_on}", self.0.human()) } else { self.0.human() }
    }

    fn short(&self) -> String {
        self.0.short()
    }
}

/// What the operation failed for: errors, or else the documents that could not be migrated, of assets that are not
/// packed.
fn blockers(result: &ManageResult) -> String {
    if result.diagnostics.iter().any(Diagnostic::is_error) {
        return errors(&result.diagnostics);
    }
    let of_assets = result.diagnostics.iter().filter(|diagnostic| diagnostic.asset_id.is_some());
    let skipped: BTreeSet<_> = of_assets.filter_map(|diagnostic| diagnostic.path.as_ref()).collect();
    let as_it_was = if skipped.len() == 1 { "it was" } else { "they were" };
    format!("{} left as {as_it_was}", counted(skipped.len(), "document"))
}

/// The style of the verbs: only what was done is marked as success.
fn style(result: &ManageResult) -> Style {
    if result.dry_run { Style::new().bold() } else { GOOD }
}

/// A line for each change, after one for what was recovered.
pub fn change_lines(result: &ManageResult) -> Vec<String> {
    let style = style(result);
    let line = |change: &Change| {
        let (verb, object) = verb_and_object(change);
        verb_line(style, verb, &object)
    };
    recovered(style, &result.recovered).into_iter().chain(result.changes.iter().map(line)).collect()
}

/// What was changed, as a verb and its object.
fn verb_and_object(change: &Change) -> (&'static str, String) {
    match change {
        Change::AssetRenumbered { from, to, root } => {
            ("Renumbered", format!("{} from asset {from} to asset {to}", one_line(root)))
        }
        Change::CounterRaised { from, to } => ("Raised", format!("next_asset_id from {from} to {to}")),
        Change::RepetitionDropped { asset_id, root } => {
            ("Dropped", format!("a second line of {}", asset(root, *asset_id)))
        }
        Change::RegistryFormed => ("Formed", "the registry, one asset a line".to_owned()),
        Change::FilesDeleted { path, files } => {
            let files = usize::try_from(*files).unwrap_or(usize::MAX);
            ("Deleted", format!("{}, {}", one_line(path), counted(files, "file")))
        }
        Change::LeftoverRemoved { path } => ("Removed", one_line(path)),
        Change::FileCreated { path } | Change::FolderCreated { path } => ("Created", one_line(path)),
        Change::ManifestCreated { path, format, artifacts, file_count } => {
            // Files that were named are as many as they are counted.
            let are_patterns = artifacts.iter().any(|artifact| artifact.contains('*'));
            let patterns = if are_patterns { format!("{}, ", one_line(&artifacts.join(" "))) } else { String::new() };
            ("Created", format!("{}: {format}, {patterns}{}", one_line(path), counted(*file_count, "file")))
        }
        Change::DocumentMigrated { path } => ("Migrated", one_line(path)),
        Change::IdentityGiven { path, asset_uuid } => ("Identified", format!("{} as {asset_uuid}", one_line(path))),
        Change::AssetRegistered { asset_id, root, .. } => {
            ("Registered", format!("{} as asset {asset_id}", one_line(root)))
        }
        Change::FolderMoved { from, to } => ("Moved", format!("{} to {}", one_line(from), one_line(to))),
        Change::AssetIncluded { asset_id, root } => ("Included", asset(root, *asset_id)),
        Change::AssetExcluded { asset_id, root } => ("Excluded", asset(root, *asset_id)),
        Change::AssetUnregistered { asset_id, root } => ("Unregistered", asset(root, *asset_id)),
        Change::AssetRenamed { asset_id, from, to } => {
            ("Renamed", format!("{} to {}", asset(from, *asset_id), one_line(to)))
        }
        Change::PreloadSet { asset_id, name, slot: Some(slot) } => {
            ("Preloaded", format!("{} into slot {slot}", asset(name, *asset_id)))
        }
        Change::PreloadSet { asset_id, name, slot: None } => {
            ("Preloaded", format!("{} no longer", asset(name, *asset_id)))
        }
        Change::AssetRelocated { asset_id, from, to } => {
            ("Relocated", format!("{} to {}", asset(from, *asset_id), one_line(to)))
        }
    }
}

/// What becomes of the ids of assets that were unregistered, or would be. People do not expect that an id is gone.
fn spent_ids(result: &ManageResult) -> Option<String> {
    let is_unregistered = |change: &&Change| matches!(change, Change::AssetUnregistered { .. });
    let text = match result.changes.iter().filter(is_unregistered).count() {
        0 => return None,
        1 => "its id is spent for good: papack add would give the asset another one; papack exclude keeps it",
        _ => "their ids are spent for good: papack add would give the assets others; papack exclude keeps them",
    };
    Some(verb_line(Style::new().bold(), "Note", text))
}
