//! The description of `assets.pa` for other languages, `docs/spec/assets_pa.ksy`, says what packs are: its compiled
//! parser, the bytes themselves and the library agree on every golden pack, and it refuses what is no pack.
//!
//! Needs Node and what `npm ci --prefix tests/kaitai` installs. Where they are missing the tests say so and pass;
//! with `PAPACK_REQUIRE_KAITAI` set they fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use papack_engine::OpenFile;
use papack_queries::envelope;
use serde_json::Value;

/// What a reader says of a pack.
#[derive(Debug, PartialEq, Eq)]
struct View {
    magic: String,
    schema_version: u64,
    header_len: u64,
    payload_offset: u64,
    flags: u64,
    reserved: u64,
    header: String,
    payload_size: u64,
}

/// The pack as the bytes have it, read by hand.
fn byte_view(bytes: &[u8]) -> View {
    let u32_at = |at: usize| u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()));
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let header_end = 32 + usize::try_from(u32_at(8)).unwrap();
    View {
        magic: String::from_utf8(bytes[0..4].to_vec()).unwrap(),
        schema_version: u32_at(4),
        header_len: u32_at(8),
        payload_offset: u64_at(12),
        flags: u32_at(20),
        reserved: u64_at(24),
        header: String::from_utf8(bytes[32..header_end].to_vec()).unwrap(),
        payload_size: (bytes.len() - header_end) as u64,
    }
}

/// The pack as the library's reader has it. Opening checks the constants of the prelude, so they are what the envelope
/// says.
fn library_view(path: &Path) -> View {
    let reader = OpenFile::reader(path).unwrap();
    View {
        magic: String::from_utf8(envelope::MAGIC.to_vec()).unwrap(),
        schema_version: u64::from(envelope::SCHEMA_VERSION),
        header_len: reader.header().len() as u64,
        payload_offset: reader.payload_offset(),
        flags: 0,
        reserved: 0,
        header: String::from_utf8(reader.header().to_vec()).unwrap(),
        payload_size: reader.payload_size(),
    }
}

/// The pack as a line of `parse.js` has it.
fn kaitai_view(line: &Value) -> View {
    let text = |key: &str| line[key].as_str().unwrap_or_else(|| panic!("{key} is no string")).to_owned();
    let number = |key: &str| line[key].as_u64().unwrap_or_else(|| panic!("{key} is no count"));
    View {
        magic: text("magic"),
        schema_version: number("schema_version"),
        header_len: number("header_len"),
        payload_offset: number("payload_offset"),
        flags: number("flags"),
        reserved: number("reserved"),
        header: text("header"),
        payload_size: number("payload_size"),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether the compiled parser can be had here. Says why not, and fails where it must be had.
fn available() -> bool {
    let node = Command::new("node").arg("--version").output();
    let reason = if !node.is_ok_and(|output| output.status.success()) {
        "node does not run"
    } else if !root().join("tests/kaitai/node_modules/kaitai-struct-compiler").is_dir() {
        "not installed: npm ci --prefix tests/kaitai"
    } else {
        return true;
    };
    assert!(std::env::var_os("PAPACK_REQUIRE_KAITAI").is_none(), "PAPACK_REQUIRE_KAITAI is set, but {reason}");
    eprintln!("skipped: {reason}");
    false
}

/// Runs the parser over `packs`.
fn parse(packs: &[PathBuf]) -> Output {
    Command::new("node").arg(root().join("tests/kaitai/parse.js")).arg("--payloads").args(packs).output().unwrap()
}

/// The lines that the parser printed, one for each pack that it took.
fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every golden pack, in the order of their names.
fn golden_packs() -> Vec<PathBuf> {
    let workspaces = fs::read_dir(root().join("tests/golden")).unwrap();
    let packs = workspaces.map(|entry| entry.unwrap().path().join("expected/assets.pa"));
    let mut packs: Vec<_> = packs.filter(|pack| pack.is_file()).collect();
    packs.sort();
    assert!(!packs.is_empty());
    packs
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn the_parser_sees_in_every_golden_pack_what_the_bytes_and_the_library_say() {
    if !available() {
        return;
    }
    let packs = golden_packs();
    let output = parse(&packs);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output);
    assert_eq!(lines.len(), packs.len());

    for (pack, line) in packs.iter().zip(&lines) {
        let name = pack.display();
        assert_eq!(line["file"].as_str(), pack.to_str());
        let bytes = fs::read(pack).unwrap();
        let kaitai = kaitai_view(line);
        assert_eq!(kaitai, byte_view(&bytes), "{name}");
        assert_eq!(kaitai, library_view(pack), "{name}");

        // The parser stops before the payload region, and reads it when asked.
        assert_eq!(line["bytes_read"], kaitai.payload_offset, "{name}");
        assert_eq!(line["payload_region_len"], kaitai.payload_size, "{name}");

        let header: Value = serde_json::from_str(&kaitai.header).unwrap();
        let table = header["asset_table"].as_array().unwrap();
        let payloads = line["payloads"].as_array().unwrap();
        assert_eq!(payloads.len(), table.len(), "{name}");
        let reader = OpenFile::reader(pack).unwrap();
        assert_eq!(reader.assets().len(), table.len(), "{name}");
        let mut end = 0;
        for (entry, payload) in table.iter().zip(payloads) {
            let (offset, size) = (entry["offset"].as_u64().unwrap(), entry["size"].as_u64().unwrap());
            assert_eq!(offset, end, "{name}: {entry}");
            end = offset.checked_add(size).unwrap();
            assert!(end <= kaitai.payload_size, "{name}: {entry}");

            let start = usize::try_from(kaitai.payload_offset + offset).unwrap();
            let stored = &bytes[start..start + usize::try_from(size).unwrap()];
            assert_eq!(payload["asset_id"], entry["asset_id"], "{name}");
            assert!(payload["hex"] == hex(stored), "{name}: the payload of {entry} differs");
            let asset = reader.asset(u32::try_from(entry["asset_id"].as_u64().unwrap()).unwrap()).unwrap();
            assert!(payload["hex"] == hex(&reader.read(asset).unwrap()), "{name}: the library reads {entry} otherwise");
        }
        assert_eq!(end, kaitai.payload_size, "{name}");
    }
}

#[test]
fn the_parser_refuses_what_the_envelope_does_not_allow() {
    if !available() {
        return;
    }
    let good = fs::read(&golden_packs()[0]).unwrap();
    let header_len = u32::from_le_bytes(good[8..12].try_into().unwrap());
    let payload_offset = u64::from(header_len) + 32;
    let with = |at: usize, value: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + value.len()].copy_from_slice(value);
        bytes
    };
    // What is wrong, the bytes, and how the message must start: the constraint and the end of the field.
    let not_equal = |end: usize| format!("ValidationNotEqualError after byte {end}: ");
    let mut cases = vec![
        ("magic", with(0, b"ASPB"), not_equal(4)),
        ("magic in lower case", with(0, b"aspa"), not_equal(4)),
        ("version 0", with(4, &0_u32.to_le_bytes()), not_equal(8)),
        ("version 2", with(4, &2_u32.to_le_bytes()), not_equal(8)),
        ("big-endian version 1", with(4, &1_u32.to_be_bytes()), not_equal(8)),
        ("header beyond the file", with(8, &u32::MAX.to_le_bytes()), "ValidationExprError after byte 12: ".to_owned()),
        ("shorter header", with(8, &(header_len - 1).to_le_bytes()), not_equal(20)),
        ("payload_offset 0", with(12, &0_u64.to_le_bytes()), not_equal(20)),
        ("padded payload_offset", with(12, &(payload_offset + 1).to_le_bytes()), not_equal(20)),
        (
            "payload_offset that is right in its low half",
            with(12, &(payload_offset + (1 << 32)).to_le_bytes()),
            not_equal(20),
        ),
        ("lowest flag", with(20, &1_u32.to_le_bytes()), not_equal(24)),
        ("highest flag", with(20, &(1_u32 << 31).to_le_bytes()), not_equal(24)),
        ("reserved, lowest bit", with(24, &1_u64.to_le_bytes()), not_equal(32)),
        ("reserved, highest bit", with(24, &(1_u64 << 63).to_le_bytes()), not_equal(32)),
        ("nothing", Vec::new(), "EOFError after byte 0: ".to_owned()),
        ("cut header", good[..40].to_vec(), "ValidationExprError after byte 12: ".to_owned()),
    ];
    // No byte of the prelude is free.
    for (at, byte) in good[..32].iter().enumerate() {
        cases.push(("one byte of the prelude", with(at, &[byte ^ 0x10]), String::new()));
    }

    let dir = tempfile::tempdir().unwrap();
    let put = |name: String, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut packs: Vec<_> = cases.iter().enumerate().map(|(n, (_, bytes, _))| put(format!("{n}.pa"), bytes)).collect();
    // A good one last: what comes before it does not keep it from being read.
    packs.push(put("good.pa".to_owned(), &good));

    let output = parse(&packs);
    assert_eq!(output.status.code(), Some(1));
    let taken: Vec<_> = lines(&output).iter().map(|line| line["file"].as_str().unwrap().to_owned()).collect();
    assert_eq!(taken, [packs.last().unwrap().to_str().unwrap()]);
    let refusals = String::from_utf8(output.stderr).unwrap();
    assert_eq!(refusals.lines().count(), cases.len(), "{refusals}");
    for (((what, _, start), pack), refusal) in cases.iter().zip(&packs).zip(refusals.lines()) {
        let start = format!("{}: {start}", pack.display());
        assert!(refusal.starts_with(&start), "{what}: {refusal:?} does not start with {start:?}");
    }
}

#[test]
fn one_refused_pack_is_enough_for_the_exit_status() {
    if !available() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("assets.pa");
    fs::write(&pack, b"not a pack").unwrap();
    let output = parse(&[pack]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("ValidationNotEqualError"));
}
