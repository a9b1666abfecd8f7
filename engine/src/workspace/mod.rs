//! One workspace on disk: its layout, its documents, the walk, the file index, the build state, and the lane.
//!
//! A [file system](crate::fs) goes in. Names, documents and the [dirty set](file_index) come out: what may have changed
//! since the last operation. Nothing here knows what an asset is made into.

mod asset_summaries;
mod changes;
mod documents;
mod faults;
mod file_index;
mod find;
mod fingerprints;
pub(crate) mod lane;
pub(crate) mod layout;
mod outputs;
mod policy;
mod read;
pub(crate) mod staged_documents;
mod state;
mod walk;

pub use find::{find_workspace, is_workspace, make_folder};
pub use layout::{ASSET_TABLE, ASSETS_PA, BUILD, PRELOAD, SIDECAR};

pub(crate) use asset_summaries::{AssetSummary, file_count};
pub(crate) use changes::Changes;
pub(crate) use documents::{
    StampedRegistry, Text, find_unmanaged, read_ignore_file, read_manifest, read_registry, read_stamped_manifest,
    read_stamped_registry, read_uuids,
};
pub(crate) use faults::{io_diagnostic, io_failure};
pub(crate) use file_index::{DirtySet, FileIndex, ListingChanges, Read};
pub(crate) use fingerprints::OutputFingerprints;
pub(crate) use outputs::{Generation, PublishedFile, stamp_of_promoted, stamp_of_staged, stat_outputs};
pub(crate) use policy::{Filter, Mode, WalkPolicy};
pub(crate) use read::{
    FoundFile, ReadError, conclusive_stamp, read_content, read_head, read_stamped_text, read_text, unstable,
    wait_for_tick,
};
pub(crate) use state::{BuildState, Summary};
pub(crate) use walk::{walk, walk_failure};
