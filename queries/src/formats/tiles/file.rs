//! A picture file of any kind that is read, told by its first bytes.

use std::io;

use super::ase::{self, Ase, TakenTag};
use super::bmp::{self, Bmp};
use super::decoded;
use super::gif::{self, Gif};
use super::image::{Size, Taken};
use super::metadata::Tag;
use super::missing;
use super::png::Png;
use super::png::chunks::{self, PNG};
use crate::content::{ContentId, ContentStore};
use crate::formats::faults::Faults;
use crate::formats::part::{Frames, Part};

/// How many bytes from the beginning of a file tell its kind and the size of its pictures.
pub(super) const HEAD: usize = 256;

/// A picture file, taken apart.
pub(super) enum File<'a> {
    Png(Png<'a>),
    Ase(Ase<'a>),
    Gif(Gif<'a>),
    Bmp(Bmp<'a>),
}

/// Reads `id` from `content`; of a file of no kind that is read, no more than tells what it is.
pub(super) fn read(id: ContentId, content: &dyn ContentStore) -> io::Result<Vec<u8>> {
    let mut head = vec![0; usize::try_from(id.size).map_or(HEAD, |size| size.min(HEAD))];
    content.read_at(id, 0, &mut head)?;
    if is_other(&head) { content.read(id) } else { PNG.read(id, content) }
}

/// Whether these are the first bytes of a file that is read and no PNG.
pub(super) fn is_other(head: &[u8]) -> bool {
    ase::is_aseprite(head) || gif::is_gif(head) || bmp::is_bmp(head)
}

/// Width and height in pixels of the picture that begins with `head`, as its header claims.
pub(super) fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| Some(u32::from(u16::from_le_bytes(*head.get(at..)?.first_chunk()?)));
    if ase::is_aseprite(head) {
        return Some((short(8)?, short(10)?));
    }
    if gif::is_gif(head) {
        return Some((short(6)?, short(8)?));
    }
    if bmp::is_bmp(head) {
        return bmp::dimensions(head);
    }
    let header = chunks::parse_header(head)?;
    Some((header.width, header.height))
}

impl<'a> File<'a> {
    /// Takes a file apart, of which `part` is taken. What is wrong goes to `faults`; the result is then good for size checks
    /// only, and absent where not even the header can be trusted.
    pub(super) fn open(bytes: &'a [u8], part: Option<&Part>, faults: &mut Faults<'_>) -> Option<Self> {
        if ase::is_aseprite(bytes) {
            return Ase::open(bytes, part, faults).map(Self::Ase);
        }
        if gif::is_gif(bytes) {
            return Gif::open(bytes, part, faults).map(Self::Gif);
        }
        if bmp::is_bmp(bytes) {
            check_plain(part, "a BMP", faults);
            return Bmp::open(bytes, faults).map(Self::Bmp);
        }
        let png = chunks::parse(bytes, faults)?;
        check_plain(part, "a PNG", faults);
        Some(Self::Png(png))
    }

    /// The sizes of the pictures that are taken, in their order.
    pub(super) fn sizes(&self) -> Vec<Size> {
        match self {
            Self::Png(png) => vec![Size::of(png.header.width, png.header.height)],
            Self::Bmp(bmp) => vec![Size::of(bmp.size().0, bmp.size().1)],
            Self::Ase(ase) => grouped(ase.sizes()),
            Self::Gif(gif) => grouped(gif.sizes()),
        }
    }

    /// Passes each picture that is taken to `sink`, in order. The file is that of this `number`; its sizes were checked.
    pub(super) fn pictures(
        &self,
        number: usize,
        faults: &mut Faults<'_>,
        mut sink: impl FnMut(Taken, &mut Faults<'_>),
    ) {
        let only = |image| Taken { image, file: number, frame: None, duration_ms: None };
        // A frame is named where there are several, which each have a duration.
        let of_frame = |image, frame, duration_ms: Option<u32>| {
            let frame = duration_ms.map(|_| frame);
            Taken { image, file: number, frame, duration_ms }
        };
        match self {
            Self::Png(png) => {
                if let Some(image) = decoded::decode(png, faults) {
                    sink(only(image), faults);
                }
            }
            Self::Bmp(bmp) => {
                if let Some(image) = bmp.image(faults) {
                    sink(only(image), faults);
                }
            }
            Self::Gif(gif) => {
                let mut durations = gif.durations().into_iter();
                gif.images(faults, |frame, image, faults| sink(of_frame(image, frame, durations.next()), faults));
            }
            Self::Ase(ase) => {
                let mut durations = ase.durations().into_iter();
                let drawn = ase.images(|frame, image| sink(of_frame(image, frame, durations.next()), faults));
                if let Err(fault) = drawn {
                    fault.report(faults);
                }
            }
        }
    }

    /// The tags of its pictures, of which the first becomes the sheet `first_sheet`.
    pub(super) fn tags(&self, first_sheet: u32) -> Vec<Tag> {
        let Self::Ase(ase) = self else { return Vec::new() };
        let tag = |tag: TakenTag<'_>| Tag {
            direction: tag.direction,
            first_sheet: first_sheet + tag.frames.start,
            name: tag.name.to_owned(),
            sheet_count: tag.frames.end - tag.frames.start,
        };
        ase.tags().map(tag).collect()
    }

    /// How many pixels its data can hold, of the sizes that it claims.
    pub(super) fn held_pixels(&self, sizes: &[Size]) -> u64 {
        match self {
            Self::Png(png) if png.check_data().is_err() => 0,
            _ => sizes.iter().map(|size| size.total_pixels()).sum(),
        }
    }
}

fn grouped(sizes: impl Iterator<Item = (u32, u32)>) -> Vec<Size> {
    let mut groups: Vec<Size> = Vec::new();
    for (width, height) in sizes {
        match groups.last_mut() {
            Some(last) if (last.width, last.height) == (width, height) => last.count += 1,
            _ => groups.push(Size::of(width, height)),
        }
    }
    groups
}

/// Reports what `part` takes of a file of the kind `kind`, which has one picture and no more.
pub(super) fn check_plain(part: Option<&Part>, kind: &str, faults: &mut Faults<'_>) {
    let Some(part) = part else { return };
    if let Some(fault) = missing::of_plain(part, kind) {
        faults.push(fault);
    }
    if let Err(frame) = part.frames.unwrap_or(Frames::All).among(1) {
        faults.push(missing::frame(frame, 1, kind));
    }
}
