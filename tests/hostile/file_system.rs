//! Things that are not what they should be: links, FIFOs, sockets, folders in the place of files and the other way.

use papack_queries::diagnostic::Code::{FileLink, FileMissing, FileNotRegular, GlobEmpty, OutputBlocked};

use crate::case::{Case, Code, Fault, case, error, warning};
use crate::ground::{A, Ground, REGISTRY};

const ONE: &str = "assets/a/one.txt";
const PLACE: &str = "/artifacts/0/file";
const SKIPPED: &str = "a symbolic link below assets/ is skipped";

fn skipped(path: &str) -> Fault {
    warning(FileLink, path, "", SKIPPED)
}

pub fn cases() -> Vec<Case> {
    [artifacts(), manifests(), folders(), walked(), outputs(), crowds()].into_iter().flatten().collect()
}

fn artifacts() -> Vec<Case> {
    let linked = |name: &str, target: &'static str| {
        let link = error(FileLink, A, PLACE, "\"one.txt\": the file is a symbolic link");
        case(format!("artifact: a link to {name}"), move |ground| ground.link(ONE, target), [skipped(ONE), link])
    };
    let special = error(FileNotRegular, A, PLACE, "\"one.txt\": this is a FIFO, socket or device");
    vec![
        linked("a file beside it", "two.txt"),
        linked("a file outside", "../../../outside/secret.txt"),
        linked("/dev/zero", "/dev/zero"),
        linked("/dev/tty", "/dev/tty"),
        linked("/proc/self/mem", "/proc/self/mem"),
        linked("nothing", "nothing"),
        linked("itself", "one.txt"),
        linked("the root of all", "/"),
        case("artifact: a FIFO", |ground| ground.fifo(ONE), [special.clone()]),
        case("artifact: a socket", |ground| ground.socket(ONE), [special]),
        case(
            "artifact: a folder",
            |ground| ground.folder(ONE),
            [error(FileNotRegular, A, PLACE, "this is a folder, not a file")],
        ),
        case(
            "artifact: below a link to a folder",
            |ground| {
                ground.link("assets/a/d", "../../../outside/asset");
                ground.list("{\"file\": \"d/one.txt\"}");
            },
            [skipped("assets/a/d"), error(FileLink, A, PLACE, "the folder \"d\" is a symbolic link")],
        ),
        case(
            "artifact: below a link to its own folder, many times",
            |ground| {
                ground.link("assets/a/d", ".");
                ground.list(&format!("{{\"file\": \"{}one.txt\"}}", "d/".repeat(60)));
            },
            [skipped("assets/a/d"), error(FileLink, A, PLACE, "the folder \"d\" is a symbolic link")],
        ),
        case(
            "artifact: below a FIFO",
            |ground| {
                ground.fifo("assets/a/d");
                ground.list("{\"file\": \"d/x\"}");
            },
            [error(FileMissing, A, PLACE, "\"d\" is no folder")],
        ),
    ]
}

fn manifests() -> Vec<Case> {
    let at = |name: &str, path: &'static str, spoil: fn(&Ground, &str), faults: Vec<Fault>| {
        case(format!("{name} in the place of {path}"), move |ground| spoil(ground, path), faults)
    };
    let link: fn(&Ground, &str) = |ground, path| ground.link(path, ground.outer().join("outside/asset/asset.json"));
    let zero: fn(&Ground, &str) = |ground, path| ground.link(path, "/dev/zero");
    let linked = "the path leads through a symbolic link";
    vec![
        at("a link", A, link, vec![skipped(A), error(FileLink, A, "", "the file is a symbolic link")]),
        at("/dev/zero", A, zero, vec![skipped(A), error(FileLink, A, "", "the file is a symbolic link")]),
        at("a FIFO", A, Ground::fifo, vec![error(FileNotRegular, A, "", "this is a FIFO, socket or device")]),
        at("a socket", A, Ground::socket, vec![error(FileNotRegular, A, "", "this is a FIFO, socket or device")]),
        at("a folder", A, Ground::folder, vec![error(FileNotRegular, A, "", "this is a folder, not a file")]),
        at("a link", REGISTRY, link, vec![error(FileLink, REGISTRY, "", linked)]),
        at("/dev/zero", REGISTRY, zero, vec![error(FileLink, REGISTRY, "", linked)]),
        at("a FIFO", REGISTRY, Ground::fifo, vec![error(FileNotRegular, REGISTRY, "", "this is no regular file")]),
        at("a socket", REGISTRY, Ground::socket, vec![error(FileNotRegular, REGISTRY, "", "this is no regular file")]),
        at("a folder", REGISTRY, Ground::folder, vec![error(FileNotRegular, REGISTRY, "", "this is no regular file")]),
    ]
}

/// Folders that are something else. What they hold is moved out, so that a link leads to a workspace that would do.
fn folders() -> Vec<Case> {
    let moved = |name: &str, path: &'static str, faults: Vec<Fault>| {
        let spoil = move |ground: &Ground| {
            let away = ground.outer().join("away");
            std::fs::rename(ground.path().join(path), &away).unwrap();
            ground.link(path, away);
        };
        case(format!("a link in the place of {name}"), spoil, faults)
    };
    let root = "assets/a";
    vec![
        moved(
            "an asset root",
            root,
            vec![skipped(root), error(FileLink, root, "", "the folder of a registered asset is a symbolic link")],
        ),
        moved("assets", "assets", vec![error(FileLink, "assets", "", "the path leads through a symbolic link")]),
        moved("the registry's folder", "assets/.prometeu", vec![error(FileLink, REGISTRY, "", "symbolic link")]),
        moved("build", "build", vec![error(OutputBlocked, "build", "", "a symbolic link is where papack puts")]),
        case(
            "a file in the place of an asset root",
            |ground| {
                ground.remove(root);
                ground.write(root, "precious");
            },
            [error(FileNotRegular, root, "", "the root of a registered asset is no folder")],
        ),
        case(
            "a FIFO in the place of an asset root",
            |ground| {
                ground.remove(root);
                ground.fifo(root);
            },
            [error(FileNotRegular, root, "", "the root of a registered asset is no folder")],
        ),
        case(
            "a link on the way to an asset root",
            |ground| {
                ground.edit(REGISTRY, "\"root\": \"a\"", "\"root\": \"b/asset\"");
                ground.remove(root);
                ground.link("assets/b", "../../outside");
            },
            [skipped("assets/b"), error(FileLink, "assets/b/asset", "", "the folder \"b\" is a symbolic link")],
        ),
    ]
}

/// What only the walk meets blocks nothing.
fn walked() -> Vec<Case> {
    vec![
        case("walk: a link to the folder above", |ground| ground.link("assets/up", ".."), [skipped("assets/up")]),
        case("walk: a link that leads nowhere", |ground| ground.link("assets/a/b", "?"), [skipped("assets/a/b")]),
        case(
            "walk: a link to a FIFO",
            |ground| {
                ground.fifo("assets/a/fifo");
                ground.link("assets/a/link", "fifo");
            },
            [skipped("assets/a/link")],
        ),
        case(
            "walk: a FIFO that no glob takes",
            |ground| {
                ground.fifo("assets/a/three.txt");
                ground.list("{\"glob\": \"*.txt\"}");
            },
            [],
        ),
        case(
            "walk: only a FIFO and a link for a glob",
            |ground| {
                ground.fifo("assets/a/1.bin");
                ground.link("assets/a/2.bin", "one.txt");
                ground.list("{\"glob\": \"*.bin\"}");
            },
            [skipped("assets/a/2.bin"), error(GlobEmpty, A, "/artifacts/0/glob", "matches no file")],
        ),
    ]
}

fn outputs() -> Vec<Case> {
    let places = [
        "build/.staging",
        "build/assets.pa",
        "build/asset_table.json",
        "build/preload.json",
        "build/asset_table_metadata.json",
    ];
    let blocked = |name: &str, path: &'static str, spoil: fn(&Ground, &str)| {
        let fault = error(OutputBlocked, path, "", &format!("{name} is where papack puts"));
        case(format!("{name} in the place of {path}"), move |ground| spoil(ground, path), [fault])
    };
    let link: fn(&Ground, &str) = |ground, path| ground.link(path, ground.outer().join("outside/secret.txt"));
    let mut cases: Vec<_> = places.into_iter().map(|path| blocked("a symbolic link", path, link)).collect();
    cases.extend(places.into_iter().skip(1).map(|path| blocked("a folder", path, Ground::folder)));
    cases.push(blocked("a FIFO, socket or device", "build/assets.pa", Ground::fifo));
    cases.push(blocked("a file", "build/.staging", |ground, path| ground.write(path, "precious")));
    cases.push(blocked("a file", "build", |ground, path| {
        ground.remove(path);
        ground.write(path, "precious");
    }));
    cases.push(case(
        "everything in build/ is something else",
        |ground| {
            ground.folder("build/assets.pa");
            ground.fifo("build/preload.json");
            ground.link("build/asset_table.json", "/dev/null");
        },
        [
            error(OutputBlocked, "build/assets.pa", "", "a folder"),
            error(OutputBlocked, "build/asset_table.json", "", "a symbolic link"),
            error(OutputBlocked, "build/preload.json", "", "a FIFO, socket or device"),
        ],
    ));
    cases
}

/// Very deep, very long, very many.
fn crowds() -> Vec<Case> {
    let deep = |ground: &Ground, levels: usize| {
        let folder = format!("assets/a/{}", "d/".repeat(levels));
        ground.write(&format!("{folder}f"), "x");
    };
    let deepest = "d/".repeat(128);
    let deepest = deepest.trim_end_matches('/').to_owned();
    let unlisted = format!("assets/a/{deepest}");
    let says = format!("the folder {deepest:?} may not be read, or lies too deep");
    vec![
        case(
            "200 levels of folders",
            move |ground| deep(ground, 200),
            [warning(Code::FileForbidden, &unlisted.clone(), "", "lies too deep")],
        ),
        case(
            "200 levels of folders below a glob",
            move |ground| {
                deep(ground, 200);
                ground.list("{\"glob\": \"**/f\"}");
            },
            [
                warning(Code::FileForbidden, &unlisted, "", "lies too deep"),
                error(Code::FileForbidden, A, "/artifacts/0/glob", &says),
                error(GlobEmpty, A, "/artifacts/0/glob", "matches no file"),
            ],
        ),
        case(
            "a glob that matches 65 components",
            move |ground| {
                deep(ground, 63);
                deep(ground, 64);
                ground.list("{\"glob\": \"**/f\"}");
            },
            [error(Code::PathInvalid, A, "/artifacts/0/glob", "65 components, at most 64")],
        ),
        case("a path longer than any call takes", long_path, []),
        case(
            "500 links",
            |ground| (0..500).for_each(|at| ground.link(&format!("assets/l{at:03}"), "/")),
            (0..500).map(|at| skipped(&format!("assets/l{at:03}"))).collect::<Vec<_>>(),
        ),
    ]
}

/// Folders with names of 200 bytes, 30 levels deep; made step by step, for the same reason.
fn long_path(ground: &Ground) {
    let script = "d=$(printf 'x%.0s' $(seq 200)); for i in $(seq 30); do mkdir $d && cd $d || exit 1; done";
    let assets = ground.path().join("assets");
    assert!(std::process::Command::new("bash").args(["-c", script]).current_dir(assets).status().unwrap().success());
}
