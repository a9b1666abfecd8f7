//! All access to the files of a workspace, through the trait [`FileSystem`].
//!
//! A path is given below the workspace. No link on it is ever followed, and nothing outside the workspace can be named.
//! [`RealFs`] is the only implementation that touches the operating system's files; tests wrap it to inject faults.
//! Outside of a workspace, the engine touches:
//!
//! - a file that the user names: a pack, or a registry to merge ([`open_named`])
//! - the folder of an extraction
//! - the key file
//!
//! Nothing here knows what a workspace is or what lies in it. Paths go in; handles, names and stamps come out.

mod actions;
pub(crate) mod clock;
mod file_system;
mod obstacle;
mod open_file;
mod overlay;
mod pieces;
#[cfg(unix)]
mod unix;

pub use camino::{Utf8Path, Utf8PathBuf};
pub use file_system::{
    FileHandle, FileSystem, FolderEvent, FolderStat, Listing, Lock, NameChange, NodeKind, Stamp, Visited, Visitor,
    WatchId, Watcher, Writers,
};
pub use open_file::OpenFile;
#[cfg(unix)]
pub use unix::{RealFs, open_named};

pub(crate) use actions::{create_locked, digest_at, is_locked, list_in_order, remove_all, remove_unless_locked};
pub(crate) use obstacle::Obstacle;
pub(crate) use overlay::Overlay;
pub(crate) use pieces::{PIECE, in_pieces, pieces, with_buffer};
#[cfg(unix)]
pub(crate) use unix::{create_private, make_named_folder, read_private, remove_named_folder};
pub(crate) use unix::{is_same_user, process_traits, refuse_all};
