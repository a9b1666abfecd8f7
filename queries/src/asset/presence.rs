//! Whether the root, the manifest and the files of an asset can be used, and why not.

use uuid::Uuid;

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::inputs::RootState;
use crate::path;
use crate::schema::MANIFEST_NAME;
use crate::schema::registry::RegistryEntry;
use crate::tree::{Kind, Resolution, Tree};
use crate::unmanaged::moved_fault;

/// The tree of a registered asset whose root and manifest exist.
///
/// # Errors
///
/// Why they do not.
pub fn present<'r>(entry: &RegistryEntry, root: &'r RootState) -> Result<&'r Tree, Diagnostic> {
    let location = format!("assets/{}", entry.root);
    let tree = match root {
        RootState::Folder(tree) => tree,
        RootState::Moved { to } => return Err(moved_fault(entry, to)),
        RootState::Unusable(resolution) => return Err(root_fault(entry, resolution)),
    };
    let manifest = format!("{location}/{MANIFEST_NAME}");
    let resolution = tree.index().resolve(MANIFEST_NAME);
    if resolution == Resolution::Missing {
        let help = format!("restore it, or take the asset out of the registry: papack rm {}", entry.asset_id);
        let fault = Diagnostic::error(Code::AssetMissing, format!("the asset has no {MANIFEST_NAME}"));
        return Err(fault.at(manifest).with_help(help));
    }
    match resolution_fault(&resolution, MANIFEST_NAME) {
        Some(fault) => Err(fault.at(manifest)),
        None => Ok(tree),
    }
}

/// The fault of a manifest with the uuid `found` at the root of the asset that the registry has as `registered`.
pub fn uuid_fault(registered: Uuid, found: Uuid) -> Diagnostic {
    let message = format!("the registry knows this asset as {registered}, not as {found}");
    let help = "if the folder was copied from another asset, give it the registry's asset_uuid";
    Diagnostic::error(Code::AssetUuidMismatch, message).with_help(help).with_data(Data::mismatch(found, registered))
}

/// Why the root of a registered asset cannot be used.
pub fn root_fault(entry: &RegistryEntry, resolution: &Resolution) -> Diagnostic {
    let way_out = format!("take the asset out of the registry: papack rm {}", entry.asset_id);
    match resolution {
        Resolution::Missing => Diagnostic::error(Code::AssetMissing, "the folder of a registered asset is not there")
            .with_help(format!("restore the folder, or {way_out}")),
        Resolution::Found(Kind::UnlistedFolder) => {
            Diagnostic::error(Code::FileForbidden, "the folder of a registered asset may not be read, or lies too deep")
                .with_help(READABLE)
        }
        Resolution::Found(Kind::Link) => {
            Diagnostic::error(Code::FileLink, "the folder of a registered asset is a symbolic link")
                .with_help("links are not followed below assets/: put the folder itself there")
        }
        Resolution::Found(_) => Diagnostic::error(Code::FileNotRegular, "the root of a registered asset is no folder")
            .with_help(format!("move it away and restore the folder, or {way_out}")),
        other => resolution_fault(other, &entry.root)
            .unwrap_or_else(|| Diagnostic::error(Code::AssetMissing, "the folder of a registered asset is not there")),
    }
    .at(format!("assets/{}", entry.root))
}

/// What to do about a folder that may not be read.
const READABLE: &str = "check its permissions, and those of the folders around it";

/// Why a path does not lead to a regular file; `None` where it does.
pub fn resolution_fault(resolution: &Resolution, path: &str) -> Option<Diagnostic> {
    let link_help = "links are not followed below assets/: put the file itself there";
    Some(match resolution {
        Resolution::Found(Kind::File) => return None,
        Resolution::Found(Kind::Link) => {
            Diagnostic::error(Code::FileLink, "the file is a symbolic link").with_help(link_help)
        }
        Resolution::Found(Kind::Folder | Kind::UnlistedFolder) => {
            Diagnostic::error(Code::FileNotRegular, "this is a folder, not a file")
                .with_help("a file belongs here: move the folder away, or name a file")
        }
        Resolution::Found(Kind::Special) => {
            Diagnostic::error(Code::FileNotRegular, "this is a FIFO, socket or device, not a regular file")
                .with_help("put a regular file there")
        }
        Resolution::Missing => Diagnostic::error(Code::FileMissing, "the file is not there"),
        Resolution::Misspelled { actual } => {
            let help = match path::check(actual) {
                Ok(()) => "spell it exactly so; other operating systems would not find it".to_owned(),
                Err(fault) => format!("rename it on disk: {fault}"),
            };
            let data = Data::choice(path, &[], Some(actual));
            let fault = Diagnostic::error(Code::PathSpelling, format!("the name on disk is spelled {actual:?}"));
            fault.with_help(help).with_data(data)
        }
        Resolution::Ambiguous { other } => {
            let message = format!("{other:?} beside it differs only in case or Unicode normalization");
            Diagnostic::error(Code::PathAmbiguous, message)
                .with_help("rename one of them; some file systems take them for one file")
                .with_data(Data::Paths { count: 2, paths: vec![path.to_owned(), other.clone()] })
        }
        Resolution::Blocked { prefix, kind: Kind::Link } => {
            Diagnostic::error(Code::FileLink, format!("the folder {prefix:?} is a symbolic link")).with_help(link_help)
        }
        Resolution::Blocked { prefix, kind: Kind::UnlistedFolder } => {
            Diagnostic::error(Code::FileForbidden, format!("the folder {prefix:?} may not be read, or lies too deep"))
                .with_help(READABLE)
        }
        Resolution::Blocked { prefix, .. } => Diagnostic::error(Code::FileMissing, format!("{prefix:?} is no folder"))
            .with_help("a folder belongs there: move what is there away, or choose another place"),
    })
}

/// Whether a glob may take the file at `path`, which is below the asset root: not a hidden one, and never the manifest.
pub fn is_visible(path: &str) -> bool {
    path != MANIFEST_NAME && !path.split('/').any(|component| component.starts_with('.'))
}
