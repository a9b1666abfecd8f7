//! `papack.toml`: what it says is done, and whatever it is, it is read or refused.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::denied::{space, told};
use crate::space::TestSpace;

/// Writes the settings, with their version before `text`.
fn set(space: &TestSpace, text: &str) {
    space.write("papack.toml", format!("schema_version = 1\n[diagnostics]\n{text}\n"));
}

/// The exit code of a command, and how it told the warning and the notice of the workspace.
fn run(space: &TestSpace, arguments: &[&str]) -> (i32, String) {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    let lines = run.lines();
    let told = [told(&lines, "GLOB_ORDER"), told(&lines, "ASSET_UNREGISTERED")].concat();
    (run.code, told.join(" "))
}

#[test]
fn the_settings_are_read_by_every_operation_and_the_command_line_comes_before_them() {
    let space = space();
    space.pack();
    for (settings, arguments, code, told) in [
        ("", &["pack"][..], 0, "WARNING INFO"),
        ("deny_warnings = true", &["pack"], 1, "ERROR INFO"),
        ("deny_warnings = false", &["pack"], 0, "WARNING INFO"),
        ("deny = ['glob-order', 'ASSET_UNREGISTERED']", &["pack"], 1, "ERROR ERROR"),
        ("deny = ['GLOB_ORDER']", &["check"], 1, "ERROR INFO"),
        ("deny = ['GLOB_ORDER']", &["verify", "--reproduce"], 1, "ERROR INFO"),
        ("deny = ['GLOB_ORDER']", &["pack", "--check"], 1, "ERROR INFO"),
        ("deny = ['GLOB_ORDER']", &["plan", "--exit-code"], 1, "ERROR INFO"),
        ("deny = ['GLOB_ORDER']", &["status"], 0, "ERROR INFO"),
        ("warn = ['ASSET_UNREGISTERED']", &["pack"], 0, "WARNING WARNING"),
        ("warn = ['ASSET_UNREGISTERED']\ndeny_warnings = true", &["pack"], 1, "ERROR ERROR"),
        ("allow = ['GLOB_ORDER', 'GLOB_ORDER']", &["pack"], 0, "INFO"),
        ("allow = ['GLOB_ORDER']", &["pack", "--deny-warnings"], 0, "INFO"),
        ("allow = ['GLOB_ORDER']", &["pack", "--warn", "GLOB_ORDER"], 0, "WARNING INFO"),
        ("deny = ['GLOB_ORDER']", &["pack", "--allow", "GLOB_ORDER"], 0, "INFO"),
        ("deny = ['GLOB_ORDER']", &["pack", "--warn", "GLOB_ORDER"], 0, "WARNING INFO"),
        ("deny_warnings = true", &["pack", "--warn", "GLOB_ORDER"], 0, "WARNING INFO"),
        ("deny_warnings = true", &["pack", "--warn", "GLOB_ORDER", "--deny-warnings"], 1, "ERROR INFO"),
    ] {
        set(&space, settings);
        assert_eq!(run(&space, arguments), (code, told.to_owned()), "{settings} {arguments:?}");
    }
    let outputs = space.build();
    fs::remove_dir_all(space.path().join("build")).unwrap();
    fs::remove_file(space.path().join("papack.toml")).unwrap();
    space.pack();
    assert_eq!(space.build(), outputs, "settings change no bytes");
}

/// Settings that say nothing may be short, and what says nothing wrong is accepted.
#[test]
fn settings_may_be_short() {
    for text in [
        "schema_version = 1",
        "\u{feff}schema_version = 0x1\ndiagnostics = {}",
        "diagnostics.allow = []\nschema_version = 1",
    ] {
        let space = space();
        space.write("papack.toml", text);
        assert_eq!(run(&space, &["pack"]), (0, "WARNING INFO".into()), "{text:?}");
    }
}

/// Everything that is wrong is told at its place, together with what is wrong with the workspace.
#[test]
fn what_is_wrong_is_told_at_its_place() {
    let space = space();
    fs::remove_dir_all(space.path().join("assets/new")).unwrap();
    space.write(
        "papack.toml",
        "schema_version = 1\nout = '/tmp'\n\n[diagnostics]\ndeny_warning = true\nallow = ['GLOB_ODER', 7]\n\
         warn = ['IO']\ndeny = ['io']\ndeny_warnings = 'yes'\n",
    );
    let run = space.run(&["pack", "--message-format", "short"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout, @r#"
    papack.toml:2:1: error[SETTINGS_INVALID]: unknown key "out"
    papack.toml:5:1: error[SETTINGS_INVALID]: unknown key "deny_warning"
    papack.toml:6:10: error[SETTINGS_INVALID]: there is no code "GLOB_ODER"
    papack.toml:6:23: error[SETTINGS_INVALID]: expected a code in quotes, found an integer
    papack.toml:8:9: error[SETTINGS_INVALID]: IO is in "warn" already
    papack.toml:9:17: error[SETTINGS_INVALID]: expected true or false, found a string
    assets/a/asset.json:5:26: warning[GLOB_ORDER]: files are taken in byte order: "10" comes before "2"
    not packed: 6 errors
    "#);
    let json = space.run(&["check", "--message-format", "json"]).lines();
    let pointers = json.last().unwrap()["diagnostics"].as_array().unwrap().iter().map(|found| found["pointer"].clone());
    assert_eq!(
        pointers.filter(|pointer| !pointer.is_null()).collect::<Vec<_>>()[..4],
        ["/out", "/diagnostics/deny_warning", "/diagnostics/allow/0", "/diagnostics/allow/1"]
    );
    space.write("papack.toml", "schema_version = 1\n[diagnostics]\nallow = ['GLOB_ODER']\n");
    let run = space.run(&["check"]);
    assert!(
        run.stderr.starts_with(
            "error[SETTINGS_INVALID]: there is no code \"GLOB_ODER\"\n --> papack.toml:3:10\n  |\n3 | allow = \
             ['GLOB_ODER']\n  |          ^^^^^^^^^^^\n  |\n  = help: did you mean \"GLOB_ORDER\"? (papack explain lists \
             all codes)\n"
        ),
        "{}",
        run.stderr
    );
}

/// What is wrong is told also where the version is, and a key that is elsewhere, or a code alone, is told how it is right.
#[test]
fn what_is_misplaced_is_told_where_it_belongs() {
    let space = space();
    fs::remove_dir_all(space.path().join("assets/new")).unwrap();
    space
        .write("papack.toml", "allow = ['GLOB_ORDER']\n[diagnostics]\ndeny = 'io'\nwarn = 'xyz'\nschema_version = 1\n");
    let lines = space.run(&["check", "--message-format", "json"]).lines();
    let faults = lines.iter().filter(|line| line["code"] == "SETTINGS_INVALID");
    let told = faults.map(|fault| {
        let part = |name: &str| fault[name].as_str().unwrap_or("-").to_owned();
        format!("{}: {}: {}", part("pointer"), part("message"), part("help"))
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    : "schema_version" is missing: begin it with schema_version = 1
    /allow: unknown key "allow": "allow" belongs below the line [diagnostics]
    /diagnostics/deny: expected an array of codes, found a string: write deny = ["IO"]
    /diagnostics/warn: expected an array of codes, found a string: -
    /diagnostics/schema_version: unknown key "schema_version": "schema_version" belongs above the line [diagnostics]
    "#);
}

/// Puts something in the place of the settings.
type Put = fn(&TestSpace);

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn whatever_is_in_its_place_is_read_or_refused() {
    let forbidden: Put = |space| {
        space.write("papack.toml", "schema_version = 1");
        fs::set_permissions(space.path().join("papack.toml"), fs::Permissions::from_mode(0o000)).unwrap();
    };
    const VERSION_2: &str =
        "error[SCHEMA_VERSION]: version 2 of the settings is not supported: this papack reads 1 to 1";
    let is_root = rustix::process::geteuid().is_root();
    let cases: [(&str, Put, &str); 21] = [
        (
            "a link",
            |space| symlink("real.toml", space.path().join("papack.toml")).unwrap(),
            "leads through a symbolic link",
        ),
        (
            "a FIFO",
            |space| {
                let made = std::process::Command::new("mkfifo").arg(space.path().join("papack.toml")).status().unwrap();
                assert!(made.success());
            },
            "this is no regular file",
        ),
        ("a folder", |space| fs::create_dir(space.path().join("papack.toml")).unwrap(), "this is no regular file"),
        ("no permission", forbidden, "the file may not be read"),
        ("nothing in it", |space| space.write("papack.toml", ""), "\"schema_version\" is missing"),
        ("another version", |space| space.write("papack.toml", "schema_version = 2\nlater = 1"), VERSION_2),
        ("a version in quotes", |space| space.write("papack.toml", "schema_version = '1'"), "found a string"),
        (
            "a large version",
            |space| space.write("papack.toml", "schema_version = 99999999999999999999"),
            "version 99999999999999999999 of the settings is not supported",
        ),
        (
            "a conflict",
            |space| {
                let sides = "<<<<<<< HEAD\ndeny = ['IO']\n=======\nwarn = ['IO']\n>>>>>>> topic\n";
                space.write("papack.toml", format!("schema_version = 1\n[diagnostics]\n{sides}"));
            },
            "papack.toml:3:1: error[CONFLICT_MARKERS]",
        ),
        (
            "a pointer of Git LFS",
            |space| {
                let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 812\n";
                space.write("papack.toml", pointer);
            },
            "papack.toml:1:1: error[FILE_LFS_POINTER]",
        ),
        ("64 KiB and 1 byte", |space| space.write("papack.toml", vec![b'\n'; 65537]), "larger than 65536 bytes"),
        ("no UTF-8", |space| space.write("papack.toml", b"schema_version = 1 # \xff"), "not UTF-8, from byte 21 on"),
        ("a NUL", |space| space.write("papack.toml", "schema_version = 1\0"), "this is not TOML"),
        ("no TOML", |space| space.write("papack.toml", "[diagnostics\ndeny"), "this is not TOML"),
        (
            "a key twice",
            |space| space.write("papack.toml", "schema_version = 1\nschema_version = 1"),
            "this is not TOML",
        ),
        (
            "deep arrays",
            |space| space.write("papack.toml", format!("schema_version = 1\nx = {}", "[".repeat(60_000))),
            "more than 256 dots, brackets and braces",
        ),
        (
            "deep keys",
            |space| space.write("papack.toml", format!("schema_version = 1\n{}b = 1", "a.".repeat(30_000))),
            "more than 256 dots, brackets and braces",
        ),
        (
            "deep keys in deep tables",
            |space| {
                let inner = format!("{}a = {{", "a.".repeat(70)).repeat(78);
                space.write("papack.toml", format!("schema_version = 1\n{inner}{}", "}".repeat(78)));
            },
            "more than 256 dots, brackets and braces",
        ),
        (
            "a deep key below a deep table",
            |space| {
                let deep = "a.".repeat(250);
                space.write("papack.toml", format!("schema_version = 1\n[{deep}b]\n{deep}b = 1"));
            },
            "this is not TOML: recursion limit",
        ),
        (
            "many unknown keys",
            |space| {
                let keys: Vec<_> = (0..7000).map(|key| format!("k{key}=1")).collect();
                space.write("papack.toml", format!("schema_version = 1\n{}", keys.join("\n")));
            },
            "",
        ),
        (
            "many unknown codes",
            |space| {
                let codes = "'GLOB_ODER',".repeat(5000);
                space.write("papack.toml", format!("schema_version = 1\n[diagnostics]\ndeny = [{codes}]"));
            },
            "there is no code \"GLOB_ODER\"",
        ),
    ];
    for (what, put, message) in cases {
        if what == "no permission" && is_root {
            continue;
        }
        let space = space();
        space.pack();
        let before = space.build();
        space.write("real.toml", "schema_version = 1");
        put(&space);
        for command in ["pack", "check", "include"] {
            let arguments =
                [&[command, "--message-format", "short"][..], if command == "include" { &["a"] } else { &[] }];
            let run = space.run(&arguments.concat());
            assert_eq!(run.code, 1, "{what}, {command}: {}{}", run.stdout, run.stderr);
            let settings: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("papack.toml")).collect();
            assert!((1..=101).contains(&settings.len()), "{what}, {command}: {}", run.stdout);
            assert!(settings[0].contains(message), "{what}: {settings:?}");
        }
        assert_eq!(space.build(), before, "{what}");
        assert_eq!(space.run(&["status"]).code, 0, "{what}");
        // What has no gate does not ask for settings.
        assert_eq!(space.run(&["cache"]).code, 0, "{what}");
    }
}

#[test]
fn nobody_writes_it() {
    let space = TestSpace::empty();
    assert_eq!(space.run(&["init", "--demo"]).code, 0);
    space.pack();
    assert!(!space.path().join("papack.toml").exists());
}
