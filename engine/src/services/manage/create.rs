//! `new`: writes manifests where there are none, and registers their assets.

use std::sync::Arc;

use papack_queries::asset::is_visible;
use papack_queries::diagnostic::{Code, Diagnostic, Severity, command_word};
use papack_queries::formats::{FileKind, Format, FormatChoice, FormatDetection, KindCounts, UnreadFiles};
use papack_queries::glob::Effort;
use papack_queries::inputs::{IgnoreFile, Ignoring};
use papack_queries::left_out::{Judge, Rules};
use papack_queries::schema::edit::{new_identity, new_manifest};
use papack_queries::schema::manifest;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, TreeIndex};
use papack_queries::unmanaged_folders::{loose_files, unmanaged_folders};

use super::change::Change;
use super::documents::{Documents, manifest_path, random_bytes};
use super::editing::Editing;
use super::new_files::{expect_each_once, expect_files, expect_place};
use super::plan::{Plan, Step, Work};
use crate::fs::FileSystem;
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::{ReadError, read_head, read_ignore_file};

/// How many steps it may take to find out which files of one folder are left out.
const EFFORT: u64 = 1 << 28;

/// An asset that is to be made.
struct Wanted {
    /// Its root.
    root: String,
    /// The format; none where the files decide.
    choice: Option<FormatChoice>,
    /// Its files, as the caller names them; empty for all that the format takes.
    files: Vec<String>,
}

/// A new asset, and the manifest for it.
pub(super) struct NewAsset {
    pub(super) entry: RegistryEntry,
    pub(super) name: String,
    pub(super) text: String,
    /// What the files have, and the asset leaves out.
    pub(super) notices: Vec<Diagnostic>,
    format: Format,
    /// What its entries of `artifacts` name.
    artifacts: Vec<String>,
}

/// What to do when the next pack would refuse a new asset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfFaulty {
    /// Make none.
    Refuse,
    /// Warn, and make the others.
    PassOver,
}

/// Why an asset cannot be made.
enum Failure {
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

impl Editing<'_, '_> {
    /// Plans a manifest in the folder `root` and the registration of its asset, which is named after the root. What
    /// `choice` leaves open is decided by the files.
    pub(super) fn plan_new_asset(
        &mut self,
        root: &str,
        choice: Option<FormatChoice>,
        files: &[String],
    ) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let (ignore_file, rules) = self.expect_ignore_file()?;
        let wanted = Wanted { root: documents.root(root), choice, files: files.to_vec() };
        self.plan_new_assets(documents, &ignore_file, &rules, vec![wanted], IfFaulty::Refuse)
    }

    /// Plans one asset for each folder of pictures or sounds that no asset takes in. Warns of those that cannot become
    /// an asset as they are, and passes them over.
    pub(super) fn plan_all_new_assets(&mut self) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let (ignore_file, rules) = self.expect_ignore_file()?;
        let mut wanted = Vec::new();
        if let Some(warning) = loose_warning(&loose_files(&documents.walk.tree, &rules)) {
            self.operation.report(warning);
        }
        for folder in unmanaged_folders(&documents.walk.tree, documents.registry.entries(), &rules) {
            let choice = Some(FormatChoice::of_kind(folder.kind()));
            match folder.obstacle {
                Some(obstacle) => self.operation.report(Diagnostic { severity: Severity::Warning, ..obstacle }),
                None => wanted.push(Wanted { root: folder.root, choice, files: Vec::new() }),
            }
        }
        self.plan_new_assets(documents, &ignore_file, &rules, wanted, IfFaulty::PassOver)
    }

    /// The ignore file, and its rules. One that cannot be used ends the operation.
    fn expect_ignore_file(&mut self) -> Result<(IgnoreFile, Arc<Rules>), Stop> {
        let fs = Arc::clone(self.session.fs());
        let (ignore_file, _) =
            read_ignore_file(&*fs).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let Ignoring { rules, fault } = Ignoring::of(&ignore_file);
        match fault {
            None => Ok((ignore_file, rules)),
            Some(fault) => Err(self.operation.refuse(vec![fault])),
        }
    }

    /// Plans all that are `wanted`. What the next pack would refuse is told, and ends the operation here or is passed over,
    /// as `if_faulty` says.
    fn plan_new_assets(
        &mut self,
        mut documents: Documents,
        ignore_file: &IgnoreFile,
        rules: &Rules,
        wanted: Vec<Wanted>,
        if_faulty: IfFaulty,
    ) -> Result<Plan, Stop> {
        let fs = Arc::clone(self.session.fs());
        // Copies, because registering changes the documents.
        let (tree, registry) = (documents.walk.tree.clone(), documents.registry.clone());
        let index = tree.index();
        let (mut assets, mut faulty) = (Vec::new(), Vec::new());
        for wanted in wanted {
            self.operation.check_cancelled()?;
            let root = wanted.root.clone();
            match new_asset(&*fs, &mut documents, &index, rules, wanted) {
                Ok(asset) => assets.push(asset),
                Err(Failure::Refused(found)) => faulty.push((root, found)),
                Err(Failure::Failed(fault)) => return Err(self.operation.fail(Status::ExecutionFailed, fault)),
            }
        }
        let trials = self.try_out(&documents, ignore_file, &assets)?;
        let (mut sound, mut file_counts) = (Vec::new(), Vec::new());
        for (asset, trial) in assets.into_iter().zip(trials) {
            if trial.found.iter().any(Diagnostic::is_error) {
                faulty.push((asset.entry.root.to_string(), trial.found));
            } else {
                trial.found.into_iter().for_each(|found| self.operation.report(found));
                sound.push(asset);
                file_counts.push(trial.file_count);
            }
        }
        if !faulty.is_empty() {
            if if_faulty == IfFaulty::Refuse {
                return Err(self.operation.refuse(faulty.into_iter().flat_map(|(_, found)| found).collect()));
            }
            faulty.sort_by(|(one, _), (other, _)| one.cmp(other));
            faulty.into_iter().filter_map(passed_over).for_each(|warning| self.operation.report(warning));
            // No id is spent on what is not made.
            documents.registry = registry;
            for asset in &mut sound {
                let entry = documents.registry.register(&asset.entry.root, asset.entry.asset_uuid);
                asset.entry = entry.map_err(|fault| self.operation.refuse(vec![fault]))?;
            }
        }
        let mut steps = Vec::new();
        let registered: Vec<_> = sound.iter().map(|asset| Change::registered(&asset.entry)).collect();
        for (asset, file_count) in sound.into_iter().zip(file_counts) {
            let path = manifest_path(&asset.entry.root);
            let created = Change::ManifestCreated {
                path: path.to_string(),
                format: asset.format.name(),
                artifacts: asset.artifacts,
                file_count,
            };
            let content = asset.text.into_bytes().into();
            steps.push(Step { work: Work::Create { path, content }, changes: vec![created] });
        }
        if !steps.is_empty() {
            steps.push(documents.write_registry(registered));
        }
        Ok(Plan { steps, ..Plan::default() })
    }
}

/// The warning that `files` lie directly in `assets/`.
fn loose_warning(files: &[String]) -> Option<Diagnostic> {
    let first = files.first()?;
    let message = match files.len() {
        1 => "no asset is made of this file: it lies directly in assets/".to_owned(),
        count => {
            format!("no asset is made of {count} pictures and sounds that lie directly in assets/; this is the first")
        }
    };
    let help = format!("put what belongs together into a folder below {ASSETS}/, which becomes an asset");
    Some(Diagnostic::warning(Code::PathInvalid, message).at(format!("{ASSETS}/{first}")).with_help(help))
}

/// The warning that no asset is made of the folder `root`, by the first of the errors `found` in it.
fn passed_over((root, found): (String, Vec<Diagnostic>)) -> Option<Diagnostic> {
    let mut errors = found.into_iter().filter(Diagnostic::is_error);
    let first = errors.next()?;
    let others = match errors.count() {
        0 => String::new(),
        1 => ", and 1 more error".to_owned(),
        count => format!(", and {count} more errors"),
    };
    let message = format!("no asset is made of the folder {root:?}: {}{others}", first.message);
    let help =
        format!("mend its files, or name those to take; papack new {} says all that is wrong", command_word(&root));
    let path = first.path.unwrap_or_else(|| format!("{ASSETS}/{root}"));
    // Neither its id nor that of another new asset is spent.
    Some(Diagnostic::warning(first.code, message).at(path).with_help(help))
}

/// The asset that is `wanted`, which is registered in `documents`.
fn new_asset(
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
    let patterns = if is_listed { Vec::new() } else { expect_patterns(choice, &root, &there)? };
    let taken = there.iter().filter(|file| is_listed || choice.takes(file));
    let (format, notices) = detect_format(fs, &root, taken, choice)?;
    let name = root.replace('/', "_");
    let text = new_manifest(uuid, &name, &files, &patterns, format);
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
    Diagnostic { span: None, pointer: None, asset_id: None, asset_name: None, ..fault }
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
    let wanted = choice.kind().extension().map(|extension| format!(".{extension} ")).unwrap_or_default();
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
        Err(ReadError::Failed(fault)) => Err(Failure::Failed(fault)),
    }
}
