//! Which files globs leave out: those that nobody meant, by their names, and those that the ignore file names.
//!
//! [`Rules`] are what the ignore file says. A [`Judge`] holds the files of one asset against these rules and against the
//! list of names. Paths go in, verdicts come out. Nothing here reads a file, or knows what a manifest says: a `file`
//! entry takes any file, and is never asked about here.

mod judge;
mod names;
mod rules;

pub use judge::{Cause, Judge};
pub use names::names_unmeant;
pub(crate) use rules::too_large as ignore_file_too_large;
pub use rules::{IGNORE_NAME, IGNORE_PATH, MAX_LINES, MAX_SIZE, Rules};
