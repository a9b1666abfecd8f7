//! The walk policy: what an operation takes from the walk. There is one discovery for all operations; they differ by
//! this policy, and by the content store that fits its mode. The services choose both.

use papack_queries::schema::registry::RegistryEntry;
use serde::{Deserialize, Serialize};

/// What an operation takes from the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalkPolicy {
    /// What it takes of each asset.
    pub(crate) mode: Mode,
    /// Which of the registered assets it takes.
    pub(crate) filter: Filter,
    /// Whether it names what the registry does not know, so that it walks whatever changed.
    pub(crate) names_unregistered: bool,
}

impl WalkPolicy {
    /// For an operation that writes outputs: contents too, of the assets that `filter` admits.
    pub(crate) fn packing(filter: Filter) -> Self {
        Self { mode: Mode::Packing, filter, names_unregistered: false }
    }

    /// For an operation that only reports how assets are: no contents, of the assets that `filter` admits.
    pub(crate) fn runtime(filter: Filter) -> Self {
        Self { mode: Mode::Runtime, filter, names_unregistered: false }
    }

    /// For an operation that reports of all there is: of all registered assets, and of what the registry does not know.
    pub(crate) fn overview() -> Self {
        Self { mode: Mode::Runtime, filter: Filter::Registered, names_unregistered: true }
    }
}

/// What an operation takes of each asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Contents too, which are kept for outputs.
    Packing,
    /// Paths, stamps and digests. Contents are read and not kept.
    Runtime,
}

/// Which of the registered assets an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Filter {
    /// All of them.
    Registered,
    /// The build set.
    Included,
}

impl Filter {
    /// Whether the operation takes the asset of `entry`.
    pub(crate) fn admits(self, entry: &RegistryEntry) -> bool {
        self == Self::Registered || entry.included_in_build
    }
}
