//! Which assets a caller means: by id, root, name, or a pattern over roots.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::glob::{Effort, Pattern};
use papack_queries::path::check_pattern;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::suggest;

use super::documents::Documents;
use super::editing::Editing;
use super::naming::trimmed;
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};

/// How many steps one pattern may take: a registry may have more roots than an asset has files.
const EFFORT: u64 = 1 << 28;

/// Where all names are to be found.
const LISTED: &str = "papack list shows all assets";

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
                let fault = Diagnostic::error(Code::AssetUnknown, message).with_data(Data::value(asked));
                Err(self
                    .operation
                    .refuse(vec![fault.with_help("name one by its id, root or name; papack list shows all")]))
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
    entries: impl Iterator<Item = (u32, &'r str)> + Clone,
    asked: &str,
) -> Result<Vec<u32>, Diagnostic> {
    let unknown = |message: String| Diagnostic::error(Code::AssetUnknown, message).with_data(Data::value(asked));
    match names.get(asked).map(Vec::as_slice) {
        Some([one, other, ..]) => {
            let root =
                |id: u32| entries.clone().find(|(other, _)| *other == id).map(|(_, root)| root).unwrap_or_default();
            let (first, second) = (root(*one), root(*other));
            let message = format!("{first:?} (asset {one}) and {second:?} (asset {other}) are both named {asked:?}");
            return Err(
                unknown(message).with_help(format!("name the asset by its id, {one} or {other}, or by its root"))
            );
        }
        Some(ids) => return Ok(ids.to_vec()),
        None => {}
    }
    if !asked.contains(['*', '?']) {
        let fault = unknown(format!("no registered asset has the id, root or name {asked:?}"));
        let alike = nearest_assets(entries.map(|(_, root)| root), names, asked);
        let data = Data::choice(asked, &[], alike.first().copied());
        return Err(fault.with_help(meant(&alike)).with_data(data));
    }
    check_pattern(asked)
        .map_err(|fault| Diagnostic::error(Code::PathInvalid, format!("{asked:?} is no valid pattern: {fault}")))
        .map_err(|fault| fault.with_data(Data::value(asked)))?;
    let (pattern, mut effort) = (Pattern::new(asked.to_owned()), Effort::new(EFFORT));
    let ids: Vec<_> = entries.filter(|(_, root)| pattern.matches(root, &mut effort)).map(|(id, _)| id).collect();
    if effort.is_spent() {
        let message = format!("the pattern {asked:?} takes too long to match");
        let fault = Diagnostic::error(Code::GlobTooCostly, message).with_help("use fewer stars");
        return Err(fault.with_data(Data::value(asked)));
    }
    if ids.is_empty() { Err(unknown(format!("no root matches {asked:?}")).with_help(LISTED)) } else { Ok(ids) }
}

/// The names and roots that are most like `asked`, which means no asset.
fn nearest_assets<'r>(roots: impl Iterator<Item = &'r str>, names: &'r Names, asked: &str) -> Vec<&'r str> {
    const SUGGESTED: usize = 3;
    // Sorted, because a map has no order. A name that is also a root is one suggestion.
    let candidates: BTreeSet<&str> = roots.chain(names.keys().map(String::as_str)).collect();
    let mut effort = 0;
    let affordable = candidates.into_iter().take_while(|candidate| {
        effort += (candidate.len().min(suggest::MAX_BYTES) * asked.len().min(suggest::MAX_BYTES)) as u64;
        effort < EFFORT
    });
    suggest::nearest(asked, affordable, |name| name, SUGGESTED)
}

/// Help where one of `alike` is probably meant.
fn meant(alike: &[&str]) -> String {
    match alike {
        [] => LISTED.to_owned(),
        alike => {
            let alike: Vec<_> = alike.iter().map(|name| format!("{name:?}")).collect();
            format!("did you mean {}? {LISTED}", alike.join(" or "))
        }
    }
}
