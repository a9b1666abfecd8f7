//! Files that are one picture or one sound in several forms: an original, and what was exported from it.

use std::collections::HashMap;

use super::kind::FileKind;
use crate::diagnostic::{Code, Data, Diagnostic, command_word};
use crate::repeated::Repeated;

/// A file that was exported from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export<'f> {
    /// Its path.
    pub path: &'f str,
    /// The path of its original.
    pub original: &'f str,
}

impl Export<'_> {
    /// The notice that a new asset leaves out `exports`. Its folder is at `location` below the workspace.
    pub fn notice(exports: &[Self], location: &str) -> Option<Diagnostic> {
        let told: Repeated<_> = exports.iter().collect();
        let message = told.message(
            |Export { path, original }| format!("{path:?} is left out: it is taken for an export of {original:?}"),
            |count, list| format!("{count} files are left out, which are taken for exports of others: {list}"),
            |Export { path, original }| format!("{path:?} of {original:?}"),
        )?;
        let help = format!(
            "name the files that the asset is to have, if others are meant: papack new {}, and each FILE",
            command_word(location)
        );
        let paths = told.places().map(|export| export.path.to_owned()).collect();
        let data = Data::Paths { count: told.count(), paths };
        Some(Diagnostic::info(Code::FilesLeftOut, message).at(location).with_help(help).with_data(data))
    }
}

/// Those of `files` that are exports, in their order. A file is the export of another one in its folder that has its name
/// but for the extension, by which it is of the same `kind`, and by which it is nearer to the original.
pub fn exports(kind: FileKind, files: &[String]) -> Vec<Export<'_>> {
    let parts = || files.iter().filter_map(|path| Some((path.as_str(), path.rsplit_once('.')?.0, rank(kind, path)?)));
    let mut originals: HashMap<&str, (u8, &str)> = HashMap::new();
    for (path, stem, rank) in parts() {
        let original = originals.entry(stem).or_insert((rank, path));
        *original = (*original).min((rank, path));
    }
    let export = |(path, stem, rank)| {
        let (of_original, original) = *originals.get(stem)?;
        (rank > of_original).then_some(Export { path, original })
    };
    parts().filter_map(export).collect()
}

/// How far the file at `path`, which is of this `kind` by its name, is from an original: a drawing before pictures, sounds
/// that lost nothing before others, and a WAVE, which may loop, before all of them.
fn rank(kind: FileKind, path: &str) -> Option<u8> {
    let (_, extension) = path.rsplit_once('.').filter(|_| FileKind::of_name(path) == kind)?;
    match (kind, &*extension.to_ascii_lowercase()) {
        (FileKind::Picture, "aseprite" | "ase") | (FileKind::Sound, "wav") => Some(0),
        (FileKind::Picture, _) | (FileKind::Sound, "flac") => Some(1),
        (FileKind::Sound, "aif" | "aiff" | "aifc") => Some(2),
        (FileKind::Sound, "ogg" | "oga") => Some(3),
        (FileKind::Sound, _) => Some(4),
        (FileKind::Other, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_lies_beside_its_original() {
        for (kind, files, expected) in [
            (FileKind::Picture, &["a.png", "a.aseprite", "b.png"][..], &[("a.png", "a.aseprite")][..]),
            (FileKind::Picture, &["a.ASE", "a.PNG", "a.gif"], &[("a.PNG", "a.ASE"), ("a.gif", "a.ASE")]),
            // No drawing: which of them is meant cannot be told.
            (FileKind::Picture, &["a.png", "a.gif", "b.ase", "b.aseprite"], &[]),
            (FileKind::Picture, &["d/a.png", "a.ase", "A.png", "a.b.png", "a.wav", "a"], &[]),
            (FileKind::Sound, &["s.flac", "s.wav", "t.mp3", "t.ogg"], &[("s.flac", "s.wav"), ("t.mp3", "t.ogg")]),
            (FileKind::Other, &["a.txt", "a.png", "a.ase"], &[]),
        ] {
            let files: Vec<_> = files.iter().map(|file| (*file).to_owned()).collect();
            let found = exports(kind, &files);
            let found: Vec<_> = found.iter().map(|export| (export.path, export.original)).collect();
            assert_eq!(found, expected, "{files:?}");
        }
    }
}
