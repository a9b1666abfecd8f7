//! Content that is looked at and not kept: what `check` and `status` read through.

use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use dashmap::DashMap;
use papack_queries::content::{Content, ContentId, ContentKey};
use papack_queries::formats::Outcome;

use crate::cache::payloads::Payloads;
use crate::fs::{FileHandle, FileSystem, Stamp};
use crate::output::digest_at;
use crate::store::{Keeper, recall_cached};

/// Remembers where each content was seen, and reads it there again when a format asks. Payloads are only digested.
pub(crate) struct Probe {
    fs: Arc<dyn FileSystem>,
    seen: DashMap<ContentId, (Utf8PathBuf, Stamp)>,
    reminded: DashMap<ContentKey, Outcome>,
    payloads: Option<Arc<Payloads>>,
}

impl Probe {
    /// Nothing was seen yet in `fs`. What is remembered of earlier operations is among the `payloads`.
    pub(crate) fn new(fs: Arc<dyn FileSystem>, payloads: Option<Arc<Payloads>>) -> Self {
        Self { fs, seen: DashMap::new(), reminded: DashMap::new(), payloads }
    }
}

impl Keeper for Probe {
    fn take(&self, path: &Utf8Path, file: &dyn FileHandle, stamp: Stamp) -> io::Result<ContentId> {
        let id = ContentId { digest: digest_at(file, 0, stamp.size)?, size: stamp.size };
        self.seen.insert(id, (path.to_owned(), stamp));
        Ok(id)
    }

    fn take_bytes(&self, bytes: &[u8]) -> io::Result<ContentId> {
        Ok(ContentId::of(bytes))
    }

    /// Nothing is held.
    fn release(&self, _: ContentId) {}

    /// Nothing is held, and nobody misses it: there is no output to write.
    fn holds(&self, _: u32, _: ContentId, _: &[ContentId]) -> bool {
        true
    }

    fn keeps_payloads(&self) -> bool {
        false
    }

    fn remind(&self, key: ContentKey, outcome: Outcome) {
        self.reminded.insert(key, outcome);
    }
}

impl Content for Probe {
    fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let seen = self.seen.get(&id).map(|seen| seen.clone());
        let (path, stamp) = seen.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let changed = || io::Error::other(format!("{path} changed while it was looked at"));
        let (file, found) = self.fs.open(&path).map_err(|_| changed())?;
        if found != stamp {
            return Err(changed());
        }
        file.read_exact_at(offset, buffer)?;
        if file.stamp()? == stamp { Ok(()) } else { Err(changed()) }
    }

    fn put(&self, bytes: &[u8]) -> io::Result<ContentId> {
        Ok(ContentId::of(bytes))
    }

    fn recall(&self, key: ContentKey) -> Option<Outcome> {
        let reminded = self.reminded.get(&key).map(|outcome| outcome.clone());
        reminded.or_else(|| recall_cached(self.payloads.as_ref()?, key))
    }
}
