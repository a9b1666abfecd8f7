//! What every service is: an operation, with an identity, a stream of events, cancellation, diagnostics and a true end.
//!
//! An [`Operation`] is passed to every stage of a service, which emits its events and diagnostics there and asks it
//! whether it was cancelled. It ends with a [`Status`], and its stream with the service's result.
//!
//! Nothing here knows a file, a workspace, or what any service does.

mod cancel;
mod event;
mod id;
mod running;
mod status;
mod timings;

pub use cancel::Cancel;
pub use event::{AssetOutcome, Event, EventKind, Observer, OperationResult};
pub use id::OperationId;
pub use status::Status;
pub use timings::Timings;

pub(crate) use event::{Stream, operation_result};
pub(crate) use running::{Ended, Operation};
pub(crate) use status::Stop;
