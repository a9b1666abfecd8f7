//! Commands that do not start have a result for programs, too.

use serde_json::json;

use crate::space::TestSpace;

/// Arguments, and the status and the start of the message of the only line on standard output.
const REFUSALS: &[(&[&str], &str, &str)] = &[
    (&["pack", "--message-format", "json"], "NO_WORKSPACE", "no workspace here: "),
    (&["--message-format=json", "--workspace", ".", "status"], "NO_WORKSPACE", ". is no workspace: "),
    (&["--message-format", "json", "-C", "nowhere", "pack"], "PATH_UNUSABLE", "-C nowhere: "),
    (&["diff", "a", "b", "--message-format", "json"], "PATH_UNUSABLE", "a: "),
    (&["init", "no/where", "--message-format", "json"], "PATH_UNUSABLE", "no/where: "),
    (&["pack", "--nope", "--message-format=json"], "USAGE_ERROR", "unexpected argument '--nope' found"),
    (&["--message-format", "json", "pakc"], "USAGE_ERROR", "unrecognized subcommand 'pakc'"),
    (&["--message-format", "json"], "USAGE_ERROR", "'papack' requires a subcommand"),
    // The command does not have the option, or not twice. The last value that there is counts.
    (&["explain", "--message-format", "json"], "USAGE_ERROR", "unexpected argument '--message-format' found"),
    (&["pack", "--message-format=short", "--message-format=json"], "USAGE_ERROR", "the argument '--message-format"),
    (&["pack", "--message-format=json", "--message-format=x"], "USAGE_ERROR", "the argument '--message-format"),
    (&["cache", "show", "--max-size", "1MiB", "--message-format", "json"], "USAGE_ERROR", "--max-size is for"),
    // There is no terminal.
    (&["watch"], "NO_WORKSPACE", "no workspace here: "),
    (&["watch", "--nope"], "USAGE_ERROR", "unexpected argument '--nope' found"),
];

#[test]
fn a_command_that_does_not_start_has_one_result() {
    let space = TestSpace::empty();
    for (arguments, status, message) in REFUSALS {
        let run = space.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        let [line] = &run.lines()[..] else { panic!("{arguments:?}: {}", run.stdout) };
        assert_eq!((&line["type"], &line["status"]), (&json!("result"), &json!(status)), "{arguments:?}");
        assert!(line["message"].as_str().unwrap().starts_with(message), "{arguments:?}: {line}");
        assert!(!line["help"].as_str().unwrap().is_empty(), "{arguments:?}: {line}");
        assert!(run.stderr.starts_with(&format!("error: {message}")), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn who_does_not_ask_for_json_gets_none() {
    let space = TestSpace::empty();
    for (arguments, code) in [
        (&["pack"][..], 2),
        (&["pack", "--message-format", "jsn"], 2),
        (&["pack", "--message-format", "short", "--nope"], 2),
        (&["pack", "--", "--message-format", "json"], 2),
        (&["watch", "--message-format", "human"], 2),
        (&["--message-format", "json", "--version"], 0),
    ] {
        let run = space.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}");
        assert!(!run.stdout.contains('{'), "{arguments:?}: {}", run.stdout);
        assert_eq!(run.stdout.is_empty(), code == 2, "{arguments:?}: {}", run.stdout);
    }
}
