//! One new asset: its format by its files, its patterns, and the manifest for it.

use std::collections::HashSet;

use papack_queries::asset::is_visible;
use papack_queries::diagnostic::{Code, Diagnostic, Fixes};
use papack_queries::formats::{
    Export, FileKind, Format, FormatChoice, FormatDetection, KindCounts, UnreadFiles, exports,
};
use papack_queries::glob::Effort;
use papack_queries::left_out::{Judge, Rules};
use papack_queries::schema::edit::{new_identity, new_manifest};
use papack_queries::schema::manifest;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, TreeIndex};

use super::documents::{Documents, manifest_path, random_bytes};
use super::new_files::{expect_each_once, expect_files, expect_place};
use crate::fs::FileSystem;
use crate::workspace::layout::ASSETS;
use crate::workspace::{ReadError, read_head};

/// How many steps it may take to find out which files of one folder are left out.
const EFFORT: u64 = 1 << 28;

/// An asset that is to be made.
pub(super) struct Wanted {
    /// Its root.
    pub(super) root: String,
    /// The format; none where the files decide.
    pub(super) choice: Option<FormatChoice>,
    /// Its files, as the caller names them; empty for all that the format takes.
    pub(super) files: Vec<String>,
}

/// A new asset, and the manifest for it.
pub(super) struct NewAsset {
    pub(super) entry: RegistryEntry,
    pub(super) name: String,
    pub(super) text: String,
    /// What the files have, and the asset leaves out.
    pub(super) notices: Vec<Diagnostic>,
    pub(super) format: Format,
    /// What its entries of `artifacts` name.
    pub(super) artifacts: Vec<String>,
}

/// Why an asset cannot be made.
pub(super) enum Failure {
    /// Something is wrong with it.
    Refused(Vec<Diagnostic>),
    /// The operation ends.
    Failed(Diagnostic),
}

impl From<Diagnostic> for Failure {
    fn from(fault: Diagnostic) -> Self {
        Self::Refused(vec![fault])
    }
}

/// The asset that is `wanted`, which is registered in `documents`.
pub(super) fn new_asset(
    fs: &dyn FileSystem,
    documents: &mut Documents,
    index: &TreeIndex<'_>,
    rules: &Rules,
    wanted: Wanted,
) -> Result<NewAsset, Failure> {
    let Wanted { root, choice, files } = wanted;
    expect_place(documents, index, &root)?;
    let files = expect_files(documents, index, &root, &files)?;
    expect_each_once(&root, &files)?;
    let uuid = new_identity(random_bytes().map_err(Failure::Failed)?);
    let entry = documents.registry.register(&root, uuid)?;
    let there = if files.is_empty() { files_below(documents, rules, &root) } else { files.clone() };
    let choice = match choice {
        Some(choice) => choice,
        None => detect_kind(fs, &root, &there)?,
    };
    let is_listed = !files.is_empty();
    let exports = if is_listed { Vec::new() } else { exports(choice.kind(), &there) };
    let paths: HashSet<_> = exports.iter().map(|export| export.path).collect();
    let kept: Vec<_> = there.iter().filter(|file| !paths.contains(file.as_str())).cloned().collect();
    let patterns = if is_listed { Vec::new() } else { expect_patterns(choice, &root, &kept)? };
    let taken = kept.iter().filter(|file| is_listed || choice.takes(file));
    let (format, mut notices) = detect_format(fs, &root, taken, choice)?;
    notices.extend(Export::notice(&exports, &format!("{ASSETS}/{root}")));
    // A pattern is there for what is kept, and may take exports too.
    let is_matched =
        |export: &&Export<'_>| choice.patterns([export.path].into_iter()).iter().any(|one| patterns.contains(one));
    let except: Vec<_> = exports.iter().filter(is_matched).map(|export| export.path.to_owned()).collect();
    let name = root.replace('/', "_");
    let text = new_manifest(uuid, &name, &files, &patterns, &except, format);
    let (_, found) = manifest::parse(manifest_path(&root).as_str(), text.as_bytes());
    if found.iter().any(Diagnostic::is_error) {
        // The root is no valid name.
        return Err(Failure::Refused(found.into_iter().map(without_asset).collect()));
    }
    Ok(NewAsset { entry, name, text, notices, format, artifacts: if is_listed { files } else { patterns } })
}

/// `fault`, which does not point into the manifest, and does not name the asset: the manifest was never written, and the
/// asset gets another id, or none, where an asset is refused.
pub(super) fn without_asset(fault: Diagnostic) -> Diagnostic {
    Diagnostic { span: None, pointer: None, asset_id: None, asset_name: None, fixes: Fixes::default(), ..fault }
}

/// The files below `root` that a pattern may take, relative to it.
fn files_below(documents: &Documents, rules: &Rules, root: &str) -> Vec<String> {
    let tree = documents.walk.tree.below(root);
    let (mut judge, mut effort) = (Judge::new(rules, root), Effort::new(EFFORT));
    let files = tree.entries().iter().filter(|entry| entry.kind == Kind::File && is_visible(&entry.path));
    let kept = files.filter(|file| judge.verdict(&file.path, |path| tree.is_file(path), &mut effort).is_none());
    kept.map(|file| file.path.to_string()).collect()
}

/// The patterns for those of `files` that the format takes, at least one.
fn expect_patterns(choice: FormatChoice, root: &str, files: &[String]) -> Result<Vec<String>, Diagnostic> {
    let patterns = choice.patterns(files.iter().map(String::as_str));
    if !patterns.is_empty() {
        return Ok(patterns);
    }
    let wanted = choice.kind().extensions().iter().map(|extension| format!(".{extension}")).collect::<Vec<_>>();
    let wanted = if wanted.is_empty() { String::new() } else { format!("{} ", wanted.join(", ")) };
    let others = match files.first() {
        Some(first) => format!("; there is {first:?}, for example"),
        None => String::new(),
    };
    let fault = Diagnostic::error(Code::GlobEmpty, format!("there is no {wanted}file for the asset{others}"));
    let help = "put its files into the folder first, or name the files";
    Err(fault.at(format!("{ASSETS}/{root}")).with_help(help))
}

/// The format for the `files` below `root`, all of which must be of one kind.
fn detect_kind(fs: &dyn FileSystem, root: &str, files: &[String]) -> Result<FormatChoice, Failure> {
    let location = format!("{ASSETS}/{root}");
    let (mut counts, mut unread) = (KindCounts::default(), UnreadFiles::default());
    for file in files {
        let path = format!("{location}/{file}");
        let head = read_beginning(fs, &path, UnreadFiles::HEAD)?.unwrap_or_default();
        let kind = FileKind::of(file, &head);
        counts.add(kind, file);
        if kind == FileKind::Other {
            unread.inspect(&path, &head);
        }
    }
    let kind = counts.only_kind().map_err(|fault| fault.at(&location))?;
    if let Some(fault) = unread.fault() {
        return Err(fault.into());
    }
    let none = || {
        let fault = Diagnostic::error(Code::GlobEmpty, "there is no file for the asset").at(&location);
        fault.with_help("put its files into the folder first")
    };
    Ok(FormatChoice::of_kind(kind.ok_or_else(none)?))
}

/// The format that `choice` means for the `files` below `root`, and what it leaves out of them. A file that cannot be
/// read decides nothing.
fn detect_format<'f>(
    fs: &dyn FileSystem,
    root: &str,
    files: impl Iterator<Item = &'f String>,
    choice: FormatChoice,
) -> Result<(Format, Vec<Diagnostic>), Failure> {
    let mut detection = FormatDetection::new(choice);
    if let Some(limit) = choice.head_size() {
        for file in files {
            let path = format!("{ASSETS}/{root}/{file}");
            if let Some(head) = read_beginning(fs, &path, limit)? {
                detection.inspect(&path, &head);
            }
        }
    }
    Ok(detection.finish()?)
}

/// The first `limit` bytes of the file at `path`; none where it may not be read, of which the checks tell.
fn read_beginning(fs: &dyn FileSystem, path: &str, limit: usize) -> Result<Option<Vec<u8>>, Failure> {
    match read_head(fs, path.into(), limit) {
        Ok(head) => Ok(Some(head)),
        Err(ReadError::Refused(_)) => Ok(None),
        Err(ReadError::Failed(fault)) => Err(Failure::Failed(*fault)),
    }
}
