//! Where the payloads of a pack go when they become files again.
//!
//! Names come from a pack, and a pack may come from anyone: whatever it says, what is planned here stays below the
//! folder of extraction, can be written on every operating system, and no two files share a name.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::diagnostic::{Code, Data, Diagnostic};
use crate::envelope::Asset;
use crate::formats::sounds::WaveFile;
use crate::formats::tiles::Picture;
use crate::formats::{Described, data, sounds, tiles};
use crate::json::shortened;
use crate::path;

/// The longest name of a file, in bytes, that common file systems allow.
const MAX_NAME: usize = 255;

/// How much of an asset's name goes into the name of its place, in bytes.
const MAX_ASSET_NAME: usize = 96;

/// The files of one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction<'a> {
    /// A name that no other asset of the pack has: `<asset_id>-<asset_name>`, as far as the name is harmless.
    pub place: String,
    /// What to write there.
    pub files: Vec<ExtractedFile<'a>>,
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedFile<'a> {
    /// Its path below the asset's place. Empty when the place is the file.
    pub path: Cow<'a, str>,
    /// What it holds.
    pub content: FileContent,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileContent {
    /// These bytes of the payload.
    Bytes(Range<u64>),
    /// A picture of a tile bank, as a PNG.
    Picture(Picture),
    /// A sample of a sound bank, as a WAVE file around these bytes of the payload.
    Sample(WaveFile, Range<u64>),
}

impl<'a> Extraction<'a> {
    /// The files of `asset`: its artifact files when they are to be decoded, else its payload. Bank `DATA` holds its
    /// files as they were, and gives them back in any case.
    ///
    /// # Errors
    ///
    /// A fault without a path, when a name cannot be used for a file, or a sample is too long for one.
    pub fn plan(asset: &Asset, described: &'a Described<'_>, decode: bool) -> Result<Self, Diagnostic> {
        let place = place_name(asset);
        let files = match described {
            Described::Data(metadata) => entries(metadata),
            Described::Tiles(metadata) if decode => pictures(metadata),
            Described::Sounds(metadata) if decode => samples(metadata),
            Described::Tiles(_) | Described::Sounds(_) => {
                let whole = ExtractedFile { path: Cow::Borrowed(""), content: FileContent::Bytes(0..asset.size) };
                return Ok(Self { place: format!("{place}.bin"), files: vec![whole] });
            }
        };
        match files {
            Ok(files) => Ok(Self { place, files }),
            Err(fault) => {
                let (asset_id, asset_name) = (Some(asset.asset_id), Some(asset.asset_name.clone()));
                Err(Diagnostic { asset_id, asset_name, ..fault })
            }
        }
    }

    /// The files that one file called `stem` (without its extension) becomes: one beside others, or a folder of several.
    ///
    /// # Errors
    ///
    /// As [`plan`](Self::plan).
    pub fn of_file(stem: &str, described: &'a Described<'_>) -> Result<Self, Diagnostic> {
        let mut files = match described {
            Described::Tiles(metadata) => pictures(metadata)?,
            Described::Sounds(metadata) => samples(metadata)?,
            Described::Data(metadata) => entries(metadata)?,
        };
        let mut place = stem.to_owned();
        if let [only] = &mut *files {
            let name = std::mem::take(&mut only.path);
            place.extend(name.rsplit_once('.').map(|(_, extension)| format!(".{extension}")));
        }
        check_path(&place)?;
        Ok(Self { place, files })
    }

    /// The path of `file`, one of these files, below the folder of extraction.
    pub fn path_of(&self, file: &ExtractedFile<'_>) -> String {
        if file.path.is_empty() { self.place.clone() } else { format!("{}/{}", self.place, file.path) }
    }
}

/// The id makes it unique, so the name may lose what could do harm.
fn place_name(asset: &Asset) -> String {
    let harmless = |c: char| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let mut name = String::new();
    for c in asset.asset_name.chars().map(harmless) {
        if name.len() + c.len_utf8() > MAX_ASSET_NAME {
            break;
        }
        name.push(c);
    }
    match name.trim_end_matches([' ', '.']) {
        "" => asset.asset_id.to_string(),
        name => format!("{}-{name}", asset.asset_id),
    }
}

fn entries<'a>(metadata: &'a data::Metadata<'_>) -> Result<Vec<ExtractedFile<'a>>, Diagnostic> {
    metadata.entries.iter().try_for_each(|entry| check_path(&entry.name))?;
    refuse_twins(metadata.entries.iter().map(|entry| &*entry.name).collect())?;
    let file = |entry: &'a data::Entry<'_>| ExtractedFile {
        path: Cow::Borrowed(&*entry.name),
        content: FileContent::Bytes(entry.offset..entry.offset.saturating_add(entry.size)),
    };
    Ok(metadata.entries.iter().map(file).collect())
}

/// Pictures have lost their names. Numbers with leading zeros keep their order.
fn pictures(metadata: &tiles::Metadata) -> Result<Vec<ExtractedFile<'static>>, Diagnostic> {
    let digits = metadata.sheets.len().saturating_sub(1).to_string().len();
    let file = |(number, picture)| ExtractedFile {
        path: Cow::Owned(format!("sheet-{number:0digits$}.png")),
        content: FileContent::Picture(picture),
    };
    let pictures: Option<Vec<_>> = metadata.sheets.iter().map(|sheet| metadata.picture(*sheet)).collect();
    match pictures {
        Some(pictures) => Ok(pictures.into_iter().enumerate().map(file).collect()),
        None => Err(Diagnostic::error(Code::PackMetadata, "the sheets do not lie in the picture that they are of")),
    }
}

/// A sample's name is that of a file without its extension. Those that differ only in case came from different folders;
/// the later ones go into folders of their own.
fn samples(metadata: &sounds::Metadata<'_>) -> Result<Vec<ExtractedFile<'static>>, Diagnostic> {
    let mut names = HashSet::with_capacity(metadata.samples.len());
    let mut files = Vec::with_capacity(metadata.samples.len());
    for (number, sample) in metadata.samples.iter().enumerate() {
        let name = format!("{}.wav", sample.name);
        check_path(&name)?;
        let Some(wave) = WaveFile::new(sample.sound) else {
            let message = format!("the sample {:?} is too long for a WAVE file", shortened(&sample.name));
            let fault = Diagnostic::error(Code::OutputTooLarge, message).with_help("extract it without --decode");
            return Err(fault.with_data(Data::value(shortened(&sample.name))));
        };
        let path = if names.insert(path::folded(&name).into_owned()) { name } else { format!("{number}/{name}") };
        let bytes = sample.offset..sample.offset.saturating_add(sample.sound.bytes());
        files.push(ExtractedFile { path: Cow::Owned(path), content: FileContent::Sample(wave, bytes) });
    }
    Ok(files)
}

fn check_path(name: &str) -> Result<(), Diagnostic> {
    let data = || Data::value(shortened(name));
    let fault = |message: String| Diagnostic::error(Code::PathInvalid, message).with_data(data());
    path::check(name).map_err(|rule| fault(format!("{:?} cannot be a file: {rule}", shortened(name))))?;
    match name.split('/').find(|component| component.len() > MAX_NAME) {
        None => Ok(()),
        Some(long) => {
            let (shown, bytes) = (shortened(long), long.len());
            Err(fault(format!("{shown:?} has {bytes} bytes; the name of a file can have {MAX_NAME}")))
        }
    }
}

/// Two paths that cannot both be there.
fn both(one: &str, other: &str) -> Data {
    Data::Paths { count: 2, paths: vec![shortened(one).into_owned(), shortened(other).into_owned()] }
}

/// Refuses paths that some file system takes for the same, and files that would be folders too.
///
/// Sorted by their folded components, paths that begin alike lie together; so it is enough to compare neighbours.
fn refuse_twins(paths: Vec<&str>) -> Result<(), Diagnostic> {
    let mut folded: Vec<_> = paths.into_iter().map(|path| (path::folded(path), path)).collect();
    folded.sort_unstable_by(|(one, _), (other, _)| one.split('/').cmp(other.split('/')));
    for pair in folded.windows(2) {
        let [(one_folded, one), (other_folded, other)] = pair else { continue };
        let folded = one_folded.split('/').zip(other_folded.split('/'));
        let common = folded.take_while(|(one, other)| one == other).count();
        if one.split('/').zip(other.split('/')).take(common).any(|(one, other)| one != other) {
            let message = format!(
                "{:?} and {:?} differ only in case or in Unicode normalization; not every file system has both",
                shortened(one),
                shortened(other)
            );
            return Err(Diagnostic::error(Code::PathAmbiguous, message).with_data(both(one, other)));
        }
        if common == one.split('/').count() {
            let message =
                format!("{:?} cannot be a file and a folder, in which {:?} is", shortened(one), shortened(other));
            return Err(Diagnostic::error(Code::PackMetadata, message).with_data(both(one, other)));
        }
    }
    Ok(())
}
