//! What a process derived last, in memory: for sessions that write nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use papack_queries::content::{ContentId, ContentKey, Outcome};

/// Bytes that all of it may take, about. Beyond that, the oldest is dropped.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Bytes that an item takes besides its own, about.
const ITEM_SIZE: usize = 256;

/// Payloads that sessions of this process derived, and the outcomes of their derivations, by content key. Sessions that
/// share it derive nothing that another one of them derived, as long as it is among the last 64 MiB.
///
/// It is for sessions that only look, such as those of editors. Others have the cache.
#[derive(Debug, Default)]
pub struct RecentPayloads {
    state: Mutex<Arc<Recent>>,
}

/// What is held at one moment.
#[derive(Debug, Default, Clone)]
pub(crate) struct Recent {
    contents: HashMap<ContentId, Arc<[u8]>>,
    /// Outcomes in the form of `postcard`, so that it is known how large they are.
    outcomes: HashMap<ContentKey, Arc<[u8]>>,
    /// All items, the oldest first.
    order: VecDeque<Item>,
    /// Bytes of all items.
    size: usize,
}

/// Something that is held.
#[derive(Debug, Clone, Copy)]
enum Item {
    Content(ContentId),
    Outcome(ContentKey),
}

impl RecentPayloads {
    /// What is held now. It stays so, whatever is added and dropped afterwards.
    pub(crate) fn now(&self) -> Arc<Recent> {
        Arc::clone(&self.state())
    }

    /// Adds the content `id`.
    pub(crate) fn put(&self, id: ContentId, bytes: &[u8]) {
        let mut state = self.state();
        if !state.contents.contains_key(&id) && has_room(bytes) {
            let state = Arc::make_mut(&mut state);
            state.contents.insert(id, bytes.into());
            state.add(Item::Content(id), bytes.len());
        }
    }

    /// Adds the `outcome` of inputs with this key, of which all contents were put.
    pub(crate) fn remember(&self, key: ContentKey, outcome: &Outcome) {
        let Ok(bytes) = postcard::to_allocvec(outcome) else { return };
        let mut state = self.state();
        if state.holds(outcome) && !state.outcomes.contains_key(&key) && has_room(&bytes) {
            let state = Arc::make_mut(&mut state);
            let size = bytes.len();
            state.outcomes.insert(key, bytes.into());
            state.add(Item::Outcome(key), size);
        }
    }

    fn state(&self) -> MutexGuard<'_, Arc<Recent>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_room(bytes: &[u8]) -> bool {
    bytes.len() + ITEM_SIZE <= MAX_BYTES
}

impl Recent {
    /// The bytes of the content `id`.
    pub(crate) fn content(&self, id: ContentId) -> Option<&Arc<[u8]>> {
        self.contents.get(&id)
    }

    /// The outcome of inputs with this key, if all its contents are held.
    pub(crate) fn recall(&self, key: ContentKey) -> Option<Outcome> {
        let outcome = postcard::from_bytes(self.outcomes.get(&key)?).ok()?;
        self.holds(&outcome).then_some(outcome)
    }

    /// Whether `outcome` has a payload, which is held and not made up of files.
    fn holds(&self, outcome: &Outcome) -> bool {
        let is_held = |slice: &ContentId| self.contents.contains_key(slice);
        outcome.payload.as_ref().is_some_and(|payload| payload.slices.iter().all(is_held))
    }

    /// Notes that `item` of `size` bytes was added, and drops the oldest ones that are too many.
    fn add(&mut self, item: Item, size: usize) {
        self.order.push_back(item);
        self.size += size + ITEM_SIZE;
        while self.size > MAX_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            let dropped = match oldest {
                Item::Content(id) => self.contents.remove(&id),
                Item::Outcome(key) => self.outcomes.remove(&key),
            };
            self.size -= dropped.map_or(0, |bytes| bytes.len()) + ITEM_SIZE;
        }
    }
}

#[cfg(test)]
mod tests {
    use papack_queries::content::{Digest, Payload};

    use super::*;

    fn outcome(bytes: &[u8]) -> Outcome {
        let id = ContentId::of(bytes);
        Outcome { payload: Some(Payload { id, slices: [id].into(), metadata: "{}".into() }), diagnostics: Vec::new() }
    }

    /// Derives `bytes` from inputs with the key `number`.
    fn derive(recent: &RecentPayloads, number: u8, bytes: &[u8]) {
        recent.put(ContentId::of(bytes), bytes);
        recent.remember(key(number), &outcome(bytes));
    }

    fn key(number: u8) -> ContentKey {
        ContentKey(Digest([number; 32]))
    }

    #[test]
    fn the_oldest_goes_first_and_the_bound_is_kept() {
        let recent = RecentPayloads::default();
        let bytes = |number: u8| vec![number; 1024 * 1024];
        (0..100).for_each(|number| derive(&recent, number, &bytes(number)));
        let now = recent.now();
        let held: usize = now.contents.values().chain(now.outcomes.values()).map(|bytes| bytes.len()).sum();
        assert_eq!(now.size, held + now.order.len() * ITEM_SIZE);
        assert!(now.size <= MAX_BYTES && now.size > MAX_BYTES - 2 * 1024 * 1024, "{}", now.size);
        let recalled: Vec<u8> = (0..100).filter(|number| now.recall(key(*number)).is_some()).collect();
        assert_eq!(recalled, (37..100).collect::<Vec<_>>());
        assert_eq!(now.recall(key(99)), Some(outcome(&bytes(99))));
        // Whoever has begun keeps what was there.
        derive(&recent, 100, &bytes(100));
        assert!(recent.now().recall(key(37)).is_none() && now.recall(key(37)).is_some());
    }

    #[test]
    fn an_outcome_without_its_contents_is_none() {
        let recent = RecentPayloads::default();
        recent.remember(key(1), &outcome(b"never put"));
        recent.put(ContentId::of(b"put"), b"put");
        recent.remember(key(2), &Outcome { payload: None, diagnostics: Vec::new() });
        assert!(recent.now().outcomes.is_empty());
        let large = vec![0; MAX_BYTES];
        derive(&recent, 3, &large);
        assert_eq!((recent.now().contents.len(), recent.now().order.len()), (1, 1));
    }
}
