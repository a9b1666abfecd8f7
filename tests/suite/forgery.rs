//! Changing what is in a cache so that all its digests are right again.

use std::collections::BTreeMap;

use papack_queries::content::{ContentId, Digest};

/// The files of a cache, by their paths in its folder.
pub type CacheFiles = BTreeMap<String, Vec<u8>>;

/// How the code is made that is to tell that papack wrote this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// As it was.
    Kept,
    /// The digest, without a key.
    Plain,
    /// With this key.
    Keyed([u8; 32]),
}

/// A change of one file of a cache. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub enum Change {
    Flip {
        at: usize,
        bits: u8,
    },
    Truncate {
        to: usize,
    },
    Append(Vec<u8>),
    /// Of the version that the file begins with.
    Version {
        at: usize,
        bits: u8,
        code: Code,
    },
    /// Of what the index holds in one of its sequences: folders, entries, assets, payloads.
    Sequence {
        which: usize,
        at: usize,
        bytes: Vec<u8>,
        code: Code,
    },
    /// Of the end of the index, or of the index of a segment.
    End {
        at: usize,
        bits: u8,
        code: Code,
    },
    /// Of a slice in a segment.
    Slice {
        which: usize,
        at: usize,
        bits: u8,
        code: Code,
    },
}

impl Code {
    fn of(self, context: &str, parts: &[&[u8]], kept: &[u8]) -> Vec<u8> {
        let mut hasher = match self {
            Self::Kept => return kept.to_vec(),
            Self::Plain => blake3::Hasher::new(),
            Self::Keyed(key) => blake3::Hasher::new_keyed(&blake3::derive_key(context, &key)),
        };
        parts.iter().for_each(|part| _ = hasher.update(part));
        hasher.finalize().as_bytes().to_vec()
    }
}

/// Changes the file `name` of a cache, which is its index or a segment. One that has no such part stays as it is.
pub fn change(name: &str, bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Flip { at, bits } => flip(bytes, *at, *bits),
        Change::Truncate { to } => bytes.truncate(to % (bytes.len() + 1)),
        Change::Append(more) => bytes.extend(more),
        _ if name == "index" => {
            if let Some(mut index) = Index::parse(bytes) {
                *bytes = index.forged(change);
            }
        }
        _ => {
            if let Some(mut segment) = Segment::parse(bytes) {
                *bytes = segment.forged(change);
            }
        }
    }
}

fn flip(bytes: &mut [u8], at: usize, bits: u8) {
    if let Some(at) = at.checked_rem(bytes.len()) {
        bytes[at] ^= bits;
    }
}

/// An index in its parts, as docs/spec/operations/cache.md has it.
pub struct Index {
    line: Vec<u8>,
    /// The pieces of the four sequences.
    pub sequences: [Vec<Vec<u8>>; 4],
    /// The end, but for what tells of the pieces.
    end: Vec<u8>,
    code: Vec<u8>,
}

impl Index {
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let line_size = bytes.iter().position(|byte| *byte == b'\n')? + 1;
        let frame_at = bytes.len().checked_sub(40)?;
        let length = u64::from_le_bytes(bytes[frame_at..][..8].try_into().ok()?);
        let end_at = frame_at.checked_sub(usize::try_from(length).ok()?).filter(|at| *at >= line_size)?;
        let (mut rest, end) = (&bytes[line_size..end_at], &bytes[end_at..frame_at]);
        let (end, pieces) = (0..end.len()).rev().find_map(|at| Some((&end[..at], pieces(&end[at..], rest.len())?)))?;
        let mut take = |piece: ContentId| {
            let (first, behind) = rest.split_at(piece.size as usize);
            rest = behind;
            first.to_vec()
        };
        let sequences = pieces.map(|sequence| sequence.into_iter().map(&mut take).collect());
        Some(Self {
            line: bytes[..line_size].to_vec(),
            sequences,
            end: end.to_vec(),
            code: bytes[frame_at + 8..].to_vec(),
        })
    }

    fn forged(&mut self, change: &Change) -> Vec<u8> {
        let code = match *change {
            Change::Version { at, bits, code } => {
                // Some of its digits. With another end of the line there would be no line.
                let at = self.line.len() - 2 - at % 8;
                self.line[at] ^= bits & 0x0f;
                code
            }
            Change::Sequence { which, at, ref bytes, code } => {
                if let Some(piece) = self.sequences[which % 4].first_mut().filter(|piece| !piece.is_empty()) {
                    let at = at % piece.len();
                    let there = bytes.len().min(piece.len() - at);
                    piece[at..][..there].copy_from_slice(&bytes[..there]);
                }
                code
            }
            Change::End { at, bits, code } => {
                flip(&mut self.end, at, bits);
                code
            }
            _ => Code::Kept,
        };
        self.to_bytes(code)
    }

    /// The index, with right sizes and digests.
    pub fn to_bytes(&self, code: Code) -> Vec<u8> {
        let pieces = self.sequences.each_ref().map(|pieces| pieces.iter().map(|piece| ContentId::of(piece)).collect());
        let pieces: [Vec<ContentId>; 4] = pieces;
        let end = [&self.end[..], &postcard::to_allocvec(&pieces).unwrap()].concat();
        let code = code.of("papack 2026-11-30 cache index", &[&self.line, &end], &self.code);
        let size = (end.len() as u64).to_le_bytes();
        [&self.line[..], &self.sequences.concat().concat(), &end, &size, &code].concat()
    }
}

/// The pieces of the four sequences that `bytes` tell of, where they have `size` bytes together.
fn pieces(bytes: &[u8], size: usize) -> Option<[Vec<ContentId>; 4]> {
    let (pieces, rest): ([Vec<ContentId>; 4], _) = postcard::take_from_bytes(bytes).ok()?;
    let sum = pieces.iter().flatten().try_fold(0_u64, |sum, piece| sum.checked_add(piece.size))?;
    (rest.is_empty() && sum == size as u64).then_some(pieces)
}

/// A segment in its parts.
struct Segment {
    header: Vec<u8>,
    slices: Vec<u8>,
    index: Vec<u8>,
    /// The size of the index, and how many slices and entries it has.
    figures: Vec<u8>,
    code: Vec<u8>,
}

impl Segment {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (rest, code) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        let (rest, figures) = rest.split_at_checked(rest.len().checked_sub(16)?)?;
        let size = usize::try_from(u64::from_le_bytes(figures[..8].try_into().ok()?)).ok()?;
        let (rest, index) = rest.split_at_checked(rest.len().checked_sub(size)?)?;
        let (header, slices) = rest.split_at_checked(16)?;
        let [header, slices, index, figures, code] = [header, slices, index, figures, code].map(<[u8]>::to_vec);
        Some(Self { header, slices, index, figures, code })
    }

    fn forged(&mut self, change: &Change) -> Vec<u8> {
        let code = match *change {
            Change::Version { at, bits, code } => {
                flip(&mut self.header[8..], at, bits);
                code
            }
            Change::End { at, bits, code } => {
                flip(&mut self.index, at, bits);
                code
            }
            Change::Slice { which, at, bits, code } => {
                let _ = self.alter_slice(which, at, bits);
                code
            }
            _ => Code::Kept,
        };
        let authenticated = [&self.header, &self.index, &self.figures].map(Vec::as_slice);
        let code = code.of("papack 2026-11-30 cache segment", &authenticated, &self.code);
        [&self.header[..], &self.slices, &self.index, &self.figures, &code].concat()
    }

    /// Alters a slice that has bytes, and its digest. After other changes there may be none.
    fn alter_slice(&mut self, which: usize, at: usize, bits: u8) -> Option<()> {
        let number = |bytes: &[u8]| usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok();
        let size = self.slices.len();
        let place = |entry: &[u8]| {
            let (start, size_of) = (number(&entry[32..40])?.checked_sub(16)?, number(&entry[40..])?);
            let end = start.checked_add(size_of).filter(|end| *end <= size)?;
            Some(start..end).filter(|place| !place.is_empty())
        };
        let count = usize::try_from(u32::from_le_bytes(self.figures.get(8..12)?.try_into().ok()?)).ok()?;
        let entries = self.index.chunks_exact(48).take(count).enumerate();
        let filled: Vec<_> = entries.filter_map(|(slice, entry)| Some((slice, place(entry)?))).collect();
        let (slice, place) = filled[which.checked_rem(filled.len())?].clone();
        let bytes = &mut self.slices[place];
        flip(bytes, at, bits);
        let Digest(digest) = Digest::of(bytes);
        self.index[48 * slice..][..32].copy_from_slice(&digest);
        Some(())
    }
}
