//! Racy files, read again between two operations. A racy file was read without a conclusive stamp, so it may have
//! changed under its stamp. Git calls such entries of its index racily clean.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use papack_queries::content::ContentId;
use papack_queries::schema::{REGISTRY_PATH, registry};
use smol_str::SmolStr;

use super::state::Session;
use crate::content::{OperationStore as _, RuntimeStore};
use crate::operation::Cancel;
use crate::workspace::layout::ASSETS;
use crate::workspace::{Read, ReadError, read_content, read_stamped_text};

impl Session {
    /// Reads all racy files again, and returns the paths of those that changed, below the workspace. A file that did
    /// not change is not racy any more if it was read with a conclusive stamp this time.
    pub(crate) fn reread_racy(&mut self, cancel: &Cancel) -> BTreeSet<Utf8PathBuf> {
        let mut changed = BTreeSet::new();
        let racy: Vec<SmolStr> = self.core.state.racy.iter().cloned().collect();
        for path in racy {
            let location = Utf8Path::new(ASSETS).join(path.as_str());
            match self.read_again(&location, cancel) {
                Ok(read) if self.core.state.file_index.read(&path).is_some_and(|old| old.content == read.content) => {
                    self.core.state.remember(&path, Some(read));
                }
                // The next build reads the file again, and reports why it cannot be read.
                Ok(_) | Err(_) => drop(changed.insert(location)),
            }
        }
        if self.core.state.is_registry_racy && !self.is_registry_same() {
            changed.insert(REGISTRY_PATH.into());
        }
        changed
    }

    fn read_again(&self, location: &Utf8Path, cancel: &Cancel) -> Result<Read, ReadError> {
        let store = RuntimeStore::new(Arc::clone(&self.fs));
        let (content, stamp) =
            read_content(&*self.fs, location, cancel, |file, found| store.take(location, file, found))?;
        Ok(Read { content, stamp })
    }

    /// Whether the registry has the bytes that were read last. Of a registry with faults no digest is recorded; then
    /// its kept text is compared.
    fn is_registry_same(&mut self) -> bool {
        let Ok((text, stamp)) = read_stamped_text(&*self.fs, Utf8Path::new(REGISTRY_PATH), registry::MAX_SIZE) else {
            return false;
        };
        let content = ContentId::of(&text);
        let is_same = match &mut self.core.state.file_index.registry {
            Some(old) if old.content == content => {
                old.stamp = stamp;
                true
            }
            Some(_) => false,
            None => self.core.kept_text(REGISTRY_PATH).is_some_and(|old| **old == *text),
        };
        self.core.state.is_registry_racy &= !is_same || stamp.is_none();
        is_same
    }
}
