//! What an operation takes from the walk. There is one discovery for all of them; they differ by this policy alone.

use papack_queries::schema::registry::RegistryEntry;
use serde::{Deserialize, Serialize};

/// What an operation takes from the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalkPolicy {
    /// What of each asset.
    pub(crate) mode: Mode,
    /// Which of the registered assets.
    pub(crate) filter: Filter,
}

impl WalkPolicy {
    /// Contents too, of the assets that `filter` admits: what writes outputs.
    pub(crate) fn packing(filter: Filter) -> Self {
        Self { mode: Mode::Packing, filter }
    }

    /// No contents, of the assets that `filter` admits: what only tells how they are.
    pub(crate) fn runtime(filter: Filter) -> Self {
        Self { mode: Mode::Runtime, filter }
    }
}

/// What is taken of each asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Contents too, which are kept for outputs.
    Packing,
    /// Paths, stamps and digests; contents are looked into and not kept.
    Runtime,
}

/// Which of the registered assets are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Filter {
    /// All of them.
    Registered,
    /// The build set.
    Included,
}

impl Filter {
    /// Whether the asset of `entry` is looked into.
    pub(crate) fn admits(self, entry: &RegistryEntry) -> bool {
        self == Self::Registered || entry.included_in_build
    }
}
