//! The real file system, on Unix. Tested on Linux; macOS has the same calls and is untested.

mod file;
#[cfg(target_os = "linux")]
mod inotify;
#[cfg(target_os = "linux")]
mod lease;
mod named;
mod names;
mod operations;
mod private;
mod real_fs;
mod rename_probe;
#[cfg_attr(not(target_os = "linux"), path = "no_sockets.rs")]
mod sockets;
mod stat;
mod sweep;
#[cfg(test)]
mod tests;

pub use named::open_named;
pub(crate) use named::{make_named_folder, remove_named_folder};
pub(crate) use private::{create_private, read_private};
pub use real_fs::RealFs;
pub(crate) use sockets::{is_same_user, process_traits, refuse_all};
