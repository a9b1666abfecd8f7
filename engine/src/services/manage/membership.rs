//! `include`, `exclude` and `rm`: which assets are registered, and which of them are packed.

use super::change::Change;
use super::editing::Editing;
use super::plan::Plan;
use crate::operation::Stop;

impl Editing<'_, '_> {
    /// Plans that `assets` are in the build set from now on, or are not.
    pub(super) fn plan_inclusion(&mut self, assets: &[String], included: bool) -> Result<Plan, Stop> {
        let mut documents = self.read_documents()?;
        let mut changes = Vec::new();
        for entry in self.select(&documents, assets)? {
            let (asset_id, root) = (entry.asset_id, entry.root.to_string());
            if documents.registry.set_included(asset_id, included) {
                changes.push(if included {
                    Change::AssetIncluded { asset_id, root }
                } else {
                    Change::AssetExcluded { asset_id, root }
                });
            }
        }
        Ok(documents.plan_registry(changes))
    }

    /// Plans that `assets` leave the registry, and that their folders are deleted after that, if wanted.
    pub(super) fn plan_removal(&mut self, assets: &[String], delete_files: bool) -> Result<Plan, Stop> {
        let mut documents = self.read_documents()?;
        let selected = self.select(&documents, assets)?;
        let doomed = if delete_files { self.doomed_folders(&documents, &selected)? } else { Vec::new() };
        let removed = selected.into_iter().filter_map(|entry| documents.registry.unregister(entry.asset_id));
        let changes =
            removed.map(|entry| Change::AssetUnregistered { asset_id: entry.asset_id, root: entry.root.to_string() });
        let changes = changes.collect();
        Ok(Plan { doomed, ..documents.plan_registry(changes) })
    }
}
