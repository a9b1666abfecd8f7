//! The fixed part before the header.

use crate::diagnostic::{Code, Data, Diagnostic};

/// The first four bytes of `assets.pa`.
pub const MAGIC: [u8; 4] = *b"ASPA";

/// The version of the envelope, in the prelude.
pub const SCHEMA_VERSION: u32 = 1;

/// Bytes of the prelude.
pub const PRELUDE_SIZE: usize = 32;

/// The fields of the prelude that can vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prelude {
    /// Bytes of the header that follows. The payload region follows the header at once.
    pub header_len: u32,
}

impl Prelude {
    /// The bytes of the prelude, little-endian.
    pub fn to_bytes(self) -> [u8; PRELUDE_SIZE] {
        let mut bytes = [0; PRELUDE_SIZE];
        bytes[0..4].copy_from_slice(&MAGIC);
        bytes[4..8].copy_from_slice(&SCHEMA_VERSION.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.header_len.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.payload_offset().to_le_bytes());
        // flags (u32) and reserved (u64) stay 0.
        bytes
    }

    /// Where the payload region begins.
    pub fn payload_offset(self) -> u64 {
        PRELUDE_SIZE as u64 + u64::from(self.header_len)
    }

    /// Reads the first `bytes` of a file of `file_size` bytes. There is no prelude when the rest of the file cannot
    /// be read: it is too short, something else, or of another version.
    pub fn parse(bytes: &[u8], file_size: u64) -> (Option<Self>, Vec<Diagnostic>) {
        let Ok(bytes) = <&[u8; PRELUDE_SIZE]>::try_from(bytes) else {
            let message = format!("the file has {file_size} bytes, but its prelude alone would have {PRELUDE_SIZE}");
            let data = Data::mismatch(file_size, PRELUDE_SIZE);
            return (None, vec![Diagnostic::error(Code::PackPrelude, message).with_data(data).at_bytes(0..file_size)]);
        };
        if let Some(fault) = refuse_kind(bytes) {
            return (None, vec![fault]);
        }
        let prelude = Self { header_len: u32_at(bytes, 8) };
        let mut faults = Vec::new();
        let mut fault = |message: String, (found, expected): (u64, u64), at: u64, size: u64| {
            let data = Data::mismatch(found, expected);
            faults.push(Diagnostic::error(Code::PackPrelude, message).with_data(data).at_bytes(at..at + size));
        };
        let header_len = prelude.header_len;
        let rest = file_size.saturating_sub(PRELUDE_SIZE as u64);
        if u64::from(header_len) > rest {
            fault(
                format!("header_len is {header_len}, but only {rest} bytes follow the prelude"),
                (header_len.into(), rest),
                8,
                4,
            );
        }
        let (found, expected) = (u64_at(bytes, 12), prelude.payload_offset());
        if found != expected {
            fault(format!("payload_offset is {found}, but the header ends at {expected}"), (found, expected), 12, 8);
        }
        let flags = u32_at(bytes, 20);
        if flags != 0 {
            fault(format!("flags is {flags:#010x}; version {SCHEMA_VERSION} has no flags"), (flags.into(), 0), 20, 4);
        }
        let reserved = u64_at(bytes, 24);
        if reserved != 0 {
            fault(format!("reserved is {reserved:#018x}, not 0"), (reserved, 0), 24, 8);
        }
        (Some(prelude), faults)
    }
}

/// What is no `assets.pa`, or one of another version.
fn refuse_kind(bytes: &[u8; PRELUDE_SIZE]) -> Option<Diagnostic> {
    if bytes[0..4] != MAGIC {
        let (found, magic) = (bytes[0..4].escape_ascii(), MAGIC.escape_ascii());
        let message = format!("the file begins with \"{found}\", not with \"{magic}\": it is no assets.pa");
        let data = Data::mismatch(found, magic);
        return Some(Diagnostic::error(Code::PackPrelude, message).with_data(data).at_bytes(0..4));
    }
    let version = u32_at(bytes, 4);
    if version == SCHEMA_VERSION {
        return None;
    }
    let help = if version > SCHEMA_VERSION {
        "update papack, or pack with the version that this papack reads"
    } else {
        "such a file was never written by a papack; check the number"
    };
    let message = format!(
        "schema version {version} of the envelope is not supported: this papack reads {SCHEMA_VERSION} to \
         {SCHEMA_VERSION}"
    );
    let only = i64::from(SCHEMA_VERSION);
    let fault = Diagnostic::error(Code::SchemaVersion, message).at_bytes(4..8).with_help(help);
    Some(fault.with_versions(i64::from(version), only..=only))
}

fn u32_at(bytes: &[u8; PRELUDE_SIZE], at: usize) -> u32 {
    (0..4).rev().fold(0, |value, i| value << 8 | u32::from(bytes[at + i]))
}

fn u64_at(bytes: &[u8; PRELUDE_SIZE], at: usize) -> u64 {
    (0..8).rev().fold(0, |value, i| value << 8 | u64::from(bytes[at + i]))
}
