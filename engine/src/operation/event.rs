//! The event stream of an operation: ordered, without gaps, closed by exactly one terminal event.

use std::any::Any;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use papack_queries::diagnostic::Diagnostic;
use serde::{Serialize, Serializer};

use super::id::OperationId;
use super::status::Status;

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
    /// The inputs are read. An operation that keeps their contents, such as a pack, reads none of them again. One that
    /// keeps none, such as a check or a status, reads a file once more if a format looks into it.
    SnapshotFrozen {
        /// Assets in the build set.
        asset_count: usize,
        /// Artifact files of these assets.
        file_count: usize,
    },
    /// The operation asks for an asset's payload.
    AssetStarted {
        /// The asset.
        asset_id: u32,
    },
    /// An asset's payload exists, or cannot be derived.
    AssetFinished {
        /// The asset.
        asset_id: u32,
        /// Whether it was derived or reused, or cannot be.
        outcome: AssetOutcome,
    },
    /// The validation is complete.
    GateFinished {
        /// How many errors it found.
        error_count: usize,
    },
    /// Offsets, table, preload and header are made. The operation has passed the gate.
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
    /// A diagnostic is reported.
    Diagnostic {
        /// The diagnostic.
        diagnostic: Diagnostic,
    },
    /// The operation ended. Always last.
    OperationFinished {
        /// The result of the service.
        #[serde(serialize_with = "serialize_result")]
        result: Arc<dyn OperationResult>,
    },
}

/// The result of any service: `PackResult`, `CheckResult` and the others. It is serialized as its own type is, and a
/// [downcast](Self::as_any) gives that type back.
pub trait OperationResult: Debug + Send + Sync + erased_serde::Serialize {
    /// How the operation ended.
    fn status(&self) -> Status;

    /// All diagnostics that were told.
    fn diagnostics(&self) -> &[Diagnostic];

    /// How many diagnostics were allowed, and not told.
    fn allowed_diagnostic_count(&self) -> usize;

    /// The result as [`Any`], for a downcast.
    fn as_any(&self) -> &dyn Any;
}

fn serialize_result<S: Serializer>(result: &Arc<dyn OperationResult>, serializer: S) -> Result<S::Ok, S::Error> {
    erased_serde::serialize(&**result, serializer)
}

/// Implements [`OperationResult`] for a result with the fields `status` and `diagnostics`, and one of those that were
/// allowed; `none_allowed` where the operation takes no levels.
macro_rules! operation_result {
    ($result:ty) => {
        $crate::operation::operation_result!($result, |result| result.allowed_diagnostic_count);
    };
    ($result:ty, none_allowed) => {
        $crate::operation::operation_result!($result, |_result| 0);
    };
    ($result:ty, |$this:ident| $allowed:expr) => {
        impl $crate::operation::OperationResult for $result {
            fn status(&self) -> $crate::operation::Status {
                self.status
            }

            fn diagnostics(&self) -> &[papack_queries::diagnostic::Diagnostic] {
                &self.diagnostics
            }

            fn allowed_diagnostic_count(&self) -> usize {
                let $this = self;
                $allowed
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}
pub(crate) use operation_result;

/// How a payload came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssetOutcome {
    /// This operation derived it.
    Derived,
    /// An earlier operation derived it.
    Reused,
    /// There is none: something is wrong with the asset. Its diagnostics say what.
    Faulty,
}

/// Receives the events of an operation, one at a time and in order, each on the thread on which it happens.
pub type Observer<'a> = dyn Fn(&Event) + Sync + 'a;

/// Numbers the events of one operation, and passes them to its observer.
pub(crate) struct Stream<'a> {
    operation_id: OperationId,
    observer: &'a Observer<'a>,
    next_sequence: Mutex<u64>,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(operation_id: OperationId, observer: &'a Observer<'a>) -> Self {
        Self { operation_id, observer, next_sequence: Mutex::new(0) }
    }

    pub(crate) fn operation_id(&self) -> &OperationId {
        &self.operation_id
    }

    /// Emits an event. The lock is held while the observer runs, so that it gets events in the order of their numbers.
    pub(crate) fn emit(&self, kind: EventKind) {
        let mut next = self.next_sequence.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event { operation_id: self.operation_id.clone(), sequence: *next, kind };
        *next += 1;
        (self.observer)(&event);
    }
}
