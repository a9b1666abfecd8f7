//! The walk in the guide is walked: its commands do what it shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pictures::rgba;
use crate::space::{KEY, TestSpace};
use crate::wav::Wav;

const CHAPTER: &str = "## From nothing to a packed game";

/// What the reader draws and records.
fn drawn() -> [(&'static str, Vec<u8>); 5] {
    let frame = |shade| rgba(16, 24, [shade, 80, 40, 255]);
    [
        ("assets/hero/walk/01.png", frame(40)),
        ("assets/hero/walk/02.png", frame(120)),
        ("assets/hero/walk/03.png", frame(200)),
        ("assets/sfx/step.wav", Wav::default().bytes()),
        ("assets/sfx/wind.wav", Wav { data: vec![0; 64], smpl: Some((0, 0, 31)), ..Wav::default() }.bytes()),
    ]
}

/// A command of the guide, and what it shows after it.
struct Shown {
    command: String,
    output: String,
}

fn chapter() -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide.md")).unwrap();
    let (_, rest) = text.split_once(CHAPTER).expect("the chapter is there");
    rest.split("\n## ").next().unwrap().to_owned()
}

fn shown(chapter: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let blocks = chapter.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ ") {
            Some(command) => all.push(Shown { command: command.to_owned(), output: String::new() }),
            None => all.last_mut().expect("a command comes first").output += &format!("{line}\n"),
        }
    }
    all
}

/// Output without what differs from run to run: times and identities.
fn masked(output: &str) -> String {
    let words = |line: &str| {
        let mut words: Vec<_> = line.split(' ').collect();
        for at in 1..words.len() {
            if words[at].trim_end_matches(',') == "s" && words[at - 1].parse::<f64>().is_ok() {
                words[at - 1] = "TIME";
            }
            if words[at - 1] == "\"asset_uuid\":" {
                assert_eq!(words[at].len(), 39, "{line}");
                words[at] = "UUID";
            }
        }
        words.join(" ").trim_end().to_owned()
    };
    output.trim_end().lines().map(words).collect::<Vec<_>>().join("\n")
}

/// Runs `command` in a shell in `folder`, and returns what it prints.
fn run(folder: &Path, command: &str) -> String {
    let papack = Path::new(env!("CARGO_BIN_EXE_papack")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(papack.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut shell = Command::new("sh");
    shell.current_dir(folder).args(["-c", &format!("{command} 2>&1")]);
    let output = shell.env("PATH", path.unwrap()).env("NO_COLOR", "1").env("PAPACK_CACHE_KEY", KEY).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    // Packs that differ are no failure, and no success either.
    let expected = i32::from(command.starts_with("papack diff"));
    assert_eq!(output.status.code(), Some(expected), "$ {command}\n{printed}");
    printed
}

#[test]
fn the_walk_leads_where_the_guide_says() {
    let space = TestSpace::empty();
    let chapter = chapter();
    let mut folder: PathBuf = space.path().to_owned();
    let commands = shown(&chapter);
    let used = ["init", "new", "preload", "check", "pack", "verify", "inspect", "diff", "extract"];
    for name in used {
        let is_used = commands.iter().any(|shown| shown.command.starts_with(&format!("papack {name}")));
        assert!(is_used, "the walk has no papack {name}");
    }
    for Shown { command, output } in commands {
        for (path, content) in drawn() {
            let place = folder.join(path);
            assert!(chapter.contains(place.file_name().unwrap().to_str().unwrap()), "{path} is not named");
            if place.parent().unwrap().exists() && !place.exists() {
                fs::write(place, content).unwrap();
            }
        }
        match command.strip_prefix("cd ") {
            Some(name) => folder.push(name),
            None => assert_eq!(masked(&run(&folder, &command)), masked(&output), "$ {command}"),
        }
    }
    for (path, content) in drawn() {
        assert_eq!(fs::read(folder.join(path)).unwrap(), content, "{path}");
    }
}
