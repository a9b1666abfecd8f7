//! Documents as papack writes them: the registry in its one form, manifests with their author's text kept, and new
//! ones.
//!
//! `form` writes a document in the packer's own form, and changes nothing of what it says. An edit takes the bytes of a
//! document, checks each step, and gives the new text. It writes no file.

mod conversion_fixes;
mod form;
mod manifest;
mod registry;
mod registry_fixes;
mod repair;
mod template;

use uuid::Uuid;

use crate::diagnostic::{Code, Diagnostic};

pub(crate) use conversion_fixes::add_conversion_fixes;
pub use form::{formatted_manifest, formatted_registry};
pub use manifest::ManifestEdit;
pub use registry::RegistryEdit;
pub use registry_fixes::add_registry_fixes;
pub use repair::RegistryRepair;
pub use template::new_manifest;

/// A new identity of an asset, a UUID of version 4, from 16 `random` bytes.
pub fn new_identity(random: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(random).into_uuid()
}

/// The identity for the copy in the folder `root` of the asset `original`: always the same one, which is not taken.
pub(crate) fn identity_of_copy(original: Uuid, root: &str, is_taken: impl Fn(&Uuid) -> bool) -> Uuid {
    let identity = |count: u64| {
        let mut hasher = blake3::Hasher::new_derive_key("papack 2026 identity of a copied asset");
        hasher.update(original.as_bytes()).update(&count.to_le_bytes()).update(root.as_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    };
    let mut count = 0;
    loop {
        let uuid = identity(count);
        if !is_taken(&uuid) {
            return uuid;
        }
        count += 1;
    }
}

/// Whether a document in which these were found is of an older version that is still read.
pub fn is_older(found: &[Diagnostic]) -> bool {
    found.iter().any(|found| found.code == Code::SchemaOlder)
}
