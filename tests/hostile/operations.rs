//! What an earlier operation may have left behind, or somebody in its name.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use papack_queries::diagnostic::Code::{FileForbidden, JournalUnknown, PromotionCompleted, PromotionDropped};

use crate::case::{Case, Target, case, error, info, warning};
use crate::ground::Ground;

const ONE: &str = "assets/a/one.txt";

const JOURNAL: &str = "build/.staging/journal.json";

/// The journal is `text`: nothing is written, whatever it asks for.
fn unknown(name: &str, text: impl Into<Vec<u8>>, says: &str) -> Case {
    let text = text.into();
    let spoil = move |ground: &Ground| ground.write(JOURNAL, &text);
    Case {
        target: Target::PackOnce,
        exit: 4,
        ..case(format!("journal: {name}"), spoil, [error(JournalUnknown, JOURNAL, "", says)])
    }
}

/// What the journal says of every staged file.
const STAGED: &str = "[{}  ]";

/// A journal that would rename the file `name`.
fn journal(operation: &str, name: &str) -> String {
    let (size, digest) = (STAGED.len(), blake3::hash(STAGED.as_bytes()));
    let file = format!(r#"{{"name":"{name}","size":{size},"identity":"{digest}"}}"#);
    format!(r#"{{"schema_version":1,"operation_id":"{operation}","files":[{file}]}}"#)
}

const OPERATION: &str = "aaaaaaaaaaaaaaaaaaaa";

pub fn cases() -> Vec<Case> {
    let instead = |name: &str, spoil: fn(&Ground, &str), says: &str| {
        let fault = error(JournalUnknown, JOURNAL, "", says);
        Case {
            target: Target::PackOnce,
            exit: 4,
            ..case(format!("journal: {name}"), move |ground| spoil(ground, JOURNAL), [fault])
        }
    };
    let dropped = |name: &str, spoil: fn(&Ground)| {
        let fault = warning(PromotionDropped, "build/preload.json", "", "its files were altered since");
        Case { target: Target::PackOnce, ..case(format!("journal: {name}"), spoil, [fault]) }
    };
    vec![
        unknown("empty", "", "this is no journal of papack"),
        unknown("noise", [0xff; 100], "this is no journal of papack"),
        unknown("cut off", &journal(OPERATION, "assets.pa")[..40], "this is no journal of papack"),
        unknown("a version of the future", r#"{"schema_version":2,"moves":[]}"#, "journal version 2 is not supported"),
        unknown("a version that is no integer", r#"{"schema_version":1.0}"#, "this is no journal of papack"),
        unknown(
            "a field of nobody",
            r#"{"schema_version":1,"operation_id":"","files":[],"x":0}"#,
            "this is no journal of papack",
        ),
        unknown("500 opening brackets", "[".repeat(500), "this is no journal of papack"),
        unknown("more than 64 KiB", " ".repeat(1 << 17), "larger than 65536 bytes"),
        unknown(
            "an operation that leaves its folder",
            journal("../../../outside/xxx", "assets.pa"),
            "the operation id is malformed",
        ),
        unknown("a short operation", journal("a", "assets.pa"), "the operation id is malformed"),
        unknown("a file outside", journal(OPERATION, "../../outside/secret.txt"), "no output of papack"),
        unknown("a file of somebody else", journal(OPERATION, "game.rs"), "\"game.rs\" is no output of papack"),
        instead("a link", |ground, path| ground.link(path, "/dev/zero"), "symbolic link"),
        instead("a FIFO", Ground::fifo, "no regular file"),
        instead("a socket", Ground::socket, "no regular file"),
        instead("a folder", Ground::folder, "no regular file"),
        dropped("nothing is staged", |ground| ground.write(JOURNAL, journal(OPERATION, "preload.json"))),
        dropped("a link is staged", |ground| {
            ground.write(JOURNAL, journal(OPERATION, "preload.json"));
            ground.link(&format!("build/.staging/{OPERATION}/preload.json"), ground.outer().join("outside/secret.txt"));
        }),
        dropped("the staging folder is a link", |ground| {
            ground.write(JOURNAL, journal(OPERATION, "preload.json"));
            ground.write("../outside/preload.json", "secret");
            ground.link(&format!("build/.staging/{OPERATION}"), ground.outer().join("outside"));
        }),
        Case {
            target: Target::PackOnce,
            ..case(
                "journal: a generation of somebody else",
                |ground| {
                    ground.write(JOURNAL, journal(OPERATION, "preload.json"));
                    ground.write(&format!("build/.staging/{OPERATION}/preload.json"), STAGED);
                },
                [info(PromotionCompleted, "build", "", "an earlier promotion that was cut short is completed")],
            )
        },
        case("staging: litter of the dead", litter, []),
        case("build: files of somebody else", |ground| ground.write("build/mine.txt", "precious"), []),
        forbidden(),
    ]
}

/// Links in the litter are removed, and nothing that they lead to.
fn litter(ground: &Ground) {
    for name in [OPERATION, "bbbbbbbbbbbbbbbbbbbb", "not-an-operation"] {
        ground.write(&format!("build/.staging/{name}/deep/er/spool"), "litter");
        ground.link(&format!("build/.staging/{name}/outside"), ground.outer().join("outside"));
    }
    ground.link("build/.staging/cccccccccccccccccccc", ground.outer().join("outside"));
    ground.fifo("build/.staging/dddddddddddddddddddd");
}

/// Permissions do not bind the superuser, for whom nothing is wrong.
fn forbidden() -> Case {
    let fault = error(FileForbidden, ONE, "", "the file may not be read");
    let faults = if fs::read_dir("/root").is_ok() { vec![] } else { vec![fault] };
    let spoil = |ground: &Ground| fs::set_permissions(ground.path().join(ONE), Permissions::from_mode(0o000)).unwrap();
    case("a file that may not be read", spoil, faults)
}
