//! What happened before a command is known to it, however short before.

use std::fs;

use super::host::Host;
use crate::space::{TestSpace, entry, manifest};

const REGISTRY: &str = "assets/.prometeu/index.json";

fn holds(space: &TestSpace, content: &str) -> bool {
    let packed = space.read("build/assets.pa");
    packed.windows(content.len()).any(|found| found == content.as_bytes())
}

#[track_caller]
fn expect_packed(space: &TestSpace, content: &str) {
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(holds(space, content), "{content}: {}", run.stdout);
}

#[test]
fn an_edit_just_before_is_packed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b/c", &[("g", "g")])]);
    for watch in [false, true] {
        let _host = if watch { Host::start(&space, space.command(&["watch"])) } else { Host::serve(&space) };
        for round in 0..100 {
            let content = format!("content {watch} {round:04}");
            match round % 4 {
                0 => space.write("assets/a/f", &content),
                1 => space.write("assets/b/c/g", &content),
                2 => {
                    space.write("new", &content);
                    fs::rename(space.path().join("new"), space.path().join("assets/a/f")).unwrap();
                }
                _ => {
                    fs::rename(space.path().join("assets/b"), space.path().join("assets/d")).unwrap();
                    space.write("assets/d/c/g", &content);
                    fs::rename(space.path().join("assets/d"), space.path().join("assets/b")).unwrap();
                }
            }
            expect_packed(&space, &content);
        }
    }
}

/// The system tells of a change by the name that was used.
#[test]
fn what_is_written_through_another_name_is_packed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[])]);
    space.write("assets/b/asset.json", manifest(2, "b", r#"{"file": "g"}"#));
    fs::hard_link(space.path().join("assets/a/f"), space.path().join("assets/b/g")).unwrap();
    let _host = Host::serve(&space);
    for round in 0..4 {
        let content = format!("content {round}");
        fs::write(space.path().join("assets/a/f"), &content).unwrap();
        expect_packed(&space, &content);
        let run = space.run(&["pack", "--check", "--alone"]);
        assert_eq!(run.code, 0, "{round}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn folders_that_were_made_just_before_are_packed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let _host = Host::serve(&space);
    let mut entries = vec![entry(1, "a")];
    for id in 2..40 {
        let root = format!("deep{id}/er/x");
        space.write(&format!("assets/{root}/asset.json"), manifest(id, &format!("n{id}"), r#"{"file": "f"}"#));
        space.write(&format!("assets/{root}/f"), format!("first {id:04}"));
        entries.push(entry(id, &root));
        space.write_registry(&entries);
        expect_packed(&space, &format!("first {id:04}"));
        space.write(&format!("assets/{root}/f"), format!("second {id:04}"));
        expect_packed(&space, &format!("second {id:04}"));
    }
    // All of them at once are no more.
    fs::rename(space.path().join("assets"), space.path().join("former")).unwrap();
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "f"}"#));
    space.write("assets/a/f", "alone again");
    space.write_registry(&entries[..1]);
    assert!(space.path().join(REGISTRY).exists());
    expect_packed(&space, "alone again");
    assert!(!holds(&space, "second 0039"));
}

/// What lies beside the assets is looked for again only where a name changed. Each time the answer is that of a process alone.
#[test]
fn what_lies_beside_the_assets_is_as_it_is_now() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    let (here, there) = (|path: &str| space.path().join(path), "assets/new");
    let excluded = entry(2, "b").replace(r#""included_in_build": true"#, r#""included_in_build": false"#);
    let steps: [(&str, &dyn Fn()); 9] = [
        ("nothing", &|| ()),
        ("a manifest", &|| space.write("assets/new/asset.json", manifest(3, "c", r#"{"file": "f"}"#))),
        ("another name in it", &|| space.write("assets/new/asset.json", manifest(3, "d", r#"{"file": "f"}"#))),
        ("a copy of a", &|| space.write("assets/new/asset.json", manifest(1, "a", r#"{"file": "f"}"#))),
        ("b is excluded", &|| space.write_registry(&[entry(1, "a"), excluded.clone()])),
        ("a moves there", &|| fs::rename(here("assets/a/asset.json"), here("assets/new/asset.json")).unwrap()),
        ("and back", &|| fs::rename(here("assets/new/asset.json"), here("assets/a/asset.json")).unwrap()),
        ("a picture", &|| space.write("assets/pictures/x.png", "no picture yet")),
        ("all of it goes", &|| [there, "assets/pictures"].iter().for_each(|it| fs::remove_dir_all(here(it)).unwrap())),
    ];
    let _host = Host::serve(&space);
    let status = |words: &[&str]| {
        let run = space.run(&[&["status", "--message-format", "json"], words].concat());
        let mut result = run.lines().pop().unwrap();
        result.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "operation_id" | "elapsed_ms"));
        result
    };
    for (what, happens) in steps {
        happens();
        for command in [None, Some("check"), Some("pack"), None] {
            command.map(|command| space.run(&[command]));
            let served = status(&[]);
            assert_eq!(served, status(&["--alone"]), "{what}, {command:?}");
            assert_eq!(served, status(&[]), "{what}, {command:?}: asked twice");
        }
    }
}
