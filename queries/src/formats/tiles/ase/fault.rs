//! What is wrong with an Aseprite file.

use crate::diagnostic::{Code, Diagnostic};
use crate::formats::faults::{DAMAGED, Faults};

/// Why a file gives no picture, and in which frame.
#[derive(Debug)]
pub(in super::super) struct Fault {
    code: Code,
    message: String,
    frame: Option<u32>,
}

impl Fault {
    /// The file has something that is not read.
    pub(super) fn unsupported(message: String) -> Self {
        Self { code: Code::AseUnsupported, message, frame: None }
    }

    /// What was chosen is not there.
    pub(super) fn missing(message: String) -> Self {
        Self { code: Code::PartMissing, message, frame: None }
    }

    /// The fault, which was found in that frame.
    pub(super) fn of_frame(self, frame: u32) -> Self {
        Self { frame: Some(frame), ..self }
    }

    /// Adds it to `faults`.
    pub(in super::super) fn report(self, faults: &mut Faults<'_>) {
        let message = match self.frame {
            Some(frame) => format!("frame {frame}: {}", self.message),
            None => self.message,
        };
        let help = match self.code {
            Code::AseUnsupported => "flatten the layer in Aseprite, or export the sprite as PNG",
            Code::PartMissing => "take other frames, or another slice",
            _ => DAMAGED,
        };
        faults.push(Diagnostic::error(self.code, message).with_help(help));
    }
}

/// The structure of the file is broken.
impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self { code: Code::AseInvalid, message, frame: None }
    }
}
