//! Any bytes are an ignore file or have an error, and its rules answer for any path: the same again, and for a file as for
//! the folder that it leaves out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::glob::Effort;
use papack_queries::left_out::{Cause, Judge, Rules};
use papack_queries::path;

fuzz_target!(|input: (&[u8], &str)| {
    let (text, file) = input;
    if path::check(file).is_err() {
        return;
    }
    let rules = match Rules::parse(text) {
        Ok(rules) => rules,
        Err(fault) => return assert!(fault.is_error()),
    };
    let verdict = |path: &str| Judge::new(&rules, "root").verdict(path, |_| false, &mut Effort::new(u64::MAX));
    let found = verdict(file);
    assert_eq!(verdict(file), found);
    let inside = format!("{file}/inside");
    if found == Some(Cause::Ignored) && path::check(&inside).is_ok() {
        assert_eq!(verdict(&inside), Some(Cause::Ignored));
    }
});
