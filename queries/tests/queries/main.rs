//! Which queries run after a change, told by the event hook; and what they give.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod canonical;
mod cutoff;
mod documents;
mod edits;
mod faults;
mod fixes;
mod forms;
mod left_out;
mod merges;
mod places;
mod records;
mod rfc8259;
mod tilesets;
mod unmanaged_folders;
mod world;
