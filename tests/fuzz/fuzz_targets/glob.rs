//! Any pattern answers for any path, and as the plain recursive definition does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::glob::{Effort, Pattern};
use papack_queries::path;

fuzz_target!(|input: (String, String)| {
    let (pattern, path) = input;
    // Short, for the sake of the definition, which takes exponential time.
    if pattern.len() > 24 || path.len() > 24 || path::check_pattern(&pattern).is_err() || path::check(&path).is_err() {
        return;
    }
    let components: (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    assert_eq!(Pattern::new(pattern.clone()).matches(&path, &mut Effort::new(u64::MAX)), folders(&components.0, &components.1));
});

fn folders(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], path) => !path.is_empty(),
        (["**", rest @ ..], path) => (0..=path.len()).any(|skipped| folders(rest, &path[skipped..])),
        ([first, rest @ ..], [name, names @ ..]) => {
            let (first, name): (Vec<_>, Vec<_>) = (first.chars().collect(), name.chars().collect());
            chars(&first, &name) && folders(rest, names)
        }
        _ => false,
    }
}

fn chars(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (['*', rest @ ..], name) => (0..=name.len()).any(|skipped| chars(rest, &name[skipped..])),
        ([p, rest @ ..], [c, name @ ..]) => (*p == '?' || p == c) && chars(rest, name),
        _ => false,
    }
}
