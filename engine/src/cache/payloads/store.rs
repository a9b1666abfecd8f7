//! The payload store: what was derived in earlier operations, found again by the content key of its derivation.
//!
//! It lies in *segments*, files that are written once, one by each operation that derives something. Losing a segment,
//! or any byte of one, only means deriving again: every slice is digested before this process first uses it.

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
    /// By which segments are known that this user made.
    pub(crate) key: UserKey,
    /// Whether what is written takes the place of all that was there.
    pub(super) is_anew: bool,
    /// The segments, most recently used first; `None` until something is looked up.
    segments: RwLock<Option<Arc<[Arc<Segment>]>>>,
}

impl Payloads {
    /// The payloads that lie in the workspace. Nothing is read before something is looked up.
    pub(crate) fn open(fs: Arc<dyn FileSystem>, key: UserKey) -> Arc<Self> {
        Arc::new(Self { fs, key, is_anew: false, segments: RwLock::new(None) })
    }

    /// No payloads, which take the place of these once a [writer](super::writer::PayloadWriter) ends.
    pub(crate) fn anew(&self) -> Arc<Self> {
        let (fs, key) = (Arc::clone(&self.fs), self.key.clone());
        Arc::new(Self { fs, key, is_anew: true, segments: RwLock::new(Some(Arc::default())) })
    }

    /// Looks again which segments there are, as each operation of a session does: other processes write and remove
    /// them. What was altered since is not trusted any more.
    pub(crate) fn refresh(&self) {
        let known = self.segments.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known {
            self.set(self.load(&known));
        }
    }

    /// The result that was remembered for `key`, if that and all payloads that belong to it are held.
    pub(crate) fn recall(&self, key: &Key) -> Option<Vec<u8>> {
        self.segments().iter().find_map(|segment| {
            let result = *segment.entry(key)?.first()?;
            let mut bytes = vec![0; usize::try_from(result.size).ok()?];
            segment.read_at(result, 0, &mut bytes).ok()?;
            // It was sound before. Nothing looks at it again, as at payloads when they are written.
            (ContentId::of(&bytes) == result).then_some(())?;
            segment.use_now();
            Some(bytes)
        })
    }

    /// Whether the bytes of `id` are held, whole and sound.
    pub(crate) fn holds(&self, id: ContentId) -> bool {
        self.segments().iter().any(|segment| segment.holds(id))
    }

    /// Fills `buffer` with the bytes of `id` that begin at `offset`.
    pub(crate) fn read_at(&self, id: ContentId, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|end| *end <= id.size).ok_or(io::ErrorKind::InvalidInput)?;
        let segments = self.segments();
        let segment = segments.iter().find(|segment| segment.holds(id)).ok_or(io::ErrorKind::NotFound)?;
        segment.use_now();
        segment.read_at(id, offset, buffer)
    }

    /// Whether there is something to do about the segments that lie there, even if nothing was written.
    pub(super) fn are_to_be_tended(&self) -> bool {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        self.is_anew || segments.iter().flat_map(|segments| segments.iter()).any(|segment| segment.was_used())
    }

    /// The segments, most recently used first.
    pub(crate) fn segments(&self) -> Arc<[Arc<Segment>]> {
        if let Some(segments) = &*self.segments.read().unwrap_or_else(PoisonError::into_inner) {
            return Arc::clone(segments);
        }
        let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(segments.get_or_insert_with(|| self.load(&[])))
    }

    /// From now on these are the segments.
    pub(super) fn set(&self, segments: Arc<[Arc<Segment>]>) {
        *self.segments.write().unwrap_or_else(PoisonError::into_inner) = Some(segments);
    }

    /// The segments that lie in the workspace, most recently used first, as many as the bounds allow. Those that are
    /// `known` and untouched are not read again.
    fn load(&self, known: &[Arc<Segment>]) -> Arc<[Arc<Segment>]> {
        let fs = &*self.fs;
        // A folder that is a link is not looked into, and a name that is one is left out.
        let names = fs.list(Utf8Path::new(FOLDER)).unwrap_or_default().into_iter();
        let names = names.filter(|(_, kind)| *kind == NodeKind::File).filter_map(|(name, _)| name.into_string().ok());
        let mut names: Vec<_> = names.filter(|name| is_segment_name(name)).collect();
        put_in_order(fs, &mut names);
        // One that was written, and those that are about to become one, are more than the bound.
        names.truncate(MAX_SEGMENTS * 2);
        let known: HashMap<_, _> = known.iter().map(|segment| (segment.name.as_str(), segment)).collect();
        let open = |name: &String| match known.get(name.as_str()).filter(|segment| segment.is_untouched()) {
            Some(segment) => Some(Arc::clone(segment)),
            None => Segment::open(fs, name, &self.key).map(Arc::new),
        };
        let mut segments: Vec<_> = names.iter().filter_map(open).collect();
        segments.truncate(fitting(segments.iter().map(|segment| segment.size()), MAX_BYTES));
        segments.into()
    }
}
