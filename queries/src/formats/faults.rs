//! What is wrong with one source file.

use std::ops::Range;

use crate::diagnostic::{Code, Data, Diagnostic};

/// What to do about a file whose structure is broken.
pub(crate) const DAMAGED: &str =
    "the file is cut short or damaged: copy it again, or export it again from the program that made it";

/// The faults of one source file: at most [`Faults::LIMIT`] errors, and as many warnings and notices.
///
/// A broken file can be wrong at every chunk. The first faults tell what is wrong; the rest are counted. What repeats
/// at pixels or samples is one fault ([`Repeated`](crate::repeated::Repeated)).
pub(crate) struct Faults<'a> {
    path: &'a str,
    errors: Collected,
    notices: Collected,
    /// The bytes of the file that are being looked at.
    bytes: Option<Range<usize>>,
    /// The frame that is being looked at, in a file that has several.
    frame: Option<u32>,
}

#[derive(Default)]
struct Collected {
    kept: Vec<Diagnostic>,
    suppressed: u64,
}

impl<'a> Faults<'a> {
    /// How many errors of one file are reported.
    const LIMIT: usize = 20;

    /// No faults yet, for the file at `path` below the asset root.
    pub(crate) fn new(path: &'a str) -> Self {
        Self { path, errors: Collected::default(), notices: Collected::default(), bytes: None, frame: None }
    }

    /// The file's path below the asset root.
    pub(crate) fn path(&self) -> &'a str {
        self.path
    }

    /// Adds a fault; its place is filled in.
    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        if let Some(frame) = self.frame {
            diagnostic.message = format!("frame {frame}: {}", diagnostic.message);
        }
        let diagnostic = match self.bytes.clone() {
            Some(bytes) if diagnostic.data.is_none() => diagnostic.with_data(Data::bytes(bytes.start, bytes.end)),
            _ => diagnostic,
        };
        let list = if diagnostic.is_error() { &mut self.errors } else { &mut self.notices };
        if list.kept.len() < Self::LIMIT {
            list.kept.push(diagnostic.at(self.path));
        } else {
            list.suppressed += 1;
        }
    }

    /// Adds an error, with what to do about it.
    pub(crate) fn error(&mut self, code: Code, message: impl Into<String>, help: &str) {
        self.push(Diagnostic::error(code, message).with_help(help));
    }

    /// What `judge` gives. What it adds without data of its own is about these `bytes` of the file.
    pub(crate) fn within<T>(&mut self, bytes: Range<usize>, judge: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.bytes.replace(bytes);
        let result = judge(self);
        self.bytes = around;
        result
    }

    /// What `judge` gives. What it adds is about this `frame` of the file; about the whole file, where there is none.
    pub(crate) fn in_frame<T>(&mut self, frame: Option<u32>, judge: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.frame, frame);
        let result = judge(self);
        self.frame = around;
        result
    }

    /// Adds the error that the structure of the file is broken.
    pub(crate) fn damaged(&mut self, code: Code, message: impl Into<String>) {
        self.error(code, message, DAMAGED);
    }

    /// Adds a warning.
    pub(crate) fn warning(&mut self, code: Code, message: impl Into<String>) {
        self.push(Diagnostic::warning(code, message));
    }

    /// Whether an error was added.
    pub(crate) fn has_error(&self) -> bool {
        !self.errors.kept.is_empty()
    }

    /// The faults kept, errors first. The last of each list says how many more there were.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        [self.errors, self.notices]
            .into_iter()
            .flat_map(|mut list| {
                if list.suppressed > 0
                    && let Some(last) = list.kept.last_mut()
                {
                    last.help = Some(format!("{} more like this in the file are not shown", list.suppressed));
                }
                list.kept
            })
            .collect()
    }
}
