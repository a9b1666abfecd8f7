//! What can be read of a file that should be an `assets.pa`, and everything that is wrong with it.
//!
//! One pass serves all: the strict [`Reader`](super::Reader) takes a survey without faults, `verify` reports the
//! faults, and `inspect` shows what there is in spite of them. The payload region is never read.

use std::io;
use std::ops::Range;

use super::preload::PreloadEntry;
use super::prelude::{PRELUDE_SIZE, Prelude};
use super::salvage;
use super::sound::Lists;
use super::source::Source;
use super::table::{self, Entry, Table};
use crate::diagnostic::Diagnostic;
use crate::json::Document;

/// What was found in a file.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Bytes of the file.
    pub file_size: u64,
    /// The prelude, where the file has one that can be read.
    pub prelude: Option<Prelude>,
    /// The entries of the asset table, in their order, as far as they could be read.
    pub entries: Vec<Entry>,
    /// The entries of the preload list that could be read.
    pub preload: Vec<PreloadEntry>,
    /// All that is wrong. A file without faults is an `assets.pa` as papack writes it, payload bytes apart.
    pub faults: Vec<Diagnostic>,
    pub(super) header: Vec<u8>,
    pub(super) entry_list: Range<usize>,
    pub(super) preload_list: Range<usize>,
}

impl Survey {
    /// Surveys `source`, which faults call `path`.
    ///
    /// # Errors
    ///
    /// Only when `source` cannot be read.
    pub fn new(source: &(impl Source + ?Sized), path: &str) -> io::Result<Self> {
        let mut survey = Self { file_size: source.size()?, ..Self::default() };
        let front = source.read(0, survey.file_size.min(PRELUDE_SIZE as u64))?;
        (survey.prelude, survey.faults) = Prelude::parse(&front, survey.file_size);
        survey.faults.iter_mut().for_each(|fault| fault.path = Some(path.to_owned()));
        if let Some(prelude) = survey.prelude {
            let rest = survey.file_size - PRELUDE_SIZE as u64;
            survey.header = source.read(PRELUDE_SIZE as u64, rest.min(u64::from(prelude.header_len)))?;
            survey.read_header(path, prelude);
        }
        Ok(survey)
    }

    /// The text of the metadata of `entry`, an entry of this survey.
    pub fn metadata_text(&self, entry: &Entry) -> Option<&str> {
        self.header.get(entry.metadata.clone()?).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    fn read_header(&mut self, path: &str, prelude: Prelude) {
        // Missing parts of a truncated header are not reported separately.
        let is_whole = self.header.len() as u64 == u64::from(prelude.header_len);
        let region_size = is_whole.then(|| self.file_size - prelude.payload_offset());
        if region_size.is_some_and(|region_size| self.faults.is_empty() && self.read_sound(region_size)) {
            return;
        }
        match Document::parse_embedded(path, &self.header, PRELUDE_SIZE) {
            Ok(document) => {
                document.refuse_not_canonical("the header");
                let table = table::read(&document, prelude, region_size);
                self.faults.extend(document.into_faults());
                self.fill(table);
            }
            Err(fault) => {
                let at = fault.span.map_or(0, |span| span.start.saturating_sub(PRELUDE_SIZE));
                self.salvage(path, at, prelude);
                if is_whole {
                    self.faults.push(fault);
                }
            }
        }
    }

    /// Reads the header as one without faults. Returns whether it is one.
    fn read_sound(&mut self, region_size: u64) -> bool {
        let mut entries = Vec::new();
        let Some(lists) = Lists::read(&self.header, region_size, |entry| entries.push(entry)) else { return false };
        let Lists { asset_table, preload, preloaded } = lists;
        self.fill(Table { entries, preload: preloaded, entry_list: asset_table, preload_list: preload });
        true
    }

    /// Shows the entries before byte `at` of the header, where it ceases to be JSON.
    fn salvage(&mut self, path: &str, at: usize, prelude: Prelude) {
        let Some(front) = salvage::front(&self.header, at) else { return };
        if let Ok(document) = Document::parse_embedded(path, &front, PRELUDE_SIZE) {
            let table = table::read(&document, prelude, None);
            // Missing parts of a truncated header are not reported separately.
            drop(document.into_faults());
            self.fill(table);
        }
    }

    fn fill(&mut self, table: Table) {
        let Table { entries, preload, entry_list, preload_list } = table;
        (self.entries, self.preload) = (entries, preload);
        (self.entry_list, self.preload_list) = (entry_list, preload_list);
    }
}
