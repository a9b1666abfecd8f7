//! What is wrong with a BMP file.

use crate::diagnostic::{Code, Diagnostic};
use crate::formats::faults::{DAMAGED, Faults};

/// Why a file cannot be read.
pub(super) struct Fault {
    code: Code,
    message: String,
}

impl Fault {
    /// The file is of a kind that is not read.
    pub(super) fn unsupported(message: String) -> Self {
        Self { code: Code::BmpUnsupported, message }
    }

    /// Adds it to `faults`.
    pub(super) fn report(self, faults: &mut Faults<'_>) {
        let help = match self.code {
            Code::BmpUnsupported => "export it as PNG",
            _ => DAMAGED,
        };
        faults.push(Diagnostic::error(self.code, self.message).with_help(help));
    }
}

/// The structure of the file is broken.
impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self { code: Code::BmpInvalid, message }
    }
}
