//! Which assets a caller means: by id, root, name, or a pattern over roots.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::glob::{Effort, Pattern};
use papack_queries::path::check_pattern;
use papack_queries::schema::registry::RegistryEntry;

use super::documents::Documents;
use super::editing::Editing;
use super::naming::trimmed;
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};

/// How many steps one pattern may take: a registry may have more roots than an asset has files.
const EFFORT: u64 = 1 << 28;

/// The ids of the registered assets, by the names in their manifests.
pub(in crate::services) type Names = HashMap<String, Vec<u32>>;

impl Editing<'_, '_> {
    /// The registered assets that the texts `asked` mean, each once, in ascending id. A text that means none ends the
    /// operation.
    pub(super) fn select(&mut self, documents: &Documents, asked: &[String]) -> Result<Vec<RegistryEntry>, Stop> {
        let fs = Arc::clone(self.session.fs());
        let (mut ids, mut faults, mut names) = (BTreeSet::new(), Vec::new(), None);
        for asked in asked.iter().map(|asked| trimmed(asked)) {
            self.operation.check_cancelled()?;
            if let Some(entry) = documents.by_id_or_root(asked) {
                ids.insert(entry.asset_id);
                continue;
            }
            let names = match &mut names {
                Some(names) => names,
                none => none
                    .insert(read_names(&*fs, documents).map_err(|f| self.operation.fail(Status::ExecutionFailed, f))?),
            };
            let entries = documents.registry.entries().iter().map(|entry| (entry.asset_id, &*entry.root));
            match by_name_or_pattern(names, entries, asked) {
                Ok(found) => ids.extend(found),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(self.operation.refuse(faults));
        }
        Ok(ids.into_iter().filter_map(|id| documents.registry.asset(id).cloned()).collect())
    }

    /// The registered asset that `asked` means. If it means none or several, that ends the operation.
    pub(super) fn select_one(&mut self, documents: &Documents, asked: &str) -> Result<RegistryEntry, Stop> {
        let mut found = self.select(documents, &[asked.to_owned()])?;
        match (found.pop(), found.len()) {
            (Some(entry), 0) => Ok(entry),
            (_, others) => {
                let message = format!("{asked:?} means {} assets; one is wanted", others + 1);
                Err(self.operation.refuse(vec![Diagnostic::error(Code::AssetUnknown, message)]))
            }
        }
    }
}

fn read_names(fs: &dyn FileSystem, documents: &Documents) -> Result<Names, Diagnostic> {
    let manifests = documents.read_manifests(fs)?;
    let mut names = Names::new();
    for (entry, manifest) in documents.registry.entries().iter().zip(manifests) {
        if let Some((name, _)) = manifest.name {
            names.entry(name).or_default().push(entry.asset_id);
        }
    }
    Ok(names)
}

/// The ids of the assets that have the name `asked`, or else of those of `entries`, ids with roots, whose roots match it
/// as a pattern.
///
/// # Errors
///
/// Where there is none; where several have that name; and where it is no pattern, or one that takes too long.
pub(in crate::services) fn by_name_or_pattern<'r>(
    names: &Names,
    entries: impl Iterator<Item = (u32, &'r str)>,
    asked: &str,
) -> Result<Vec<u32>, Diagnostic> {
    let unknown = |message: String| Diagnostic::error(Code::AssetUnknown, message);
    match names.get(asked).map(Vec::as_slice) {
        Some([one, other, ..]) => {
            let fault = unknown(format!("assets {one} and {other} are both named {asked:?}"));
            return Err(fault.with_help("name the asset by its id or root"));
        }
        Some(ids) => return Ok(ids.to_vec()),
        None => {}
    }
    let help = "papack list shows the assets";
    if !asked.contains(['*', '?']) {
        return Err(unknown(format!("no registered asset has the id, root or name {asked:?}")).with_help(help));
    }
    check_pattern(asked)
        .map_err(|fault| Diagnostic::error(Code::PathInvalid, format!("{asked:?} is no valid pattern: {fault}")))?;
    let (pattern, mut effort) = (Pattern::new(asked.to_owned()), Effort::new(EFFORT));
    let ids: Vec<_> = entries.filter(|(_, root)| pattern.matches(root, &mut effort)).map(|(id, _)| id).collect();
    if effort.is_spent() {
        let message = format!("the pattern {asked:?} takes too long to match");
        return Err(Diagnostic::error(Code::GlobTooCostly, message).with_help("use fewer stars"));
    }
    if ids.is_empty() { Err(unknown(format!("no root matches {asked:?}")).with_help(help)) } else { Ok(ids) }
}
