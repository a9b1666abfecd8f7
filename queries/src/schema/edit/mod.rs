//! Documents as papack writes them: the registry in its one form, manifests with their author's text kept, and new
//! ones.
//!
//! `form` writes a document in the packer's own form, and changes nothing of what it says. An edit takes the bytes of a document, checks each step, and gives the new text. It writes no file.

mod form;
mod manifest;
mod registry;
mod repair;
mod template;

use uuid::Uuid;

use crate::diagnostic::{Code, Diagnostic};

pub use form::{formatted_manifest, formatted_registry};
pub use manifest::ManifestEdit;
pub use registry::RegistryEdit;
pub use repair::RegistryRepair;
pub use template::new_manifest;

/// A new identity of an asset, a UUID of version 4, from 16 `random` bytes.
pub fn new_identity(random: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(random).into_uuid()
}

/// Whether a document in which these were found is of an older version that is still read.
pub fn is_older(found: &[Diagnostic]) -> bool {
    found.iter().any(|found| found.code == Code::SchemaOlder)
}
