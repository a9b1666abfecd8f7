//! The strict reader of `assets.pa`, on good packs, on faulty ones, and on anything at all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod exhaustive;
mod faults;
mod lengths;
mod prelude;
mod reading;
mod salvage;
mod totality;

use std::cell::RefCell;
use std::io;

use papack_queries::diagnostic::Diagnostic;
use papack_queries::envelope::{OpenError, Prelude, Reader, Source, Survey};

/// A header with one asset of each bank, two of them preloaded, and their 2,192 bytes of payload.
const HEADER: &str = concat!(
    r#"{"asset_table":["#,
    r#"{"asset_id":3,"asset_name":"atlas","bank_type":"TILES","codec":"NONE","decoded_size":2176,"metadata":{"#,
    r#""height":16,"palette_authored":2,"palette_count":64,"sheets":["#,
    r#"{"first_tile":0,"palette":0,"tile_count":2},{"first_tile":2,"palette":1,"tile_count":2}],"#,
    r#""tile_size":8,"width":16},"offset":0,"size":2176},"#,
    r#"{"asset_id":7,"asset_name":"beeps","bank_type":"SOUNDS","codec":"NONE","decoded_size":12,"metadata":{"#,
    r#""samples":[{"channels":2,"frames":2,"name":"a","offset":0,"sample_rate":8000},"#,
    r#"{"channels":1,"frames":2,"loop_end":2,"loop_start":1,"name":"b","offset":8,"sample_rate":8000}]},"#,
    r#""offset":2176,"size":12},"#,
    r#"{"asset_id":9,"asset_name":"notes","bank_type":"DATA","codec":"NONE","decoded_size":4,"metadata":{"#,
    r#""entries":[{"name":"one.txt","offset":0,"size":1},{"name":"sub/two.txt","offset":1,"size":3}],"#,
    r#""user":{"depth":[1,2]}},"offset":2188,"size":4}"#,
    r#"],"preload":[{"asset_id":3,"slot":0},{"asset_id":7,"slot":0}]}"#,
);

const PAYLOAD_SIZE: usize = 2192;

/// A file with `header` and `payload_size` bytes of payload, each its own place modulo 251.
fn pack_of(header: &str, payload_size: usize) -> Vec<u8> {
    let mut pack = Prelude { header_len: u32::try_from(header.len()).unwrap() }.to_bytes().to_vec();
    pack.extend_from_slice(header.as_bytes());
    pack.extend((0..payload_size).map(|at| (at % 251) as u8));
    pack
}

fn good() -> Vec<u8> {
    pack_of(HEADER, PAYLOAD_SIZE)
}

/// The faults of `pack`, after a check that the strict reader refuses it exactly when there are any.
fn faults(pack: &[u8]) -> Vec<Diagnostic> {
    let survey = Survey::new(pack, "p.pa").unwrap();
    match Reader::open(pack, "p.pa") {
        Ok(_) => assert!(survey.faults.is_empty()),
        Err(OpenError::Refused(faults)) => assert_eq!(survey.faults, faults),
        Err(OpenError::Io(error)) => panic!("{error}"),
    }
    for fault in &survey.faults {
        assert!(fault.is_error() && fault.path.as_deref() == Some("p.pa"), "{fault:?}");
        let is_count = fault.message.ends_with("more faults of this file are not shown");
        assert!(fault.span.is_some() || is_count, "a fault without a place: {fault:?}");
    }
    survey.faults
}

/// A source that notes which ranges are read of it.
struct Counting<S> {
    inner: S,
    reads: RefCell<Vec<(u64, usize)>>,
}

impl<S> Counting<S> {
    fn new(inner: S) -> Self {
        Self { inner, reads: RefCell::default() }
    }
}

impl<S: Source> Source for Counting<S> {
    fn size(&self) -> io::Result<u64> {
        self.inner.size()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.reads.borrow_mut().push((offset, buffer.len()));
        self.inner.read_exact_at(offset, buffer)
    }
}
