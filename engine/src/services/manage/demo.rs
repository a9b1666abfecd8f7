//! `init --demo`: a small workspace with assets of every bank, to try papack on.

use std::borrow::Cow;
use std::collections::BTreeSet;

use camino::Utf8Path;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::MANIFEST_NAME;
use papack_queries::schema::edit::{ManifestEdit, RegistryEdit, new_identity};

use super::change::Change;
use super::documents::random_bytes;
use super::plan::{Step, Work};
use crate::workspace::layout::ASSETS;

macro_rules! file {
    ($path:literal) => {
        ($path, include_bytes!(concat!("../../../../demo/assets/", $path)).as_slice())
    };
}

/// The files, with their paths below `assets/`. The manifest of each asset comes after its other files.
const FILES: [(&str, &[u8]); 13] = [
    file!("actors/fireflies/amber.png"),
    file!("actors/fireflies/rose.png"),
    file!("actors/fireflies/teal.png"),
    file!("actors/fireflies/asset.json"),
    file!("ui/font/font.png"),
    file!("ui/font/asset.json"),
    file!("sfx/keeper/jump.wav"),
    file!("sfx/keeper/land.wav"),
    file!("sfx/keeper/step.wav"),
    file!("sfx/keeper/whistle.flac"),
    file!("sfx/keeper/asset.json"),
    file!("dialogue/en/dialogue.txt"),
    file!("dialogue/en/asset.json"),
];

/// The folders directly in `assets/` that the files are in.
pub(super) fn top_folders() -> BTreeSet<&'static str> {
    FILES.iter().filter_map(|(path, _)| path.split('/').next()).collect()
}

/// The steps that make the files and their folders. Registers the assets, each with a new identity, in `registry`, and
/// adds that to `registered`.
pub(super) fn plan(registry: &mut RegistryEdit, registered: &mut Vec<Change>) -> Result<Vec<Step>, Diagnostic> {
    let (mut steps, mut folders) = (Vec::new(), BTreeSet::new());
    for (path, content) in FILES {
        let path = Utf8Path::new(path);
        let mut parents: Vec<_> = path.ancestors().skip(1).filter(|folder| *folder != "").collect();
        parents.reverse();
        for folder in parents {
            if folders.insert(folder) {
                let path = Utf8Path::new(ASSETS).join(folder);
                let changes = vec![Change::FolderCreated { path: path.to_string() }];
                steps.push(Step { work: Work::CreateFolder { path }, changes });
            }
        }
        let place = Utf8Path::new(ASSETS).join(path);
        let content = match path.parent().filter(|_| path.file_name() == Some(MANIFEST_NAME)) {
            Some(root) => Cow::Owned(register(registry, registered, root, &place, content)?),
            None => Cow::Borrowed(content),
        };
        let changes = vec![Change::FileCreated { path: place.to_string() }];
        steps.push(Step { work: Work::Create { path: place, content }, changes });
    }
    Ok(steps)
}

/// Registers the asset at `root`, and returns its manifest with a new identity.
fn register(
    registry: &mut RegistryEdit,
    registered: &mut Vec<Change>,
    root: &Utf8Path,
    place: &Utf8Path,
    manifest: &[u8],
) -> Result<Vec<u8>, Diagnostic> {
    let uuid = new_identity(random_bytes()?);
    let mut edit = ManifestEdit::new(place.as_str(), manifest)?;
    edit.set_identity(uuid);
    registered.push(Change::registered(&registry.register(root.as_str(), uuid)?));
    Ok(edit.finish()?.into_bytes())
}
