//! `include`, `exclude` and `rm`: which assets are registered, and which of them are packed.

use super::change::Change;
use super::editing::Editing;
use super::plan::Plan;
use crate::operation::Stop;

impl Editing<'_, '_> {
    /// Plans that `assets` are included in the build, or excluded from it.
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

    /// Plans that `assets` are removed from the registry, and with `delete_files` that their folders are deleted
    /// afterwards.
    pub(super) fn plan_removal(&mut self, assets: &[String], delete_files: bool) -> Result<Plan, Stop> {
        let mut documents = self.read_documents()?;
        let selected = self.select(&documents, assets)?;
        let folders_to_delete = if delete_files { self.folders_to_delete(&documents, &selected)? } else { Vec::new() };
        let removed = selected.into_iter().filter_map(|entry| documents.registry.unregister(entry.asset_id));
        let changes =
            removed.map(|entry| Change::AssetUnregistered { asset_id: entry.asset_id, root: entry.root.to_string() });
        let changes = changes.collect();
        Ok(Plan { folders_to_delete, ..documents.plan_registry(changes) })
    }
}
