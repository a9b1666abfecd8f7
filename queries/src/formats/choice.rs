//! The format of a new asset: what the user chose, and what is detected from the files.

use std::collections::BTreeSet;

use super::format::Format;
use super::kind::FileKind;
use super::sounds::{self, Loops};
use super::tiles::{self, EntryZero, TileSize, size};
use crate::diagnostic::{Code, Diagnostic};

/// A format for a new asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatChoice {
    /// `TILES/indexed_v1`
    TilesIndexedV1 {
        /// Edge of a tile; none: one that fits the pictures.
        tile_size: Option<TileSize>,
    },
    /// `SOUNDS/pcm_v1`, with loops if a sound has one, and all that there are can be used.
    SoundsPcmV1,
    /// `DATA/raw_v1`
    DataRawV1,
}

impl FormatChoice {
    /// The format for files of this kind.
    pub fn of_kind(kind: FileKind) -> Self {
        match kind {
            FileKind::Picture => Self::TilesIndexedV1 { tile_size: None },
            FileKind::Sound => Self::SoundsPcmV1,
            FileKind::Other => Self::DataRawV1,
        }
    }

    /// The kind of the files that the format is for.
    pub fn kind(self) -> FileKind {
        match self {
            Self::TilesIndexedV1 { .. } => FileKind::Picture,
            Self::SoundsPcmV1 => FileKind::Sound,
            Self::DataRawV1 => FileKind::Other,
        }
    }

    /// Whether the patterns of the format take a file with this name.
    pub fn takes(self, path: &str) -> bool {
        self == Self::DataRawV1 || FileKind::of_name(path) == self.kind()
    }

    /// The patterns that take those of `files` that the format is for, and none besides that it is not for: one for each
    /// spelling of the extension, since patterns tell `a.png` from `a.PNG`. Empty where there is no such file.
    pub fn patterns<'f>(self, files: impl Iterator<Item = &'f str>) -> Vec<String> {
        let taken = files.filter(|file| self.takes(file));
        let pattern = |file: &str| match file.rsplit_once('.') {
            Some((_, extension)) if self != Self::DataRawV1 => format!("**/*.{extension}"),
            _ => "**".to_owned(),
        };
        taken.map(pattern).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// How many bytes from the beginning of each file are needed to detect the format; `None` where the choice is
    /// complete.
    pub fn head_size(self) -> Option<usize> {
        match self {
            Self::TilesIndexedV1 { tile_size: None } => Some(tiles::HEAD),
            // A loop may come after the sound. What is longer than this is music that no bank holds.
            Self::SoundsPcmV1 => Some(64 << 20),
            Self::TilesIndexedV1 { tile_size: Some(_) } | Self::DataRawV1 => None,
        }
    }
}

/// Completes a choice by looking at the files, one by one.
#[derive(Debug)]
pub struct FormatDetection {
    choice: FormatChoice,
    /// Whether tiles of 16 pixels fit all pictures so far.
    fits_sixteen: bool,
    /// The first picture that not even tiles of 8 pixels fit: where it is, its width and height in pixels.
    misfit: Option<(String, u32, u32)>,
    has_loop: bool,
    /// What is wrong with the loop of each sound that has one which cannot be used.
    unusable_loops: Vec<Diagnostic>,
}

impl FormatDetection {
    /// No file was inspected yet.
    pub fn new(choice: FormatChoice) -> Self {
        Self { choice, fits_sixteen: true, misfit: None, has_loop: false, unusable_loops: Vec::new() }
    }

    /// Inspects the beginning of the file at `location`, its path below the workspace. Faults of the file are ignored
    /// here.
    pub fn inspect(&mut self, location: &str, head: &[u8]) {
        match self.choice {
            FormatChoice::TilesIndexedV1 { .. } => {
                let Some((width, height)) = tiles::dimensions(head) else { return };
                let fits = |tile: TileSize| width % tile.pixels() == 0 && height % tile.pixels() == 0;
                self.fits_sixteen &= fits(TileSize::Sixteen);
                if !fits(TileSize::Eight) && self.misfit.is_none() {
                    self.misfit = Some((location.to_owned(), width, height));
                }
            }
            FormatChoice::SoundsPcmV1 => match sounds::find_loop(head) {
                Ok(found) => self.has_loop |= found,
                Err(faults) => {
                    self.unusable_loops.extend(faults.into_iter().map(|fault| fault.at(location)).next());
                }
            },
            FormatChoice::DataRawV1 => {}
        }
    }

    /// The format, and notices of what the files have and it leaves out.
    ///
    /// # Errors
    ///
    /// When no tile size fits a picture.
    pub fn finish(self) -> Result<(Format, Vec<Diagnostic>), Diagnostic> {
        let format = match self.choice {
            FormatChoice::TilesIndexedV1 { tile_size } => {
                let tile_size = match (tile_size, self.misfit) {
                    (Some(tile_size), _) => tile_size,
                    (None, Some((location, width, height))) => return Err(no_tile_fits(width, height).at(location)),
                    (None, None) if self.fits_sixteen => TileSize::Sixteen,
                    (None, None) => TileSize::Eight,
                };
                Format::TilesIndexedV1 { tile_size, entry_zero: EntryZero::default() }
            }
            FormatChoice::SoundsPcmV1 if self.has_loop && self.unusable_loops.is_empty() => {
                Format::SoundsPcmV1 { loops: Loops::Detect }
            }
            FormatChoice::SoundsPcmV1 => {
                let notices = self.unusable_loops.into_iter().map(loop_left_out).collect();
                return Ok((Format::SoundsPcmV1 { loops: Loops::Off }, notices));
            }
            FormatChoice::DataRawV1 => Format::DataRawV1,
        };
        Ok((format, Vec::new()))
    }
}

/// The notice that a new asset does without a loop, because of `fault`.
fn loop_left_out(fault: Diagnostic) -> Diagnostic {
    let message =
        format!("the new asset has `loops` `OFF`, since the loop of this sound cannot be used: {}", fault.message);
    let help = "make it one forward loop within the sound, and set `loops` to `DETECT`; else nothing";
    Diagnostic { path: fault.path, ..Diagnostic::info(Code::SoundsLoopIgnored, message).with_help(help) }
}

fn no_tile_fits(width: u32, height: u32) -> Diagnostic {
    let tile = TileSize::Eight.pixels();
    let message = format!("no tile size fits: the picture is {width} × {height} pixels, not whole tiles of {tile}");
    let lengths = [("width", width), ("height", height)];
    let wrong = lengths.into_iter().filter(|(_, length)| length % tile != 0);
    let wanted = wrong.map(|(name, length)| format!("a {name} of {}", size::nearest(length, tile)));
    let wanted = wanted.collect::<Vec<_>>().join(" and ");
    Diagnostic::error(Code::TilesSize, message)
        .with_help(format!("give the canvas {wanted}, without scaling the picture"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The first bytes of a picture.
    fn picture(width: u32, height: u32) -> Vec<u8> {
        let mut chunk = b"IHDR".to_vec();
        chunk.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        chunk.extend([8, 6, 0, 0, 0]);
        let mut crc = flate2::Crc::new();
        crc.update(&chunk);
        [b"\x89PNG\r\n\x1a\n\0\0\0\x0d", &chunk[..], &crc.sum().to_be_bytes()].concat()
    }

    fn tiles_of(tile_size: TileSize) -> Format {
        Format::TilesIndexedV1 { tile_size, entry_zero: EntryZero::Warn }
    }

    fn settle(pictures: &[(u32, u32)]) -> Result<(Format, Vec<Diagnostic>), Diagnostic> {
        let mut detection = FormatDetection::new(FormatChoice::TilesIndexedV1 { tile_size: None });
        for (index, (width, height)) in pictures.iter().enumerate() {
            detection.inspect(&format!("{index}.png"), &picture(*width, *height));
        }
        detection.finish()
    }

    #[test]
    fn the_largest_tile_up_to_16_that_fits_every_picture_is_taken() {
        for (pictures, pixels) in [
            (&[][..], 16),
            (&[(16, 64)][..], 16),
            (&[(64, 32), (32, 96)], 16),
            (&[(64, 32), (32, 24)], 8),
            (&[(8, 160)], 8),
        ] {
            let tile_size = TileSize::new(pixels).unwrap();
            assert_eq!(settle(pictures), Ok((tiles_of(tile_size), Vec::new())), "{pictures:?}");
        }
    }

    #[test]
    fn the_first_picture_that_nothing_fits_is_named_with_what_would() {
        let fault = settle(&[(16, 16), (20, 13), (1, 1)]).unwrap_err();
        assert_eq!((fault.code, fault.path.as_deref()), (Code::TilesSize, Some("1.png")));
        assert!(fault.message.contains("20 × 13"), "{}", fault.message);
        let help = "give the canvas a width of 16 or 24 and a height of 8 or 16, without scaling the picture";
        assert_eq!(fault.help.as_deref(), Some(help));
        let fault = settle(&[(16, 5)]).unwrap_err();
        assert_eq!(fault.help.as_deref(), Some("give the canvas a height of 8, without scaling the picture"));
    }

    #[test]
    fn what_is_no_picture_is_passed_over() {
        let whole = picture(20, 20);
        for end in 0..whole.len() {
            assert_eq!(tiles::dimensions(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!((whole.len(), tiles::dimensions(&whole)), (tiles::HEAD, Some((20, 20))));
        let mut detection = FormatDetection::new(FormatChoice::TilesIndexedV1 { tile_size: None });
        detection.inspect("a", b"GIF89a");
        detection.inspect("b", &picture(0, 20));
        assert_eq!(detection.finish(), Ok((tiles_of(TileSize::Sixteen), Vec::new())));
    }
}
