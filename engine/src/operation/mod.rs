//! What every service on a workspace is: an operation, with an id, a stream of events, diagnostics, cancellation and a
//! final status.
//!
//! A service passes its [`Operation`] to every stage. A stage emits events and diagnostics there, and asks there
//! whether the operation was cancelled. The operation ends with a [`Status`], and its stream with the service's result.
//!
//! How severe a diagnostic is, and whether it is told at all, is also up to the caller and to the settings of the
//! workspace: each is found with a severity, and told with the one that the [`Policy`] of the operation makes of it. That
//! is decided here, where it is reported, so that events, results, counts and gate agree.
//!
//! Nothing here knows a file, a workspace, or what any service does.

mod cancel;
mod event;
mod id;
mod levels;
mod running;
mod status;
mod timings;

pub use cancel::Cancel;
pub use event::{AssetOutcome, Event, EventKind, Observer, OperationResult};
pub use id::OperationId;
pub use status::Status;
pub use timings::Timings;

pub(crate) use cancel::Waker;
pub(crate) use event::{Stream, operation_result};
pub(crate) use levels::{Policy, apply as apply_levels};
pub(crate) use running::{Ended, Operation};
pub(crate) use status::Stop;
