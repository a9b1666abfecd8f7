//! The place of a new asset, and the files that it is to take.

use std::collections::HashSet;

use camino::Utf8Path;
use papack_queries::asset::resolution_fault;
use papack_queries::diagnostic::{Code, Data, Diagnostic, command_word};
use papack_queries::path;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::registry::check_root;
use papack_queries::suggest;
use papack_queries::tree::{Kind, Resolution, TreeIndex};

use super::documents::{Documents, manifest_path, place_fault};
use super::edit::of_asset;
use crate::workspace::layout::ASSETS;

/// Fails if no asset can have `root`, by its name.
pub(super) fn expect_root(root: &str) -> Result<(), Diagnostic> {
    let help = if root.starts_with('/') {
        "the files of an asset are in the workspace: copy their folder to where assets are, and name it from there, such as \
         ui/icons for assets/ui/icons"
    } else {
        "name a folder below assets/, such as ui/icons for assets/ui/icons"
    };
    let invalid = |fault| Diagnostic::error(Code::PathInvalid, fault).with_data(Data::value(root));
    check_root(root).map_err(|fault| invalid(fault).with_help(help))
}

/// Fails if no manifest can be put into the folder `root`.
pub(super) fn expect_place(documents: &Documents, index: &TreeIndex<'_>, root: &str) -> Result<(), Diagnostic> {
    expect_root(root)?;
    let folder = Utf8Path::new(ASSETS).join(root);
    match index.resolve(root) {
        Resolution::Found(Kind::Folder) => expect_no_manifest(documents, index, root),
        Resolution::Missing => {
            let fault = Diagnostic::error(Code::FileMissing, "the folder of the asset is not there");
            let help = format!(
                "make it first, and put the files of the asset into it: mkdir -p {}",
                command_word(folder.as_str())
            );
            Err(fault.at(folder).with_help(help))
        }
        Resolution::Found(Kind::File) => Err(file_fault(index, root).at(folder)),
        other => Err(place_fault(&other, root)),
    }
}

/// The fault that `root` is a file.
fn file_fault(index: &TreeIndex<'_>, root: &str) -> Diagnostic {
    let fault = Diagnostic::error(Code::PlaceTaken, "this is a file, and an asset is made of a folder");
    let word = |path: &str| command_word(&format!("{ASSETS}/{path}")).into_owned();
    if let Some((folder, file)) = root.rsplit_once('/') {
        let (folder, file) = (word(folder), command_word(file));
        return fault.with_help(format!("name its folder, and then the file: papack new {folder} {file}"));
    }
    let folder = root.rsplit_once('.').map_or(root, |(folder, _)| folder);
    fault.with_help(match index.resolve(folder) {
        Resolution::Missing if check_root(folder).is_ok() => {
            let (folder, file) = (word(folder), word(root));
            format!("put it into a folder: mkdir {folder} && mv {file} {folder} && papack new {folder}")
        }
        _ => format!("put it into a folder below {ASSETS}/, and name that"),
    })
}

/// Fails if the folder `root` has a manifest, or anything else in its place.
fn expect_no_manifest(documents: &Documents, index: &TreeIndex<'_>, root: &str) -> Result<(), Diagnostic> {
    let path = manifest_path(root);
    let manifest = format!("{root}/{MANIFEST_NAME}");
    match index.resolve(&manifest) {
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
                    fault.with_help(format!(
                        "papack add {} registers it, or says what is wrong with it",
                        command_word(&folder)
                    ))
                }
            })
        }
        other => Err(place_fault(&other, &manifest)),
    }
}

/// Fails if a file is twice among `files`, which are relative to the folder `root`.
pub(super) fn expect_each_once(root: &str, files: &[String]) -> Result<(), Diagnostic> {
    let mut unique = HashSet::new();
    match files.iter().find(|file| !unique.insert(*file)) {
        None => Ok(()),
        Some(file) => {
            let fault = Diagnostic::error(Code::ArtifactRepeated, format!("{file:?} is named twice"));
            let fault = fault.with_data(Data::Paths { count: 1, paths: vec![file.clone()] });
            Err(fault.at(format!("{ASSETS}/{root}/{file}")).with_help("name each file once"))
        }
    }
}

/// `files`, however the caller names them, relative to the folder `root`. Fails if one does not exist.
pub(super) fn expect_files(
    documents: &Documents,
    index: &TreeIndex<'_>,
    root: &str,
    files: &[String],
) -> Result<Vec<String>, Diagnostic> {
    let expect = |named: &String| {
        let file = documents.file(root, named)?;
        path::check(&file).map_err(|fault| {
            let fault = Diagnostic::error(Code::PathInvalid, format!("{file:?} is no valid path: {fault}"));
            let fault = fault.with_data(Data::value(&*file));
            let help = "a file is named here, and no pattern: without quotes the shell expands one; without any FILE, all files \
                        that fit are taken";
            if file.contains(['*', '?']) { fault.with_help(help) } else { fault }
        })?;
        let place = format!("{root}/{file}");
        let resolution = index.resolve(&place);
        match resolution_fault(&resolution, &place).map(|fault| fault.at(format!("{ASSETS}/{place}"))) {
            None => Ok(file),
            Some(fault) if resolution == Resolution::Missing => {
                let meant = nearest_file(documents, root, &file);
                let help = meant.map_or_else(
                    || format!("name files that are in {ASSETS}/{root}, or leave them out to take all that fit"),
                    |meant| format!("did you mean {}?", command_word(meant)),
                );
                Err(fault.with_help(help).with_data(Data::choice(&*file, &[], meant)))
            }
            Some(fault) => Err(fault),
        }
    };
    files.iter().map(expect).collect()
}

/// The file in the folder `root` that was probably meant by `file`, which is not there.
fn nearest_file<'d>(documents: &'d Documents, root: &str, file: &str) -> Option<&'d str> {
    /// How many files are compared.
    const COMPARED: usize = 1000;
    let files = documents.walk.tree.entries().iter().filter(|entry| entry.kind == Kind::File);
    let below = files.filter_map(|entry| entry.path.strip_prefix(root)?.strip_prefix('/')).take(COMPARED);
    suggest::nearest(file, below, |name| name, 1).first().copied()
}
