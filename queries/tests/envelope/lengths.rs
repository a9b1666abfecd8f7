//! Lengths are believed only as far as the source goes.

use std::io;
use std::time::Instant;

use papack_queries::envelope::{OpenError, Prelude, Reader, Source};

use crate::{Counting, HEADER, good};

/// A few bytes that are followed by a hole of any size.
struct Sparse {
    front: Vec<u8>,
    size: u64,
}

impl Source for Sparse {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if offset + buffer.len() as u64 > self.size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let at = usize::try_from(offset).unwrap().min(self.front.len());
        let there = &self.front[at..];
        let count = there.len().min(buffer.len());
        buffer[..count].copy_from_slice(&there[..count]);
        buffer[count..].fill(0);
        Ok(())
    }
}

#[test]
fn huge_pack_is_opened_by_its_header_alone() {
    const HUGE: u64 = 1 << 40;
    let header = HEADER.replace("2176", &HUGE.to_string()).replace("2188", &(HUGE + 12).to_string());
    // The tile bank becomes a file of data, which alone may be as large as this.
    let tiles_start = header.find(r#"{"height""#).unwrap();
    let tiles_end = header.find(r#","offset":0,"size":1099"#).unwrap();
    let mut header = header;
    header
        .replace_range(tiles_start..tiles_end, &format!(r#"{{"entries":[{{"name":"x","offset":0,"size":{HUGE}}}]}}"#));
    let header = header.replacen("TILES", "DATA", 1);
    let mut front = Prelude { header_len: u32::try_from(header.len()).unwrap() }.to_bytes().to_vec();
    front.extend_from_slice(header.as_bytes());
    let size = front.len() as u64 + HUGE + 16;
    let source = Counting::new(Sparse { front, size });
    let reader = Reader::open(&source, "p.pa").unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(*source.reads.borrow(), [(0, 32), (32, header.len())]);
    let last = reader.assets().last().unwrap();
    assert_eq!(reader.read(last).unwrap(), [0; 4]);
    assert_eq!(source.reads.borrow().len(), 3);
}

#[test]
fn lying_header_len_allocates_no_more_than_the_file_has() {
    let mut pack = good();
    pack[8..12].fill(255);
    let source = Counting::new(pack);
    assert!(matches!(Reader::open(&source, "p.pa"), Err(OpenError::Refused(_))));
    let rest = usize::try_from(source.size().unwrap()).unwrap() - 32;
    assert_eq!(*source.reads.borrow(), [(0, 32), (32, rest)]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is time that is tested")]
fn large_faulty_header_takes_no_quadratic_time() {
    // Every entry has a dozen faults; names, ids and offsets are all alike.
    let entries = vec![r#"{"asset_id":1,"asset_name":"a","offset":1,"size":1,"codec":"none"}"#; 100_000].join(",");
    let header = format!(r#"{{"asset_table":[{entries}],"preload":[{}]}}"#, vec!["{}"; 100_000].join(","));
    let pack = crate::pack_of(&header, 0);
    let started = Instant::now();
    assert_eq!(crate::faults(&pack).len(), 101);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
