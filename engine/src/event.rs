//! The event stream of an operation: ordered, without gaps, closed by exactly one terminal event.

use std::fmt;
use std::sync::Mutex;

use papack_queries::diagnostic::Diagnostic;
use serde::Serialize;

use crate::cache::CacheResult;
use crate::check::CheckResult;
use crate::manage::ManageResult;
use crate::pack::PackResult;
use crate::plan::PlanResult;
use crate::reproduce::ReproduceResult;
use crate::status::StatusResult;

/// The name of one operation: 20 random characters of `[0-9A-Za-z]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct OperationId(String);

impl OperationId {
    const LENGTH: usize = 20;
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// A new name.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut id = String::with_capacity(Self::LENGTH);
        while id.len() < Self::LENGTH {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes)?;
            // 248 is a multiple of 62: what lies above it would make some characters more likely.
            let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| Self::ALPHABET[usize::from(byte % 62)]);
            id.extend(fair.map(char::from).take(Self::LENGTH - id.len()));
        }
        Ok(Self(id))
    }

    /// Stands for a name where no random bytes could be had.
    pub(crate) fn none() -> Self {
        Self("0".repeat(Self::LENGTH))
    }

    /// Reads a name, as a journal holds it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        valid.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One event of an operation.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Which operation.
    pub operation_id: OperationId,
    /// Position in the operation's stream, from 0.
    pub sequence: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventKind {
    /// The operation began. Always first.
    OperationStarted,
    /// The inputs are read; from here on nothing is read from the live workspace.
    SnapshotFrozen {
        /// Assets in the build set.
        asset_count: usize,
        /// Artifact files of these assets.
        file_count: usize,
    },
    /// An asset's payload is asked for.
    AssetStarted {
        /// The asset.
        asset_id: u32,
    },
    /// An asset's payload is there, or known to be impossible.
    AssetFinished {
        /// The asset.
        asset_id: u32,
        /// Whether it was derived or reused.
        outcome: AssetOutcome,
    },
    /// The validation is complete.
    GateFinished {
        /// How many errors it found.
        error_count: usize,
    },
    /// Offsets, table, preload and header are made. Execution has begun.
    Assembled {
        /// Bytes of the header.
        header_bytes: u64,
        /// Bytes of the payload region.
        payload_bytes: u64,
    },
    /// All outputs are written below `.staging/` and flushed.
    Staged,
    /// The outputs are final.
    Promoted {
        /// Which of the four were replaced; the others had the same bytes already.
        replaced: Vec<&'static str>,
    },
    /// Something is to be told.
    Diagnostic {
        /// What.
        diagnostic: Diagnostic,
    },
    /// The operation ended. Always last.
    OperationFinished {
        /// How.
        result: Box<OperationResult>,
    },
}

/// The result of one of the services that have events.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum OperationResult {
    /// Of `pack`.
    Pack(PackResult),
    /// Of `check`.
    Check(CheckResult),
    /// Of `plan`.
    Plan(PlanResult),
    /// Of `status`.
    Status(StatusResult),
    /// Of `verify --reproduce`.
    Reproduce(ReproduceResult),
    /// Of the services that change documents.
    Manage(ManageResult),
    /// Of `cache`.
    Cache(CacheResult),
}

impl From<PackResult> for OperationResult {
    fn from(result: PackResult) -> Self {
        Self::Pack(result)
    }
}

impl From<CheckResult> for OperationResult {
    fn from(result: CheckResult) -> Self {
        Self::Check(result)
    }
}

impl From<PlanResult> for OperationResult {
    fn from(result: PlanResult) -> Self {
        Self::Plan(result)
    }
}

impl From<ReproduceResult> for OperationResult {
    fn from(result: ReproduceResult) -> Self {
        Self::Reproduce(result)
    }
}

impl From<CacheResult> for OperationResult {
    fn from(result: CacheResult) -> Self {
        Self::Cache(result)
    }
}

impl From<ManageResult> for OperationResult {
    fn from(result: ManageResult) -> Self {
        Self::Manage(result)
    }
}

impl From<StatusResult> for OperationResult {
    fn from(result: StatusResult) -> Self {
        Self::Status(result)
    }
}

/// How a payload came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssetOutcome {
    /// The format did its work.
    Derived,
    /// It was known from an earlier operation.
    Reused,
}

/// Who is told of events, on whatever thread they happen, one at a time and in order.
pub type Observer<'a> = dyn Fn(&Event) + Sync + 'a;

/// Numbers the events of one operation.
pub(crate) struct Stream<'a> {
    operation_id: OperationId,
    observer: &'a Observer<'a>,
    next: Mutex<u64>,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(operation_id: OperationId, observer: &'a Observer<'a>) -> Self {
        Self { operation_id, observer, next: Mutex::new(0) }
    }

    pub(crate) fn operation_id(&self) -> &OperationId {
        &self.operation_id
    }

    /// Tells the observer. The lock is held meanwhile: order of numbers is order of telling.
    pub(crate) fn emit(&self, kind: EventKind) {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let event = Event { operation_id: self.operation_id.clone(), sequence: *next, kind };
        *next += 1;
        (self.observer)(&event);
    }
}
