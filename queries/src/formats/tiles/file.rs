//! A picture file of any kind that is read, told by its first bytes.

use std::io;

use super::ase::{self, Ase};
use super::bmp::{self, Bmp};
use super::gif::{self, Gif};
use super::image::Size;
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
        let one = |width, height| vec![Size { width, height, count: 1 }];
        match self {
            Self::Png(png) => one(png.header.width, png.header.height),
            Self::Bmp(bmp) => one(bmp.size().0, bmp.size().1),
            Self::Ase(ase) => grouped(ase.sizes()),
            Self::Gif(gif) => grouped(gif.sizes()),
        }
    }
}

fn grouped(sizes: impl Iterator<Item = (u32, u32)>) -> Vec<Size> {
    let mut groups: Vec<Size> = Vec::new();
    for (width, height) in sizes {
        match groups.last_mut() {
            Some(last) if (last.width, last.height) == (width, height) => last.count += 1,
            _ => groups.push(Size { width, height, count: 1 }),
        }
    }
    groups
}

/// Reports what `part` takes of a file of the kind `kind`, which has one picture and no more.
fn check_plain(part: Option<&Part>, kind: &str, faults: &mut Faults<'_>) {
    let Some(part) = part else { return };
    if let Some(fault) = missing::of_plain(part, kind) {
        faults.push(fault);
    }
    if let Err(frame) = part.frames.unwrap_or(Frames::All).among(1) {
        faults.push(missing::frame(frame, 1, kind));
    }
}
