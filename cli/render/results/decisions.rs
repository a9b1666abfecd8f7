//! The decision for each asset, derived or reused, and its reasons. `pack --explain` and `plan` show them.

use std::collections::BTreeMap;

use papack_engine::{Decision, DecisionOutcome, Reason};
use papack_queries::content::ContentId;
use papack_queries::record::InputChange;

use crate::render::columns::{self, Side};
use crate::render::settings::limit;
use crate::render::words::{counted, human_size};

/// How many assets are listed, and how many reasons of each. The rest are counted; --verbose and JSON have all.
const MAX_LISTED: usize = 16;

/// How many hexadecimal digits of a digest are shown.
const DIGITS: usize = 8;

/// The words for the outcomes: `plan` says what would be done, `pack` what was done.
#[derive(Clone, Copy)]
pub struct Verbs {
    pub blocked: &'static str,
    pub derived: &'static str,
    pub reused: &'static str,
}

impl Verbs {
    fn of(self, outcome: DecisionOutcome) -> &'static str {
        match outcome {
            DecisionOutcome::Blocked => self.blocked,
            DecisionOutcome::Derived => self.derived,
            DecisionOutcome::Reused => self.reused,
        }
    }
}

/// A line for each reason of each asset that needs attention, and for the other assets their number by reason; with
/// `--verbose` those have lines of their own, too.
pub fn lines(decisions: &[Decision], verbs: Verbs) -> Vec<String> {
    let max_listed = limit(MAX_LISTED);
    let mut listed: Vec<&Decision> = decisions.iter().filter(|decision| needs_attention(decision)).collect();
    // Outcomes are ordered by urgency: blocked assets come first.
    listed.sort_by_key(|decision| (decision.outcome, decision.asset_id));
    let omitted = listed.len().saturating_sub(max_listed);
    listed.truncate(max_listed);
    let is_verbose = max_listed == usize::MAX;
    if is_verbose {
        listed.extend(decisions.iter().filter(|decision| !needs_attention(decision)));
    }
    let rows: Vec<_> = listed.iter().flat_map(|decision| rows(decision, verbs, max_listed)).collect();
    let mut lines = columns::lines(&[Side::Right, Side::Right, Side::Left, Side::Left], &rows);
    if omitted > 0 {
        lines.push(format!("{:>12}  and {omitted} more", ""));
    }
    if !is_verbose {
        let mut reused: BTreeMap<String, usize> = BTreeMap::new();
        for decision in decisions.iter().filter(|decision| !needs_attention(decision)) {
            *reused
                .entry(decision.reasons.iter().flat_map(reason_texts).collect::<Vec<_>>().join(", "))
                .or_default() += 1;
        }
        let line =
            |(reason, count): (String, usize)| format!("{:>12}  {}: {reason}", verbs.reused, counted(count, "asset"));
        lines.extend(reused.into_iter().map(line));
    }
    lines
}

/// The rows of one asset, one for each reason. Only the first one names the asset.
fn rows(decision: &Decision, verbs: Verbs, max_reasons: usize) -> Vec<Vec<String>> {
    let mut reasons: Vec<String> = decision.reasons.iter().flat_map(reason_texts).collect();
    if reasons.len() > max_reasons {
        let more = reasons.len() - max_reasons;
        reasons.truncate(max_reasons);
        reasons.push(format!("and {more} more"));
    }
    let name = decision.asset_name.as_deref().unwrap_or_default().to_owned();
    let mut head = [format!("{:>12}", verbs.of(decision.outcome)), decision.asset_id.to_string(), name];
    let row = |reason: String| {
        let row = head.iter().cloned().chain([reason]).collect();
        head.iter_mut().for_each(String::clear);
        row
    };
    reasons.into_iter().map(row).collect()
}

/// Whether the asset is not reused, or an input of it changed.
fn needs_attention(decision: &Decision) -> bool {
    let is_change = |reason: &Reason| matches!(reason, Reason::InputsChanged { .. });
    decision.outcome != DecisionOutcome::Reused || decision.reasons.iter().any(is_change)
}

fn reason_texts(reason: &Reason) -> Vec<String> {
    let text = match reason {
        Reason::Unchanged => "unchanged",
        Reason::InputsUnchanged => "nothing changed that its payload depends on",
        Reason::NotKnownBefore => "not known before",
        Reason::BlockedBefore => "blocked before",
        Reason::InputsChanged { changes } => return changes.iter().map(change_text).collect(),
        Reason::Recalled => "derived from the same inputs before",
        Reason::BytesMissing => "its bytes are neither in assets.pa nor in the cache",
        Reason::OutcomeLost => "what the format told of it was not kept",
        Reason::Faulty => "something is wrong with it; papack check says what",
    };
    vec![text.to_owned()]
}

/// A change of an input. Paths and values are not escaped: the table does that.
fn change_text(change: &InputChange) -> String {
    match change {
        InputChange::Format { from, to } => format!("format: {from} → {to}"),
        InputChange::Field { field, from, to } => format!("{field}: {from} → {to}"),
        InputChange::FileAdded { path, content } => format!("{path}: added, {}", content_text(*content)),
        InputChange::Part { path } => format!("{path}: another part of it is taken"),
        InputChange::FileRemoved { path, content } => format!("{path}: removed, {}", content_text(*content)),
        InputChange::FileChanged { path, from, to } => {
            format!("{path}: {} → {}", content_text(*from), content_text(*to))
        }
        InputChange::Tileset { picture } => format!("{picture}: its tiles have other places"),
        InputChange::Order => "the order of its files".into(),
    }
}

/// A content as its size and the start of its digest.
fn content_text(id: ContentId) -> String {
    let digest = id.digest.to_string();
    format!("{} ({}…)", human_size(id.size), digest.get(..DIGITS).unwrap_or(&digest))
}
