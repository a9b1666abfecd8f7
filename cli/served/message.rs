//! What a process and the session that serves it say to each other, in the frames of `rpc`. Both are the same program, so
//! nothing here needs a version.

use serde::{Deserialize, Serialize};

use super::task::Task;
use crate::args::MessageFormat;
use crate::output::Target;
use crate::render::Reader;

/// The largest message to a session, in bytes.
pub const MAX_TO_HOST: usize = 1024 * 1024;

/// The largest message to a process, in bytes.
pub const MAX_TO_PROCESS: usize = 1024 * 1024;

/// The most text in a message, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// What a process says.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToHost {
    /// What it wants. Always first.
    Call(Box<Call>),
    /// It waits for what it asked for, and does not do it itself. Comes once, after [`ToProcess::Ready`].
    Go,
    /// A signal came.
    Cancel,
}

/// What a process wants.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// What shows that the operation is the same in both.
    pub code: String,
    pub task: Task,
    pub format: MessageFormat,
    pub reader: Reader,
    /// The workspace's path within the repository.
    pub path_in_repository: String,
}

/// What a session says.
#[derive(Debug, PartialEq, Eq)]
pub enum ToProcess {
    /// It knows what changed, and the operation could begin.
    Ready,
    /// It is there. Comes every now and then.
    Alive,
    /// This is printed.
    Text(Target, Vec<u8>),
    /// This progress line is visible, or none.
    Progress(Option<String>),
    /// The operation ended with this exit code. Always last.
    Done(u8),
}

impl ToHost {
    pub fn to_json(&self) -> String {
        // Nothing in it fails to be serialized; what is no message ends the connection.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a message. None where it is none.
    pub fn parse(message: &[u8]) -> Option<Self> {
        serde_json::from_slice(message).ok()
    }
}

impl ToProcess {
    /// Its first byte says what it is, and the rest is the text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, rest) = match self {
            Self::Ready => (b'r', &[][..]),
            Self::Alive => (b'a', &[][..]),
            Self::Text(Target::Stdout, text) => (b'o', &text[..]),
            Self::Text(Target::Stderr, text) => (b'e', &text[..]),
            Self::Progress(Some(line)) => (b'p', line.as_bytes()),
            Self::Progress(None) => (b'n', &[][..]),
            Self::Done(code) => (b'd', std::slice::from_ref(code)),
        };
        let mut bytes = Vec::with_capacity(1 + rest.len());
        bytes.push(kind);
        bytes.extend_from_slice(rest);
        bytes
    }

    /// Reads a message. None where it is none.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let (kind, rest) = message.split_first()?;
        Some(match (kind, rest) {
            (b'r', []) => Self::Ready,
            (b'a', []) => Self::Alive,
            (b'o', text) => Self::Text(Target::Stdout, text.to_vec()),
            (b'e', text) => Self::Text(Target::Stderr, text.to_vec()),
            (b'p', line) => Self::Progress(Some(String::from_utf8(line.to_vec()).ok()?)),
            (b'n', []) => Self::Progress(None),
            (b'd', [code]) => Self::Done(*code),
            _ => return None,
        })
    }
}
