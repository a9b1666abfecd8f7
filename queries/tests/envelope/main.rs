//! The strict reader of `assets.pa`, on good packs, on faulty ones, and on anything at all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod cases;
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
use papack_queries::envelope::{OpenError, Reader, Source, Survey};

use cases::{HEADER, PAYLOAD_SIZE, pack_of};

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
