//! The commands, a file for each command or group: it turns arguments into a request, calls the service, has `render`
//! show the result, and gives the exit code.
//!
//! A command must not know how a result looks, and no command calls another; what several need is in `shared`.

mod shared;

pub mod budget;
pub mod cache;
pub mod complete;
pub mod completions;
pub mod convert;
pub mod diff;
pub mod explain;
pub mod extract;
pub mod inspect;
pub mod list;
pub mod lsp;
pub mod man;
pub mod manage;
pub mod merge_registry;
pub mod schema;
pub mod serve;
pub mod verify;
pub mod watch;
pub mod work;
