//! Another name for an asset.

use std::ops::Range;

use papack_queries::schema::manifest::check_name;
use serde_json::Value;

use super::Editor;
use super::document::{Document, Here, Role};
use super::features::{DocumentEdit, TextEdit};

impl Editor {
    /// The name of the asset that is at byte `offset` of the manifest at `path`, without quotes; none where no name is.
    pub fn prepare_rename(&self, path: &str, offset: usize) -> Option<Range<usize>> {
        let document = self.document(path)?;
        name_at(&document, offset).map(|here| here.inner())
    }

    /// The edits that give the asset whose name is at byte `offset` of the manifest at `path` the name `new_name`.
    ///
    /// # Errors
    ///
    /// Why it cannot have that name, in words.
    pub fn rename(&self, path: &str, offset: usize, new_name: &str) -> Result<Vec<DocumentEdit>, String> {
        let document = self.document(path).ok_or("this is no manifest that can be read")?;
        let here = name_at(&document, offset).ok_or("there is no name of an asset here")?;
        check_name(new_name)?;
        // One that is not in the build has its name for itself.
        let is_excluded = self.asset_at(&document.root).is_some_and(|known| !known.entry.included_in_build);
        let others = self.all_known().filter(|known| !is_excluded && known.entry.root != document.root);
        let mut others = others.filter(|known| known.entry.included_in_build);
        if let Some(known) = others.find(|known| known.name() == Some(new_name)) {
            return Err(format!("the name {new_name:?} is taken by the asset in {:?}", known.entry.root));
        }
        let edits = vec![TextEdit { range: here.spot.typed.clone(), text: Value::from(new_name).to_string() }];
        Ok(vec![DocumentEdit { path: document.path.clone(), edits }])
    }
}

/// The place at byte `offset`, if the name of the asset is there.
fn name_at(document: &Document, offset: usize) -> Option<Here<'_>> {
    let here = document.at(offset)?;
    (here.role() == Role::Name && !here.spot.is_key && here.string().is_some()).then_some(here)
}
