//! The ignore file: what it may hold, and at which cost.

use std::time::Duration;

use papack_queries::diagnostic::Code::{
    ConflictMarkers, FileLfsPointer, FileLink, FileNotRegular, FilesLeftOut, GlobEmpty, GlobTooCostly, IgnoreInvalid,
};

use crate::case::{Case, Fault, Target, case, error, info, warning};
use crate::ground::{A, Ground};

const IGNORE: &str = "assets/.papackignore";
const PLACE: &str = "/artifacts/0/glob";

/// The ignore file has these bytes, and the `DATA` asset takes all files by one glob.
fn ignoring(name: &str, bytes: impl Into<Vec<u8>>, faults: impl Into<Vec<Fault>>) -> Case {
    let bytes = bytes.into();
    let spoil = move |ground: &Ground| {
        ground.list(r#"{"glob": "*"}"#);
        ground.write(IGNORE, &bytes);
    };
    case(format!("ignore file: {name}"), spoil, faults)
}

fn invalid(name: &str, bytes: impl Into<Vec<u8>>, place: &str, says: &str) -> Case {
    ignoring(name, bytes, [error(IgnoreInvalid, IGNORE, place, says)])
}

pub fn cases() -> Vec<Case> {
    let left_out = |says: &str| info(FilesLeftOut, A, "", says);
    let mut cases = vec![
        ignoring("empty", "", []),
        ignoring("only marks", "!\n/\n//\n\\!\n   \n\t\n# [\n!!\n", []),
        ignoring("control characters", "\x01one.txt\n\x7f\n", []),
        ignoring("one side of a conflict", "<<<<<<< HEAD\n=======\n", []),
        ignoring("parents", "../a/one.txt\n./one.txt\n", []),
        ignoring("braces", "{one,two}.txt\n{{{{\n}}}}\n", []),
        ignoring(
            "braces in classes",
            "[A-{]ne.txt\n[{-}].txt\n[]{]\n[!]{]q\n\\[{\n",
            [left_out("\"one.txt\" is left out")],
        ),
        ignoring("one is left out", "one.*\r\n", [left_out("\"one.txt\" is left out")]),
        ignoring("a byte-order mark", "\u{feff}one.txt", [left_out("\"one.txt\" is left out")]),
        ignoring(
            "all is left out",
            "**\n",
            [
                error(GlobEmpty, A, PLACE, "every file that \"*\" takes is left out, \"one.txt\" first"),
                left_out("2 files are left out of the patterns: \"one.txt\"; \"two.txt\""),
            ],
        ),
        invalid("a NUL byte", "a\n\0\n", "", "line 2 has a NUL byte"),
        invalid("a web page", "<!DOCTYPE html>\n<title>404</title>", "1:1", "it is a web page"),
        ignoring(
            "a conflict",
            "<<<<<<< HEAD\n*.a\n=======\n*.b\n>>>>>>> topic\n",
            [error(ConflictMarkers, IGNORE, "1:1", "left a conflict here")],
        ),
        ignoring(
            "a pointer of Git LFS",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 812\n",
            [error(FileLfsPointer, IGNORE, "1:1", "the file itself, of 812 bytes")],
        ),
        invalid("no UTF-8", b"a\n\xff\xfe".to_vec(), "", "line 2 is no UTF-8"),
        invalid("an open class", "[", "1:1", "unclosed character class"),
        invalid("an empty range", "ok\n[z-a]", "2:1", "invalid range"),
        invalid("a backslash at the end", "a\\", "1:1", "dangling"),
        invalid("a thousand patterns and one", "a\n".repeat(1001), "1001:1", "more than 1000 patterns"),
        invalid("a megabyte of patterns", "*a*b*c\n".repeat(150_000), "", "larger than 65536 bytes"),
        invalid("a thousand long classes", "[\u{1}-\u{10ffff}]\n".repeat(1001), "1001:1", "more than 1000 patterns"),
    ];
    // The worst patterns of the size that is allowed.
    for (name, unit) in [("stars", "?*"), ("folders", "**/"), ("classes", "[!b]*")] {
        let line = format!("{}x\n", unit.repeat(200 / unit.len()));
        let worst = ignoring(name, line.repeat(65_000 / line.len()), []);
        cases.push(Case { cpu: Duration::from_secs(10), memory: 2000, ..worst });
    }
    cases.extend(places());
    cases.push(costly());
    cases
}

fn places() -> Vec<Case> {
    let link = |ground: &Ground| ground.link(IGNORE, "a/one.txt");
    vec![
        case(
            "ignore file: a link",
            link,
            [warning(FileLink, IGNORE, "", "is skipped"), error(FileLink, IGNORE, "", "symbolic link")],
        ),
        case(
            "ignore file: a folder",
            |ground: &Ground| ground.write(&format!("{IGNORE}/f"), "x"),
            [error(FileNotRegular, IGNORE, "", "no regular file")],
        ),
    ]
}

/// Many patterns that take long, over many files with long names.
fn costly() -> Case {
    let spoil = |ground: &Ground| {
        (0..500).for_each(|at| ground.write(&format!("assets/a/{}{at}", "a".repeat(240)), ""));
        ground.list(r#"{"glob": "*"}"#);
        ground.write(IGNORE, format!("{}x\n", "?*".repeat(125)).repeat(250));
    };
    let faults =
        [error(GlobTooCostly, A, PLACE, "the patterns of assets/.papackignore, 250 in all, take too long to match")];
    Case {
        target: Target::PackOnce,
        cpu: Duration::from_secs(30),
        memory: 2000,
        ..case("ignore file: what would take minutes", spoil, faults)
    }
}
