//! Where an asset is, as paths below the workspace.

use crate::db::Db;
use crate::inputs::Asset;
use crate::schema::MANIFEST_NAME;

/// The asset root's path below the workspace.
pub fn root_location(db: &dyn Db, asset: Asset) -> String {
    format!("assets/{}", asset.entry(db).root)
}

/// The manifest's path below the workspace.
pub fn manifest_location(db: &dyn Db, asset: Asset) -> String {
    format!("assets/{}/{MANIFEST_NAME}", asset.entry(db).root)
}
