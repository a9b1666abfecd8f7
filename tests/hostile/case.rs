//! A case: how things are spoilt, and what is said of it.

use std::time::Duration;

pub use papack_queries::diagnostic::Code;
use papack_queries::diagnostic::Severity::{self, Error, Info, Warning};
use serde_json::Value;

use crate::ground::{Ground, PACK};

/// What is run on the spoilt ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The workspace is packed, with one thread and with several, and checked.
    Workspace,
    /// The workspace is packed once: it takes long, or concerns only a pack and is another after it.
    PackOnce,
    /// The file is verified and inspected, which must say the same.
    Pack,
    /// The file is verified with what lies beside it; by itself nothing is wrong with it.
    Companions,
}

pub struct Case {
    pub name: String,
    pub target: Target,
    pub spoil: Box<dyn Fn(&Ground) + Send + Sync>,
    /// The exit code.
    pub exit: i32,
    /// What is said, in its order.
    pub faults: Vec<Fault>,
    /// Whether more may be said besides.
    pub and_more: bool,
    /// How many bytes of memory a byte of input may take, beyond what the program takes anyway.
    pub memory: u64,
    /// How much processor time it may take, in a build without optimizations.
    pub cpu: Duration,
}

/// What a diagnostic must be.
#[derive(Debug, Clone)]
pub struct Fault {
    pub severity: Severity,
    pub code: Code,
    pub path: String,
    /// A pointer (`/a/0`), line and column (`3:1`), a first byte (`@20`), or nothing in particular.
    pub place: String,
    /// A part of the message.
    pub says: String,
}

/// A workspace that is spoilt by `spoil` and refused by the gate.
pub fn case(
    name: impl Into<String>,
    spoil: impl Fn(&Ground) + Send + Sync + 'static,
    faults: impl Into<Vec<Fault>>,
) -> Case {
    let (name, faults) = (name.into(), faults.into());
    let exit = i32::from(faults.iter().any(|fault| fault.severity == Error));
    Case {
        name,
        target: Target::Workspace,
        spoil: Box::new(spoil),
        exit,
        faults,
        and_more: false,
        memory: 4,
        cpu: Duration::from_secs(2),
    }
}

/// A file that is no pack.
pub fn pack(name: impl Into<String>, bytes: Vec<u8>, faults: impl Into<Vec<Fault>>) -> Case {
    Case { target: Target::Pack, ..case(name, move |ground| ground.write(PACK, &bytes), faults) }
}

pub fn error(code: Code, path: &str, place: &str, says: &str) -> Fault {
    Fault { severity: Error, code, path: path.into(), place: place.into(), says: says.into() }
}

pub fn warning(code: Code, path: &str, place: &str, says: &str) -> Fault {
    Fault { severity: Warning, ..error(code, path, place, says) }
}

pub fn info(code: Code, path: &str, place: &str, says: &str) -> Fault {
    Fault { severity: Info, ..error(code, path, place, says) }
}

impl Case {
    /// The same, with one thing more that is said after the rest.
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Fault {
    /// Whether `line`, a diagnostic as the program prints it, is this one.
    pub fn is(&self, line: &Value) -> bool {
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let span = &line["span"];
        let place = match self.place.as_str() {
            "" => true,
            pointer if pointer.starts_with('/') => text("pointer") == pointer,
            byte if byte.starts_with('@') => byte == format!("@{}", span["start"]),
            line_and_column => line_and_column == format!("{}:{}", span["line"], span["column"]),
        };
        place
            && text("severity") == self.severity.to_string()
            && text("code") == self.code.to_string()
            && text("path") == self.path
            && text("message").contains(&self.says)
    }
}
