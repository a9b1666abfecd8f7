//! Commands that a living session does for other processes of the same user, which print what it sends as if they had done
//! it themselves.
//!
//! ```text
//! process: ask ──Call──▶ host: who may be served, and what changed
//!              ◀─Ready──
//!              ───Go───▶ task, on the session, printed by `render` for the reader of the process
//!              ◀─Text──
//!              ◀─Done──
//! ```
//!
//! Whatever is not as it should be, on either side, ends the connection, and the process does what it was asked for alone.

mod ask;
mod host;
mod message;
mod sending;
mod task;

pub use ask::ask;
pub use host::Host;
pub use task::{Kind, Task};
