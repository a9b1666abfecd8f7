//! Budgets: what is too large is told where the limit is, blocks a pack, and is told by everybody alike.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use papack_engine::fs::RealFs;
use papack_engine::{Code, PackRequest, Status};
use serde_json::Value;

use crate::hooked::{self, HookedFs, Operation};
use crate::space::{CACHE, TestSpace, entry, manifest};

/// Writes the settings, with their version before `text`.
pub fn set(space: &TestSpace, text: &str) {
    space.write("papack.toml", format!("schema_version = 1\n{text}\n"));
}

/// Three assets of 100, 200 and 1,000 bytes, of which the first is preloaded.
pub fn space() -> TestSpace {
    let (small, medium, large) = ("s".repeat(100), "m".repeat(200), "l".repeat(1000));
    let space = TestSpace::with_assets(&[
        ("hero", &[("f", &small)]),
        ("levels/one", &[("f", &medium)]),
        ("levels/two", &[("f", &large)]),
    ]);
    let preload = "\"preload\": { \"enabled\": true, \"slot\": 3 },\n  \"output\"";
    space.write("assets/hero/asset.json", manifest(1, "hero", r#"{"file": "f"}"#).replace("\"output\"", preload));
    space
}

/// The diagnostics of budgets that a command tells, as `severity pointer`, and its exit code.
pub fn told(space: &TestSpace, arguments: &[&str]) -> (i32, String) {
    let run = space.run(&[arguments, &["--message-format", "json"]].concat());
    let lines = run.lines();
    let found = lines.last().unwrap()["diagnostics"].as_array().unwrap().iter();
    let of_budgets = found.filter(|found| found["code"].as_str().unwrap().starts_with("BUDGET"));
    let told = of_budgets
        .map(|found| format!("{} {}", found["severity"].as_str().unwrap(), found["pointer"].as_str().unwrap()));
    (run.code, told.collect::<Vec<_>>().join(", "))
}

#[test]
fn what_is_too_large_is_told_at_its_limit_and_blocks_a_pack() {
    let space = space();
    space.pack();
    let before = space.build();
    space.write("assets/hero/f", "changed".repeat(20));
    set(
        &space,
        "[budget.pack]\nwarn = '1 KiB'\nerror = '1 MiB'\n[budget.bank.DATA]\nwarn = 1\nerror = 1299\n\
         [budget.folder.'levels/**']\nwarn = 1199\n[budget.asset]\nhero = { error = 139 }\n'levels/two' = { error = 1000 }\n\
         [budget.slot.DATA]\n3 = { error = '0.1328125 KiB' }\n4 = { error = 0 }\n[budget.slot.SOUNDS.0]\nerror = 0",
    );
    let run = space.run(&["pack"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr, @r#"
    warning[BUDGET_EXCEEDED]: the pack has 1954 bytes, 930 more than the 1024 of the budget
     --> papack.toml:3:8
      |
    3 | warn = '1 KiB'
      |        ^^^^^^^
      |
      = help: the largest: "levels/two" (asset 3) with 1000 bytes, "levels/one" (asset 2) with 200 bytes, "hero" (asset 1) with 140 bytes

    error[BUDGET_EXCEEDED]: bank DATA has 1340 bytes, 41 more than the 1299 of the budget
     --> papack.toml:7:9
      |
    7 | error = 1299
      |         ^^^^
      |
      = help: the largest: "levels/two" (asset 3) with 1000 bytes, "levels/one" (asset 2) with 200 bytes, "hero" (asset 1) with 140 bytes

    warning[BUDGET_EXCEEDED]: the assets in "levels/**" have 1200 bytes, 1 more than the 1199 of the budget
     --> papack.toml:9:8
      |
    9 | warn = 1199
      |        ^^^^
      |
      = help: the largest: "levels/two" (asset 3) with 1000 bytes, "levels/one" (asset 2) with 200 bytes

    error[BUDGET_EXCEEDED]: asset "hero" has 140 bytes, 1 more than the 139 of the budget
      --> papack.toml:11:18
       |
    11 | hero = { error = 139 }
       |                  ^^^

    error[BUDGET_EXCEEDED]: slot 3 of bank DATA has 140 bytes, 4 more than the 136 of the budget
      --> papack.toml:14:15
       |
    14 | 3 = { error = '0.1328125 KiB' }
       |               ^^^^^^^^^^^^^^^

    For more about a code: papack explain BUDGET_EXCEEDED
    "#);
    assert_eq!(run.stdout, "      Failed not packed: 3 errors, 2 warnings; build/ is as it was\n");
    assert_eq!(space.build(), before, "nothing is published");
    let all = "WARNING /budget/pack/warn, ERROR /budget/bank/DATA/error, WARNING /budget/folder/levels~1**/warn, \
               ERROR /budget/asset/hero/error, ERROR /budget/slot/DATA/3/error";
    for command in [&["pack"][..], &["check"], &["pack", "--check"], &["budget"]] {
        assert_eq!(told(&space, command), (1, all.to_owned()), "{command:?}");
    }
    for command in [&["status"][..], &["list"]] {
        assert_eq!(told(&space, command), (0, all.to_owned()), "{command:?}");
    }
    // What a pack would derive has no size before, but all is derived by now, and kept.
    assert_eq!(told(&space, &["plan"]), (0, all.to_owned()));
    assert_eq!(told(&space, &["plan", "--exit-code"]), (1, all.to_owned()));
    // An error of a budget stays one, and a warning is what levels make of it.
    assert_eq!(told(&space, &["pack", "--allow", "BUDGET_EXCEEDED"]).1.matches("ERROR").count(), 3);
    set(&space, "[budget.pack]\nwarn = 16");
    assert_eq!(told(&space, &["pack", "--deny", "budget-exceeded"]), (1, "ERROR /budget/pack/warn".to_owned()));
    assert_eq!(space.build(), before);
    assert_eq!(told(&space, &["pack"]), (0, "WARNING /budget/pack/warn".to_owned()));
    assert_ne!(space.build(), before);
}

#[test]
fn a_plan_tells_of_budgets_where_nothing_is_to_be_derived() {
    let space = space();
    space.pack();
    set(&space, "[budget.pack]\nerror = 16");
    let exceeded = "ERROR /budget/pack/error".to_owned();
    assert_eq!(told(&space, &["plan"]), (0, exceeded.clone()));
    // Another name, and another build set, from which nothing follows for any payload.
    set(&space, "[budget.asset]\nheroine = { error = 99 }\n[budget.pack]\nerror = 1500");
    let renamed = String::from_utf8(space.read("assets/hero/asset.json")).unwrap().replace("\"hero\"", "\"heroine\"");
    space.write("assets/hero/asset.json", renamed);
    assert_eq!(told(&space, &["plan"]), (0, "ERROR /budget/asset/heroine/error, ERROR /budget/pack/error".to_owned()));
    space.write_registry(&[entry(1, "hero"), entry(2, "levels/one"), entry(3, "levels/two").replace("true", "false")]);
    assert_eq!(told(&space, &["plan"]), (0, "ERROR /budget/asset/heroine/error".to_owned()));
    space.write("assets/levels/one/f", "new");
    assert_eq!(told(&space, &["plan"]), (0, String::new()), "what is derived has no size yet");
    assert_eq!(told(&space, &["pack"]), (1, "ERROR /budget/asset/heroine/error".to_owned()));
}

/// What is remembered of a workspace is judged by the budgets of today, for which no input is read.
#[test]
fn a_budget_that_is_lowered_is_told_without_reading_an_asset() {
    let space = space();
    set(&space, "[budget.pack]\nerror = '1 MiB'");
    space.pack();
    // By then all stamps tell what changed.
    std::thread::sleep(Duration::from_millis(50));
    space.pack();
    let outputs = space.build();
    set(&space, "[budget.pack]\nerror = '1 KiB'");
    let opened: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&opened);
    let fs = HookedFs::new(Arc::new(RealFs::new(space.path()).unwrap()), move |call| {
        if matches!(call.operation, Operation::Open | Operation::Read) {
            log.lock().unwrap().push(call.path.to_string());
        }
        Ok(())
    });
    let mut session = hooked::session(fs);
    let result = session.pack(&PackRequest::default(), &|_| {});
    let codes: Vec<_> = result.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!((result.status, codes), (Status::GateFailed, vec![Code::BudgetExceeded]));
    let opened = std::mem::take(&mut *opened.lock().unwrap());
    let is_input = |path: &String| path != "papack.toml" && !path.starts_with(CACHE) && path != "assets/.prometeu";
    assert_eq!(opened.iter().filter(|path| is_input(path)).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(opened.contains(&"papack.toml".to_owned()));
    assert_eq!(space.build(), outputs);
    // The same session, and other processes, when it is raised again.
    set(&space, "[budget.pack]\nerror = '1 MiB'");
    assert!(session.pack(&PackRequest::default(), &|_| {}).up_to_date);
    for command in [&["pack"][..], &["check"], &["pack", "--check"], &["plan", "--exit-code"]] {
        assert_eq!(told(&space, command), (0, String::new()), "{command:?}");
    }
    fs::remove_file(space.path().join("papack.toml")).unwrap();
    space.pack();
    assert_eq!(space.build(), outputs, "budgets change no bytes");
}

#[test]
fn budgets_wait_until_nothing_else_is_wrong() {
    let space = space();
    set(&space, "[budget.pack]\nerror = 1\n[budget.asset.nobody]\nerror = 1");
    fs::remove_file(space.path().join("assets/hero/f")).unwrap();
    for command in ["check", "pack", "budget"] {
        assert_eq!(told(&space, &[command]), (1, String::new()), "{command}");
    }
    let run = space.run(&["budget", "--message-format", "short"]);
    insta::assert_snapshot!(run.stdout, @r#"
    assets/hero/asset.json:5:26: error[FILE_MISSING]: "f": the file is not there
    the sizes are not known: 1 error
    "#);
    // Of an asset that is not packed nothing counts.
    space.write_registry(&[entry(1, "hero").replace("true", "false"), entry(2, "levels/one"), entry(3, "levels/two")]);
    let all = "ERROR /budget/pack/error, WARNING /budget/asset/nobody";
    assert_eq!(told(&space, &["check"]), (1, all.to_owned()));
}

#[test]
fn what_no_budget_can_be_is_told_at_its_place() {
    let space = space();
    set(
        &space,
        "[budget]\nbanks = {}\npack = {}\nasset = 7\n[budget.bank]\nTILE = { error = 1 }\nsounds = { error = 1 }\nDATA = 8\n\
         [budget.folder]\n'/levels' = { error = 1 }\n'a**' = { error = 1 }\n[budget.slot.TILES]\n16 = { warn = 1 }\n\
         01 = { warn = 1 }\n'' = { warn = 1 }\n[budget.slot.TILE.1]\nwarn = 1\n[budget.folder.x]\nwarm = 1\nerror = '1 KB'\n\
         warn = '0.1 KiB'\n[budget.folder.y]\nwarn = '4 KiB'\nerror = 4096\n[budget.folder.z]\nwarn = -1\n\
         error = 1.5\n[budget.folder.u]\nwarn = 9007199254740992\nerror = '99999999999999999999 GiB'\n\
         [budget.folder.v]\nwarn = 99999999999999999999\nerror = true\n[budget.folder.w]\nwarn = 0x10\nerror = '9007199254740991'",
    );
    let run = space.run(&["check", "--message-format", "short"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout, @r#"
    papack.toml:3:1: error[SETTINGS_INVALID]: unknown key "banks"
    papack.toml:4:1: error[SETTINGS_INVALID]: a budget has "warn", "error" or both
    papack.toml:5:9: error[SETTINGS_INVALID]: expected a table, found an integer
    papack.toml:7:1: error[SETTINGS_INVALID]: unknown key "TILE"
    papack.toml:8:1: error[SETTINGS_INVALID]: unknown key "sounds"
    papack.toml:9:8: error[SETTINGS_INVALID]: expected a table, found an integer
    papack.toml:11:1: error[SETTINGS_INVALID]: "/levels" is no pattern of roots: the path is absolute; it must be relative
    papack.toml:12:1: error[SETTINGS_INVALID]: "a**" is no pattern of roots: "**" stands for whole components, not for a part of "a**"
    papack.toml:14:1: error[SETTINGS_INVALID]: there is no slot "16": a bank has the slots 0 to 15
    papack.toml:15:1: error[SETTINGS_INVALID]: there is no slot "01": a bank has the slots 0 to 15
    papack.toml:16:1: error[SETTINGS_INVALID]: there is no slot "": a bank has the slots 0 to 15
    papack.toml:17:14: error[SETTINGS_INVALID]: unknown key "TILE"
    papack.toml:20:1: error[SETTINGS_INVALID]: unknown key "warm"
    papack.toml:21:9: error[SETTINGS_INVALID]: '1 KB' is no size: a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as "1.5 MiB"
    papack.toml:22:8: error[SETTINGS_INVALID]: '0.1 KiB' is no size: a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as "1.5 MiB"
    papack.toml:24:8: error[SETTINGS_INVALID]: "warn" is 4096 bytes, which is not below "error": it would never be told
    papack.toml:27:8: error[SETTINGS_INVALID]: -1 is no size: a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as "1.5 MiB"
    papack.toml:28:9: error[SETTINGS_INVALID]: expected a size, found a float
    papack.toml:30:8: error[SETTINGS_INVALID]: 9007199254740992 is no size: a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as "1.5 MiB"
    papack.toml:31:9: error[SETTINGS_INVALID]: '99999999999999999999 GiB' is no size: a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as "1.5 MiB"
    papack.toml:33:8: error[SETTINGS_INVALID]: 99999999999999999999 is no size: a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as "1.5 MiB"
    papack.toml:34:9: error[SETTINGS_INVALID]: expected a size, found a boolean
    3 assets: 22 errors
    "#);
}

#[test]
fn a_budget_that_means_nothing_names_what_was_meant() {
    let space = space();
    set(
        &space,
        "[budget.asset]\nhera = { error = 1 }\n\"\\u001b[31m::error::\" = { error = 1 }\n[budget.folder]\nlevels = { error = 1 }\n\
         'sfx/**' = { error = 1 }\n'levels/?wo' = { error = 1 }",
    );
    let lines = space.run(&["check", "--message-format", "json"]).lines();
    let found = lines.iter().filter(|line| line["code"] == "BUDGET_EMPTY");
    let told =
        found.map(|found| format!("{}: {}", found["message"].as_str().unwrap(), found["help"].as_str().unwrap()));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    no asset of the build set is named "hera": did you mean "hero"? (papack list shows all assets)
    no asset of the build set is named "\u{1b}[31m::error::": papack list shows all assets
    no asset of the build set has a root that matches "levels": did you mean "levels/**"? (papack list shows all assets)
    no asset of the build set has a root that matches "sfx/**": papack list shows all assets
    "#);
    assert_eq!(told_data(&lines, "BUDGET_EMPTY")[0]["suggestion"], "hero");
    assert_eq!(told_data(&lines, "BUDGET_EXCEEDED")[0]["found"], 1000);
}

fn told_data<'l>(lines: &'l [Value], code: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["code"] == code).map(|line| &line["data"]).collect()
}

#[test]
fn how_much_is_used_is_shown() {
    let space = space();
    let run = space.run(&["budget"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "    Measured no budgets: [budget] in papack.toml sets them\n"));
    set(
        &space,
        "[budget.folder.'levels/**']\nwarn = '1 KiB'\nerror = '1.5 KiB'\n[budget.pack]\nerror = '64 KiB'\n\
         [budget.asset]\nhero = { error = 100 }\nnobody = { warn = 0 }\n[budget.slot.DATA.3]\nwarn = 0",
    );
    let run = space.run(&["budget"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stdout, @r"
    budget            limit        of     used      left    share
    folder levels/**  warn    1.0 KiB  1.2 KiB    -176 B  117.2 %
    folder levels/**  error   1.5 KiB  1.2 KiB     336 B   78.1 %
    pack              error  64.0 KiB  1.9 KiB  62.1 KiB    2.9 %
    asset hero        error     100 B    100 B       0 B  100.0 %
    asset nobody      warn        0 B      0 B       0 B
    slot DATA.3       warn        0 B    100 B    -100 B

        Measured 2 of 6 limits exceeded, 3 warnings
    ");
    insta::assert_snapshot!(space.run(&["budget", "--message-format", "short"]).stdout, @r#"
    papack.toml:3:8: warning[BUDGET_EXCEEDED]: the assets in "levels/**" have 1200 bytes, 176 more than the 1024 of the budget
    papack.toml:9:1: warning[BUDGET_EMPTY]: no asset of the build set is named "nobody"
    papack.toml:11:8: warning[BUDGET_EXCEEDED]: slot 3 of bank DATA has 100 bytes, 100 more than the 0 of the budget
    warn folder levels/** 1200 1024 -176
    error folder levels/** 1200 1536 336
    error pack 1914 65536 63622
    error asset hero 100 100 0
    warn asset nobody 0 0 0
    warn slot DATA.3 100 0 -100
    2 of 6 limits exceeded, 3 warnings
    "#);
    let quiet = space.run(&["budget", "--quiet"]);
    assert_eq!((quiet.code, quiet.stdout, quiet.stderr), (0, String::new(), String::new()));
    set(&space, "[budget.pack]\nerror = 16");
    let failed = space.run(&["budget"]);
    assert_eq!(failed.code, 1);
    insta::assert_snapshot!(failed.stdout, @r"
    budget  limit    of     used      left      share
    pack    error  16 B  1.9 KiB  -1.9 KiB  11962.5 %

          Failed 1 of 1 limit exceeded: 1 error
    ");
}
