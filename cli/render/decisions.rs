//! What was decided for each asset, and why.

use std::collections::BTreeMap;

use papack_engine::{Decision, DecisionOutcome, Reason};
use papack_queries::content::ContentId;
use papack_queries::record::InputChange;

use super::columns::{self, Side};
use super::{at_most, counted, human_size, one_line};

/// How many assets are named, and changes of one. The rest are counted; --verbose and JSON have them all.
const NAMED: usize = 16;

/// Hexadecimal digits that tell one content from another.
const DIGITS: usize = 8;

/// The words for what is done.
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

/// A line for each reason of each asset of which an input changed, or that is not reused; and how many of the others are
/// reused for which reason. Where the user wants to know all, each of those has its line too.
pub fn lines(decisions: &[Decision], verbs: Verbs) -> Vec<String> {
    let most = at_most(NAMED);
    let mut named: Vec<&Decision> = decisions.iter().filter(|decision| is_named(decision)).collect();
    // What nothing can be done for first, then what is to be done.
    named.sort_by_key(|decision| (decision.outcome, decision.asset_id));
    let left_out = named.len().saturating_sub(most);
    named.truncate(most);
    if most == usize::MAX {
        named.extend(decisions.iter().filter(|decision| !is_named(decision)));
    }
    let rows: Vec<_> = named.iter().flat_map(|decision| rows(decision, verbs, most)).collect();
    let mut lines = columns::lines(&[Side::Right, Side::Right, Side::Left, Side::Left], &rows);
    if left_out > 0 {
        lines.push(format!("{:>12}  and {left_out} more", ""));
    }
    if most != usize::MAX {
        let mut reused: BTreeMap<String, usize> = BTreeMap::new();
        for decision in decisions.iter().filter(|decision| !is_named(decision)) {
            *reused.entry(decision.reasons.iter().flat_map(in_words).collect::<Vec<_>>().join(", ")).or_default() += 1;
        }
        let line =
            |(reason, count): (String, usize)| format!("{:>12}  {}: {reason}", verbs.reused, counted(count, "asset"));
        lines.extend(reused.into_iter().map(line));
    }
    lines
}

/// The first row of an asset names it; the others have more reasons.
fn rows(decision: &Decision, verbs: Verbs, most: usize) -> Vec<Vec<String>> {
    let mut words: Vec<String> = decision.reasons.iter().flat_map(in_words).collect();
    if words.len() > most {
        let more = words.len() - most;
        words.truncate(most);
        words.push(format!("and {more} more"));
    }
    let name = decision.asset_name.as_deref().map(one_line).unwrap_or_default();
    let mut head = [format!("{:>12}", verbs.of(decision.outcome)), decision.asset_id.to_string(), name];
    let row = |why: String| {
        let row = head.iter().cloned().chain([why]).collect();
        head.iter_mut().for_each(String::clear);
        row
    };
    words.into_iter().map(row).collect()
}

/// Whether people want to know of this asset by its name.
fn is_named(decision: &Decision) -> bool {
    let is_change = |reason: &Reason| matches!(reason, Reason::InputsChanged { .. });
    decision.outcome != DecisionOutcome::Reused || decision.reasons.iter().any(is_change)
}

fn in_words(reason: &Reason) -> Vec<String> {
    let words = match reason {
        Reason::Unchanged => "unchanged",
        Reason::InputsUnchanged => "nothing changed that its payload depends on",
        Reason::NotKnownBefore => "not known before",
        Reason::BlockedBefore => "blocked before",
        Reason::InputsChanged { changes } => return changes.iter().map(change).collect(),
        Reason::Recalled => "derived from the same inputs before",
        Reason::BytesMissing => "its bytes are neither in assets.pa nor in the cache",
        Reason::OutcomeLost => "what the format told of it was not kept",
        Reason::Faulty => "something is wrong with it; papack check says what",
    };
    vec![words.to_owned()]
}

fn change(change: &InputChange) -> String {
    match change {
        InputChange::Format { from, to } => format!("format: {from} → {to}"),
        InputChange::Field { field, from, to } => format!("{field}: {from} → {to}"),
        InputChange::FileAdded { path, content: id } => format!("{}: added, {}", one_line(path), content(*id)),
        InputChange::FileRemoved { path, content: id } => format!("{}: removed, {}", one_line(path), content(*id)),
        InputChange::FileChanged { path, from, to } => {
            format!("{}: {} → {}", one_line(path), content(*from), content(*to))
        }
        InputChange::Order => "the order of its files".into(),
    }
}

fn content(id: ContentId) -> String {
    let digest = id.digest.to_string();
    format!("{} ({}…)", human_size(id.size), digest.get(..DIGITS).unwrap_or(&digest))
}
