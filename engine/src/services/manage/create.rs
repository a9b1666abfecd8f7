//! `new`: writes a manifest where there is none, and registers its asset.

use std::collections::HashSet;
use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::asset::{is_visible, resolution_fault};
use papack_queries::diagnostic::{Code, Diagnostic, command_word};
use papack_queries::formats::{Format, FormatChoice, FormatDetection};
use papack_queries::glob::{Effort, Pattern};
use papack_queries::path;
use papack_queries::schema::edit::{new_identity, new_manifest};
use papack_queries::schema::registry::check_root;
use papack_queries::schema::{MANIFEST_NAME, manifest};
use papack_queries::tree::{Kind, Resolution, TreeIndex};

use super::change::Change;
use super::documents::{Documents, manifest_path, place_fault, random_bytes};
use super::edit::of_asset;
use super::editing::Editing;
use super::plan::{Plan, Step, Work};
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::{ReadError, read_head};

/// How many steps one pattern may take: an asset may have many files.
const EFFORT: u64 = 1 << 28;

impl Editing<'_, '_> {
    /// Plans a manifest in the folder `root`, which is made if it does not exist, and the registration of its asset.
    /// The asset is named after the root. What `choice` leaves open is decided by the files.
    pub(super) fn plan_new_asset(&mut self, root: &str, choice: FormatChoice, files: &[String]) -> Result<Plan, Stop> {
        let mut documents = self.read_documents()?;
        let root = &documents.root(root);
        let mut steps = Vec::new();
        let files = plan_folder(&documents, root, &mut steps).and_then(|()| expect_files(&documents, root, files));
        let files = files.and_then(|files| expect_each_once(root, &files).map(|()| files));
        let files = files.map_err(|fault| self.operation.refuse(vec![fault]))?;
        let uuid = new_identity(random_bytes().map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?);
        let entry = documents.registry.register(root, uuid).map_err(|fault| self.operation.refuse(vec![fault]))?;
        let format = self.detect_format(&documents, root, &files, choice)?;

        let name = root.replace('/', "_");
        let path = manifest_path(root);
        let text = new_manifest(uuid, &name, &files, choice.pattern(), format);
        let (_, found) = manifest::parse(path.as_str(), text.as_bytes());
        if found.iter().any(Diagnostic::is_error) {
            // The root is no valid name. The text was never written, so faults cannot point into it.
            let without_place = |fault| Diagnostic { span: None, pointer: None, ..fault };
            return Err(self.operation.refuse(found.into_iter().map(without_place).collect()));
        }
        self.expect_free_name(&documents, &entry, &name)?;
        let created = Change::FileCreated { path: path.to_string() };
        let content = text.into_bytes().into();
        steps.push(Step { work: Work::Create { path, content }, changes: vec![created] });
        steps.push(documents.write_registry(vec![Change::registered(&entry)]));
        Ok(Plan { steps, ..Plan::default() })
    }

    /// The format that `choice` means for the files below `root`; if `files` is empty, for all that its pattern takes.
    /// A file that cannot be read is skipped: `check` reports it.
    fn detect_format(
        &mut self,
        documents: &Documents,
        root: &str,
        files: &[String],
        choice: FormatChoice,
    ) -> Result<Format, Stop> {
        let fs = Arc::clone(self.session.fs());
        let mut detection = FormatDetection::new(choice);
        if let Some(limit) = choice.head_size() {
            let files = if files.is_empty() { files_for(documents, root, choice) } else { files.to_vec() };
            for file in files {
                self.operation.check_cancelled()?;
                let path = Utf8Path::new(ASSETS).join(root).join(file);
                match read_head(&*fs, &path, limit) {
                    Ok(head) => detection.inspect(path.as_str(), &head),
                    Err(ReadError::Refused(_)) => {}
                    Err(ReadError::Failed(fault)) => return Err(self.operation.fail(Status::ExecutionFailed, fault)),
                }
            }
        }
        let (format, notices) = detection.finish().map_err(|fault| self.operation.refuse(vec![fault]))?;
        notices.into_iter().for_each(|notice| self.operation.report(notice));
        Ok(format)
    }
}

/// The files below `root` that the pattern of `choice` takes.
fn files_for(documents: &Documents, root: &str, choice: FormatChoice) -> Vec<String> {
    let (pattern, mut effort) = (Pattern::new(choice.pattern().to_owned()), Effort::new(EFFORT));
    let prefix = format!("{root}/");
    let entries = documents.walk.tree.with_prefix(&prefix).iter().filter(|entry| entry.kind == Kind::File);
    let files = entries.map(|entry| &entry.path[prefix.len()..]);
    files.filter(|file| is_visible(file) && pattern.matches(file, &mut effort)).map(str::to_owned).collect()
}

/// Fails if no manifest can be put into the folder `root`. If the folder does not exist, adds a step that makes it.
fn plan_folder(documents: &Documents, root: &str, steps: &mut Vec<Step>) -> Result<(), Diagnostic> {
    check_root(root).map_err(|fault| Diagnostic::error(Code::PathInvalid, fault))?;
    let index = documents.walk.tree.index();
    let folder = Utf8Path::new(ASSETS).join(root);
    match index.resolve(root) {
        Resolution::Found(Kind::Folder) => expect_no_manifest(documents, &index, root),
        Resolution::Missing => {
            expect_parent(&index, root)?;
            steps.push(Step::create_folder(folder));
            Ok(())
        }
        other => Err(place_fault(&other).at(folder)),
    }
}

/// Fails if the parent folder of `root` does not exist.
fn expect_parent(index: &TreeIndex<'_>, root: &str) -> Result<(), Diagnostic> {
    match root.rsplit_once('/').map(|(parent, _)| (parent, index.resolve(parent))) {
        None | Some((_, Resolution::Found(Kind::Folder))) => Ok(()),
        Some((parent, _)) => {
            let fault = Diagnostic::error(Code::FileMissing, "the folder to put the asset into is not there");
            let folder = format!("{ASSETS}/{parent}");
            let help = format!("make it first: mkdir -p {}", command_word(&folder));
            Err(fault.at(folder).with_help(help))
        }
    }
}

/// Fails if the folder `root` has a manifest, or anything else in its place.
fn expect_no_manifest(documents: &Documents, index: &TreeIndex<'_>, root: &str) -> Result<(), Diagnostic> {
    let path = manifest_path(root);
    match index.resolve(&format!("{root}/{MANIFEST_NAME}")) {
        Resolution::Missing => Ok(()),
        Resolution::Found(Kind::File) => {
            let fault = Diagnostic::error(Code::PlaceTaken, "there is a manifest already").at(path);
            Err(match documents.registry.at_root(root) {
                Some(owner) => {
                    let help = format!("it is registered as asset {} already, and you may edit it", owner.asset_id);
                    of_asset(owner, fault.with_help(help))
                }
                None => {
                    let folder = format!("{ASSETS}/{root}");
                    fault.with_help(format!("papack add {} registers it", command_word(&folder)))
                }
            })
        }
        other => Err(place_fault(&other).at(path)),
    }
}

/// Fails if a file is twice among `files`, which are relative to the folder `root`.
fn expect_each_once(root: &str, files: &[String]) -> Result<(), Diagnostic> {
    let mut unique = HashSet::new();
    match files.iter().find(|file| !unique.insert(*file)) {
        None => Ok(()),
        Some(file) => {
            let fault = Diagnostic::error(Code::ArtifactRepeated, format!("{file:?} is named twice"));
            Err(fault.at(format!("{ASSETS}/{root}/{file}")).with_help("name each file once"))
        }
    }
}

/// `files`, however the caller names them, relative to the folder `root`. Fails if one does not exist.
fn expect_files(documents: &Documents, root: &str, files: &[String]) -> Result<Vec<String>, Diagnostic> {
    let index = documents.walk.tree.index();
    let expect = |named: &String| {
        let file = documents.file(root, named)?;
        path::check(&file)
            .map_err(|fault| Diagnostic::error(Code::PathInvalid, format!("{file:?} is no valid path: {fault}")))?;
        let place = format!("{root}/{file}");
        let fault = resolution_fault(&index.resolve(&place));
        fault.map_or(Ok(file), |fault| Err(fault.at(format!("{ASSETS}/{place}"))))
    };
    files.iter().map(expect).collect()
}
