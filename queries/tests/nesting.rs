//! Half a million opening brackets are refused at once, with little stack and little memory. Alone in its process, whose
//! peak memory it looks at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "a test of time and memory asks the system")]

use std::thread;
use std::time::{Duration, Instant};

use papack_queries::diagnostic::Code;
use papack_queries::schema::{manifest, registry};

const COUNT: usize = 500_000;

/// The most memory that this process ever had, in bytes, where the system tells.
fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}

/// Texts with `COUNT` opening brackets or braces, and what comes of them.
fn texts() -> Vec<(String, Code)> {
    let many = |part: &str| part.repeat(COUNT / part.matches(['[', '{']).count());
    let deep = Code::JsonTooDeep;
    let mut texts = Vec::new();
    for part in ["[", "{", "{\"\":", "[{\"\":", "[[[{", "[ ", "[\n"] {
        texts.push((many(part), deep));
        texts.push((format!("{{\"schema_version\": 2, \"assets\": {}", many(part)), deep));
        texts.push((format!("{{\"schema_version\": 2, \"output\": {{\"pipeline\": {}", many(part)), deep));
        // Depth is looked at before grammar.
        texts.push((format!("no JSON {}", many(part)), deep));
    }
    // Closed again.
    texts.push((format!("{}{}", many("["), "]".repeat(COUNT)), deep));
    // In strings brackets are text, whatever the string ends in.
    texts.push((format!("[\"{}\"]", many("[")), Code::FieldInvalid));
    texts.push((format!("[\"\\\"{}\\\\\"]", many("{[")), Code::FieldInvalid));
    texts.push((format!("{{\"{}\": 1}}", many("[")), Code::FieldMissing));
    texts.push((format!("\"{}", many("[")), Code::JsonSyntax));
    texts
}

#[test]
fn half_a_million_brackets_are_refused_at_once() {
    let texts = texts();
    let before = peak_memory();
    let refuse = move || {
        for (text, code) in &texts {
            let begun = Instant::now();
            let by_registry = registry::parse(text.as_bytes()).diagnostics;
            // A manifest of more than its allowed size would not be looked into.
            let by_manifest = manifest::parse("m", &text.as_bytes()[..text.len().min(manifest::MAX_SIZE)]).1;
            let took = begun.elapsed();
            let shown = &text[..40];
            for faults in [by_registry, by_manifest] {
                assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [*code], "{shown}");
            }
            assert!(took < Duration::from_secs(2), "{shown}: {took:?}");
        }
    };
    // Whatever recursed as deep as the text is, would need more.
    thread::Builder::new().stack_size(256 * 1024).spawn(refuse).unwrap().join().unwrap();
    if let (Some(before), Some(after)) = (before, peak_memory()) {
        let grown = after - before;
        println!("peak memory grew by {} KiB", grown / 1024);
        assert!(grown < 16 << 20, "peak memory grew by {grown} bytes");
    }
}
