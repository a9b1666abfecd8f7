//! What people and programs are shown.

use std::fs;
use std::path::Path;

use crate::{golden, papack};

/// All that a run shows, without what the clock says.
fn shown(folder: &Path, arguments: &[&str]) -> String {
    let output = papack(folder, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (errors, results) = (text(output.stderr), text(output.stdout));
    format!("$ papack {}\n{errors}{results}[exit {}]", arguments.join(" "), output.status.code().unwrap())
}

macro_rules! assert_shown {
    ($folder:expr, $($arguments:expr),+) => {
        insta::with_settings!({ filters => vec![(r#""elapsed_ms":\d+"#, r#""elapsed_ms":0"#)], omit_expression => true }, {
            insta::assert_snapshot!([$(shown($folder, &$arguments)),+].join("\n\n"));
        })
    };
}

/// A folder with the pack of a golden workspace, changed by `change`, and nothing beside it.
fn changed(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(golden(name).join("assets.pa")).unwrap();
    change(&mut bytes);
    fs::write(folder.path().join("assets.pa"), bytes).unwrap();
    folder
}

fn replace(bytes: &mut [u8], from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
}

#[test]
fn verify_for_people() {
    assert_shown!(&golden("w104"), ["verify", "assets.pa"], ["verify", "assets.pa", "--message-format", "short"]);
}

#[test]
fn verify_for_programs() {
    assert_shown!(&golden("w104"), ["verify", "assets.pa", "--message-format", "json"]);
}

#[test]
fn verify_of_a_refused_pack() {
    let folder = changed("w104", |bytes| {
        replace(bytes, r#""bank_type":"DATA""#, r#""bank_type":"DUTY""#);
        replace(bytes, r#""offset":140000,"size":20480"#, r#""offset":140001,"size":20480"#);
        bytes[20] = 1;
        bytes.push(0);
    });
    assert_shown!(
        folder.path(),
        ["verify", "assets.pa"],
        ["verify", "assets.pa", "--message-format", "short"],
        ["verify", "assets.pa", "--message-format", "json"],
        ["verify", "assets.pa", "--message-format", "github"]
    );
}

#[test]
fn inspect_for_people() {
    assert_shown!(&golden("w104"), ["inspect", "assets.pa"]);
    assert_shown!(&golden("empty"), ["inspect", "assets.pa"]);
}

#[test]
fn inspect_in_short() {
    assert_shown!(&golden("w104"), ["inspect", "assets.pa", "--message-format", "short"]);
}

#[test]
fn inspect_for_programs() {
    assert_shown!(&golden("w104"), ["inspect", "assets.pa", "--message-format", "json"]);
    assert_shown!(&golden("w104"), ["inspect", "assets.pa", "920", "--message-format", "json"]);
}

#[test]
fn inspect_of_single_assets() {
    assert_shown!(&golden("w104"), ["inspect", "assets.pa", "920", "n_2"], ["inspect", "assets.pa", "n_22"]);
}

#[test]
fn inspect_of_a_refused_pack() {
    let damaged = changed("w104", |bytes| bytes[32 + 4000] = 0xff);
    let renamed = changed("w104", |bytes| replace(bytes, "日本_11", "\\u001b[mx"));
    let foreign = changed("w104", |bytes| bytes[0] = 0);
    assert_shown!(damaged.path(), ["inspect", "assets.pa"]);
    assert_shown!(renamed.path(), ["inspect", "assets.pa", "--message-format", "short"]);
    assert_shown!(foreign.path(), ["inspect", "assets.pa"]);
}
