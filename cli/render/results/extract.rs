//! The result of `extract`.

use papack_engine::{ExtractResult, Status};

use crate::render::print::one_line;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, human_size};

impl Report for ExtractResult {
    const IS_TEXT: bool = false;

    fn ended(&self) -> Ended<'_> {
        Ended { is_failure: self.status != Status::Success, diagnostics: &self.diagnostics, allowed_count: 0 }
    }

    fn human(&self) -> String {
        let (style, verb) = if self.status == Status::Success { (GOOD, "Extracted") } else { (BAD, "Failed") };
        verb_line(style, verb, &self.short())
    }

    fn short(&self) -> String {
        let (file, to) = (one_line(&self.file), one_line(&self.to));
        match self.status {
            Status::Success => format!(
                "{} of {file} to {to}: {}, {}",
                counted(self.assets.len(), "asset"),
                counted(self.file_count, "file"),
                human_size(self.byte_count)
            ),
            Status::Cancelled => format!("cancelled: nothing was written to {to}"),
            // Diagnostics name the files that could not be removed, if any.
            _ => format!("{file}: nothing was written to {to}"),
        }
    }
}
