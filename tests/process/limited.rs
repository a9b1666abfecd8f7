//! Files that may not become as large as they would (`ulimit -f`): an error like any other, and no signal that ends papack.

use std::process::Command;

use crate::space::{CACHE, Run, TestSpace, manifest};

const REGISTRY: &str = "assets/.prometeu/index.json";

/// Runs the binary where no file may be larger than `blocks` of the shell, which are 512 or 1,024 bytes.
fn run_limited(space: &TestSpace, blocks: u32, arguments: &str) -> Run {
    let script = format!("ulimit -f {blocks}; exec \"$0\" {arguments}");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_papack")]).current_dir(space.path()).env("NO_COLOR", "1");
    Run::of(command)
}

#[track_caller]
fn expect_told(run: &Run, place: &str) {
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    for part in ["error[IO]: File too large", place, "ulimit -f"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn a_pack_says_which_file_became_too_large() {
    // What is larger than a mebibyte goes to the spool while it is read; less stays in memory until the outputs are staged.
    for (size, count, place) in [(3 << 20, 1, "assets/g1/a1/f"), (100 << 10, 30, "/assets.pa")] {
        let space = TestSpace::with_many(count, |id| vec![u8::try_from(id).unwrap(); size]);
        expect_told(&run_limited(&space, 1024, "pack"), place);
        assert!(!space.path().join("build/assets.pa").exists());
        space.pack();
    }
}

/// From a limit at which nothing can be written to one that is never met.
#[test]
fn whatever_the_limit_a_pack_succeeds_or_says_why_not() {
    let space = TestSpace::with_many(40, |id| vec![b'x'; id * 10]);
    let expected = {
        space.pack();
        space.build()
    };
    let mut codes = Vec::new();
    for blocks in [1, 2, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 128, 256] {
        for folder in ["build", CACHE] {
            drop(std::fs::remove_dir_all(space.path().join(folder)));
        }
        let run = run_limited(&space, blocks, "pack");
        if run.code == 0 {
            assert_eq!(space.build(), expected, "{blocks}");
        } else {
            expect_told(&run, "build/.staging/");
        }
        codes.push(run.code);
        // It only cannot write the cache.
        let run = run_limited(&space, blocks, "check");
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{blocks}: {}", run.stdout);
    }
    assert_eq!((codes[0], codes[codes.len() - 1]), (3, 0), "{codes:?}");
}

#[test]
fn a_document_that_would_be_too_large_stays_as_it_is() {
    let space = TestSpace::with_many(40, |_| vec![b'x']);
    let manifest = manifest(1, "g1/a1", r#"{"file": "f"}"#) + &"\n".repeat(3000);
    space.write("assets/g1/a1/asset.json", manifest);
    let documents = || (space.read(REGISTRY), space.read("assets/g1/a1/asset.json"));
    let before = documents();
    for (arguments, place) in [("exclude 1", REGISTRY), ("rm 1", REGISTRY), ("rename 1 x", "assets/g1/a1/asset.json")] {
        let run = run_limited(&space, 1, arguments);
        expect_told(&run, place);
        assert!(documents() == before, "{arguments}");
    }
}

#[test]
fn timings_that_would_be_too_large_are_lost_and_nothing_else() {
    let space = TestSpace::with_many(40, |_| vec![b'x']);
    let run = run_limited(&space, 1, "check --timings trace.json");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stdout.contains("nothing is wrong"), "{}", run.stdout);
    assert!(run.stderr.starts_with("error: trace.json: File too large"), "{}", run.stderr);
    assert!(run.stderr.contains("only the timings are lost"), "{}", run.stderr);
    // An error of the workspace keeps its code.
    space.write("assets/g1/a1/asset.json", "no manifest");
    let run = run_limited(&space, 1, "check --timings trace.json");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("File too large"), "{}", run.stderr);
}

#[test]
fn standard_output_that_would_be_too_large_is_told() {
    let space = TestSpace::with_many(1, |_| vec![b'x']);
    let run = run_limited(&space, 1, "explain > out");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: standard output cannot be written: File too large"), "{}", run.stderr);
}
