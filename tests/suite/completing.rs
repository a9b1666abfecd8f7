//! What shells complete: asked of papack, and with real shells on a terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use papack_queries::diagnostic::Code;

use crate::help::options;
use crate::space::{TestSpace, commands, entry, files_below, manifest, uuid};

/// Names that a shell must not take for commands, each with the start that somebody types.
const HOSTILE: [(&str, &str); 7] = [
    ("aa", "aa$(touch pwned)"),
    ("bb", "bb`touch pwned`"),
    ("cc", "cc'; touch pwned; '"),
    ("dd", "dd\"& touch pwned &\""),
    ("ee", "ee;touch pwned|touch pwned>pwned"),
    ("ff", "ff * {pwned,$HOME} ~ \\ !! é"),
    ("gg", "gg two words"),
];

/// The assets 1 `hero` and 2 `ui/font`, in slots 0 and 2, and 3 `music`, which is not packed, in slot 1.
fn workspace() -> TestSpace {
    let space = TestSpace::empty();
    for (id, root, name, slot) in [(1, "hero", "player", 0), (2, "ui/font", "ui_font", 2), (3, "music", "music", 1)] {
        let text = manifest(id, name, r#"{"file": "f"}"#);
        let preload = format!(",\n  \"preload\": {{ \"enabled\": true, \"slot\": {slot} }}\n}}");
        space.write(
            &format!("assets/{root}/asset.json"),
            text.trim_end().trim_end_matches('}').trim_end().to_owned() + &preload,
        );
    }
    space.write_registry(&[entry(1, "hero"), entry(2, "ui/font"), entry(3, "music").replace("true", "false")]);
    space
}

/// What may stand in the place of the last of the words.
#[track_caller]
fn completed(space: &TestSpace, shell: &str, words: &[&str]) -> Vec<String> {
    let run = space.run(&[&["complete", shell, "--", "papack"], words].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout.lines().map(|line| line.split_once('\t').unwrap().0.to_owned()).collect()
}

#[test]
fn every_command_and_option_is_completed() {
    let space = TestSpace::empty();
    for shell in ["bash", "zsh", "fish"] {
        let found = completed(&space, shell, &[""]);
        assert!(commands().iter().all(|command| found.contains(command)), "{shell}: {found:?}");
        assert!(!found.iter().any(|word| word == "complete"), "that is for scripts");
        assert_eq!(completed(&space, shell, &["preloa"]), ["preload"]);
        for command in commands() {
            let found = completed(&space, shell, &[&command, "--"]);
            assert!(options(&command).iter().all(|option| found.contains(option)), "{shell} {command}: {found:?}");
        }
        assert_eq!(completed(&space, shell, &["--workspace", "x", "pack", "--message-format", "sh"]), ["short"]);
    }
    assert_eq!(completed(&space, "zsh", &["pack", "--message-format=js"]), ["--message-format=json"]);
    assert_eq!(completed(&space, "bash", &["pack", "--message-format", "=", "js"]), ["json"]);
    assert_eq!(completed(&space, "bash", &["pack", "--message-format", "="]).len(), 6);
}

#[test]
fn names_roots_slots_and_codes_are_completed() {
    let space = workspace();
    for command in ["mv", "rename", "preload", "include", "exclude", "rm"] {
        let found = completed(&space, "zsh", &[command, ""]);
        let words: Vec<_> = found.iter().filter(|word| !word.starts_with('-')).collect();
        assert_eq!(words, ["hero", "music", "player", "ui/font", "ui_font"], "{command}");
    }
    assert_eq!(completed(&space, "zsh", &["rm", "hero", "ui"]), ["ui/font", "ui_font"]);
    assert_eq!(completed(&space, "zsh", &["doctor", "--renumber", "h"]), ["hero"]);
    // Those of the asset's bank that are free come first; an asset that is not packed has none.
    let slots = completed(&space, "zsh", &["preload", "player", "--slot", ""]);
    assert_eq!(slots[..3], ["1", "3", "4"]);
    assert_eq!(slots[14..], ["0", "2"]);
    assert_eq!(completed(&space, "zsh", &["preload", "--slot", ""]).len(), 16);
    assert_eq!(completed(&space, "zsh", &["explain", "GLOB_E"]), ["GLOB_EMPTY"]);
    assert_eq!(completed(&space, "zsh", &["explain", "glob_e"]), ["glob_empty"]);
    assert_eq!(
        completed(&space, "zsh", &["explain", ""]).iter().filter(|word| !word.starts_with('-')).count(),
        Code::ALL.len()
    );
    // From elsewhere.
    let space = TestSpace::copy_of("demo");
    let here = TestSpace::empty();
    let path = space.path().to_str().unwrap();
    let expected = completed(&space, "zsh", &["rm", "d"]);
    assert!(!expected.is_empty());
    for words in [["-C", path, "rm", "d"], ["--workspace", path, "rm", "d"], ["rm", "--workspace", path, "d"]] {
        assert_eq!(completed(&here, "zsh", &words), expected, "{words:?}");
    }
}

#[test]
fn a_broken_workspace_is_silent_and_left_alone() {
    for registry in [None, Some(""), Some("{"), Some("\u{1b}[31m"), Some(r#"{"schema_version": 9}"#)] {
        let space = TestSpace::empty();
        if let Some(registry) = registry {
            space.write("assets/.prometeu/index.json", registry);
        }
        let before = files_below(space.path());
        assert_eq!(completed(&space, "bash", &["preload", "x"]), Vec::<String>::new(), "{registry:?}");
        assert_eq!(completed(&space, "bash", &["preload", "x", "--slot", "1"]).len(), 7, "{registry:?}");
        assert!(files_below(space.path()) == before);
    }
    // What is right in a registry and a manifest with faults.
    let space = workspace();
    space.write("assets/hero/asset.json", "{");
    let text = String::from_utf8(space.read("assets/.prometeu/index.json")).unwrap();
    space.write("assets/.prometeu/index.json", text.replace(&uuid(3), &uuid(2)));
    let before = files_below(space.path());
    let found = completed(&space, "fish", &["rm", ""]);
    assert!(["hero", "ui/font", "ui_font"].iter().all(|word| found.iter().any(|found| found == word)), "{found:?}");
    assert!(files_below(space.path()) == before, "nothing is written, not even a cache");
}

#[test]
fn a_large_workspace_is_looked_at_for_a_moment() {
    let space = TestSpace::with_many(10_000, |id| id.to_string().into_bytes());
    let started = Instant::now();
    let found = completed(&space, "bash", &["rm", "g17/"]);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(found.len(), 100, "all roots are there, however little time there was for names");
}

/// No control character gets into a command line.
#[test]
fn what_cannot_be_shown_is_not_completed() {
    let space = workspace();
    for name in ["\\u001b[31m", "two\\nlines", "tab\\there", "\\u202enaem", "-flag"] {
        let text = manifest(1, "NAME", r#"{"file": "f"}"#).replace("NAME", name);
        space.write("assets/hero/asset.json", text);
        for shell in ["bash", "zsh", "fish"] {
            let run = space.run(&["complete", shell, "--", "papack", "rm", ""]);
            assert!(!run.stdout.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{:?}", run.stdout);
            assert!(!run.stdout.contains('\u{202e}') && !run.stdout.contains("-flag"), "{:?}", run.stdout);
            assert!(run.stdout.contains("hero\t"), "its root is: {:?}", run.stdout);
        }
    }
}

/// What the program `shell` shows when these keys are typed to it, with `papack` in its path and a command `show` that
/// is completed like papack and shows its arguments. `None` where there is no such shell.
fn typed(space: &TestSpace, shell: &str, keys: &str) -> Option<String> {
    if Command::new(shell).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        eprintln!("skipped: there is no {shell} on this machine");
        return None;
    }
    let script = space.run(&["completions", shell]).stdout;
    let (arguments, set_up): (&[&str], _) = match shell {
        "bash" => (
            &["--norc", "--noprofile", "-i"],
            "source ./script; show() { printf '<%s>\\n' \"$@\"; }; complete -F _papack show; set +H\n",
        ),
        "zsh" => (
            &["-f", "-i"],
            "autoload -Uz compinit; compinit -u -d ./dump; source ./script; show() { printf '<%s>\\n' \"$@\" }; compdef _papack show; setopt no_bang_hist\n",
        ),
        _ => (
            &["--no-config", "-i"],
            "source ./script; function show; printf '<%s>\\n' $argv; end; complete -c show -f -k -a '(__papack_complete)'\n",
        ),
    };
    space.write("script", script);
    let keyboard = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&keyboard).unwrap();
    rustix::pty::unlockpt(&keyboard).unwrap();
    let name = rustix::pty::ptsname(&keyboard, Vec::new()).unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(Path::new(name.to_str().unwrap())).unwrap();
    let size = rustix::termios::Winsize { ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&terminal, size).unwrap();
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait", shell]).args(arguments).current_dir(space.path());
    let folder = Path::new(env!("CARGO_BIN_EXE_papack")).parent().unwrap();
    command.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    command.env("HOME", space.path()).env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    // Shells keep what was typed below these where they are set.
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
        command.env_remove(name);
    }
    command.stdin(terminal.try_clone().unwrap()).stdout(terminal.try_clone().unwrap()).stderr(terminal);
    let mut process = command.spawn().unwrap();
    // The command has the terminal, and reading ends when nobody has it.
    drop(command);
    let mut keyboard = File::from(keyboard);
    let mut seen = Vec::new();
    let mut reader = keyboard.try_clone().unwrap();
    keyboard.write_all(set_up.as_bytes()).unwrap();
    let typing = std::thread::spawn({
        let keys = keys.to_owned();
        move || {
            // A shell that is still at work may throw away what was typed ahead.
            for key in keys.split_inclusive(['\t', '\n']) {
                std::thread::sleep(Duration::from_millis(700));
                keyboard.write_all(key.as_bytes()).unwrap();
            }
            std::thread::sleep(Duration::from_millis(700));
            keyboard.write_all(b"exit\n").unwrap();
            keyboard
        }
    });
    // A terminal of which nobody has the other end any more is an error.
    drop(reader.read_to_end(&mut seen));
    drop(typing.join().unwrap());
    process.wait().unwrap();
    Some(String::from_utf8_lossy(&seen).into_owned())
}

/// They wait for what is typed, so they are driven at the same time.
#[test]
fn real_shells_quote_names_and_run_nothing_of_them() {
    std::thread::scope(|scope| {
        for shell in ["bash", "zsh", "fish"] {
            scope.spawn(|| quotes_names_and_runs_nothing_of_them(shell));
        }
    });
}

fn quotes_names_and_runs_nothing_of_them(shell: &str) {
    let space = TestSpace::empty();
    let mut entries = Vec::new();
    for (index, (_, name)) in HOSTILE.iter().enumerate() {
        let (id, root) = (index + 1, format!("root{index}"));
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        space.write(&format!("assets/{root}/asset.json"), manifest(id, &name, r#"{"file": "f"}"#));
        entries.push(entry(id, &root));
    }
    space.write_registry(&entries);
    let mut keys = String::new();
    for (start, _) in HOSTILE {
        keys += &format!("show rm {start}\t\n");
    }
    // Within quotes that somebody opened, too.
    for (quote, start) in [('"', "aa"), ('"', "bb"), ('\'', "cc"), ('"', "dd")] {
        keys += &format!("show rm {quote}{start}\t\u{15}");
    }
    keys += "show rm --delete \"gg\t\n";
    keys += "show explain GLOB_EM\t\nshow preloa\t\n";
    let Some(seen) = typed(&space, shell, &keys) else { return };
    let seen = seen.replace('\r', "");
    for (_, name) in HOSTILE {
        assert!(seen.contains(&format!("<rm>\n<{name}>\n")), "{shell}: {name}\n{seen}");
    }
    assert!(seen.contains("<--delete>\n<gg two words>\n"), "{shell}: {seen}");
    assert!(seen.contains("<explain>\n<GLOB_EMPTY>\n") && seen.contains("<preload>\n"), "{shell}: {seen}");
    assert!(!space.path().join("pwned").exists(), "{shell}: {seen}");
}

/// Folders for new assets, files beside assets, and nothing that is named already.
#[test]
fn folders_and_packs_are_completed() {
    let space = workspace();
    space.write("assets/pics/a.png", "");
    space.write("assets/noise/low/b.wav", "");
    space.write("assets/made/asset.json", manifest(9, "made", r#"{"file": "f"}"#));
    space.write("assets/hero/inside/c.png", "");
    space.write("game.pa", "");
    let words = |arguments: &[&str]| {
        let found = completed(&space, "zsh", arguments);
        found.into_iter().filter(|word| !word.starts_with('-')).collect::<Vec<_>>()
    };
    assert_eq!(words(&["new", ""]), ["noise/low", "pics", "assets/"]);
    assert_eq!(words(&["new", "assets/p"]), ["assets/pics/"]);
    assert_eq!(words(&["add", ""]), ["made", "assets/"]);
    assert_eq!(words(&["add", "made", ""]), ["assets/"]);
    assert_eq!(words(&["mv", "hero", ""]), ["noise", "noise/low", "pics", "ui", "assets/"]);
    assert_eq!(words(&["rm", "hero", ""]), ["music", "ui/font", "ui_font"]);
    for command in ["inspect", "extract"] {
        assert_eq!(words(&[command, ""]), ["player", "ui_font", "assets/", "game.pa"], "{command}");
        assert_eq!(words(&[command, "game.pa", "player", ""]), ["ui_font"], "{command}");
    }
    let folders = completed(&space, "zsh", &["-C", "a"]);
    assert_eq!(folders, ["assets/"]);
    assert!(!completed(&space, "zsh", &["-C", ""]).contains(&"game.pa".to_owned()));
}
