//! What leaves the walk: one discovery for every service, and a policy that says what each takes along.
//!
//! The policy has a mode and a filter. The mode is the [`Keeper`](crate::store::Keeper) that an operation reads for:
//! `PACKING` is a [`Store`](crate::store::Store), which keeps content that will be written out; `RUNTIME` is a
//! [`Probe`](crate::probe::Probe), which keeps none, and which a pack has, too, that has no place to write to.

use papack_queries::schema::registry::RegistryEntry;
use serde::{Deserialize, Serialize};

/// Which of the registered assets are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Filter {
    /// All of them: `check` and `status`.
    Registered,
    /// The build set: `pack`, `plan` and `reproduce`.
    Included,
}

impl Filter {
    /// Whether the asset of `entry` is looked into.
    pub(crate) fn admits(self, entry: &RegistryEntry) -> bool {
        self == Self::Registered || entry.included_in_build
    }
}
