//! The result of `status`.

use papack_engine::{AssetState, AssetStatus, BankStatus, NextAction, NextPack, Status, StatusResult, Summary};
use papack_queries::diagnostic::{Diagnostic, Severity};
use papack_queries::unmanaged::Relation;

use super::columns::{self, Side};
use super::{BAD, GOOD, Report, TITLE, at_most, counted, human_size, one_line};

/// How many of a kind are named. The rest are counted; --verbose and JSON have them all.
const NAMED: usize = 8;

impl Report for StatusResult {
    const IS_TEXT: bool = true;

    fn is_failure(&self) -> bool {
        self.status != Status::Success
    }

    /// What is wrong is only counted here; but what kept the workspace from being looked at is told.
    fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    fn shown(&self) -> Vec<&Diagnostic> {
        let is_shown = |found: &&Diagnostic| self.status != Status::Success && found.severity == Severity::Error;
        self.diagnostics.iter().filter(is_shown).collect()
    }

    fn human(&self) -> String {
        let Some(summary) = &self.workspace else { return format!("{BAD}      Failed{BAD:#} {}", self.short()) };
        let mut blocks = vec![assets(summary), banks(&summary.banks)];
        let odd = odd(summary);
        if !odd.is_empty() {
            blocks.push(odd.join("\n"));
        }
        blocks.push(next_pack(&summary.next_pack));
        blocks.join("\n\n")
    }

    fn short(&self) -> String {
        match (&self.workspace, self.status) {
            (Some(summary), _) => {
                format!("{}: {}", counted(summary.counts.registered, "asset"), action(&summary.next_pack))
            }
            (None, Status::Cancelled) => "cancelled".into(),
            (None, _) => "no status: the operation failed".into(),
        }
    }
}

fn assets(summary: &Summary) -> String {
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

fn banks(banks: &[BankStatus]) -> String {
    let sides = [Side::Left, Side::Right, Side::Right, Side::Right, Side::Left];
    let mut rows = vec![["bank", "assets", "payload", "free slots", "used slots"].map(str::to_owned).to_vec()];
    rows.extend(banks.iter().map(|bank| {
        let used = bank.used_slots.iter().map(|used| format!("{} (asset {})", used.slot, used.asset_id));
        vec![
            bank.bank.name().to_owned(),
            bank.asset_count.to_string(),
            human_size(bank.payload_bytes),
            bank.free_slots.len().to_string(),
            used.collect::<Vec<_>>().join(", "),
        ]
    }));
    let lines = columns::lines(&sides, &rows).into_iter().enumerate();
    let lines = lines.map(|(index, line)| if index == 0 { format!("{TITLE}{line}{TITLE:#}") } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a person may want to do something about, and how.
fn odd(summary: &Summary) -> Vec<String> {
    let unmanaged = |admits: fn(&Relation) -> bool| {
        let found = summary.unmanaged.iter().filter(move |found| admits(&found.relation));
        found.map(|found| found.root.clone()).collect::<Vec<_>>()
    };
    let in_state = |state| {
        let found = summary.assets.iter().filter(move |asset| asset.state == state);
        found.map(|asset: &AssetStatus| format!("{} ({})", asset.root, asset.asset_id)).collect::<Vec<_>>()
    };
    let unused = summary
        .assets
        .iter()
        .flat_map(|asset| asset.unused_files.iter().flatten().map(|file| format!("{}/{file}", asset.root)));
    let kinds = [
        ("faulty", in_state(AssetState::Faulty), "papack check says what is wrong"),
        ("missing", in_state(AssetState::Missing), "restore the folder"),
        ("moved", in_state(AssetState::Moved), "papack mv OLD NEW tells the registry"),
        ("not registered", unmanaged(|relation| *relation == Relation::New), "papack add ROOT registers it"),
        (
            "copied",
            unmanaged(|relation| matches!(relation, Relation::Copied { .. })),
            "papack add ROOT makes it an asset",
        ),
        ("inside another asset", unmanaged(|relation| matches!(relation, Relation::Nested { .. })), "move it out"),
        ("unused files", unused.collect(), "no artifact entry takes them"),
        ("older version", summary.needs_migration.clone(), "papack migrate rewrites them"),
    ];
    let kinds = kinds.into_iter().filter(|(_, names, _)| !names.is_empty());
    let rows: Vec<_> =
        kinds.map(|(kind, names, help)| vec![kind.to_owned(), help.to_owned(), listed(&names)]).collect();
    columns::lines(&[Side::Left; 3], &rows)
}

fn listed(names: &[String]) -> String {
    let most = at_most(NAMED);
    let mut shown: Vec<_> = names.iter().take(most).map(|name| one_line(name)).collect();
    if names.len() > most {
        shown.push(format!("and {} more", names.len() - most));
    }
    shown.join(", ")
}

fn next_pack(next: &NextPack) -> String {
    let style = if next.action == NextAction::Fail { BAD } else { GOOD };
    let recovery = if next.recovers { "complete the promotion that was cut short, then " } else { "" };
    format!("{style}Next pack{style:#}: {recovery}{}", action(next))
}

fn action(next: &NextPack) -> String {
    let warnings = match next.warning_count {
        0 => String::new(),
        some => format!(", {}", counted(some, "warning")),
    };
    match next.action {
        NextAction::Pack => format!("publish {}{warnings}", next.replaces.join(", ")),
        NextAction::Nothing => format!("nothing to do, build/ is up to date{warnings}"),
        NextAction::Fail => {
            format!("blocked by {}{warnings}; papack check says what is wrong", counted(next.error_count, "error"))
        }
    }
}
