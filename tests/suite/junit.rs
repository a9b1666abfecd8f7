//! `--message-format junit`.

use std::process::Command;

use crate::space::{TestSpace, manifest};

#[test]
fn a_file_with_errors_is_a_case_that_failed() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("f", "f")])]);
    let sound = space.run(&["check", "--message-format", "junit"]);
    assert_eq!(sound.code, 0);
    insta::assert_snapshot!(sound.stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="papack">
      <testsuite name="papack" tests="1" failures="0" errors="0" skipped="0">
        <testcase classname="papack" name="run">
          <system-out>2 assets: nothing is wrong</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    space.write("assets/new/asset.json", manifest(9, "new", r#"{"file": "f"}"#));
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"fiel": "<&>]]>"}"#));
    let faulty = space.run(&["check", "--message-format", "junit"]);
    assert_eq!(faulty.code, 1);
    insta::assert_snapshot!(faulty.stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="papack">
      <testsuite name="papack" tests="3" failures="1" errors="0" skipped="0">
        <testcase classname="papack" name="run">
          <system-out>2 assets: 2 errors</system-out>
        </testcase>
        <testcase classname="papack" name="assets/a/asset.json" file="assets/a/asset.json">
          <failure type="FIELD_UNKNOWN" message="unknown field &quot;fiel&quot;, and 1 error more">assets/a/asset.json:5:18: error[FIELD_UNKNOWN]: unknown field &quot;fiel&quot;
      help: did you mean &quot;file&quot;? (the fields here are &quot;file&quot;, &quot;glob&quot;, &quot;except&quot;, &quot;tag&quot;, &quot;layer&quot;, &quot;slice&quot;, &quot;frame&quot;, &quot;level&quot;)
    assets/a/asset.json:5:17: error[FIELD_INVALID]: an entry has either &quot;file&quot; or &quot;glob&quot;</failure>
        </testcase>
        <testcase classname="papack" name="assets/new/asset.json" file="assets/new/asset.json">
          <system-out>assets/new/asset.json: info[ASSET_UNREGISTERED]: this asset is not registered, so it is not packed
      help: register it with: papack add new</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_run_that_finds_no_error_and_fails_is_an_error() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    space.pack();
    space.write("assets/a/f", "g");
    let run = space.run(&["pack", "--check", "--message-format", "junit"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains(r#"tests="1" failures="0" errors="1""#), "{}", run.stdout);
}

/// It is XML to a reader that is not papack's.
#[test]
fn another_reader_of_xml_takes_it() {
    let space = TestSpace::with_assets(&[("a", &[])]);
    space.write("assets/a/asset.json", manifest(1, "a", r#"{"file": "\u0001\ufffe\uffff]]>&<\u202e"}"#));
    let run = space.run(&["check", "--message-format", "junit"]);
    let Ok(mut reader) = Command::new("python3")
        .args(["-c", "import sys, xml.dom.minidom as m; print(m.parse(sys.stdin).documentElement.tagName)"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
    else {
        return println!("skipped: there is no python3");
    };
    std::io::Write::write_all(&mut reader.stdin.take().unwrap(), run.stdout.as_bytes()).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&read.stdout), "testsuites\n", "{}", run.stdout);
}

#[test]
fn a_watch_prints_no_report() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    for format in ["sarif", "junit"] {
        let run = space.run(&["watch", "--message-format", format]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.stderr, @r"
            error: sarif and junit are reports of one run, and a watch has no end
              help: use --message-format json; or have papack check print such a report
            ");
        }
    }
}
