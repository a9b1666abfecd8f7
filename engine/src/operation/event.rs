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
        #[serde(serialize_with = "serialize_result")]
        result: Arc<dyn OperationResult>,
    },
}

/// The result of a service, whichever that is: `PackResult`, `CheckResult` and the others. It is written as JSON as itself,
/// and taken for what it is by a [downcast](Self::as_any).
pub trait OperationResult: Debug + Send + Sync + erased_serde::Serialize {
    /// How the operation ended.
    fn status(&self) -> Status;

    /// The result itself, for a downcast.
    fn as_any(&self) -> &dyn Any;
}

fn serialize_result<S: Serializer>(result: &Arc<dyn OperationResult>, serializer: S) -> Result<S::Ok, S::Error> {
    erased_serde::serialize(&**result, serializer)
}

/// Makes a result of a service one that ends the stream of an operation.
macro_rules! operation_result {
    ($result:ty) => {
        impl $crate::operation::OperationResult for $result {
            fn status(&self) -> $crate::operation::Status {
                self.status
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
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event { operation_id: self.operation_id.clone(), sequence: *next, kind };
        *next += 1;
        (self.observer)(&event);
    }
}
