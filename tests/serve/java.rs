//! The client in Java, compiled and run against this papack.
//!
//! Needs a JDK, 17 or newer. Where there is none the test says so and passes; with `PAPACK_REQUIRE_JAVA` set it fails.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::space::{KEY, TestSpace};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "java") {
            sources.push(path);
        }
    }
    sources
}

fn expect_success(mut command: Command) {
    let output = command.output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&printed));
}

#[test]
fn the_client_goes_through_the_wizard() {
    if Command::new("javac").arg("-version").output().is_err() {
        assert!(std::env::var_os("PAPACK_REQUIRE_JAVA").is_none(), "there is no javac");
        eprintln!("skipped: there is no javac; install a JDK, 17 or newer");
        return;
    }
    let space = TestSpace::copy_of("demo");
    let classes = tempfile::tempdir().unwrap();
    let mut compile = Command::new("javac");
    compile.args(["--release", "17", "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d"]).arg(classes.path());
    compile.args(sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/java")));
    expect_success(compile);
    let mut run = Command::new("java");
    run.arg("-cp").arg(classes.path()).args(["prometeu.papack.WizardTest", env!("CARGO_BIN_EXE_papack")]);
    run.arg(space.path()).env("PAPACK_CACHE_KEY", KEY);
    expect_success(run);
}
