//! The format of a new asset: what the user chose, and what is detected from the files.

use std::collections::BTreeSet;

use super::format::Format;
use super::kind::FileKind;
use super::sounds::{self, Loops};
use super::tilemap;
use super::tiles::{self, TileSize, size};
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::repeated::Repeated;

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
    /// `DATA/tilemap_v1`
    DataTilemapV1,
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
            Self::DataRawV1 | Self::DataTilemapV1 => FileKind::Other,
        }
    }

    /// Whether the patterns of the format take a file with this name.
    pub fn takes(self, path: &str) -> bool {
        match self {
            Self::DataRawV1 => true,
            Self::DataTilemapV1 => tilemap::is_named_as_map(path),
            Self::TilesIndexedV1 { .. } | Self::SoundsPcmV1 => FileKind::of_name(path) == self.kind(),
        }
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
            Self::TilesIndexedV1 { tile_size: Some(_) } | Self::DataRawV1 | Self::DataTilemapV1 => None,
        }
    }
}

/// Completes a choice by looking at the files, one by one.
#[derive(Debug)]
pub struct FormatDetection {
    choice: FormatChoice,
    /// Whether tiles of 16 pixels fit all pictures so far.
    fits_sixteen: bool,
    /// The pictures that not even tiles of 8 pixels fit: where each is, its width and height in pixels.
    misfits: Repeated<(String, u32, u32)>,
    /// The largest width and the largest height of all pictures so far, in pixels.
    largest: (u32, u32),
    has_loop: bool,
    /// What is wrong with the loop of each sound that has one which cannot be used.
    unusable_loops: Vec<Diagnostic>,
}

impl FormatDetection {
    /// No file was inspected yet.
    pub fn new(choice: FormatChoice) -> Self {
        Self {
            choice,
            fits_sixteen: true,
            misfits: Repeated::default(),
            largest: (0, 0),
            has_loop: false,
            unusable_loops: Vec::new(),
        }
    }

    /// Inspects the beginning of the file at `location`, its path below the workspace. Faults of the file are ignored
    /// here.
    pub fn inspect(&mut self, location: &str, head: &[u8]) {
        match self.choice {
            FormatChoice::TilesIndexedV1 { .. } => {
                let Some((width, height)) = tiles::dimensions(head) else { return };
                let fits = |tile: TileSize| width % tile.pixels() == 0 && height % tile.pixels() == 0;
                self.fits_sixteen &= fits(TileSize::Sixteen);
                self.largest = (self.largest.0.max(width), self.largest.1.max(height));
                if !fits(TileSize::Eight) {
                    self.misfits.push((location.to_owned(), width, height));
                }
            }
            FormatChoice::SoundsPcmV1 => match sounds::find_loop(head) {
                Ok(found) => self.has_loop |= found,
                Err(faults) => {
                    self.unusable_loops.extend(faults.into_iter().map(|fault| fault.at(location)).next());
                }
            },
            FormatChoice::DataRawV1 | FormatChoice::DataTilemapV1 => {}
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
                let tile_size = match (tile_size, no_tile_fits(&self.misfits, self.largest)) {
                    (Some(tile_size), _) => tile_size,
                    (None, Some(fault)) => return Err(fault),
                    (None, None) if self.fits_sixteen => TileSize::Sixteen,
                    (None, None) => TileSize::Eight,
                };
                Format::TilesIndexedV1(tiles::Options::new(tile_size))
            }
            FormatChoice::SoundsPcmV1 if self.has_loop && self.unusable_loops.is_empty() => {
                Format::SoundsPcmV1(sounds::Options::with_loops(Loops::Detect))
            }
            FormatChoice::SoundsPcmV1 => {
                let notices = self.unusable_loops.into_iter().map(loop_left_out).collect();
                return Ok((Format::SoundsPcmV1(sounds::Options::default()), notices));
            }
            FormatChoice::DataRawV1 => Format::DataRawV1,
            FormatChoice::DataTilemapV1 => Format::DataTilemapV1,
        };
        Ok((format, Vec::new()))
    }
}

/// The notice that a new asset does without a loop, because of `fault`.
fn loop_left_out(fault: Diagnostic) -> Diagnostic {
    let message =
        format!("the new asset has \"loops\" \"OFF\", since the loop of this sound cannot be used: {}", fault.message);
    let help = sounds::UNUSABLE_LOOP_HELP;
    let notice = Diagnostic::info(Code::SoundsLoopIgnored, message).with_help(help);
    Diagnostic { path: fault.path, data: fault.data, ..notice }
}

/// The fault that no tile size fits the pictures in `misfits`. `largest` has the largest width and height of all pictures.
fn no_tile_fits(misfits: &Repeated<(String, u32, u32)>, largest: (u32, u32)) -> Option<Diagnostic> {
    let tile = TileSize::Eight.pixels();
    let (location, ..) = misfits.first()?;
    let message = misfits.message(
        |(_, width, height)| {
            format!("no tile size fits: the picture is {width} × {height} pixels, not whole tiles of {tile}")
        },
        |count, list| format!("no tile size fits: {count} pictures are not whole tiles of {tile} pixels: {list}"),
        |(location, width, height)| format!("{location:?} is {width} × {height}"),
    )?;
    let (width, height) = (size::whole_tiles(largest.0, tile), size::whole_tiles(largest.1, tile));
    let help = format!(
        "give each picture of the asset a canvas of {width} × {height} pixels, which has room for all, without scaling it; or \
         write its asset.json by hand, with \"pad\": \"BOTTOM_RIGHT\" in \"metadata\", and register it with papack add"
    );
    let paths = misfits.places().map(|(location, ..)| location.clone()).collect();
    let data = Data::Paths { count: misfits.count(), paths };
    Some(Diagnostic::error(Code::TilesSize, message).with_help(help).with_data(data).at(location))
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
        Format::TilesIndexedV1(tiles::Options::new(tile_size))
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
    fn pictures_that_nothing_fits_are_told_with_a_canvas_for_all() {
        let canvas = |size: &str| {
            format!(
                "give each picture of the asset a canvas of {size} pixels, which has room for all, without scaling it; or \
                 write its asset.json by hand, with \"pad\": \"BOTTOM_RIGHT\" in \"metadata\", and register it with papack add"
            )
        };
        for (pictures, path, message, size) in [
            (&[(16, 16), (20, 13)][..], "1.png", "the picture is 20 × 13 pixels, not whole tiles of 8", "24 × 16"),
            (&[(16, 5)], "0.png", "the picture is 16 × 5 pixels, not whole tiles of 8", "16 × 8"),
            (&[(10, 10), (40, 8)], "0.png", "the picture is 10 × 10 pixels, not whole tiles of 8", "40 × 16"),
            (
                &[(16, 16), (20, 13), (1, 1)],
                "1.png",
                r#"2 pictures are not whole tiles of 8 pixels: "1.png" is 20 × 13; "2.png" is 1 × 1"#,
                "24 × 16",
            ),
            (
                &[(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)],
                "0.png",
                r#"5 pictures are not whole tiles of 8 pixels: "0.png" is 1 × 1; "1.png" is 2 × 2; "2.png" is 3 × 3; and 2 more"#,
                "8 × 8",
            ),
            (&[(u32::MAX, 8)], "0.png", "the picture is 4294967295 × 8 pixels, not whole tiles of 8", "4294967296 × 8"),
        ] {
            let fault = settle(pictures).unwrap_err();
            assert_eq!((fault.code, fault.path.as_deref()), (Code::TilesSize, Some(path)));
            assert_eq!(fault.message, format!("no tile size fits: {message}"));
            assert_eq!(fault.help, Some(canvas(size)));
        }
    }

    #[test]
    fn what_is_no_picture_is_passed_over() {
        let whole = picture(20, 20);
        for end in 0..whole.len() {
            assert_eq!(tiles::dimensions(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!(tiles::dimensions(&whole), Some((20, 20)));
        assert!(whole.len() <= tiles::HEAD);
        assert_eq!(tiles::dimensions(b"GIF89a\x18\0\x10\0"), Some((24, 16)));
        let mut detection = FormatDetection::new(FormatChoice::TilesIndexedV1 { tile_size: None });
        detection.inspect("a", b"GIF89a");
        detection.inspect("b", &picture(0, 20));
        assert_eq!(detection.finish(), Ok((tiles_of(TileSize::Sixteen), Vec::new())));
    }
}
