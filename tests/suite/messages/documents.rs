//! Texts that are no JSON, and long lines.

use super::{edited, listed, shown};

#[test]
fn texts_that_are_no_json() {
    insta::assert_snapshot!(edited("\"name\": \"music\",", "\"name\": \"music\""), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected '"'
     --> assets/music/asset.json:5:3
      |
    5 |   "artifacts": [{"file": "title.txt"}],
      |   ^
      |
      = note: in asset 2
      = help: is a comma or a colon missing before it?
    "#);
    insta::assert_snapshot!(edited("\"music\",", "'music',"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected "'"
     --> assets/music/asset.json:4:11
      |
    4 |   "name": 'music',
      |           ^
      |
      = note: in asset 2
      = help: texts are in straight double quotes: "…"
    "#);
    insta::assert_snapshot!(edited("\"music\",", "\"music,"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected the end of the line
     --> assets/music/asset.json:4:18
      |
    4 |   "name": "music,
      |                  ^
      |
      = note: in asset 2
      = help: a text ends on its own line: is its closing quote missing?
    "#);
    insta::assert_snapshot!(edited("\"music\",", "\"music\", // the title"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected '/'
     --> assets/music/asset.json:4:20
      |
    4 |   "name": "music", // the title
      |                    ^
      |
      = note: in asset 2
      = help: JSON has no comments: take it out
    "#);
    insta::assert_snapshot!(edited("\"name\"", "name"), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected 'n'
     --> assets/music/asset.json:4:3
      |
    4 |   name: "music",
      |   ^
      |
      = note: in asset 2
      = help: names of fields are in double quotes
    "#);
    insta::assert_snapshot!(edited("\"DATA/raw_v1\" }\n}", "\"DATA/raw_v1\" }"), @r#"
    error[JSON_SYNTAX]: the document ends too early
     --> assets/music/asset.json:7:1
      |
    7 |
      | ^
      |
      = note: in asset 2
      = help: a closing "}", "]" or quote is missing
    "#);
    insta::assert_snapshot!(edited("\"music\",", "\"\u{1b}[31mmusic\u{202e}\","), @r#"
    error[JSON_SYNTAX]: this is no JSON: unexpected control character U+001B
     --> assets/music/asset.json:4:12
      |
    4 |   "name": "␛[31mmusic�",
      |            ^
      |
      = note: in asset 2
      = help: take it out, or write it as an escape, such as \t for a tab
    "#);
    insta::assert_snapshot!(edited("{\n", "\u{feff}{\n"), @r"
    error[JSON_SYNTAX]: the file begins with a byte-order mark
     --> assets/music/asset.json:1:1
      |
    1 | �{
      | ^
      |
      = note: in asset 2
      = help: save it as UTF-8 without BOM
    ");
    insta::assert_snapshot!(shown(|space| space.write("assets/music/asset.json", b"{\n  \"name\": \"caf\xe9\"\n}")), @r"
    error[JSON_SYNTAX]: the file is not UTF-8: byte 0xe9 at offset 16
    --> assets/music/asset.json:2:15
     = note: in asset 2
     = help: save it as UTF-8
    ");
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let list = |count: usize| {
        (0..count).map(|index| format!(r#"{{"file": "{index:05}.txt"}}"#)).collect::<Vec<_>>().join(", ")
    };
    insta::assert_snapshot!(listed(&format!("{}, {{\"flie\": 1}}, {}", list(400), list(400))).split("\n\n").next().unwrap(), @r#"
    error[FIELD_UNKNOWN]: unknown field "flie"
     --> assets/ui/asset.json:5:9218
      |
     ::: 
    5 | ... "00397.txt"}, {"file": "00398.txt"}, {"file": "00399.txt"}, {"flie": 1}, {"file": "00000.txt"}, {"file": "00001.txt"}, {"file": "...
      |                                                                  ^^^^^^
      |
      = note: in asset 1 "ui"
      = help: did you mean "file"? (the fields here are "file", "glob", "except", "tag", "layer", "slice", "frame", "level")
    "#);
}
