//! A pack of more than a GiB, of which next to nothing is read.

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use papack_engine::OpenFile;
use papack_queries::envelope::Prelude;

/// The large asset, in bytes.
const LARGE: u64 = 1 << 30;

/// Writes a pack with a hole of a GiB, and `marker` behind it.
fn write_sparse(file: &mut File, marker: &[u8]) {
    let entry = |id: u32, offset: u64, size: u64| {
        let metadata = format!(r#"{{"entries":[{{"name":"x","offset":0,"size":{size}}}]}}"#);
        let front = format!(r#""asset_id":{id},"asset_name":"asset {id}","bank_type":"DATA","codec":"NONE""#);
        format!(r#"{{{front},"decoded_size":{size},"metadata":{metadata},"offset":{offset},"size":{size}}}"#)
    };
    let table = [entry(1, 0, LARGE), entry(2, LARGE, marker.len() as u64)].join(",");
    let header = format!(r#"{{"asset_table":[{table}],"preload":[]}}"#);
    let prelude = Prelude { header_len: u32::try_from(header.len()).unwrap() };
    file.write_all(&prelude.to_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    let end = prelude.payload_offset() + LARGE;
    std::os::unix::fs::FileExt::write_all_at(file, marker, end).unwrap();
}

/// The most memory that this process ever had, in KiB, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Run it alone, in release: `cargo test --release --test reader -- --ignored --nocapture large_pack`.
#[test]
#[ignore = "long: prints time and memory, which mean something only when it runs alone"]
fn large_pack_is_opened_and_its_last_asset_read() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write_sparse(file.as_file_mut(), b"the end");
    let before = peak_kib();
    let started = Instant::now();
    let reader = OpenFile::reader(file.path()).unwrap();
    let bytes = reader.read(reader.asset_named("asset 2").unwrap()).unwrap();
    let took = started.elapsed();
    assert_eq!(bytes, b"the end");
    println!("opened and read in {took:?}; peak memory before {before:?} KiB, after {:?} KiB", peak_kib());
}

#[test]
fn part_of_a_large_asset_is_read() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write_sparse(file.as_file_mut(), b"the end");
    let reader = OpenFile::reader(file.path()).unwrap();
    assert_eq!(reader.read_part(reader.asset(1).unwrap(), LARGE - 3..LARGE).unwrap(), [0; 3]);
    assert_eq!(reader.read_part(reader.asset(2).unwrap(), 4..7).unwrap(), b"end");
}
