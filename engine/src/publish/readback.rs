//! Reading a staged pack with the strict reader, as its users will, before it is published.

use std::io;

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::envelope::{Lists, OpenError, Reader, Source};

use super::output::{Front, Output};
use super::output_writer::OutputWriter;
use crate::fs::{FileHandle, PIECE, with_buffer};
use crate::workspace::layout::ASSETS_PA;

/// A staged pack of which the front is written. Its payloads need not be written yet.
struct Staged<'f> {
    file: &'f dyn FileHandle,
    /// Bytes that it will have in the end.
    size: u64,
}

impl Source for Staged<'_> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(offset, buffer)
    }
}

/// Reads the front of the staged pack, which `writer` has written, with the strict reader, and compares it with those of
/// the `outputs` that mirror parts of it. Returns the first fault.
pub(crate) fn first_fault(writer: &OutputWriter<'_>, outputs: &[Output<'_>; 4]) -> io::Result<Option<Diagnostic>> {
    let [pack, asset_table, preload, _] = outputs;
    let staged = Staged { file: &*writer.file, size: writer.identity.size };
    // Of a large pack the header takes much memory, and it is in memory already.
    if let Front::Parts(parts) = &pack.front
        && let [prelude, header] = parts[..]
        && let Some(lists) = Lists::of_sound(prelude, header, staged.size)
        && is_staged(&staged, parts)?
    {
        let expected = [&header[lists.asset_table], &header[lists.preload]];
        return compare_companions([asset_table, preload], expected);
    }
    let reader = match Reader::open(staged, ASSETS_PA) {
        Ok(reader) => reader,
        Err(OpenError::Io(error)) => return Err(error),
        Err(OpenError::Refused(faults)) => return Ok(faults.into_iter().next()),
    };
    compare_companions([asset_table, preload], [reader.asset_table(), reader.preload()])
}

/// Whether the staged file begins with `parts`, one after the other.
fn is_staged(staged: &Staged<'_>, parts: &[&[u8]]) -> io::Result<bool> {
    let mut at = 0;
    for piece in parts.iter().flat_map(|part| part.chunks(PIECE)) {
        let is_same = with_buffer(piece.len(), |found| {
            staged.read_exact_at(at, found)?;
            Ok::<_, io::Error>(*found == *piece)
        })?;
        if !is_same {
            return Ok(false);
        }
        at += piece.len() as u64;
    }
    Ok(true)
}

/// Compares the fronts of `companions` with the `expected` parts of the header. Returns the first fault.
fn compare_companions(companions: [&Output<'_>; 2], expected: [&[u8]; 2]) -> io::Result<Option<Diagnostic>> {
    for (companion, expected) in companions.into_iter().zip(expected) {
        if !is_front(&companion.front, expected)? {
            let fault = Diagnostic::error(Code::PackCompanion, "the companion is not what the header holds");
            return Ok(Some(fault.at(companion.name)));
        }
    }
    Ok(None)
}

/// Whether `front` has these bytes.
fn is_front(front: &Front<'_>, mut expected: &[u8]) -> io::Result<bool> {
    let mut is_same = true;
    front.stream(&mut |piece| {
        match expected.strip_prefix(piece) {
            Some(rest) => expected = rest,
            None => is_same = false,
        }
        Ok(())
    })?;
    Ok(is_same && expected.is_empty())
}

/// The error that the strict reader refuses the staged pack, for this `fault`.
pub(crate) fn refusal(fault: &Diagnostic) -> Diagnostic {
    let message =
        format!("the pack that was put together is none: {}: {}; nothing was published", fault.code, fault.message);
    let help = "run papack pack --rehash, which believes nothing that earlier operations found; where it says the \
                same, this is a defect of papack: please report it";
    Diagnostic {
        asset_id: fault.asset_id,
        asset_name: fault.asset_name.clone(),
        ..Diagnostic::error(Code::Internal, message)
    }
    .with_help(help)
}
