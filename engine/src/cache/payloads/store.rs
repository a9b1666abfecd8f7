//! The payloads of earlier operations, found by the content key of their derivation.
//!
//! If a segment or any byte of one is lost, papack only has to derive again: every slice is digested before this
//! process first uses it.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use camino::Utf8Path;
use papack_queries::content::ContentId;

use super::super::key::UserKey;
use super::limits::{FOLDER, Key, MAX_BYTES, MAX_SEGMENTS, fitting};
use super::order::{is_segment_name, put_in_order};
use super::segment::Segment;
use crate::fs::{FileSystem, NodeKind};

/// The payloads of earlier operations, open for reading. Several threads may ask at a time.
pub(crate) struct Payloads {
    pub(crate) fs: Arc<dyn FileSystem>,
    /// The key of the user, with which segments are authenticated.
    pub(crate) key: UserKey,
    /// Whether the next segment replaces all earlier ones.
    pub(super) replaces_earlier: bool,
    /// The segments, most recently used first; `None` until something is looked up.
    segments: RwLock<Option<Arc<[Arc<Segment>]>>>,
}

impl Payloads {
    /// The payloads that lie in the workspace. Nothing is read before something is looked up.
    pub(crate) fn open(fs: Arc<dyn FileSystem>, key: UserKey) -> Arc<Self> {
        Arc::new(Self { fs, key, replaces_earlier: false, segments: RwLock::new(None) })
    }

    /// An empty set of payloads. What a [writer](super::writer::PayloadWriter) adds to it replaces these payloads once
    /// the writer finishes with all of them.
    pub(crate) fn replacement(&self) -> Arc<Self> {
        let (fs, key) = (Arc::clone(&self.fs), self.key.clone());
        Arc::new(Self { fs, key, replaces_earlier: true, segments: RwLock::new(Some(Arc::default())) })
    }

    /// Lists the segments again. Each operation of a session does that, since other processes write and remove
    /// segments. One that was altered since is checked again.
    pub(crate) fn refresh(&self) {
        let loaded = self.segments.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(loaded) = loaded {
            self.set(self.load(&loaded));
        }
    }

    /// The result for `key`, if it and all its payloads are held.
    pub(crate) fn recall(&self, key: &Key) -> Option<Vec<u8>> {
        self.segments().iter().find_map(|segment| {
            let result = *segment.entry(key)?.first()?;
            let mut bytes = vec![0; usize::try_from(result.size).ok()?];
            segment.read_at(result, 0, &mut bytes).ok()?;
            // Payloads are digested again when outputs are written, but a result is not: so it is digested here.
            (ContentId::of(&bytes) == result).then_some(())?;
            segment.note_use();
            Some(bytes)
        })
    }

    /// Whether the bytes of `id` are held, with the right digest.
    pub(crate) fn holds(&self, id: ContentId) -> bool {
        self.segments().iter().any(|segment| segment.holds(id))
    }

    /// Fills `buffer` with the bytes of `id` that begin at `offset`.
    pub(crate) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|end| *end <= id.size).ok_or(io::ErrorKind::InvalidInput)?;
        let segments = self.segments();
        let segment = segments.iter().find(|segment| segment.holds(id)).ok_or(io::ErrorKind::NotFound)?;
        segment.note_use();
        segment.read_at(id, offset, buffer)
    }

    /// Whether the segments need upkeep even if nothing was written: their order of use changed, or they are to be
    /// replaced.
    pub(super) fn need_upkeep(&self) -> bool {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        self.replaces_earlier || segments.iter().flat_map(|segments| segments.iter()).any(|segment| segment.was_used())
    }

    /// The segments, most recently used first.
    pub(crate) fn segments(&self) -> Arc<[Arc<Segment>]> {
        if let Some(segments) = &*self.segments.read().unwrap_or_else(PoisonError::into_inner) {
            return Arc::clone(segments);
        }
        let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(segments.get_or_insert_with(|| self.load(&[])))
    }

    /// Replaces the list of open segments.
    pub(super) fn set(&self, segments: Arc<[Arc<Segment>]>) {
        *self.segments.write().unwrap_or_else(PoisonError::into_inner) = Some(segments);
    }

    /// Opens the segments in the workspace, most recently used first, as many as the bounds allow. Those that are
    /// `loaded` and untouched are not read again.
    fn load(&self, loaded: &[Arc<Segment>]) -> Arc<[Arc<Segment>]> {
        let fs = &*self.fs;
        // A folder that is a link is not listed, and links in it are skipped.
        let names = fs.list(Utf8Path::new(FOLDER)).unwrap_or_default().into_iter();
        let names = names.filter(|(_, kind)| *kind == NodeKind::File).filter_map(|(name, _)| name.into_string().ok());
        let mut names: Vec<_> = names.filter(|name| is_segment_name(name)).collect();
        put_in_order(fs, &mut names);
        // While segments are merged, there are more than the bound allows: the new one, and those that it replaces.
        names.truncate(MAX_SEGMENTS * 2);
        let loaded: HashMap<_, _> = loaded.iter().map(|segment| (segment.name.as_str(), segment)).collect();
        let open = |name: &String| match loaded.get(name.as_str()).filter(|segment| segment.is_untouched()) {
            Some(segment) => Some(Arc::clone(segment)),
            None => Segment::open(fs, name, &self.key).map(Arc::new),
        };
        let mut segments: Vec<_> = names.iter().filter_map(open).collect();
        segments.truncate(fitting(segments.iter().map(|segment| segment.size()), MAX_BYTES));
        segments.into()
    }
}
