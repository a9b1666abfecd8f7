//! The documents that authors and the packer write, read strictly and edited with care: `docs/spec/inputs.md`.

pub mod edit;
pub mod manifest;
pub mod merge;
pub mod registry;

/// Where the registry lies in a workspace.
pub const REGISTRY_PATH: &str = "assets/.prometeu/index.json";

/// The name of a manifest in its asset root.
pub const MANIFEST_NAME: &str = "asset.json";

use uuid::Uuid;

use crate::diagnostic::Code;
use crate::json::{Node, shortened};

/// Reads a lower-case, hyphenated UUID.
pub(crate) fn uuid(node: Node<'_, '_>) -> Option<Uuid> {
    let text = node.string()?;
    match Uuid::try_parse(&text) {
        Ok(uuid) if uuid.hyphenated().to_string() == text => Some(uuid),
        _ => {
            let message = format!("{:?} is no lower-case, hyphenated UUID", shortened(&text));
            node.error(Code::FieldInvalid, message);
            None
        }
    }
}
