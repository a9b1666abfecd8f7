//! Where an operation that writes no outputs keeps what it derives.

use std::sync::Arc;

use papack_queries::content::{ContentId, ContentKey, Outcome};

use super::operation_store::remember_in;
use super::recent_payloads::RecentPayloads;
use crate::cache::payloads::PayloadWriter;

/// Where an operation that writes no outputs keeps what it derives.
pub(crate) enum Keeping {
    /// Nowhere.
    Nothing,
    /// In the cache.
    Cache(PayloadWriter),
    /// In memory.
    Memory(Arc<RecentPayloads>),
}

impl Keeping {
    /// Keeps the content `id`, if it can.
    pub(super) fn put(&self, id: ContentId, bytes: &[u8]) {
        match self {
            Self::Nothing => {}
            Self::Cache(writer) => drop(writer.put(bytes)),
            Self::Memory(recent) => recent.put(id, bytes),
        }
    }

    /// Keeps the `outcome` of inputs with this key, if all its contents were put.
    pub(super) fn remember(&self, key: ContentKey, outcome: &Outcome) {
        match self {
            Self::Nothing => {}
            Self::Cache(writer) => remember_in(writer, key, outcome),
            Self::Memory(recent) => recent.remember(key, outcome),
        }
    }
}
