//! `papack budget --against`: what changed since a pack that was kept, or that is committed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::budgets::{set, space};
use crate::space::{Run, TestSpace};

/// git in the workspace, which must succeed. What it prints.
fn git(space: &TestSpace, arguments: &[&str]) -> String {
    let identity =
        ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"];
    let mut command = Command::new("git");
    command.current_dir(space.path()).args(identity).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let run = Run::of(command);
    assert_eq!(run.code, 0, "git {arguments:?}: {}", run.stderr);
    run.stdout
}

/// A packed workspace, committed with its outputs, of which an asset grew since and another one is gone.
fn committed() -> TestSpace {
    let space = space();
    set(
        &space,
        "[budget.pack]\nerror = '64 KiB'\n[budget.folder.'levels/**']\nwarn = 1100\n[budget.asset.hero]\nwarn = 200",
    );
    space.pack();
    git(&space, &["init", "--quiet"]);
    git(&space, &["add", "--force", "papack.toml", "assets/hero", "assets/levels", "build"]);
    git(&space, &["commit", "--quiet", "--message", "packed"]);
    git(&space, &["tag", "v1"]);
    space.write("assets/hero/f", "s".repeat(150));
    assert_eq!(space.run(&["exclude", "levels/two"]).code, 0);
    space
}

/// How the command refuses to compare.
#[track_caller]
fn refusal(space: &TestSpace, against: &str) -> String {
    let run = space.run(&["budget", &format!("--against={against}")]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    let json = space.run(&["budget", &format!("--against={against}"), "--message-format", "json"]);
    assert_eq!((json.code, &json.lines()[0]["status"]), (2, &"PATH_UNUSABLE".into()));
    run.stderr
}

#[test]
fn what_changed_is_told_for_each_limit_and_for_each_bank() {
    let space = committed();
    let run = space.run(&["budget", "--against", "v1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @r"
    budget            limit        of   used      left   share    change
    pack              error  64.0 KiB  783 B  63.2 KiB   1.2 %  -1.1 KiB
    folder levels/**  warn    1.1 KiB  200 B     900 B  18.2 %   -1000 B
    asset hero        warn      200 B  150 B      50 B  75.0 %     +50 B

    size              v1    now    change
    assets.pa    1.9 KiB  783 B  -1.1 KiB
    bank TILES       0 B    0 B         0
    bank SOUNDS      0 B    0 B         0
    bank DATA    1.3 KiB  350 B    -950 B

        Measured 3 limits, none exceeded
    ");
    let markdown = space.run(&["budget", "--against", "HEAD^{commit}", "--markdown"]);
    assert_eq!(markdown.code, 0);
    insta::assert_snapshot!(markdown.stdout, @r"
    | budget | limit | of | used | left | share | change |
    | :-- | :-- | --: | --: | --: | --: | --: |
    | pack | error | 64.0 KiB | 783 B | 63.2 KiB | 1.2 % | -1.1 KiB |
    | folder levels/&#42;&#42; | warn | 1.1 KiB | 200 B | 900 B | 18.2 % | -1000 B |
    | asset hero | warn | 200 B | 150 B | 50 B | 75.0 % | +50 B |

    | size | HEAD&#94;&#123;commit&#125; | now | change |
    | :-- | --: | --: | --: |
    | assets&#46;pa | 1.9 KiB | 783 B | -1.1 KiB |
    | bank TILES | 0 B | 0 B | 0 |
    | bank SOUNDS | 0 B | 0 B | 0 |
    | bank DATA | 1.3 KiB | 350 B | -950 B |

    3 limits, none exceeded
    ");
    // A file gives the same as a revision, and a pack without a sidecar knows no folders.
    fs::create_dir(space.path().join("last")).unwrap();
    fs::copy(space.path().join("build/assets.pa"), space.path().join("last/assets.pa")).unwrap();
    let json = |against: &str| {
        let mut line = space.run(&["budget", "--against", against, "--message-format", "json"]).lines().pop().unwrap();
        line.as_object_mut()
            .unwrap()
            .retain(|key, _| !["operation_id", "elapsed_ms", "against"].contains(&key.as_str()));
        line
    };
    assert_eq!(json("build/assets.pa"), json("main"));
    let mut known = json("main");
    assert_eq!((&known["limits"][1]["was"], &known["banks"][2]["was"]), (&1200.into(), &1300.into()));
    known["limits"][1]["was"] = serde_json::Value::Null;
    assert_eq!(json("last/assets.pa"), known);
    assert!(space.run(&["budget", "--against", "last/assets.pa"]).stdout.contains("      ?\n"));
}

/// The workspace may be a folder of the repository, and the current folder another one.
#[test]
fn a_revision_has_the_outputs_of_this_workspace() {
    let outer = TestSpace::empty();
    let game = outer.path().join("game");
    for (path, content) in crate::space::files_below(committed().path()) {
        if !path.starts_with(".git/") && !path.starts_with(crate::space::CACHE) {
            outer.write(&format!("game/{path}"), content);
        }
    }
    outer.write("build/assets.pa", "that of nobody");
    git(&outer, &["init", "--quiet"]);
    git(&outer, &["add", "--force", "."]);
    git(&outer, &["commit", "--quiet", "--message", "packed"]);
    let mut command = outer.command(&["budget", "--against", "HEAD", "--workspace", game.to_str().unwrap()]);
    // As a hook of git has it.
    command.env("GIT_DIR", ".git");
    let run = Run::of(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("bank DATA"), "{}", run.stdout);
}

#[test]
fn where_there_is_nothing_to_compare_with_it_is_said_why() {
    let space = committed();
    let told = |against: &str| refusal(&space, against);
    insta::assert_snapshot!([
        told("none"), told("--upload-pack=touch x"), told("gone/assets.pa"), told("papack.toml"), told("build/preload.json"),
    ].concat(), @r#"
    error: none: there is no such file, and git knows no such revision here
      help: name an assets.pa, or a commit, branch or tag of the repository of the workspace
    error: --upload-pack=touch x: there is no such file, and git knows no such revision here
      help: name an assets.pa, or a commit, branch or tag of the repository of the workspace
    error: gone/assets.pa: No such file or directory (os error 2)
      help: name an assets.pa that can be read, or a revision of git
    error: papack.toml is no valid assets.pa: the file begins with "sche", not with "ASPA": it is no assets.pa
      help: compare with another one; papack verify FILE tells all that is wrong with it
    error: build/preload.json is no valid assets.pa: the file has 25 bytes, but its prelude alone would have 32
      help: compare with another one; papack verify FILE tells all that is wrong with it
    "#);
    git(&space, &["rm", "--quiet", "--cached", "-r", "build"]);
    git(&space, &["commit", "--quiet", "--message", "without outputs"]);
    insta::assert_snapshot!(refusal(&space, "main"), @r"
    error: main has no build/assets.pa: it was not committed there
      help: keep the pack of that revision as a file, such as an artifact of its build, and name that file
    ");
    let pack = space.read("build/assets.pa");
    for (what, content) in [
        (
            "a pointer of Git LFS",
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 812\n", "0".repeat(64))
                .into_bytes(),
        ),
        ("half a pack", pack[..pack.len() / 2].to_vec()),
        ("no pack", b"x".repeat(5000)),
        ("nothing", Vec::new()),
        ("a huge header", [&pack[..8], &[0xff; 4], &pack[12..]].concat()),
    ] {
        space.write("build/assets.pa", content);
        git(&space, &["add", "--force", "build/assets.pa"]);
        git(&space, &["commit", "--quiet", "--message", what]);
    }
    insta::assert_snapshot!(["main~4", "main~3", "main~2", "main~1", "main"].map(|revision| refusal(&space, revision)).concat(), @r#"
    error: main~4:build/assets.pa is a pointer of Git LFS: the file itself, of 812 bytes, is not in git
      help: check that revision out elsewhere with Git LFS, and name its assets.pa
    error: main~3:build/assets.pa is no valid assets.pa: the file ends at byte 957, but its last payload at byte 1914
      help: compare with another one; papack verify FILE tells all that is wrong with it
    error: main~2:build/assets.pa is no valid assets.pa: the file begins with "xxxx", not with "ASPA": it is no assets.pa
      help: compare with another one; papack verify FILE tells all that is wrong with it
    error: main~1:build/assets.pa is no valid assets.pa: the file has 0 bytes, but its prelude alone would have 32
      help: compare with another one; papack verify FILE tells all that is wrong with it
    error: main:build/assets.pa is no valid assets.pa: header_len is 4294967295, but only 1882 bytes follow the prelude
      help: compare with another one; papack verify FILE tells all that is wrong with it
    "#);
    fs::remove_file(space.path().join("build/assets.pa")).unwrap();
    symlink("preload.json", space.path().join("build/assets.pa")).unwrap();
    git(&space, &["add", "--force", "build/assets.pa"]);
    git(&space, &["commit", "--quiet", "--message", "a link"]);
    insta::assert_snapshot!(refusal(&space, "main"), @r"
    error: build/assets.pa is no regular file in main
      help: name the pack itself
    ");
    fs::remove_dir_all(space.path().join(".git")).unwrap();
    let mut command = space.command(&["budget", "--against", "main"]);
    command.env("GIT_CEILING_DIRECTORIES", space.path().parent().unwrap());
    let run = Run::of(command);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("main: git says: fatal: not a git repository"), "{}", run.stderr);
    let mut command = space.command(&["budget", "--against", "main"]);
    command.env("PATH", "/nowhere");
    let run = Run::of(command);
    assert!(run.code == 2 && run.stderr.contains("git cannot be run: "), "{}", run.stderr);
}

/// Everything in a repository that makes git run something, and objects that it lacks.
#[test]
fn a_repository_of_a_stranger_runs_nothing() {
    let space = committed();
    let pwned = space.path().join("pwned");
    let script = space.path().join("evil.sh");
    fs::write(&script, format!("#!/bin/sh\necho \"$0 $*\" >> {}\nexit 1\n", pwned.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let evil = script.to_str().unwrap();
    for hook in ["post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"] {
        fs::create_dir_all(space.path().join(".git/hooks")).unwrap();
        symlink(&script, space.path().join(".git/hooks").join(hook)).unwrap();
    }
    space.write(".gitattributes", "* filter=evil diff=evil\n");
    for (key, value) in [
        ("core.fsmonitor", evil),
        ("core.pager", evil),
        ("pager.cat-file", evil),
        ("pager.ls-tree", evil),
        ("core.sshCommand", evil),
        ("core.gitProxy", evil),
        ("core.alternateRefsCommand", evil),
        ("credential.helper", evil),
        ("filter.evil.smudge", evil),
        ("filter.evil.process", evil),
        ("diff.evil.textconv", evil),
        ("diff.external", evil),
        ("alias.cat-file", &format!("!{evil}")),
        ("alias.rev-parse", &format!("!{evil}")),
        ("alias.ls-tree", &format!("!{evil}")),
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("remote.origin.url", &format!("ext::{evil} %S")),
        ("remote.origin.uploadpack", evil),
        ("remote.origin.vcs", "evil"),
        ("protocol.allow", "always"),
    ] {
        git(&space, &["config", key, value]);
    }
    // The same without what calls for an object that is not there.
    assert_eq!(space.run(&["budget", "--against", "v1"]).code, 0);
    assert!(!pwned.exists(), "{}", fs::read_to_string(&pwned).unwrap());
    for url in [format!("ext::{evil} %S"), format!("ssh://host/{evil}"), space.path().display().to_string()] {
        git(&space, &["config", "remote.origin.url", &url]);
        for (lacking, code) in [
            ("v1:build/asset_table_metadata.json", 0),
            ("v1:build/assets.pa", 2),
            ("v1:build", 2),
            ("v1^{tree}", 2),
            ("v1^{commit}", 2),
        ] {
            let object = git(&space, &["rev-parse", lacking]);
            let (folder, name) = object.trim().split_at(2);
            let object = space.path().join(".git/objects").join(folder).join(name);
            let content = fs::read(&object).unwrap();
            fs::remove_file(&object).unwrap();
            let run = space.run(&["budget", "--against", "v1"]);
            assert!(!pwned.exists(), "{url} {lacking}: {}", fs::read_to_string(&pwned).unwrap());
            assert_eq!(run.code, code, "{lacking}: {}", run.stderr);
            fs::write(object, content).unwrap();
        }
    }
}

/// Names of strangers are no Markdown.
#[test]
fn markdown_has_only_what_papack_wrote() {
    let space = space();
    let name = r"x|</td>`*_[a](b)@all #1\\\u001b\n| y";
    set(&space, &format!("[budget.asset]\n\"{name}\" = {{ warn = 1 }}\n[budget.folder.'**']\nerror = 4096"));
    let run = space.run(&["budget", "--markdown"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stdout, @r"
    | budget | limit | of | used | left | share |
    | :-- | :-- | --: | --: | --: | --: |
    | asset x&#124;&#60;/td&#62;&#96;&#42;&#95;&#91;a&#93;&#40;b&#41;&#64;&#8203;all &#35;&#8203;1&#92;&#92;u&#123;1b&#125;&#92;n&#124; y | warn | 1 B | 0 B | 1 B | 0.0 % |
    | folder &#42;&#42; | error | 4.0 KiB | 1.3 KiB | 2.7 KiB | 31.7 % |

    2 limits, none exceeded, 1 warning
    ");
    assert_eq!(space.run(&["budget", "--markdown", "--message-format", "json"]).code, 2);
}
