//! What commands print with `--message-format json`, line by line. A new command has its schema in `NAMES`, and its runs
//! among the `lines`.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::space::{TestSpace, entry, manifest};
use crate::wav::Wav;
use crate::{NAMES, schema, validator};

/// The lines of every run, each with the command that printed it.
fn lines() -> &'static [(&'static str, Value)] {
    static LINES: LazyLock<Vec<(&str, Value)>> = LazyLock::new(|| {
        let packs = [verified(), inspected(), extracted(), converted(), compared()].concat();
        [
            sound(),
            faulty(),
            stopped(),
            recovered(),
            compared_with_build(),
            planned(),
            watched(),
            managed(),
            cached(),
            reproduced(),
            measured(),
            refused(),
            packs,
        ]
        .concat()
    });
    &LINES
}

/// The lines of one run of `command`.
fn run(space: &TestSpace, command: &'static str, arguments: &[&str]) -> Vec<(&'static str, Value)> {
    let run = space.run(&[&[command, "--message-format", "json"], arguments].concat());
    let lines = run.lines();
    assert_eq!(lines.last().unwrap()["type"], "result", "{}", run.stderr);
    lines.into_iter().map(|line| (command, line)).collect()
}

/// The lines of every command that looks at a workspace.
fn run_all(space: &TestSpace) -> Vec<(&'static str, Value)> {
    ["status", "list", "check", "plan", "pack"].into_iter().flat_map(|command| run(space, command, &[])).collect()
}

/// The demo, new, and once more.
fn sound() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    [run_all(&space), run_all(&space)].concat()
}

/// A workspace with faults of many kinds: with and without path, place, help, asset and other places; and assets that
/// are missing, moved, copied, new, nested and of version 1.
fn faulty() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("1", "1"), ("10", "10"), ("2", "2")]), ("b", &[("f", "f")])]);
    space.write("assets/a/asset.json", manifest(1, "same", r#"{"glob": "*"}, {"file": "gone"}"#));
    space.write("assets/b/asset.json", manifest(2, "same", r#"{"file": "f"}"#).replace("{\n", "{\n\"~/\": 1, "));
    for (root, id) in [("copied", 2), ("moved", 3), ("new", 7), ("a/nested", 8)] {
        space.write(&format!("assets/{root}/asset.json"), manifest(id, root, r#"{"glob": "*"}"#));
    }
    let old = manifest(5, "old", "\"f\"").replace("\"schema_version\": 2", "\"schema_version\": 1");
    space.write("assets/old/asset.json", old);
    space.write("assets/old/f", "f");
    space.write("assets/old/unused", "");
    // Folders that no asset takes in: one that could be an asset, and one that could not.
    space.write("assets/loose/a.png", "");
    space.write("assets/mixed/a.png", "");
    space.write("assets/mixed/b.wav", "");
    space.write_registry(&[entry(1, "a"), entry(2, "b"), entry(3, "gone"), entry(4, "missing"), entry(5, "old")]);
    let all = run_all(&space);
    [all, run(&space, "check", &["--fix", "--dry-run"]), run(&space, "check", &["--fix"])].concat()
}

/// Budgets of every kind, within their limits and not, compared with a pack and with nothing, and sizes that are not known.
fn measured() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("f", "ffff")]), ("b", &[("f", "f")])]);
    space.pack();
    space.write(
        "papack.toml",
        "schema_version = 1\n[budget.pack]\nerror = '1 MiB'\n[budget.bank.DATA]\nwarn = 4\n[budget.folder.'*']\nwarn = 5\n\
         [budget.asset]\na = { warn = 3, error = 4 }\nnone = { error = 0 }\n[budget.slot.TILES.0]\nwarn = 1\n",
    );
    let within = [run(&space, "budget", &[]), run(&space, "budget", &["--against", "build/assets.pa"])].concat();
    fs::create_dir(space.path().join("old")).unwrap();
    fs::copy(space.path().join("build/assets.pa"), space.path().join("old/assets.pa")).unwrap();
    let without_roots = run(&space, "budget", &["--against", "old/assets.pa", "--deny-warnings"]);
    fs::remove_file(space.path().join("assets/a/f")).unwrap();
    [within, without_roots, run(&space, "budget", &[]), run_all(&space)].concat()
}

/// Packs that ended otherwise: the workspace is busy, or an unknown promotion is in the way.
fn stopped() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write("build/.staging/journal.json", r#"{"schema_version": 99}"#);
    let unknown = run_all(&space);
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    [unknown, run(&space, "pack", &["--no-wait"])].concat()
}

/// A promotion that was cut short: looked at, and completed by a pack and by the doctor.
fn recovered() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.pack();
    let operation = "k3J9sZuyXw4ndm06D9nc";
    let cut_short = || {
        let file = json!({ "name": "preload.json", "size": 2, "identity": blake3::hash(b"[]").to_string() });
        let journal = json!({ "schema_version": 1, "operation_id": operation, "files": [file] });
        space.write(&format!("build/.staging/{operation}/preload.json"), "[]");
        space.write("build/.staging/journal.json", journal.to_string());
    };
    cut_short();
    let packed = run_all(&space);
    cut_short();
    let mended = run(&space, "doctor", &["--fix"]).into_iter().map(|(_, line)| ("manage", line));
    packed.into_iter().chain(mended).collect()
}

/// Outputs that are compared and not replaced, assets that are not there, and warnings that are denied and allowed.
fn compared_with_build() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("10", "10"), ("2", "2")])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"glob": "*"}"#));
    let both = || [run(&space, "pack", &["--check"]), run(&space, "plan", &["--exit-code"])].concat();
    let mut all = both();
    space.pack();
    all.extend(both());
    fs::remove_file(space.path().join("build/preload.json")).unwrap();
    space.write("build/asset_table.json", "[]");
    all.extend(both());
    for level in ["--deny", "--allow"] {
        all.extend(
            ["check", "pack", "status"].into_iter().flat_map(|command| run(&space, command, &[level, "glob-order"])),
        );
    }
    [all, run(&space, "list", &["a", "none"])].concat()
}

/// Plans, and packs that explain, in which every reason and every change of inputs occurs.
fn planned() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[
        ("a", &[("f", "f"), ("g", "g"), ("h", "h")]),
        ("b", &[]),
        ("c", &[]),
        ("d", &[("f", "f")]),
        ("e", &[("f", "f")]),
        ("map", &[("map.tmx", MAP)]),
        ("tiles", &[]),
    ]);
    let of_map = manifest(6, "map", r#"{"file": "map.tmx"}"#).replace("DATA/raw_v1", "DATA/tilemap_v1");
    space.write("assets/map/asset.json", of_map);
    let tiles = r#""TILES/indexed_v1", "metadata": { "tile_size": 8 }"#;
    let files = r#"{"file": "a.bmp"}, {"file": "b.bmp"}"#;
    space.write("assets/tiles/asset.json", manifest(7, "tiles", files).replace("\"DATA/raw_v1\"", tiles));
    space.write("assets/tiles/a.bmp", picture(8));
    space.write("assets/tiles/b.bmp", picture(8));
    let beep = |id, root: &str, format: &str| {
        let text = manifest(id, root, r#"{"file": "beep.wav"}"#).replace("DATA/raw_v1\"", format);
        space.write(&format!("assets/{root}/asset.json"), text);
        space.write(&format!("assets/{root}/beep.wav"), Wav::default().bytes());
    };
    let old = |space: &str| manifest(5, "e", &format!("{space}\"f\"")).replace("_version\": 2", "_version\": 1");
    let both = || [run(&space, "plan", &[]), run(&space, "pack", &["--explain"])].concat();
    beep(2, "b", "SOUNDS/pcm_v1\"");
    beep(3, "c", "DATA/raw_v1\"");
    space.write("assets/e/asset.json", old(""));
    let mut all = both();

    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "h"}, {"file": "g"}, {"file": "i"}"#));
    space.write("assets/a/g", "changed");
    space.write("assets/a/i", "i");
    beep(2, "b", r#"SOUNDS/pcm_v1", "metadata": { "loops": "DETECT" }"#);
    beep(3, "c", "SOUNDS/pcm_v1\"");
    space.write("assets/tiles/a.bmp", picture(16));
    fs::remove_file(space.path().join("assets/d/f")).unwrap();
    all.extend(both());
    space.write("assets/d/f", "f");
    space.write("assets/e/asset.json", old(" "));
    beep(2, "b", "SOUNDS/pcm_v1\"");
    all.extend(both());
    space.write("assets/a/asset.json", manifest(1, "new", r#"{"file": "h"}, {"file": "g"}, {"file": "i"}"#));
    fs::remove_dir_all(space.path().join("build")).unwrap();
    fs::remove_dir_all(space.path().join("assets/.prometeu/cache/payloads")).unwrap();
    all.extend(both());
    let part = r#"{"file": "h", "frame": 0}, {"file": "g"}, {"file": "i"}"#;
    space.write("assets/a/asset.json", manifest(1, "new", part));
    all.extend(both());
    all
}

/// A map over the second picture of the tiles beside it.
const MAP: &str = r#"<map orientation="orthogonal" width="1" height="1" tilewidth="8" tileheight="8">
    <tileset firstgid="1" name="t" tilewidth="8" tileheight="8" tilecount="1" columns="1"><image source="../tiles/b.bmp"/></tileset>
    <layer name="l" width="1" height="1"><data encoding="csv">1</data></layer></map>"#;

/// A BMP of 8 bits, 8 pixels wide and so high.
fn picture(height: u8) -> Vec<u8> {
    let pixels = 8 * height;
    let head =
        [b"BM".as_slice(), &[62 + pixels, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0, 40, 0, 0, 0, 8, 0, 0, 0, height, 0, 0, 0]];
    let rest = [
        1, 0, 8, 0, 0, 0, 0, 0, pixels, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 200,
        0,
    ];
    [&head.concat(), &rest[..], &vec![1; pixels.into()]].concat()
}

/// A watch with a build that fails and is tried again, and one for a change.
fn watched() -> Vec<(&'static str, Value)> {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.write("assets/loose/a.png", "");
    space.write("build/.staging/journal.json", r#"{"schema_version": 99}"#);
    let mut watch = space.command(&["watch"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut waits = 0;
    let mut lines = Vec::new();
    for line in BufReader::new(watch.stdout.take().unwrap()).lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        match line["kind"].as_str() {
            Some("RETRYING") => {
                drop(fs::remove_file(space.path().join("build/.staging/journal.json")));
            }
            Some("WAITING") if waits == 0 => {
                waits += 1;
                space.write("assets/a/f", "changed");
            }
            Some("WAITING") => {
                let sent = Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap();
                assert!(sent.success());
            }
            _ => {}
        }
        // Its builds are packs.
        lines.push((if line["type"] == "watch" { "watch" } else { "pack" }, line));
    }
    assert!(watch.wait().unwrap().success());
    lines
}

/// Every kind of change, and some that are refused.
fn managed() -> Vec<(&'static str, Value)> {
    let space = TestSpace::empty();
    fs::create_dir(space.path().join("game")).unwrap();
    let mut all = run(&space, "init", &["game"]);
    let game = TestSpace::copy_of("demo");
    let old = manifest(99, "old", "\"f\"").replace("\"schema_version\": 2", "\"schema_version\": 1");
    game.write("assets/old/asset.json", old.replace(&crate::space::uuid(99), "6b7866ce-8c68-4b3b-9699-059c277df151"));
    game.write("assets/fresh/f", "f");
    game.write("assets/loose/a.png", game.read("assets/ui/font/font.png"));
    for arguments in [
        &["add", "old"][..],
        &["new", "--all"],
        &["new", "--all", "--yes"],
        &["migrate"],
        &["new", "fresh", "--format", "DATA/raw_v1", "--dry-run"],
        &["new", "fresh", "--format", "DATA/raw_v1"],
        &["mv", "fresh", "fresher"],
        &["mv", "fresher", "ui"],
        &["exclude", "ui/*"],
        &["include", "ui/*"],
        &["rename", "ui_font", "letters"],
        &["preload", "letters", "--slot", "15"],
        &["preload", "letters", "--off"],
        &["rm", "letters", "none"],
        &["rm", "letters", "--delete-files"],
    ] {
        let command: &'static str = arguments[0];
        all.extend(run(&game, command, &arguments[1..]));
    }
    all.extend(examined(&game));
    // All of them have one schema.
    all.into_iter().map(|(_, line)| ("manage", line)).collect()
}

/// Everything that the doctor mends.
fn examined(game: &TestSpace) -> Vec<(&'static str, Value)> {
    let index = "assets/.prometeu/index.json";
    let text = String::from_utf8(game.read(index)).unwrap();
    game.write("build/.staging/k3J9sZuyXw4ndm06D9nc/spool", "");
    game.write(index, text.replace("    {", "{"));
    let formed = [run(game, "doctor", &[]), run(game, "doctor", &["--fix"])].concat();
    let spoilt = |line: &str| match line {
        _ if line.contains("next_asset_id") => "\"next_asset_id\": 1,\n".to_owned(),
        _ if line.contains("\"ui/hud\"") => format!("{line}\n{line}\n"),
        _ => format!("{line}\n"),
    };
    game.write(index, text.lines().map(spoilt).collect::<String>());
    [formed, run(game, "doctor", &["--fix"]), run(game, "doctor", &["--renumber", "ui/hud"])].concat()
}

/// A cache that is shown, pruned and cleared, one that is busy, and one that is none.
fn cached() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    space.write("assets/.prometeu/cache/payloads/litter", "litter");
    let cache = |action: &str| run(&space, "cache", &[action, "--no-wait"]);
    let done = [cache("show"), cache("prune"), cache("clear")].concat();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let busy = cache("clear");
    drop(lane);
    fs::remove_dir(space.path().join("assets/.prometeu/cache")).unwrap();
    space.write("assets/.prometeu/cache", "a file");
    [done, busy, cache("show")].concat()
}

fn verified() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    space.pack();
    let verify = |file: &str| run(&space, "verify", &[file]);
    let sound = verify("build/assets.pa");
    let mut bytes = space.read("build/assets.pa");
    *bytes.last_mut().unwrap() ^= 1;
    space.write("build/assets.pa", &bytes);
    let altered = verify("build/assets.pa");
    bytes.pop();
    space.write("build/assets.pa", bytes);
    [sound, altered, verify("build/assets.pa"), verify("assets/.prometeu/index.json")].concat()
}

/// A workspace that is reproduced, one with a fault, and one that is busy.
fn reproduced() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    let reproduce = || {
        let lines = run(&space, "verify", &["--reproduce", "--no-wait"]).into_iter();
        lines.map(|(_, line)| ("reproduce", line)).collect::<Vec<_>>()
    };
    let sound = reproduce();
    let lane = File::open(space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let busy = reproduce();
    drop(lane);
    space.write("assets/ui/hud/asset.json", "{");
    [sound, busy, reproduce()].concat()
}

fn inspected() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    space.pack();
    let inspect = |arguments: &[&str]| run(&space, "inspect", arguments);
    let sound = [inspect(&["build/assets.pa"]), inspect(&["build/assets.pa", "1", "keeper", "keepre"])].concat();
    let mut bytes = space.read("build/assets.pa");
    let codec = bytes.windows(6).position(|window| window == b"\"NONE\"").unwrap();
    bytes[codec + 1] = b'X';
    space.write("build/assets.pa", &bytes);
    let damaged = inspect(&["build/assets.pa"]);
    fs::write(space.path().join("build/assets.pa"), "short").unwrap();
    [sound, damaged, inspect(&["build/assets.pa", "1"])].concat()
}

fn extracted() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    space.pack();
    let extract =
        |arguments: &[&str]| run(&space, "extract", &[&["build/assets.pa", "--to", "out"], arguments].concat());
    [extract(&["--decode"]), extract(&[]), extract(&["keepre"])].concat()
}

/// A picture with its frames and a sound, a field that there is not, and what is in the way.
fn converted() -> Vec<(&'static str, Value)> {
    let space = TestSpace::copy_of("demo");
    let files = ["assets/actors/lamp/lamp.aseprite", "assets/sfx/keeper/whistle.flac", "--to", "out"];
    let convert = |arguments: &[&str]| run(&space, "convert", &[&files, arguments].concat());
    [convert(&["--set", "colour=3"]), convert(&[]), convert(&[])].concat()
}

/// The demo, and what became of it: an asset that was added, one that was removed, others that were changed or moved.
fn compared() -> Vec<(&'static str, Value)> {
    let (old, new) = (TestSpace::copy_of("demo"), TestSpace::copy_of("demo"));
    let registry = String::from_utf8(new.read("assets/.prometeu/index.json")).unwrap();
    let registry = registry.replace("\"levels\"", "\"stages\"");
    let excluded = |root: &str, from: bool, to: bool| {
        let line = registry.lines().find(|line| line.contains(root)).unwrap();
        let (from, to) = (format!("\"included_in_build\": {from}"), format!("\"included_in_build\": {to}"));
        assert!(line.contains(&from), "{line}");
        (line.to_owned(), line.replace(&from, &to))
    };
    let (added, removed) = (excluded("storm crow", false, true), excluded("dialogue/en", true, false));
    let registry = registry.replace(&added.0, &added.1).replace(&removed.0, &removed.1);
    new.write("assets/.prometeu/index.json", registry);
    fs::rename(new.path().join("assets/levels"), new.path().join("assets/stages")).unwrap();
    new.write("assets/stages/legend.txt", "another legend");
    for (file, at) in [("music/night waltz/night-waltz.wav", 5000), ("sfx/keeper/jump.wav", 100)] {
        let mut wave = new.read(&format!("assets/{file}"));
        wave[at] ^= 1;
        new.write(&format!("assets/{file}"), wave);
    }
    fs::copy(new.path().join("assets/actors/keeper/jump/1.png"), new.path().join("assets/actors/keeper/jump/2.png"))
        .unwrap();
    let was = old.path().join("build/assets.pa").to_str().unwrap().to_owned();
    old.pack();
    new.pack();
    let diff = |arguments: &[&str]| run(&new, "diff", arguments);
    let (is, no_pack) = ("build/assets.pa", "assets/.prometeu/index.json");
    [diff(&[&was, is]), diff(&[is, &was]), diff(&[is, is]), diff(&[&was, no_pack])].concat()
}

/// Commands that could not start, for each reason but a system without threads.
fn refused() -> Vec<(&'static str, Value)> {
    let (empty, space) = (TestSpace::empty(), TestSpace::with_assets(&[("a", &[("f", "f")])]));
    let runs = [
        run(&empty, "pack", &[]),
        run(&space, "verify", &[]),
        run(&space, "diff", &["none", "none"]),
        run(&space, "check", &["--nope"]),
        run(&space, "budget", &["--against", "none"]),
    ];
    runs.concat().into_iter().map(|(_, line)| ("refusal", line)).collect()
}

/// The validator of each schema.
static VALIDATORS: LazyLock<HashMap<&str, Validator>> =
    LazyLock::new(|| NAMES.into_iter().map(|name| (name, validator(&schema(name)))).collect());

/// The validator of `line`, printed by `command`.
fn validator_of(command: &str, line: &Value) -> &'static Validator {
    match line["type"].as_str().unwrap() {
        "result" => &VALIDATORS[command],
        name => &VALIDATORS[name],
    }
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value) {
    let faults: Vec<_> =
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{value:#}");
}

#[test]
fn every_line_has_its_schema() {
    for (command, line) in lines() {
        assert_valid(validator_of(command, line), line);
        let reasons = line.pointer("/workspace/unmanaged_folders").into_iter().chain([&line["folders"]]);
        let reasons = reasons.filter_map(Value::as_array).flatten().map(|folder| &folder["reason"]);
        let reasons = reasons.filter(|reason| !reason.is_null());
        for diagnostic in line["diagnostics"].as_array().into_iter().flatten().chain(reasons) {
            assert_valid(&VALIDATORS["diagnostic"], diagnostic);
        }
    }
}

/// What the last event carries has no schema of its own: it is the result.
#[test]
fn the_last_event_carries_the_result() {
    let mut carried = lines().iter().filter_map(|(_, line)| line.get("result"));
    for (_, line) in lines().iter().filter(|(_, line)| line["type"] == "result" && line.get("operation_id").is_some()) {
        let mut result = carried.next().unwrap().clone();
        result["type"] = Value::from("result");
        assert_eq!(result, *line);
    }
    assert_eq!(carried.next(), None);
}

/// What the schemas describe is printed, so that no part of them goes untested.
#[test]
fn every_kind_of_line_is_printed() {
    let values = |pointer: &str, of: &str| -> BTreeSet<&str> {
        let lines = lines().iter().filter(|(_, line)| line["type"] == of);
        lines.filter_map(|(_, line)| line.pointer(pointer).and_then(Value::as_str)).collect()
    };
    // These two take a system that is short of something; `tests/watch` makes it so.
    for (name, elsewhere) in [("event", &[][..]), ("watch", &["POLLING", "RESCAN"])] {
        let schema = schema(name);
        let kinds = schema["oneOf"].as_array().unwrap().iter();
        let kinds = kinds.filter_map(|kind| kind["properties"]["kind"]["const"].as_str());
        assert_eq!(values("/kind", name), kinds.filter(|kind| !elsewhere.contains(kind)).collect());
    }
    let of_operations =
        ["DIFFERENT", "EQUAL", "GATE_FAILED", "LANE_BUSY", "PUBLICATION_FAILED", "REFUSED", "SUCCESS", "VALID"];
    let of_refusals = ["NO_PACK", "NO_WORKSPACE", "PATH_UNUSABLE", "USAGE_ERROR"];
    assert_eq!(values("/status", "result"), of_operations.into_iter().chain(of_refusals).collect());
    let diagnostic = schema("diagnostic");
    let fields = diagnostic["properties"].as_object().unwrap().keys();
    let diagnostics = lines().iter().filter(|(_, line)| line["type"] == "diagnostic");
    let printed: BTreeSet<_> = diagnostics.flat_map(|(_, line)| line.as_object().unwrap().keys()).collect();
    assert_eq!(printed, fields.collect());
}

#[test]
fn every_kind_of_change_is_printed() {
    let changes = lines().iter().filter_map(|(_, line)| line["changes"].as_array()).flatten();
    let printed: BTreeSet<_> = changes.filter_map(|change| change["kind"].as_str()).collect();
    let manage = schema("manage");
    let kinds = manage["$defs"]["change"]["oneOf"].as_array().unwrap().iter().map(|it| &it["properties"]["kind"]);
    let named = kinds.flat_map(|kind| kind["enum"].as_array().cloned().unwrap_or_else(|| vec![kind["const"].clone()]));
    assert_eq!(printed, named.collect::<Vec<_>>().iter().filter_map(Value::as_str).collect());
}

#[test]
fn every_reason_and_every_change_of_inputs_is_printed() {
    let decisions = |member: &str| -> BTreeSet<String> {
        let decisions = lines().iter().filter_map(|(_, line)| line.get("assets").or(line.get("explained"))?.as_array());
        let reasons = decisions.flatten().filter_map(|decision| decision["reasons"].as_array()).flatten();
        let changes = reasons.clone().filter_map(|reason| reason["changes"].as_array()).flatten();
        let named = reasons.chain(changes).filter_map(|it| it[member].as_str());
        named.map(ToOwned::to_owned).collect()
    };
    for name in ["plan", "pack"] {
        let schema = schema(name);
        for member in ["reason", "change"] {
            let kinds = schema["$defs"][member]["oneOf"].as_array().unwrap().iter().map(|it| &it["properties"][member]);
            let named =
                kinds.flat_map(|it| it["enum"].as_array().cloned().unwrap_or_else(|| vec![it["const"].clone()]));
            let named: BTreeSet<_> = named.map(|name| name.as_str().unwrap().to_owned()).collect();
            assert_eq!(decisions(member), named, "{name}");
        }
    }
}

/// A wrong value anywhere is refused, and so are an unknown member and the lack of one, but for those that may be absent.
#[test]
fn the_schemas_are_strict() {
    let mut looked_at = 0;
    for (command, line) in lines() {
        let validator = validator_of(command, line);
        let is_refused = |pointer: &str, edit: &dyn Fn(&mut Value)| {
            let mut edited = line.clone();
            edit(edited.pointer_mut(pointer).unwrap());
            !validator.is_valid(&edited)
        };
        for pointer in values_in(line) {
            looked_at += 1;
            // Nothing that is printed is a float.
            assert!(
                is_refused(&pointer, &|value| *value = Value::from(1.5)),
                "1.5 is accepted at {pointer} of {line:#}"
            );
            let Some(object) = line.pointer(&pointer).unwrap().as_object() else { continue };
            if is_described_elsewhere(&pointer) {
                continue;
            }
            let extended = is_refused(&pointer, &|value| value["unknown"] = Value::from(1));
            assert!(extended, "an unknown member is accepted at {pointer} of {line:#}");
            for key in object.keys().filter(|key| !may_lack(line, key)) {
                let shortened = is_refused(&pointer, &|value| drop(value.as_object_mut().unwrap().remove(key)));
                assert!(shortened, "{key} may lack at {pointer} of {line:#}");
            }
        }
    }
    assert!(looked_at > 1000, "only {looked_at} values were looked at");
}

/// Values of the right type that are never printed at these places of lines of this schema.
#[rustfmt::skip]
const NEVER_PRINTED: &[(&str, &str, &[&str])] = &[
    ("diagnostic", "/operation_id", &["\"0123456789abcdefghi\"", "\"0123456789abcdefghi-\"", "null"]),
    ("diagnostic", "/sequence", &["-1"]),
    ("diagnostic", "/code", &["\"\"", "\"io\"", "\"A__B\"", "\"A_\"", "\"8A\""]),
    ("diagnostic", "/severity", &["\"error\"", "\"FATAL\""]),
    ("diagnostic", "/message", &["\"\""]),
    ("diagnostic", "/help", &["\"\"", "null"]),
    ("diagnostic", "/data", &["{}", "null"]),
    ("diagnostic", "/data/kind", &["\"version\"", "\"A__B\"", "null"]),
    ("diagnostic", "/data/found", &["[]", "null"]),
    ("diagnostic", "/data/oldest", &["0"]),
    ("diagnostic", "/data/newest", &["0"]),
    ("diagnostic", "/pointer", &["\"a\"", "\"/~2\"", "\"/a~\""]),
    ("diagnostic", "/span/start", &["-1"]),
    ("diagnostic", "/span/end", &["-1"]),
    ("diagnostic", "/span/line", &["0"]),
    ("diagnostic", "/span/column", &["0"]),
    ("diagnostic", "/span/end_line", &["0"]),
    ("diagnostic", "/span/end_column", &["0"]),
    ("diagnostic", "/asset_id", &["0", "2147483647"]),
    ("diagnostic", "/related", &["[]"]),
    ("diagnostic", "/found_severity", &["\"ERROR\"", "null"]),
    ("diagnostic", "/related/0/message", &["\"\""]),
    ("diagnostic", "/fixes", &["[]", "null"]),
    ("diagnostic", "/fixes/0/title", &["\"\""]),
    ("diagnostic", "/fixes/0/is_safe", &["null"]),
    ("diagnostic", "/fixes/0/edits", &["[]"]),
    ("diagnostic", "/fixes/0/edits/0/path", &["\"papack.toml\"", "\"../assets/a/asset.json\"", "\"assets/asset.json\""]),
    ("diagnostic", "/fixes/0/edits/0/start", &["-1"]),
    ("diagnostic", "/fixes/0/edits/0/text", &["null"]),
    ("diagnostic", "/related/0/asset_id", &["0", "null"]),
    ("diagnostic", "/related/0/span/line", &["0"]),
    ("event", "/operation_id", &["\"0123456789abcdefghi\""]),
    ("event", "/sequence", &["-1"]),
    ("event", "/kind", &["\"DIAGNOSTIC\"", "\"staged\""]),
    ("event", "/asset_id", &["0", "2147483647"]),
    ("event", "/outcome", &["\"SKIPPED\""]),
    ("event", "/replaced/0", &["\"journal.json\""]),
    ("pack", "/operation_id", &["\"\""]),
    ("pack", "/schema_version", &["0", "2"]),
    ("pack", "/status", &["\"FAILED\"", "\"VALID\""]),
    ("pack", "/companions", &["{}"]),
    ("pack", "/recovered", &["null", "true", "[\"preload.json\", \"preload.json\"]"]),
    ("pack", "/recovered/0", &["\"journal.json\""]),
    ("pack", "/payload_bytes", &["-1"]),
    ("pack", "/diagnostics", &["[{\"code\": \"IO\"}]", "[null]"]),
    ("pack", "/explained/0/outcome", &["\"derived\""]),
    ("pack", "/would_replace/0/name", &["\"build\""]),
    ("pack", "/would_replace/0/found", &["\"CHANGED\"", "null"]),
    ("pack", "/allowed_diagnostic_count", &["-1"]),
    ("plan", "/would_replace/0/found", &["\"missing\""]),
    ("plan", "/status", &["\"FAILED\"", "\"LANE_BUSY\""]),
    ("plan", "/assets/0/asset_id", &["0", "2147483647"]),
    ("plan", "/assets/0/outcome", &["\"RECALLED\"", "null"]),
    ("plan", "/assets/0/reasons", &["[]", "[{}]", "[{\"reason\": \"INPUTS_CHANGED\"}]"]),
    ("plan", "/blocked_asset_count", &["-1"]),
    ("watch", "/kind", &["\"waiting\"", "null"]),
    ("watch", "/count", &["-1"]),
    ("watch", "/folders/0/command", &["1"]),
    ("watch", "/after_ms", &["0"]),
    ("watch", "/end", &["\"FAILED\""]),
    ("check", "/status", &["\"PUBLICATION_FAILED\"", "\"VALID\""]),
    ("check", "/applied_fixes", &["null", "[{}]"]),
    ("check", "/applied_fixes/0/code", &["\"\"", "null"]),
    ("check", "/applied_fixes/0/title", &["\"\""]),
    ("check", "/error_count", &["-1"]),
    ("check", "/recovers/0", &["\"journal.json\""]),
    ("plan", "/recovers/0", &["\"journal.json\""]),
    ("status", "/status", &["\"GATE_FAILED\"", "\"EXECUTION_FAILED\""]),
    ("status", "/workspace", &["null"]),
    ("status", "/workspace/next_pack/action", &["\"RECOVER\""]),
    ("status", "/workspace/next_pack/recovers", &["false", "null"]),
    ("status", "/workspace/next_pack/recovers/0", &["\"journal.json\""]),
    ("status", "/workspace/counts/moved", &["-1"]),
    ("status", "/workspace/banks/0/bank", &["\"MUSIC\""]),
    ("status", "/workspace/banks/0/free_slots/0", &["-1", "16"]),
    ("status", "/workspace/assets/0/state", &["\"NEW\""]),
    ("status", "/workspace/assets/0/asset_id", &["0", "null"]),
    ("status", "/workspace/unmanaged/0/relation", &["\"OLD\"", "\"new\""]),
    ("list", "/status", &["\"LANE_BUSY\"", "\"VALID\""]),
    ("list", "/assets/0/state", &["\"NEW\""]),
    ("list", "/assets/0/asset_id", &["0", "null"]),
    ("status", "/workspace/unmanaged_folders/0/pictures", &["-1", "null"]),
    ("status", "/workspace/unmanaged_folders/0", &["{}"]),
    ("status", "/workspace/unmanaged_folders/1/reason", &["{}", "\"\""]),
    ("status", "/workspace/loose_files", &["null", "[1]"]),
    ("manage", "/status", &["\"VALID\""]),
    ("manage", "/recovered/0", &["\"journal.json\""]),
    ("manage", "/changes/0/kind", &["\"ASSET_LOST\""]),
    ("manage", "/changes/0/artifacts", &["[]", "[\"\"]"]),
    ("manage", "/changes/0/file_count", &["0"]),
    ("manage", "/changes/0/asset_id", &["0", "2147483647"]),
    ("manage", "/changes/0/asset_uuid", &["\"3F0E5A1C-7A55-4A0E-9B39-5D4F0F6F2A01\"", "null"]),
    ("manage", "/changes/0/slot", &["-1", "16"]),
    ("verify", "/status", &["\"SUCCESS\""]),
    ("verify", "/companions/0", &["\"assets.pa\""]),
    ("reproduce", "/status", &["\"VALID\"", "\"PUBLICATION_FAILED\""]),
    ("reproduce", "/packings/0/listing", &["\"SHUFFLED\""]),
    ("reproduce", "/packings/0/threads", &["0"]),
    ("reproduce", "/content_blake3", &["\"00\"", "null"]),
    ("reproduce", "/differences", &["[{}]"]),
    ("inspect", "/status", &["\"SUCCESS\""]),
    ("inspect", "/preload/0/slot", &["-1", "16"]),
    ("inspect", "/assets/0/codec", &["\"LZ4\""]),
    ("extract", "/status", &["\"VALID\"", "\"LANE_BUSY\""]),
    ("extract", "/assets/0/asset_id", &["0", "null"]),
    ("extract", "/assets/0/files", &["[]", "[\"\"]"]),
    ("convert", "/status", &["\"VALID\"", "\"LANE_BUSY\""]),
    ("convert", "/files/0/bank_type", &["\"DATA\""]),
    ("convert", "/files/0/written", &["[]", "[\"\"]"]),
    ("diff", "/status", &["\"VALID\""]),
    ("diff", "/old/status", &["\"EQUAL\""]),
    ("diff", "/assets", &["[{}]"]),
    ("diff", "/assets/0/change", &["\"MOVED\""]),
    ("diff", "/assets/0/new/preload_slot", &["-1", "16"]),
    ("diff", "/moved/0/asset_id", &["0"]),
    ("budget", "/status", &["\"LANE_BUSY\"", "\"VALID\""]),
    ("budget", "/pack/used", &["-1", "null"]),
    ("budget", "/banks/0/bank", &["\"data\""]),
    ("budget", "/limits/1/name", &["null", "7"]),
    ("budget", "/limits/0/level", &["\"WARNING\""]),
    ("budget", "/limits/0/left", &["1.5", "null"]),
    ("budget", "/limits/0/was", &["-1"]),
    ("refusal", "/status", &["\"REFUSED\"", "\"SUCCESS\""]),
    ("refusal", "/message", &["\"\""]),
    ("refusal", "/help", &["\"\"", "null"]),
];

#[test]
fn values_that_are_never_printed_are_refused() {
    for (schema, pointer, values) in NEVER_PRINTED {
        let mut lines = lines()
            .iter()
            .filter(|(command, line)| *command == *schema && line["type"] == "result" || line["type"] == *schema)
            .filter(|(_, line)| line.pointer(pointer).is_some_and(|value| !value.is_null()))
            .peekable();
        assert!(lines.peek().is_some(), "no {schema} has {pointer}");
        for (_, line) in lines {
            for value in *values {
                let mut edited = line.clone();
                *edited.pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
                assert!(!VALIDATORS[schema].is_valid(&edited), "{value} is accepted at {pointer} of {line:#}");
            }
        }
    }
}

/// What a status rules out.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    ("SUCCESS", "execution_started", "false"),
    ("SUCCESS", "companions", "null"),
    ("GATE_FAILED", "execution_started", "true"),
    ("GATE_FAILED", "up_to_date", "true"),
    ("PUBLICATION_FAILED", "up_to_date", "true"),
    ("LANE_BUSY", "execution_started", "true"),
];

#[test]
fn members_that_contradict_each_other_are_refused() {
    let results: Vec<_> = lines().iter().filter(|(c, line)| *c == "pack" && line["type"] == "result").collect();
    for (status, key, value) in CONTRADICTIONS {
        let (_, line) = results.iter().find(|(_, line)| line["status"] == *status).unwrap();
        let mut edited = line.clone();
        edited[key] = serde_json::from_str(value).unwrap();
        assert!(!VALIDATORS["pack"].is_valid(&edited), "{status}, and {key} is {value}");
    }
    let (_, success) = results.iter().find(|(_, line)| line["status"] == "SUCCESS").unwrap();
    let (_, failed) = results.iter().find(|(_, line)| line["status"] == "GATE_FAILED").unwrap();
    let mut edited = failed.clone();
    edited["companions"] = success["companions"].clone();
    assert!(!VALIDATORS["pack"].is_valid(&edited), "companions of a pack that failed");
    // Half a place in a stream.
    let (_, line) = lines().iter().find(|(c, line)| *c == "pack" && line["type"] == "diagnostic").unwrap();
    for key in ["operation_id", "sequence", "type"] {
        let mut edited = line.clone();
        edited.as_object_mut().unwrap().remove(key);
        assert!(!VALIDATORS["diagnostic"].is_valid(&edited), "no {key}");
    }
}

/// Whether the member `key` of an object of `line` may be absent.
fn may_lack(line: &Value, key: &str) -> bool {
    match line["type"].as_str() {
        Some("diagnostic") => {
            let always = ["code", "severity", "message", "start", "end", "line", "column", "end_line", "end_column"];
            !always.contains(&key)
                && !["kind", "oldest", "newest", "expected", "count", "paths", "assets"].contains(&key)
        }
        // What is wrong with arguments may say for itself what to do.
        _ if line.get("message").is_some() => key == "help",
        _ => ["metadata", "tiles", "sounds", "data", "explained", "would_replace"].contains(&key),
    }
}

/// Whether what is in the value at `pointer` is the matter of another schema, or of none.
fn is_described_elsewhere(pointer: &str) -> bool {
    ["/metadata", "/diagnostics", "/result", "/reason"].iter().any(|end| pointer.ends_with(end))
}

/// The pointers of the values in `line` that its own schema describes.
fn values_in(line: &Value) -> Vec<String> {
    let mut pointers = vec![String::new()];
    let mut next = 0;
    while let Some(pointer) = pointers.get(next).cloned() {
        next += 1;
        if is_described_elsewhere(&pointer) {
            continue;
        }
        match line.pointer(&pointer).unwrap() {
            Value::Object(map) => pointers.extend(map.keys().map(|key| format!("{pointer}/{key}"))),
            Value::Array(items) => pointers.extend((0..items.len()).map(|index| format!("{pointer}/{index}"))),
            _ => {}
        }
    }
    pointers
}
