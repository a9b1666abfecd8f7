//! What lies below `assets/` beside the registered assets. To find it takes a walk over all names, so it is kept for as long
//! as no name changes.

use papack_queries::asset::ignoring;
use papack_queries::db::Database;
use papack_queries::unmanaged::Unmanaged;
use papack_queries::unmanaged_folders::{UnmanagedFolder, loose_files, unmanaged_folders};

use crate::workspace::{BuildState, Filter};

/// What lies beside the registered assets, as far as it was asked for.
#[derive(Default)]
pub(crate) struct BesideAssets {
    /// The manifests that the registry does not name, as the last walk found them. It was one for the assets that this filter
    /// admits: of others it may not know whether they are in place.
    pub(super) manifests: Option<(Filter, Vec<Unmanaged>)>,
    /// Files that no asset takes in, at this [revision](BuildState::names_revision) of the names.
    files: Option<(u64, FilesBeside)>,
}

/// Pictures and sounds that no asset takes in.
#[derive(Clone)]
pub(crate) struct FilesBeside {
    /// The folders of them; none while the registry has an error, because what is registered is not known then.
    pub(crate) folders: Option<Vec<UnmanagedFolder>>,
    /// Those that lie directly in `assets/`.
    pub(crate) loose: Vec<String>,
}

impl BesideAssets {
    /// The pictures and sounds that no asset takes in, as the last operation, which left `state`, found them.
    pub(super) fn files(&mut self, state: &BuildState, db: &Database) -> &FilesBeside {
        let revision = state.names_revision;
        let known = self.files.take().filter(|(known, _)| *known == revision);
        &self.files.insert(known.unwrap_or_else(|| (revision, find(state, db)))).1
    }
}

fn find(state: &BuildState, db: &Database) -> FilesBeside {
    let BuildState { file_index, summary, .. } = state;
    let tree = file_index.walk().tree;
    let rules = &ignoring(db, db.workspace()).rules;
    let folders = summary.is_sound.then(|| unmanaged_folders(&tree, &summary.entries, rules));
    FilesBeside { folders, loose: loose_files(&tree, rules) }
}
