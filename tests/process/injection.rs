//! Names and texts of strangers in all that is printed: nothing of them is obeyed by a terminal, or taken for a line or a
//! command of papack's own by who reads it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::space::{KEY, TestSpace, commands, entry, manifest, uuid};

/// What a terminal obeys, what hides or reorders text, and what would be a command in the log of a build.
const HOSTILE: &str = "\u{1b}[35m\u{1b}]0;t\u{7}\r\u{9b}2J\u{202e}\u{2066}\u{61c}\u{200b}\u{feff}\u{ad}\u{7f}\nFORGED\n::error::x ##[error]y";

/// What must not be printed of it.
const OBEYED: &[char] =
    &['\u{1b}', '\u{7}', '\r', '\u{9b}', '\u{202e}', '\u{2066}', '\u{61c}', '\u{200b}', '\u{feff}', '\u{ad}', '\u{7f}'];

/// How it is printed, and whether in colour.
const FORMATS: [(&str, &str); 7] = [
    ("human", "never"),
    ("human", "always"),
    ("short", "never"),
    ("json", "never"),
    ("github", "always"),
    ("sarif", "always"),
    ("junit", "always"),
];

/// Every command in the hostile workspace `H`, with hostile arguments `H` wherever it takes any.
const CALLS: &[&[&str]] = &[
    &["init", "H"],
    &["init", "H/H"],
    &["new", "H", "--format", "DATA/raw_v1"],
    &["new", "b", "H", "--format", "DATA/raw_v1"],
    &["new", "b", "--format", "H"],
    &["add", "H"],
    &["add", "--all"],
    &["mv", "a", "H"],
    &["mv", "H", "b"],
    &["rename", "a", "H", "--dry-run"],
    &["rename", "H", "b"],
    &["preload", "H", "--next"],
    &["preload", "a", "--slot", "H"],
    &["include", "H"],
    &["exclude", "H"],
    &["exclude", "a", "H"],
    &["rm", "H"],
    &["rm", "--delete-files", "moved"],
    &["status"],
    &["status", "--workspace", "H"],
    &["status", "-v"],
    &["list"],
    &["list", "H"],
    &["list", "H*", "--bank", "H"],
    &["check"],
    &["check", "--deny", "H"],
    &["check", "-v"],
    &["check", "-q"],
    &["check", "--fix"],
    &["check", "--jobs", "H"],
    &["check", "--timings", "H"],
    &["budget"],
    &["budget", "--against", "H"],
    &["budget", "--against", "H/H.pa"],
    &["budget", "--against", "forged H.pa"],
    &["budget", "--against", "broken H.pa"],
    &["plan"],
    &["plan", "-v"],
    &["plan", "--timings", "H/H"],
    &["pack"],
    &["pack", "--explain", "-v"],
    &["pack", "--check"],
    &["pack", "--workspace", "H"],
    &["pack", "--H"],
    &["pack", "--timings", "assets/H"],
    &["watch"],
    &["lsp"],
    &["serve"],
    &["serve", "--workspace", "H"],
    &["serve", "--socket", "H/H"],
    &["verify", "H"],
    &["verify", "H.pa"],
    &["verify", "::error::y"],
    &["verify", "broken H.pa"],
    &["verify", "--reproduce", "--workspace", "H"],
    &["verify", "--reproduce"],
    &["inspect", "H"],
    &["inspect", "H.pa"],
    &["inspect", "::error::y"],
    &["inspect", "H.pa", "1"],
    &["inspect", "forged H.pa"],
    &["inspect", "forged H.pa", "2"],
    &["verify", "forged H.pa"],
    &["convert", "H", "--to", "out"],
    &["convert", "assets/a/asset.json", "H", "--to", "H/H", "--set", "H=H"],
    &["extract", "forged H.pa", "--to", "H forged"],
    &["diff", "forged H.pa", "H.pa"],
    &["inspect", "H.pa", "H"],
    &["inspect", "broken H.pa"],
    &["extract", "H", "--to", "H"],
    &["extract", "H.pa", "--to", "H out"],
    &["extract", "H.pa", "--to", "::error::z"],
    &["extract", "H.pa", "H", "--to", "H out"],
    &["diff", "H.pa", "H.pa"],
    &["diff", "H.pa", "other H.pa", "-v"],
    &["diff", "H", "H.pa"],
    &["diff", "::error::y", "broken H.pa"],
    &["doctor"],
    &["doctor", "--fix", "--dry-run"],
    &["migrate", "--dry-run"],
    &["cache", "H"],
    &["cache", "show"],
    &["cache", "prune", "--max-size", "H"],
    &["merge-registry", "H", "H", "H"],
    &["merge-registry", "base H", "ours H", "theirs H"],
    &["merge-registry", "base H", "broken H.pa", "theirs H"],
    &["explain", "H"],
    &["schema", "H"],
    &["completions", "H"],
    &["man", "--to", "H.pa"],
    &["man", "--to", "H.pa/H"],
    &["H"],
    &["help", "H"],
    &["--message-format=H"],
];

/// `text` in a string of JSON, with nothing escaped but what must be.
fn in_json(text: &str) -> String {
    serde_json::to_string(text).unwrap().trim_matches('"').to_owned()
}

/// A workspace in a folder with a hostile name, in which the files, the manifests and the registry are hostile too.
struct Ground {
    space: TestSpace,
    folder: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
        space.pack();
        let packed = space.read("build/assets.pa");
        // No packer makes it, but a stranger may: an asset with a hostile name.
        let name = "N".repeat(in_json(HOSTILE).len());
        space.write("assets/b/asset.json", manifest(2, &name, r#"{"file": "f"}"#));
        space.pack();
        let named = space.read("build/assets.pa");
        let at = named.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
        let forged = [&named[..at], in_json(HOSTILE).as_bytes(), &named[at + name.len()..]].concat();
        space.write("assets/b/f", "changed");
        space.pack();
        let other = space.read("build/assets.pa");
        let folder = space.path().join(HOSTILE);
        let write = |path: &str, content: &[u8]| {
            let path = folder.join(path.replace('H', HOSTILE));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        let text = in_json(HOSTILE);
        let user = format!("\"user\": {{\"{text}\": \"{text}\"}}");
        let field = |field: &str| manifest(1, "a", r#"{"file": "f"}"#).replacen('{', &format!("{{ {field},"), 1);
        let files = format!(r#"{{"file": "{text}"}}, {{"glob": "{text}*"}}"#);
        for (root, content) in [
            ("a", manifest(1, &text, r#"{"file": "f"}"#)),
            ("unknown", field(&format!("\"{text}\": 1"))),
            ("user", field(&user)),
            ("files", manifest(4, "files", &files)),
            ("format", manifest(5, "format", r#"{"file": "f"}"#).replace("DATA/raw_v1", &text)),
            ("broken", format!("{{ \"a\": {HOSTILE} }}")),
            ("moved", manifest(7, "moved", r#"{"file": "f"}"#)),
            ("H", manifest(8, "h", r#"{"file": "f"}"#)),
            ("assets of H/H", manifest(9, &text, r#"{"file": "f"}"#)),
        ] {
            write(&format!("assets/{root}/asset.json"), content.as_bytes());
            write(&format!("assets/{root}/f"), b"f");
            write(&format!("assets/{root}/H.png"), b"no picture");
        }
        let roots = ["a", "unknown", "user", "files", "format", "broken", "gone", &text, "b"];
        let mut entries: Vec<_> = roots.iter().zip(1..).map(|(root, id)| entry(id, root)).collect();
        entries.push(format!(r#"{{ "asset_id": 20, "asset_uuid": "{}", "root": "x", "{text}": 1 }}"#, uuid(20)));
        let registry = |entries: &[String]| {
            format!(r#"{{"schema_version": 2, "next_asset_id": 99, "assets": [{}]}}"#, entries.join(",\n"))
        };
        write("assets/.prometeu/index.json", registry(&entries[..7]).as_bytes());
        write("base H", registry(&entries[..1]).as_bytes());
        write("ours H", registry(&[entry(2, &text)]).as_bytes());
        write("theirs H", registry(&[entry(2, "other")]).as_bytes());
        write("broken H.pa", &[&packed[..packed.len() / 2], HOSTILE.as_bytes()].concat());
        write("other H.pa", &other);
        write("H.pa", &packed);
        write("forged H.pa", &forged);
        write("::error::y", &packed);
        Self { space, folder }
    }

    /// The registry with all that is wrong with it, which keeps commands from looking at anything else.
    fn spoil_registry(&self) {
        let text = in_json(HOSTILE);
        let entries = [entry(1, &text), entry(2, &text).replace("true", &format!("true, \"{text}\": \"{text}\""))];
        let registry =
            format!(r#"{{"schema_version": 2, "next_asset_id": 9, "{text}": 1, "assets": [{}]}}"#, entries.join(","));
        fs::write(self.folder.join("assets/.prometeu/index.json"), registry).unwrap();
    }

    fn command(&self, folder: &Path, arguments: &[OsString]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
        command.current_dir(folder).args(arguments);
        command.env("GITHUB_WORKSPACE", self.space.path()).env("PAPACK_CACHE_KEY", KEY);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// What a command prints. A watch is ended when it has built.
fn output(mut command: Command, is_watch: bool) -> Output {
    let process = command.spawn().unwrap();
    if is_watch {
        std::thread::sleep(Duration::from_secs(1));
        assert!(Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap().success());
    }
    process.wait_with_output().unwrap()
}

/// Text without the styles of papack's own.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| match part.split_once('m') {
        // No style of papack's has the colour of the hostile text.
        Some((numbers, rest)) if numbers != "35" && numbers.bytes().all(|b| b.is_ascii_digit() || b == b';') => {
            text + rest
        }
        _ => text + "\u{1b}[" + part,
    })
}

#[track_caller]
fn expect_harmless(what: &str, printed: &[u8]) {
    let text = without_styles(std::str::from_utf8(printed).unwrap());
    for line in text.split('\n') {
        assert!(!line.contains(OBEYED), "{what}: {line:?}");
        assert!(!line.trim_start().starts_with("FORGED"), "{what}: a line of its own: {line:?}");
        assert!(!line.trim_start().starts_with("::error::"), "{what}: {line:?}");
        let is_command = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
        assert!(is_command || !line.contains("##["), "{what}: {line:?}");
    }
}

/// Runs all calls in `folder`, and counts what was printed of the hostile text, so that it is known to have come there.
fn run_all(ground: &Ground, folder: &Path, hostile: &OsStr) -> usize {
    let mut shown = 0;
    for call in CALLS {
        for (format, color) in FORMATS {
            let parts = |argument: &&str| {
                let parts: Vec<_> = argument.as_bytes().split(|byte| *byte == b'H').collect();
                OsString::from_vec(parts.join(hostile.as_bytes()))
            };
            let mut arguments: Vec<OsString> = call.iter().map(parts).collect();
            let takes_format = !["explain", "schema", "completions", "man", "merge-registry", "lsp", "serve", "help"]
                .contains(&call[0]);
            match (format, takes_format) {
                (_, true) => arguments.extend(["--message-format".into(), format.into()]),
                ("human", false) => {}
                _ => continue,
            }
            arguments.extend(["--color".into(), color.into()]);
            let Output { stdout, stderr, .. } = output(ground.command(folder, &arguments), call[0] == "watch");
            let what = format!("{call:?} {format} {color}");
            expect_harmless(&what, &stdout);
            expect_harmless(&what, &stderr);
            let both = String::from_utf8([stdout, stderr].concat()).unwrap();
            shown += usize::from(["\\u{202e}", "\\u202e", "\\u{9b}", "\\u009b"].iter().any(|sign| both.contains(sign)));
        }
    }
    shown
}

#[test]
fn nothing_of_strangers_is_obeyed_in_a_workspace() {
    let called = CALLS.iter().map(|call| call[0].to_owned()).collect::<Vec<_>>();
    for command in commands() {
        assert!(called.contains(&command), "CALLS has no {command}");
    }
    let ground = Ground::new();
    let shown = run_all(&ground, &ground.folder, OsStr::new(HOSTILE));
    assert!(shown > 100, "the texts did not come where they would be printed: {shown}");
    ground.spoil_registry();
    run_all(&ground, &ground.folder, OsStr::new(HOSTILE));
}

#[test]
fn nothing_of_strangers_is_obeyed_elsewhere() {
    let ground = Ground::new();
    let elsewhere = ground.space.path().join("no workspace").join(HOSTILE);
    fs::create_dir_all(&elsewhere).unwrap();
    fs::remove_dir_all(ground.space.path().join("assets")).unwrap();
    let shown = run_all(&ground, &elsewhere, OsStr::new(HOSTILE));
    assert!(shown > 50, "{shown}");
    // What is no text at all.
    run_all(&ground, &elsewhere, OsStr::from_bytes(b"\xff\x1b[35m\xc2\x9b\n::error::x\xfe"));
    // The name under which the program was called.
    let linked = elsewhere.join(format!("papack {HOSTILE}"));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_papack"), &linked).unwrap();
    for arguments in [&["--help"][..], &["pack", "--help"], &["pakc"], &["pack", "--jobs", "x"], &[]] {
        let Output { stdout, stderr, .. } = Command::new(&linked).args(arguments).output().unwrap();
        expect_harmless("help", &[stdout, stderr].concat());
    }
}
