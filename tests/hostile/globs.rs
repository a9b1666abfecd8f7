//! Globs: what they match, in which order, and at which cost.

use std::time::Duration;

use papack_queries::diagnostic::Code::{
    ArtifactRepeated, FileMissing, GlobEmpty, GlobOrder, GlobTooCostly, PathAmbiguous, PathInvalid, PathSpelling,
};

use crate::case::{Case, Fault, Target, case, error, warning};
use crate::ground::{A, Ground};

const PLACE: &str = "/artifacts/0/glob";

/// The `DATA` asset has these entries, and besides its own the files `files`.
fn list(name: &str, entries: &str, files: &'static [&str], faults: impl Into<Vec<Fault>>) -> Case {
    let entries = entries.to_owned();
    let spoil = move |ground: &Ground| {
        ground.list(&entries);
        files.iter().for_each(|path| ground.write(&format!("assets/a/{path}"), "x"));
    };
    case(format!("glob: {name}"), spoil, faults)
}

fn empty(name: &str, pattern: &str, files: &'static [&str]) -> Case {
    list(name, &format!("{{\"glob\": \"{pattern}\"}}"), files, [error(GlobEmpty, A, PLACE, "matches no file")])
}

pub fn cases() -> Vec<Case> {
    [nothing(), twice(), order(), costly()].into_iter().flatten().collect()
}

fn nothing() -> Vec<Case> {
    vec![
        empty("nothing matches", "*.png", &[]),
        empty("only a folder matches", "d", &["d/x"]),
        empty("a star is no slash", "*.bin", &["d/x.bin"]),
        empty("a question mark is one character", "?.bin", &["ab.bin", ".bin"]),
        empty("brackets are themselves", "[o]ne.txt", &[]),
        empty("braces are themselves", "{one,two}.txt", &[]),
        empty("hidden files", "*/x", &[".d/x"]),
        empty("hidden files, spelled out", ".d/x", &[".d/x"]),
        empty("hidden files below **", "**/x", &["d/.e/x"]),
        empty("the manifest", "asset.json", &[]),
        empty("other casing", "*.TXT", &[]),
        list(
            "nothing is left by except",
            r#"{"glob": "*.txt", "except": ["one.*", "**"]}"#,
            &[],
            [error(GlobEmpty, A, PLACE, "\"except\" leaves out every file")],
        ),
        list(
            "a folder in other casing",
            r#"{"glob": "D/*"}"#,
            &["d/x"],
            [error(PathSpelling, A, PLACE, "\"D\": the name on disk is spelled \"d\"")],
        ),
    ]
}

fn twice() -> Vec<Case> {
    let repeated = |entry: usize, path: &str, first: &str| {
        error(
            ArtifactRepeated,
            A,
            &format!("/artifacts/{entry}/glob"),
            &format!("{path:?} is listed twice: {first} takes it"),
        )
    };
    vec![
        list(
            "a file that is listed already",
            r#"{"file": "two.txt"}, {"glob": "*.txt"}"#,
            &[],
            [repeated(1, "two.txt", "entry 1 of \"artifacts\"")],
        ),
        list(
            "the same glob twice",
            r#"{"glob": "*.txt"}, {"glob": "*.txt"}"#,
            &[],
            [error(
                ArtifactRepeated,
                A,
                "/artifacts/1/glob",
                "2 files are listed twice: \"one.txt\", which entry 1 of \"artifacts\" takes already; \"two.txt\", which entry 1",
            )],
        ),
        list(
            "names that differ only in case",
            r#"{"glob": "*.txt"}"#,
            &["TWO.txt"],
            [
                error(PathAmbiguous, A, PLACE, "\"TWO.txt\": \"two.txt\" beside it differs only in case"),
                error(PathAmbiguous, A, PLACE, "\"two.txt\": \"TWO.txt\" beside it differs only in case"),
            ],
        ),
        list(
            "names that no other system allows",
            r#"{"glob": "*.bin"}"#,
            &["a:b.bin", "aux.bin", "c\nd.bin", "e\u{301}.bin"],
            [
                error(PathInvalid, A, PLACE, "\"a:b.bin\""),
                error(PathInvalid, A, PLACE, "\"aux.bin\""),
                error(PathInvalid, A, PLACE, "control character U+000A"),
                error(PathInvalid, A, PLACE, "normalization form C"),
            ],
        ),
    ]
}

fn order() -> Vec<Case> {
    let warned = |place: &str, says: &str| warning(GlobOrder, A, place, says);
    let many = || {
        let first = ["0", "1", "2"].map(|at| format!("\"d00{at}/10\" comes before \"d00{at}/2\"")).join("; ");
        warned(PLACE, &format!("at 120 places of 120 globs: {first}; and 117 more"))
    };
    let numbered = |ground: &Ground| {
        let mut entries = Vec::new();
        for folder in 0..120 {
            ["1", "10", "2"].iter().for_each(|name| ground.write(&format!("assets/a/d{folder:03}/{name}"), name));
            entries.push(format!("{{\"glob\": \"d{folder:03}/*\"}}"));
        }
        entries
    };
    vec![
        list(
            "1, 10, 2",
            r#"{"glob": "*.bin"}"#,
            &["1.bin", "10.bin", "2.bin"],
            [warned(PLACE, "\"10.bin\" comes before \"2.bin\"")],
        ),
        list(
            "a number of a hundred digits",
            r#"{"glob": "*.bin"}"#,
            &[HUGE, "9.bin"],
            [warned(PLACE, "comes before \"9.bin\"")],
        ),
        list("folders sort by their slash", r#"{"glob": "**/x"}"#, &["b-c/x", "b/x"], []),
        case(
            "glob: 120 globs against the order of numbers",
            move |ground| ground.list(&numbered(ground).join(",")),
            [many()],
        ),
        case(
            "glob: 120 globs and a file that is not there",
            move |ground| ground.list(&(numbered(ground).join(",") + ",{\"file\": \"missing\"}")),
            [error(FileMissing, A, "/artifacts/120/file", "the file is not there"), many()],
        ),
    ]
}

const HUGE: &str =
    "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.bin";

fn costly() -> Vec<Case> {
    let excepts = vec![format!("\"*{}b\"", "a*".repeat(60)); 7000].join(",");
    let endless = move |ground: &Ground| {
        (0..300).for_each(|at| ground.write(&format!("assets/a/{}{at}", "a".repeat(200)), ""));
        ground.list(&format!("{{\"glob\": \"**\", \"except\": [{excepts}]}}"));
    };
    let refused = error(GlobTooCostly, A, PLACE, "take too long to match");
    let deep = vec!["**/*"; 30].join("/");
    vec![
        // The effort is bounded, not the time: about a second, once it is optimized.
        Case {
            target: Target::PackOnce,
            cpu: Duration::from_secs(30),
            ..case("glob: what would take hours", endless, [refused])
        },
        case(
            "glob: thirty times any number of folders",
            move |ground| {
                ground.write(&format!("assets/a/{}x", "d/".repeat(25)), "");
                ground.list(&format!("{{\"glob\": \"{deep}\"}}"));
            },
            [error(GlobEmpty, A, PLACE, "matches no file")],
        ),
    ]
}
