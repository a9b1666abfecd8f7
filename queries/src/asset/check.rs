//! The query that checks a manifest against the registry and the files below the asset root.

use std::collections::HashMap;

use super::ignore_file::ignoring;
use super::leaving_out::LeavingOut;
use super::location::{manifest_location, root_location};
use super::matching::matched;
use super::parse::manifest;
use super::presence::{is_visible, present, resolution_fault, uuid_fault};
use super::rewriting::{respelled_path, respelled_pattern, rewriting, writable_path};
use super::suggestions::Suggestions;
use crate::db::{Db, Query, executing};
use crate::diagnostic::{Code, Data, Diagnostic, Fix, Unit};
use crate::formats::Part;
use crate::glob::{Effort, Pattern, natural_order};
use crate::inputs::{Asset, File, ManifestState, Workspace};
use crate::path;
use crate::repeated::Repeated;
use crate::schema::MANIFEST_NAME;
use crate::schema::manifest::{ArtifactEntry, Selection};
use crate::tree::{Kind, Resolution, Tree, TreeIndex};

/// The artifact files of an asset, and what is wrong with it beyond its manifest's text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckedAsset {
    /// The artifact files in order, unless one of them cannot be determined.
    pub files: Option<Vec<File>>,
    /// Which part of each of them is taken; empty where that is all of every file.
    pub parts: Vec<Option<Part>>,
    /// Faults and notices.
    pub diagnostics: Vec<Diagnostic>,
}

impl CheckedAsset {
    fn refused(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic], ..Self::default() }
    }
}

/// Checks the manifest against the registry and the files below the asset root.
#[salsa::tracked(returns(ref))]
pub fn checked_asset(db: &dyn Db, asset: Asset) -> CheckedAsset {
    executing(db, Query::CheckedAsset, asset);
    if asset.recorded(db).is_some() { CheckedAsset::default() } else { check(db, asset) }
}

fn check(db: &dyn Db, asset: Asset) -> CheckedAsset {
    let tree = match present(asset.entry(db), asset.root(db)) {
        Ok(tree) => tree,
        Err(fault) => return CheckedAsset::refused(fault),
    };
    let index = tree.index();
    let location = manifest_location(db, asset);
    let bytes = match asset.manifest(db) {
        ManifestState::Unread => return CheckedAsset::default(),
        ManifestState::Refused(fault) => return CheckedAsset::refused(fault.diagnostic(&location)),
        ManifestState::Bytes(bytes) => bytes,
    };
    // Bytes that are no UTF-8 gave no manifest, so no fault below is placed in this text.
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let mut artifacts = Artifacts {
        tree,
        index,
        text,
        location: &location,
        chosen: HashMap::new(),
        faults: Vec::new(),
        suppressed: 0,
        has_error: false,
        effort: Effort::new(Artifacts::EFFORT),
        unlisted: unlisted_folders(tree),
        suggestions: Suggestions::new(tree),
        repeated: Repeated::default(),
        unnatural: Repeated::default(),
        unnatural_globs: 0,
        leaving_out: LeavingOut::new(&ignoring(db, Workspace::get(db)).rules, &asset.entry(db).root, tree),
    };
    artifacts.check_uuid(db, asset);
    let manifest = &manifest(db, asset).manifest;
    for entry in manifest.artifacts.iter().flat_map(|list| &list.entries) {
        artifacts.choose(entry);
    }
    artifacts.warn_of_order();
    let complete = manifest.artifacts.as_ref().is_some_and(|list| list.is_complete) && !artifacts.has_error;
    let diagnostics = artifacts.take_faults();
    let files = complete.then(|| artifacts.files(db, &root_location(db, asset)));
    CheckedAsset { files, parts: artifacts.parts(), diagnostics }
}

/// The artifact files chosen so far.
struct Artifacts<'a> {
    tree: &'a Tree,
    index: TreeIndex<'a>,
    text: &'a str,
    location: &'a str,
    /// Path below the asset root → position in artifact order, and the entry that chose it.
    chosen: HashMap<&'a str, (usize, &'a ArtifactEntry)>,
    faults: Vec<Diagnostic>,
    suppressed: usize,
    has_error: bool,
    effort: Effort,
    /// Folders that no glob can look into.
    unlisted: Vec<&'a str>,
    suggestions: Suggestions<'a>,
    /// Files that the entry at hand takes though one before it does, and the pointer of that one.
    repeated: Repeated<(&'a str, &'a str)>,
    /// Neighbours that a glob takes against their natural order: its entry, and the two.
    unnatural: Repeated<(&'a ArtifactEntry, &'a str, &'a str)>,
    /// How many globs have such neighbours.
    unnatural_globs: usize,
    leaving_out: LeavingOut<'a>,
}

impl<'a> Artifacts<'a> {
    /// The limit for the globs of one asset: about a second, or a thousand patterns over ten thousand files.
    const EFFORT: u64 = 1 << 28;

    /// How many faults of one artifact list are shown. The rest are counted; among so many there is always an error.
    const FAULT_LIMIT: usize = 100;

    fn check_uuid(&mut self, db: &dyn Db, asset: Asset) {
        let registered = asset.entry(db).asset_uuid;
        if let Some((uuid, place)) = &manifest(db, asset).manifest.asset_uuid
            && *uuid != registered
        {
            self.has_error = true;
            // The folder may as well be that of another asset, and this one's be elsewhere.
            let fix = rewriting(self.text, self.location, place, false, &registered.to_string());
            let fix = Fix { title: "Give it the asset_uuid of the registry".to_owned(), ..fix };
            self.faults.push(place.of(self.text, uuid_fault(registered, *uuid)).at(self.location).with_fix(fix));
        }
    }

    fn choose(&mut self, entry: &'a ArtifactEntry) {
        match &entry.selection {
            Selection::File(file) => self.choose_file(entry, file),
            Selection::Glob { pattern, except } => self.choose_glob(entry, pattern, except),
        }
        self.report_repeated(entry);
    }

    fn choose_file(&mut self, entry: &'a ArtifactEntry, file: &'a str) {
        let resolution = self.index.resolve(file);
        let Some(mut fault) = resolution_fault(&resolution, file) else { return self.add(entry, file) };
        match resolution {
            Resolution::Missing if self.faults.len() < Self::FAULT_LIMIT => {
                let suggestion = self.suggestions.file(file);
                fault.data = Some(Box::new(Data::choice(file, &[], suggestion.as_ref().map(|(path, _)| *path))));
                // Another file may be meant, or this one may still be made.
                let meant = suggestion.as_ref().and_then(|(meant, _)| writable_path((*meant).to_owned()));
                let fix = meant.map(|meant| rewriting(self.text, self.location, &entry.place, false, &meant));
                fault.fixes.extend(fix);
                let help = suggestion.map(|(_, help)| help);
                fault.help = Some(help.unwrap_or_else(|| format!("papack looks for it at {}", self.location_of(file))));
            }
            Resolution::Misspelled { actual } => {
                let respelled = respelled_path(file, &actual);
                let fix = |path: String| rewriting(self.text, self.location, &entry.place, true, &path);
                fault.fixes.extend(respelled.map(fix));
            }
            Resolution::Found(Kind::Folder) => {
                fault.help = Some(format!("to take the files in it, write {{\"glob\": \"{file}/*\"}}"));
            }
            _ => {}
        }
        self.report_about(entry, file, fault);
    }

    fn choose_glob(&mut self, entry: &'a ArtifactEntry, pattern: &Pattern, except: &[Pattern]) {
        if self.effort.is_spent() {
            return;
        }
        let tree = self.tree;
        for folder in self.unlisted.clone() {
            if may_match_below(pattern, folder) {
                let message = format!("the folder {folder:?} may not be read, or lies too deep");
                let fault = Diagnostic::error(Code::FileForbidden, message);
                self.report(entry, fault.with_data(Data::value(folder)));
            }
        }
        let (mut matched, is_matched) = matched(tree, pattern, except, &mut self.effort);
        let first_left_out = self.leaving_out.take_away(pattern, &mut matched, &mut self.effort);
        if self.effort.is_spent() {
            let fault = self.leaving_out.costly_fault(Self::EFFORT / 2).unwrap_or_else(|| {
                Diagnostic::error(Code::GlobTooCostly, "the patterns up to this one take too long to match")
                    .with_help("list the files one by one, or use fewer patterns with fewer stars")
                    .with_data(Data::value(pattern.as_str()))
            });
            self.report(entry, fault);
            return;
        }
        if let Some(first) = first_left_out.filter(|_| matched.is_empty()) {
            self.report(entry, LeavingOut::empty_fault(pattern, first));
        } else if matched.is_empty() && is_matched {
            let message = format!("\"except\" leaves out every file that {:?} matches", pattern.as_str());
            let data = Data::value(pattern.as_str());
            self.report(entry, Diagnostic::error(Code::GlobEmpty, message).with_data(data));
        } else if matched.is_empty() {
            self.report_empty(entry, pattern);
        }
        self.compare_orders(entry, &matched);
        for path in matched {
            match path::check(path).map_err(|fault| Diagnostic::error(Code::PathInvalid, fault)) {
                Ok(()) => self.choose_file(entry, path),
                Err(fault) => self.report_about(entry, path, fault),
            }
        }
    }

    /// Reports a pattern that matches nothing. Often it names a folder whose spelling on disk differs.
    fn report_empty(&mut self, entry: &ArtifactEntry, pattern: &Pattern) {
        let folder = pattern.literal_prefix().trim_end_matches('/');
        let resolution = if folder.is_empty() { Resolution::Missing } else { self.index.resolve(folder) };
        match &resolution {
            Resolution::Misspelled { .. } | Resolution::Ambiguous { .. } => {
                if let Some(mut fault) = resolution_fault(&resolution, folder) {
                    if let Resolution::Misspelled { actual } = &resolution {
                        let respelled = respelled_pattern(pattern, actual);
                        let fix = |path: String| rewriting(self.text, self.location, &entry.place, true, &path);
                        fault.fixes.extend(respelled.map(fix));
                    }
                    self.report_about(entry, folder, fault);
                }
            }
            found => {
                let message = format!("the pattern {:?} matches no file", pattern.as_str());
                let mut fault = Diagnostic::error(Code::GlobEmpty, message).with_data(Data::value(pattern.as_str()));
                if self.faults.len() < Self::FAULT_LIMIT {
                    let is_there = folder.is_empty() || matches!(found, Resolution::Found(_));
                    fault.help = self.suggestions.in_folder(folder, is_there);
                }
                self.report(entry, fault);
            }
        }
    }

    /// The path below the workspace of `path`, a path below the asset root.
    fn location_of(&self, path: &str) -> String {
        format!("{}{path}", self.location.strip_suffix(MANIFEST_NAME).unwrap_or_default())
    }

    /// Notes where byte order is not the natural order, as in `1, 10, 2`: authors of numbered frames seldom mean that.
    fn compare_orders(&mut self, entry: &'a ArtifactEntry, matched: &[&'a str]) {
        let count = self.unnatural.count();
        for pair in matched.windows(2).filter(|pair| natural_order(pair[0], pair[1]).is_gt()) {
            self.unnatural.push((entry, pair[0], pair[1]));
        }
        self.unnatural_globs += usize::from(self.unnatural.count() > count);
    }

    fn warn_of_order(&mut self) {
        let globs = match self.unnatural_globs {
            1 => "1 glob".to_owned(),
            count => format!("{count} globs"),
        };
        let message = self.unnatural.message(
            |(_, before, after)| format!("files are taken in byte order: {before:?} comes before {after:?}"),
            |count, list| format!("files are taken in byte order, at {count} places of {globs}: {list}"),
            |(_, before, after)| format!("{before:?} comes before {after:?}"),
        );
        if let (Some(message), Some((entry, ..))) = (message, self.unnatural.first()) {
            let entry: &ArtifactEntry = entry;
            let help = "number them with leading zeros, or list the files one by one";
            let paths = self.unnatural.places().flat_map(|(_, before, after)| [(*before).into(), (*after).into()]);
            let data = Data::Paths { count: self.unnatural.count() * 2, paths: paths.collect() };
            self.report(entry, Diagnostic::warning(Code::GlobOrder, message).with_help(help).with_data(data));
        }
    }

    fn add(&mut self, entry: &'a ArtifactEntry, path: &'a str) {
        let position = self.chosen.len();
        if let Some((_, first)) = self.chosen.get(path) {
            self.repeated.push((path, &first.place.pointer));
        } else {
            self.chosen.insert(path, (position, entry));
        }
    }

    /// Reports the files that `entry` takes again, all at once: patterns overlap in many files.
    fn report_repeated(&mut self, entry: &ArtifactEntry) {
        let repeated = std::mem::take(&mut self.repeated);
        let message = repeated.message(
            |(path, first)| format!("{path:?} is listed twice: {} takes it already", described(first)),
            |count, list| format!("{count} files are listed twice: {list}"),
            |(path, first)| format!("{path:?}, which {} takes already", described(first)),
        );
        if let Some(message) = message {
            let help = "take one of the two out, or leave the file out of a pattern with \"except\"";
            let paths = repeated.places().map(|(path, _)| (*path).to_owned()).collect();
            let data = Data::Paths { count: repeated.count(), paths };
            self.report(entry, Diagnostic::error(Code::ArtifactRepeated, message).with_help(help).with_data(data));
        }
    }

    fn report_about(&mut self, entry: &ArtifactEntry, path: &str, mut fault: Diagnostic) {
        fault.message = format!("{path:?}: {}", fault.message);
        fault.data = fault.data.or_else(|| Some(Box::new(Data::value(path))));
        self.report(entry, fault);
    }

    fn report(&mut self, entry: &ArtifactEntry, fault: Diagnostic) {
        self.has_error |= fault.is_error();
        if self.faults.len() < Self::FAULT_LIMIT {
            self.faults.push(entry.place.of(self.text, fault).at(self.location));
        } else {
            self.suppressed += 1;
        }
    }

    fn take_faults(&mut self) -> Vec<Diagnostic> {
        let mut faults = std::mem::take(&mut self.faults);
        if self.suppressed > 0 {
            let message = format!("{} more faults of the artifact list are not shown", self.suppressed);
            let data = Data::Count { found: self.suppressed as u64, unit: Unit::Faults };
            faults.push(Diagnostic::error(Code::FieldInvalid, message).with_data(data).at(self.location));
        }
        let left_out = self.leaving_out.notice(|path| self.chosen.contains_key(path));
        faults.extend(left_out.map(|notice| notice.at(self.location)));
        faults
    }

    fn files(&self, db: &dyn Db, root: &str) -> Vec<File> {
        self.in_order().map(|(path, _)| db.file(&format!("{root}/{path}"))).collect()
    }

    /// Which part of each file is taken; empty where that is all of every file.
    fn parts(&self) -> Vec<Option<Part>> {
        if self.chosen.values().all(|(_, entry)| entry.part.is_none()) {
            return Vec::new();
        }
        self.in_order().map(|(_, entry)| entry.part.clone()).collect()
    }

    /// The files that were chosen, with the entries that did so.
    fn in_order(&self) -> impl Iterator<Item = (&'a str, &'a ArtifactEntry)> {
        let mut chosen: Vec<_> =
            self.chosen.iter().map(|(path, (position, entry))| (*position, *path, *entry)).collect();
        chosen.sort_unstable_by_key(|(position, ..)| *position);
        chosen.into_iter().map(|(_, path, entry)| (path, entry))
    }
}

/// The entry of `artifacts` at `pointer`, counted from 1.
fn described(pointer: &str) -> String {
    let index = pointer.split('/').nth(2).and_then(|index| index.parse::<usize>().ok());
    index.map_or_else(|| pointer.to_owned(), |index| format!("entry {} of \"artifacts\"", index + 1))
}

fn unlisted_folders(tree: &Tree) -> Vec<&str> {
    let unlisted = tree.entries().iter().filter(|found| found.kind == Kind::UnlistedFolder);
    unlisted.map(|found| &*found.path).filter(|path| is_visible(path)).collect()
}

/// Whether `pattern` could match a file below `folder`, judged by its literal folders.
fn may_match_below(pattern: &Pattern, folder: &str) -> bool {
    let (prefix, folder) = (pattern.literal_prefix(), format!("{folder}/"));
    folder.starts_with(prefix) || prefix.starts_with(&folder)
}
