//! Which pictures a map asks for, and whose they are.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::declared::{Derivation, derivation};
use crate::db::{Db, Query, executing};
use crate::formats::Source;
use crate::inputs::{Asset, File, FileState, Workspace};
use crate::record::bank::ancestors;

/// The pictures that the files of `asset` ask for, as seen from its root; or why its content could not be read.
#[salsa::tracked(returns(as_ref))]
pub(super) fn pictures(db: &dyn Db, asset: Asset) -> Result<Vec<String>, String> {
    executing(db, Query::Pictures, asset);
    let Some(derivation) = derivation(db, asset).filter(|derivation| derivation.format.asks_for_tilesets()) else {
        return Ok(Vec::new());
    };
    let Some(sources) = sources(db, derivation) else { return Ok(Vec::new()) };
    asset.failures(db);
    derivation.format.tilesets(&sources, db.content()).map_err(|error| {
        db.retry(asset);
        error.to_string()
    })
}

/// The files, where each has a content.
fn sources<'d>(db: &'d dyn Db, derivation: &'d Derivation) -> Option<Vec<Source<'d>>> {
    let source = |(number, file): (usize, &'d File)| match file.state(db) {
        FileState::Content(content) => {
            let path = derivation.relative(file.path(db));
            Some(Source { path, content: *content, part: derivation.part(number) })
        }
        FileState::Unread | FileState::Refused(_) => None,
    };
    derivation.files.iter().enumerate().map(source).collect()
}

/// The asset in whose folder the file at `place`, a path below `assets/`, lies.
pub fn owner(db: &dyn Db, place: &str) -> Option<Asset> {
    ancestors(place).find_map(|root| roots(db).get(root)).copied()
}

/// The registered assets by their roots.
#[salsa::tracked(returns(ref))]
fn roots(db: &dyn Db) -> HashMap<SmolStr, Asset> {
    Workspace::get(db).assets(db).iter().map(|asset| (asset.entry(db).root.clone(), *asset)).collect()
}
