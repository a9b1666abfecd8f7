//! How large a pack and its assets are.

use smol_str::SmolStr;

use crate::formats::Bank;

/// How large a pack is, and each asset in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Bytes of `assets.pa`: the prelude, the header and all payloads.
    pub pack: u64,
    /// The assets of the pack, in ascending id.
    pub assets: Vec<SizedAsset>,
}

/// An asset of a pack, as far as budgets ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizedAsset {
    /// The stable id.
    pub asset_id: u32,
    /// The logical name.
    pub name: SmolStr,
    /// The asset root below `assets/`; none where it is not known, as of a pack without a sidecar.
    pub root: Option<SmolStr>,
    /// The bank that it is loaded into.
    pub bank: Bank,
    /// The slot that it is preloaded into.
    pub slot: Option<u8>,
    /// Bytes of the payload.
    pub size: u64,
}

/// A pack that was, with which the present one is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// What the user called it: a file, or a revision of git.
    pub name: String,
    /// How large it is.
    pub sizes: Sizes,
}

impl Sizes {
    /// Bytes of the payloads of `bank`.
    pub fn of_bank(&self, bank: Bank) -> u64 {
        let sizes = self.assets.iter().filter(|asset| asset.bank == bank).map(|asset| asset.size);
        sizes.fold(0, u64::saturating_add)
    }
}
