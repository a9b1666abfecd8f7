//! What each budget counts.

use std::collections::HashMap;

use super::sizes::{SizedAsset, Sizes};
use crate::glob::{Effort, Pattern};
use crate::schema::settings::Scope;

/// How many steps the patterns of all budgets may take, about a quarter of a second.
const EFFORT: u64 = 1 << 28;

/// How many of the largest assets are named.
const LARGEST: usize = 3;

/// Measures budgets. It looks at all assets once, and again only for patterns.
pub struct Meter<'s> {
    sizes: &'s Sizes,
    by_name: HashMap<&'s str, &'s SizedAsset>,
    effort: Effort,
}

/// What a budget counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured<'s> {
    /// How many bytes.
    pub used: u64,
    /// The largest of the assets that are counted, the largest first; of equals that with the lowest id.
    pub largest: Vec<&'s SizedAsset>,
}

impl<'s> Meter<'s> {
    /// A meter of `sizes`.
    pub fn new(sizes: &'s Sizes) -> Self {
        let by_name = sizes.assets.iter().map(|asset| (asset.name.as_str(), asset)).collect();
        Self { sizes, by_name, effort: Effort::new(EFFORT) }
    }

    /// What `scope` counts; none where that cannot be told: the roots of the assets are not known, or the patterns up to this
    /// one take too long.
    pub fn measure(&mut self, scope: &Scope) -> Option<Measured<'s>> {
        let sizes = self.sizes;
        let all = sizes.assets.iter();
        Some(match scope {
            Scope::Pack => Measured { used: sizes.pack, ..measured(all) },
            Scope::Bank(bank) => measured(all.filter(|asset| asset.bank == *bank)),
            Scope::Slot(bank, slot) => measured(all.filter(|asset| asset.bank == *bank && asset.slot == Some(*slot))),
            Scope::Asset(name) => measured(self.by_name.get(name.as_str()).copied()),
            Scope::Folder(pattern) => measured(self.matching(pattern)?),
        })
    }

    fn matching(&mut self, pattern: &Pattern) -> Option<Vec<&'s SizedAsset>> {
        let prefix = pattern.literal_prefix();
        let mut matching = Vec::new();
        for asset in &self.sizes.assets {
            let root = asset.root.as_ref()?;
            if root.starts_with(prefix) && pattern.matches(root, &mut self.effort) {
                matching.push(asset);
            }
        }
        (!self.effort.is_spent()).then_some(matching)
    }
}

fn measured<'s>(assets: impl IntoIterator<Item = &'s SizedAsset>) -> Measured<'s> {
    let (mut used, mut largest) = (0_u64, Vec::with_capacity(LARGEST + 1));
    for asset in assets {
        used = used.saturating_add(asset.size);
        let at = largest.partition_point(|other: &&SizedAsset| other.size >= asset.size);
        if at < LARGEST {
            largest.insert(at, asset);
            largest.truncate(LARGEST);
        }
    }
    Measured { used, largest }
}
