//! Where the outputs of two packings of the same workspace differ.

use std::io;

use papack_queries::asset::record;
use papack_queries::content::ContentStore;
use papack_queries::db::Database;
use papack_queries::diagnostic::{Code, Data, Diagnostic};
use papack_queries::envelope::PRELUDE_SIZE;
use papack_queries::pack::PlannedPayload;
use serde::Serialize;

use crate::fs::PIECE;
use crate::incremental::Assembly;
use crate::operation::{Operation, Stop};
use crate::publish::Output;
use crate::workspace::{io_failure, layout};

/// The first byte at which an output of one packing differs from that of the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The number of the packing, from 1.
    pub packing: usize,
    /// The output's name.
    pub output: &'static str,
    /// Bytes from the start of the output.
    pub byte: u64,
    /// What the first packing has at that byte.
    #[serde(flatten)]
    pub part: Part,
}

/// A part of an output, as the first packing laid it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "part", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Part {
    /// The fixed part of `assets.pa`.
    Prelude,
    /// The header of `assets.pa`.
    Header,
    /// A payload of `assets.pa`.
    Payload {
        /// The asset.
        asset_id: u32,
        /// Its name.
        asset_name: String,
        /// Bytes from the start of the payload.
        payload_byte: u64,
    },
    /// A companion.
    Companion,
}

impl Part {
    /// The part at `byte` of `output`, which is one of the outputs of `assembly`.
    pub(super) fn at(byte: u64, output: &Output<'_>, assembly: &Assembly<'_>, db: &Database) -> Self {
        if output.name != layout::ASSETS_PA {
            return Self::Companion;
        }
        if byte < PRELUDE_SIZE as u64 {
            return Self::Prelude;
        }
        let offset = byte.checked_sub(assembly.front_size());
        let Some((offset, entry)) = offset.and_then(|offset| Some((offset, assembly.entry_at(offset)?))) else {
            return Self::Header;
        };
        Self::Payload {
            asset_id: entry.asset.entry(db).asset_id,
            asset_name: record(db, entry.asset).name.as_ref().map(|claim| claim.key.to_string()).unwrap_or_default(),
            payload_byte: offset - entry.offset,
        }
    }
}

impl Difference {
    pub(super) fn diagnostic(&self) -> Diagnostic {
        let place = match &self.part {
            Part::Prelude => ", in the prelude".to_owned(),
            Part::Header => ", in the header".to_owned(),
            Part::Payload { asset_id, asset_name, payload_byte } => {
                format!(", at byte {payload_byte} of the payload of {asset_name:?} (asset {asset_id})")
            }
            Part::Companion => String::new(),
        };
        let Self { packing, output, byte, .. } = self;
        let message = format!("packing {packing} of the same inputs gives another {output}: byte {byte}{place}");
        let data = Data::bytes(*byte, byte.saturating_add(1));
        let mut fault = fault(message).with_data(data).at(layout::published_path(output).as_str());
        if let Part::Payload { asset_id, asset_name, .. } = &self.part {
            fault.asset_id = Some(*asset_id);
            fault.asset_name = Some(asset_name.clone());
        }
        fault
    }
}

/// The fault that the same inputs gave different results.
pub(super) fn fault(message: String) -> Diagnostic {
    let help = "this is a defect of papack, or of this machine's memory or disk; please report it";
    Diagnostic::error(Code::NotReproducible, message).with_help(help)
}

/// An output of one packing, of which any bytes can be read.
pub(super) struct Side<'a> {
    front: Vec<u8>,
    payloads: &'a [PlannedPayload],
    content: &'a dyn ContentStore,
}

impl<'a> Side<'a> {
    /// The side of `output`. Its payloads are read from `content`.
    pub(super) fn new(output: &Output<'a>, content: &'a dyn ContentStore) -> io::Result<Self> {
        Ok(Self { front: front_of(output)?, payloads: output.payloads, content })
    }

    fn size(&self) -> u64 {
        self.front.len() as u64 + self.payloads.last().map_or(0, |last| last.offset + last.id().size)
    }

    /// Fills `buffer` with the bytes from `offset` on. Fails with the kind `UnexpectedEof` if the output ends before
    /// `buffer` is full.
    fn read_at(&self, offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_or(self.front.len(), |start| start.min(self.front.len()));
        let length = buffer.len().min(self.front.len() - start);
        let (head, rest) = buffer.split_at_mut(length);
        head.copy_from_slice(&self.front[start..start + length]);
        buffer = rest;
        let mut offset = (offset + length as u64).saturating_sub(self.front.len() as u64);
        let first = self.payloads.partition_point(|placed| placed.offset + placed.id().size <= offset);
        for placed in &self.payloads[first..] {
            let mut begin = placed.offset;
            for slice in placed.slices() {
                let end = begin + slice.size;
                if !buffer.is_empty() && (begin..end).contains(&offset) {
                    let start = offset - begin;
                    let length =
                        usize::try_from(slice.size - start).map_or(buffer.len(), |rest| rest.min(buffer.len()));
                    let (head, rest) = buffer.split_at_mut(length);
                    self.content.read_at(*slice, start, head)?;
                    buffer = rest;
                    offset += length as u64;
                }
                begin = end;
            }
            if buffer.is_empty() {
                break;
            }
        }
        if buffer.is_empty() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

fn front_of(output: &Output<'_>) -> io::Result<Vec<u8>> {
    let mut front = Vec::new();
    output.front.stream(&mut |piece| {
        front.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(front)
}

/// The first byte at which `one` and `other` differ. Reads both in step, piece by piece.
pub(super) fn by_bytes(operation: &mut Operation<'_>, one: &Side<'_>, other: &Side<'_>) -> Result<Option<u64>, Stop> {
    let (size, other_size) = (one.size(), other.size());
    let shared = size.min(other_size);
    let mut pieces = [vec![0; PIECE], vec![0; PIECE]];
    let mut offset = 0;
    while offset < shared {
        operation.check_cancelled()?;
        let length = usize::try_from(shared - offset).map_or(PIECE, |rest| rest.min(PIECE));
        let [left, right] = pieces.each_mut().map(|piece| &mut piece[..length]);
        let read = one.read_at(offset, left).and_then(|()| other.read_at(offset, right));
        read.map_err(|error| io_failure(operation, layout::STAGING, &error))?;
        if left != right {
            let at = left.iter().zip(right).position(|(left, right)| left != right);
            return Ok(at.map(|at| offset + at as u64));
        }
        offset += length as u64;
    }
    Ok((size != other_size).then_some(shared))
}

/// The first byte at which `one` and `other` differ, found by the digests of the payloads instead of their bytes: for a
/// payload that differs it is the first byte of that payload.
pub(super) fn by_digests(one: &Output<'_>, other: &Output<'_>) -> io::Result<Option<u64>> {
    let (left, right) = (front_of(one)?, front_of(other)?);
    if left != right {
        let shared = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
        return Ok(Some(shared as u64));
    }
    let equal_count =
        one.payloads.iter().zip(other.payloads).take_while(|(left, right)| left.id() == right.id()).count();
    let different = one.payloads.get(equal_count).or(other.payloads.get(equal_count));
    Ok(different.map(|payload| left.len() as u64 + payload.offset))
}
