//! Paths against the rules that hold on every operating system.

use papack_queries::diagnostic::Code::{FileMissing, FileNotRegular, PathAmbiguous, PathInvalid, PathSpelling};

use crate::case::{Case, Code, case, error, warning};
use crate::ground::{A, Ground};

const PLACE: &str = "/artifacts/0/file";

/// The `DATA` asset takes the file `path`, given as JSON.
fn file(path: &str, spoil: impl Fn(&Ground) + Send + Sync + 'static, code: Code, says: &str) -> Case {
    let name = format!("path: {} ({says})", path.chars().take(40).collect::<String>());
    let entry = format!("{{\"file\": \"{path}\"}}");
    let spoil = move |ground: &Ground| {
        ground.list(&entry);
        spoil(ground);
    };
    case(name, spoil, [error(code, A, PLACE, says)])
}

fn invalid(path: &str, says: &str) -> Case {
    file(path, |_| (), PathInvalid, says)
}

pub fn cases() -> Vec<Case> {
    let long = ["x".repeat(1025), "y/".repeat(1000), "é".repeat(513)];
    let mut cases = vec![
        invalid("", "the path is empty"),
        invalid("/etc/passwd", "the path is absolute"),
        invalid("//server/share", "the path is absolute"),
        invalid("..", "a \"..\" component"),
        invalid("../../outside/secret.txt", "a \"..\" component"),
        invalid("a/../../../outside/secret.txt", "a \"..\" component"),
        invalid("./one.txt", "a \".\" component"),
        invalid("a//b", "an empty component"),
        invalid("one.txt/", "an empty component"),
        invalid("..\\\\one.txt", "has a \"\\\""),
        invalid("C:\\\\Windows", "has a \"\\\""),
        invalid("C:/Windows", "has a ':'"),
        invalid("one.txt:stream", "has a ':'"),
        invalid("a\\u0000b", "the control character U+0000"),
        invalid("a\\nb", "the control character U+000A"),
        invalid("a\u{7f}b", "the control character U+007F"),
        invalid("a\u{9b}31mb", "the control character U+009B"),
        invalid("a<b", "has a '<'"),
        invalid("a>b", "has a '>'"),
        invalid("a\\\"b", "has a '\"'"),
        invalid("a|b", "has a '|'"),
        invalid("a?b", "has a '?'"),
        invalid("*.txt", "has a '*'"),
        invalid("cafe\u{301}.txt", "normalization form C"),
        invalid("\u{212b}", "normalization form C"),
        invalid("one.txt ", "ends in a space or a dot"),
        invalid("a./b", "ends in a space or a dot"),
        invalid("...", "ends in a space or a dot"),
        invalid(&vec!["d"; 65].join("/"), "65 components, at most 64"),
        invalid(&long[0], "1025 bytes, at most 1024"),
        invalid(&long[1], "2000 bytes, at most 1024"),
        invalid(&long[2], "1026 bytes, at most 1024"),
        invalid(&"z".repeat(1_000_000), "1000000 bytes, at most 1024"),
    ];
    let devices = ["CON", "prn", "Aux.txt", "NUL.tar.gz", "COM0", "com9", "lpt1.x", "a/LPT9/b"];
    cases.extend(devices.map(|name| invalid(name, "a device name on Windows")));
    cases.extend(disk());
    cases
}

/// Paths that keep the rules, and what is on the disk does not.
fn disk() -> Vec<Case> {
    let also = |path: &'static str| move |ground: &Ground| ground.write(&format!("assets/a/{path}"), "x");
    let mut cases = vec![
        file("none.txt", |_| (), FileMissing, "the file is not there"),
        file("one.txt/x", |_| (), FileMissing, "\"one.txt\" is no folder"),
        file("d", also("d/x"), FileNotRegular, "this is a folder"),
        file("ONE.txt", |_| (), PathSpelling, "the name on disk is spelled \"one.txt\""),
        file("D/x", also("d/x"), PathSpelling, "spelled \"d\""),
        file("d/X", also("d/x"), PathSpelling, "spelled \"d/x\""),
        file("\u{e9}.txt", also("e\u{301}.txt"), PathSpelling, "spelled \"e\\u{301}.txt\""),
        // Both fold to the same: final sigma, and the Kelvin sign.
        file("\u{3c3}.txt", also("\u{3c2}.txt"), PathSpelling, "spelled \"\u{3c2}.txt\""),
        file("k.txt", also("\u{212a}.txt"), PathSpelling, "\u{212a}"),
        file("one.txt", also("One.txt"), PathAmbiguous, "\"One.txt\" beside it differs only in case"),
        file(
            "\u{e9}.txt",
            |ground| {
                ground.write("assets/a/\u{e9}.txt", "x");
                ground.write("assets/a/e\u{301}.txt", "x");
            },
            PathAmbiguous,
            "differs only in case or Unicode normalization",
        ),
        file(
            "d/x",
            |ground| {
                ground.write("assets/a/d/x", "x");
                ground.write("assets/a/D/x", "x");
            },
            PathAmbiguous,
            "\"D\" beside it",
        ),
        case(
            "path: two names that differ in more than case",
            |ground| {
                ground.list("{\"file\": \"stra\u{df}e\"}, {\"file\": \"strasse\"}");
                ground.write("assets/a/stra\u{df}e", "x");
                ground.write("assets/a/strasse", "x");
            },
            [],
        ),
        case(
            "path: a file that is found in two ways",
            |ground| ground.list("{\"file\": \"one.txt\"}, {\"file\": \"two.txt\"}, {\"file\": \"one.txt\"}"),
            [error(
                Code::ArtifactRepeated,
                A,
                "/artifacts/2/file",
                "listed twice: entry 1 of \"artifacts\" takes it already",
            )],
        ),
        // An entry of 13 bytes is kept as a path, a place and a fault, by as many threads as look.
        Case {
            memory: 32,
            ..case(
                "path: 65,536 times the same file",
                |ground| ground.list(&vec!["{\"file\":\"q\"}"; 65_536].join(",")),
                many_missing(),
            )
        },
    ];
    cases.push(case("path: the asset's own manifest", |ground| ground.list("{\"file\": \"asset.json\"}"), []));
    cases.push(case(
        "path: a hidden file that is spelled out",
        |ground| {
            ground.list("{\"file\": \".hidden/.x\"}");
            ground.write("assets/a/.hidden/.x", "x");
        },
        [],
    ));
    cases.push(case(
        "path: a name that is no UTF-8",
        |ground| ground.write_raw("assets/a", b"\xff\x1b[31m.png"),
        [warning(Code::NameNotUtf8, "assets/a/\u{fffd}\u{1b}[31m.png", "", "the name is not UTF-8")],
    ));
    cases
}

fn many_missing() -> Vec<crate::case::Fault> {
    let missing =
        (0..100).map(|at| error(FileMissing, A, &format!("/artifacts/{at}/file"), "\"q\": the file is not there"));
    missing.chain([error(Code::FieldInvalid, A, "", "65436 more faults of the artifact list are not shown")]).collect()
}
