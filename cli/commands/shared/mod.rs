//! What several commands need: finding the workspace, starting threads, running an operation in a session, writing
//! timings, and refusing what cannot be used.

mod levels;
mod pack;
mod refusal;
mod session;
mod threads;
mod timings;
mod workspace;

pub use levels::levels;
pub use pack::{NamedPack, workspace_pack};
pub use refusal::{refuse, refuse_file, refuse_for};
pub use session::{open, run_in_folder, run_in_workspace, run_printing};
pub use threads::thread_pool;
pub use timings::write_timings;
pub use workspace::locate;
