//! The result of `cache`.

use papack_engine::{CacheContents, CacheResult, CacheTask, KeySource, Status};

use crate::render::columns::{self, Side};
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, TITLE, verb_line};
use crate::render::words::{counted, human_size};

impl Report for CacheResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    fn human(&self) -> String {
        match (&self.cache, self.task) {
            (Some(cache), CacheTask::Show) => contents(cache),
            (Some(_), CacheTask::Prune) => verb_line(GOOD, "Pruned", &self.short()),
            (Some(_), CacheTask::Clear) => verb_line(GOOD, "Cleared", &self.short()),
            (None, _) => verb_line(BAD, "Failed", &self.short()),
        }
    }

    fn short(&self) -> String {
        let removed = human_size(self.removed_bytes);
        match (&self.cache, self.status) {
            (Some(cache), _) if self.task == CacheTask::Show => {
                format!("{} in {}", human_size(cache.total_bytes), cache.path)
            }
            (Some(cache), _) if self.task == CacheTask::Prune => {
                format!("{removed} removed from the payloads, {} left in all", human_size(cache.total_bytes))
            }
            (Some(cache), _) => format!("{removed} removed, {} left", human_size(cache.total_bytes)),
            (None, Status::Cancelled) => "cancelled".into(),
            (None, Status::LaneBusy) => "nothing was removed: the workspace is busy".into(),
            (None, Status::GateFailed) => "there is no folder for a cache".into(),
            (None, _) if self.task == CacheTask::Show => "not shown: the operation failed".into(),
            (None, _) => "not all was removed: the operation failed".into(),
        }
    }
}

/// A table of what the cache holds.
fn contents(cache: &CacheContents) -> String {
    let payloads = &cache.payloads;
    // A segment is a file of its own; people need not know the other word.
    let entries = counted(payloads.entry_count, "entry");
    let usage =
        format!("{entries} in {}; at most {}", counted(payloads.segment_count, "file"), human_size(payloads.max_bytes));
    let row = |name: &str, bytes, note: String| vec![format!("  {name}"), human_size(bytes), note];
    let key = match &cache.key {
        Some(KeySource::Environment) => "from PAPACK_CACHE_KEY".to_owned(),
        Some(KeySource::File { path }) => format!("in {path}"),
        None => "none: nothing is kept".to_owned(),
    };
    let rows = [
        row("payloads", payloads.bytes, usage),
        row("stamps and records", cache.index_bytes, String::new()),
        row("other files", cache.other_bytes, String::new()),
        vec!["  key".to_owned(), String::new(), key],
    ];
    let title = format!("{TITLE}{}{TITLE:#}: {}", cache.path, human_size(cache.total_bytes));
    let lines = columns::lines(&[Side::Left, Side::Right, Side::Left], &rows);
    [vec![title], lines].concat().join("\n")
}
