//! The result of `verify`.

use papack_engine::{SIDECAR, Verdict, VerifyResult};
use papack_queries::diagnostic::Diagnostic;

use crate::render::print::one_line;
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, TITLE, verb_line};
use crate::render::words::{counted, human_size};

impl Report for VerifyResult {
    const IS_TEXT: bool = false;

    fn ended(&self) -> Ended<'_> {
        Ended { is_failure: self.status == Verdict::Refused, diagnostics: &self.diagnostics, allowed_count: 0 }
    }

    fn human(&self) -> String {
        let companions = match self.companions.as_slice() {
            [] if self.status == Verdict::Refused => "Companions were not compared".to_owned(),
            [] => "No companions beside it".to_owned(),
            names => format!("Compared with {}", names.join(", ")),
        };
        let payloads = match self.payloads_hashed {
            0 if self.is_envelope_only() => {
                format!("payloads not checked: {SIDECAR}, which has their digests, is missing")
            }
            0 => "no payload hashed".to_owned(),
            count => format!("{} hashed", counted(count, "payload")),
        };
        let (style, verb, summary) = match self.status {
            Verdict::Valid if self.is_envelope_only() => (TITLE, "Sound", counted(self.asset_count, "asset")),
            Verdict::Valid => (GOOD, "Valid", counted(self.asset_count, "asset")),
            Verdict::Refused => (BAD, "Refused", faults(&self.diagnostics)),
        };
        let of_file = if self.is_envelope_only() { "envelope of " } else { "" };
        let (file, size) = (one_line(&self.file), human_size(self.file_size));
        verb_line(style, verb, &format!("{of_file}{file}: {summary}, {size}\n{:13}{companions}; {payloads}", ""))
    }

    fn short(&self) -> String {
        let file = one_line(&self.file);
        match self.status {
            Verdict::Valid if self.is_envelope_only() => {
                format!("the envelope of {file} is sound; its payloads were not checked: {SIDECAR} is not beside it")
            }
            Verdict::Valid => format!("{file} is valid"),
            Verdict::Refused => format!("{file} is refused: {}", faults(&self.diagnostics)),
        }
    }
}

/// How many faults there are. A notice is none.
fn faults(diagnostics: &[Diagnostic]) -> String {
    counted(diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count(), "fault")
}
