//! The result of `status`.

use papack_engine::{AssetState, AssetStatus, BankStatus, NextAction, NextPack, Status, StatusResult, Summary};
use papack_queries::diagnostic::{Diagnostic, command_word};
use papack_queries::unmanaged::Relation;
use papack_queries::unmanaged_folders::UnmanagedFolder;

use super::registry::registry_errors;
use crate::render::columns::{self, Side};
use crate::render::report::{Ended, Report};
use crate::render::settings::limit;
use crate::render::styles::{BAD, GOOD, TITLE, verb_line};
use crate::render::words::{counted, human_size, unmanaged_command, unmanaged_files, with_comma};

/// How many items of each kind are listed. The rest are counted; --verbose and JSON have all.
const MAX_LISTED: usize = 8;

impl Report for StatusResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    /// Only errors for which there is no status, or not all of it. Other faults of the workspace are counted in the
    /// status.
    fn shown_diagnostics(&self) -> Vec<&Diagnostic> {
        if is_registry_unknown(self) {
            return registry_errors(&self.diagnostics).collect();
        }
        let is_shown = |diagnostic: &&Diagnostic| self.status != Status::Success && diagnostic.is_error();
        self.diagnostics.iter().filter(is_shown).collect()
    }

    fn human(&self) -> String {
        let Some(summary) = &self.workspace else { return verb_line(BAD, "Failed", &self.short()) };
        let mut blocks = if is_registry_unknown(self) {
            vec!["what is registered is not known: the registry cannot be read".to_owned()]
        } else {
            vec![asset_counts(summary), bank_table(summary)]
        };
        let attention = attention_table(summary);
        if !attention.is_empty() {
            blocks.push(attention.join("\n"));
        }
        blocks.extend(folders(&summary.unmanaged_folders));
        blocks.extend(first_step(summary));
        blocks.push(next_pack(&summary.next_pack));
        blocks.join("\n\n")
    }

    fn short(&self) -> String {
        match (&self.workspace, self.status) {
            (Some(summary), _) if is_registry_unknown(self) => {
                format!("what is registered is not known: {}", action(&summary.next_pack))
            }
            (Some(summary), _) => {
                format!("{}: {}", counted(summary.counts.registered, "asset"), action(&summary.next_pack))
            }
            (None, Status::Cancelled) => "cancelled".into(),
            (None, _) => "no status: the operation failed".into(),
        }
    }
}

/// Whether nothing of the registry could be read: then it is not known which assets there are.
fn is_registry_unknown(result: &StatusResult) -> bool {
    let is_empty = result.workspace.as_ref().is_some_and(|summary| summary.assets.is_empty());
    is_empty && registry_errors(&result.diagnostics).next().is_some()
}

fn asset_counts(summary: &Summary) -> String {
    let counts = summary.counts;
    let states =
        [("ready", counts.ready), ("faulty", counts.faulty), ("missing", counts.missing), ("moved", counts.moved)];
    let states = states.into_iter().filter(|(_, count)| *count > 0).map(|(state, count)| format!("{count} {state}"));
    let by_state = states.collect::<Vec<_>>().join(", ");
    let colon = if by_state.is_empty() { "" } else { ": " };
    format!(
        "{TITLE}{}{TITLE:#} registered ({} in the build){colon}{by_state}",
        counted(counts.registered, "asset"),
        counts.included
    )
}

fn bank_table(summary: &Summary) -> String {
    let sides = [Side::Left, Side::Right, Side::Right, Side::Right, Side::Left];
    let mut rows = vec![["bank", "assets", "payload", "free slots", "used slots"].map(str::to_owned).to_vec()];
    let asset = |asset_id| {
        let assets = &summary.assets;
        let found = assets.binary_search_by_key(&asset_id, |asset| asset.asset_id).ok().map(|at| shown(&assets[at]));
        found.unwrap_or_else(|| format!("asset {asset_id}"))
    };
    rows.extend(summary.banks.iter().map(|bank: &BankStatus| {
        let used = bank.used_slots.iter().map(|used| format!("{}: {}", used.slot, asset(used.asset_id)));
        vec![
            bank.bank.name().to_owned(),
            bank.asset_count.to_string(),
            human_size(bank.payload_bytes),
            bank.free_slots.len().to_string(),
            used.collect::<Vec<_>>().join(", "),
        ]
    }));
    columns::lines_with_heading(&sides, &rows).join("\n")
}

/// An asset with its name, or else its root. They are not escaped: the table does that.
fn shown(asset: &AssetStatus) -> String {
    format!("{} (asset {})", asset.asset_name.as_ref().unwrap_or(&asset.root), asset.asset_id)
}

/// What needs the user's attention, and what to do about it.
fn attention_table(summary: &Summary) -> Vec<String> {
    let unmanaged = |is_wanted: fn(&Relation) -> bool| {
        let manifests = summary.unmanaged.iter().filter(move |manifest| is_wanted(&manifest.relation));
        manifests.map(|manifest| manifest.root.clone()).collect::<Vec<_>>()
    };
    let in_state = |state| {
        let assets = summary.assets.iter().filter(move |asset| asset.state == state);
        assets.map(shown).collect::<Vec<_>>()
    };
    let unused = summary
        .assets
        .iter()
        .flat_map(|asset| asset.unused_files.iter().flatten().map(|file| format!("{}/{file}", asset.root)));
    let new = unmanaged(|relation| *relation == Relation::New);
    let copied = unmanaged(|relation| matches!(relation, Relation::Copied { .. }));
    let (add_new, add_copied) = (addition(&new), format!("give it a name of its own, then: {}", addition(&copied)));
    let kinds = [
        ("faulty", in_state(AssetState::Faulty), "papack check says what is wrong".to_owned()),
        ("missing", in_state(AssetState::Missing), format!("restore the folder, or: {}", removal(summary))),
        ("moved", in_state(AssetState::Moved), following(summary)),
        ("not registered", new, add_new),
        ("copied", copied, add_copied),
        (
            "inside another asset",
            unmanaged(|relation| matches!(relation, Relation::Nested { .. })),
            "move it out".to_owned(),
        ),
        ("unused files", unused.collect(), "no artifact entry takes them".to_owned()),
        (
            "directly in assets/",
            summary.loose_files.clone(),
            "no asset can be there: put them into a folder".to_owned(),
        ),
        ("older version", summary.needs_migration.clone(), "papack migrate rewrites them".to_owned()),
    ];
    let kinds = kinds.into_iter().filter(|(_, names, _)| !names.is_empty());
    let rows: Vec<_> = kinds.map(|(kind, names, help)| vec![kind.to_owned(), help, list(&names)]).collect();
    columns::lines(&[Side::Left; 3], &rows)
}

/// The command that registers the manifests in the folders `roots`.
fn addition(roots: &[String]) -> String {
    match roots {
        [root] => format!("papack add {}", command_word(root)),
        _ => "papack add --all".to_owned(),
    }
}

/// The command that takes a missing asset out of the registry.
fn removal(summary: &Summary) -> String {
    let missing = summary.assets.iter().find(|asset| asset.state == AssetState::Missing);
    format!("papack rm {}", missing.map_or_else(String::new, |asset| asset.asset_id.to_string()))
}

/// The command that tells the registry where assets were moved to.
fn following(summary: &Summary) -> String {
    let mut moved = summary.unmanaged.iter().filter_map(|manifest| match manifest.relation {
        Relation::Moved { asset_id } => Some((asset_id, &manifest.root)),
        _ => None,
    });
    match (moved.next(), moved.next()) {
        (Some((asset_id, root)), None) => format!("papack mv {asset_id} {}", command_word(root)),
        _ => "papack doctor --fix follows them".to_owned(),
    }
}

/// What to do in a workspace in which there is nothing yet.
fn first_step(summary: &Summary) -> Option<String> {
    let is_empty =
        summary.counts.registered == 0 && summary.unmanaged.is_empty() && summary.unmanaged_folders.is_empty();
    let text = "put pictures, sounds or other files into a folder below assets/, then papack new FOLDER; papack new --all \
                shows what all such folders would become";
    is_empty.then(|| format!("{TITLE}No assets yet{TITLE:#}: {text}"))
}

/// The folders that no asset takes in, and the commands that take them in.
fn folders(folders: &[UnmanagedFolder]) -> Option<String> {
    let max_listed = limit(MAX_LISTED);
    let row = |folder: &UnmanagedFolder| vec![unmanaged_files(folder), unmanaged_command(folder)];
    let rows: Vec<_> = folders.iter().take(max_listed).map(row).collect();
    let mut lines = columns::lines(&[Side::Left; 2], &rows);
    if folders.len() > max_listed {
        lines.push(format!("and {} more (papack status -v lists all)", counted(folders.len() - max_listed, "folder")));
    }
    let title = format!("{TITLE}In no asset{TITLE:#} (papack new --all shows what they would become):");
    (!folders.is_empty()).then(|| [vec![title], lines].concat().join("\n"))
}

/// The first of the names, and how many more there are. They are not escaped: the table does that.
fn list(names: &[String]) -> String {
    let max_listed = limit(MAX_LISTED);
    let mut shown: Vec<_> = names.iter().take(max_listed).cloned().collect();
    if names.len() > max_listed {
        shown.push(format!("and {} more (-v lists all)", names.len() - max_listed));
    }
    shown.join(", ")
}

fn next_pack(next: &NextPack) -> String {
    let style = if next.action == NextAction::Fail { BAD } else { GOOD };
    let recovery = match next.recovers.join(", ") {
        outputs if outputs.is_empty() => String::new(),
        outputs => format!("complete the promotion that was cut short ({outputs}), then "),
    };
    // What is published now is compared, and not what will be once the promotion is completed.
    let action = if next.action == NextAction::Pack && !recovery.is_empty() {
        format!("publish whatever is left{}", with_comma(next.warning_count, "warning"))
    } else {
        action(next)
    };
    format!("{style}Next pack{style:#}: {recovery}{action}")
}

/// What the next pack would do.
fn action(next: &NextPack) -> String {
    let warnings = with_comma(next.warning_count, "warning");
    match next.action {
        NextAction::Pack => format!("publish {}{warnings}", next.replaces.join(", ")),
        NextAction::Nothing => format!("nothing to do, build/ is up to date{warnings}"),
        NextAction::Fail => {
            format!("blocked by {}{warnings}; papack check says what is wrong", counted(next.error_count, "error"))
        }
    }
}
