//! The order of the files: no circle of imports, and none that runs up. Reads the sources of the workspace.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod graph;
mod imports;
mod reading;
mod source;
mod tokens;

use std::path::Path;

use crate::imports::Imports;

/// A crate whose files are in order.
struct Ordered {
    /// Its root file, from the root of the project.
    root: &'static str,
    /// The files and folders at its top level, the lowest first. Each imports only from lower floors.
    floors: &'static [&'static [&'static str]],
}

const ORDERED: &[Ordered] = &[
    Ordered {
        root: "queries/src/lib.rs",
        floors: &[
            &["diagnostic", "path", "glob", "suggest", "size", "repeated"],
            &["signature"],
            &["content", "json", "tree"],
            &["formats", "left_out"],
            &["schema"],
            &["record", "envelope", "budget"],
            &["inputs", "extraction"],
            &["db", "discovery", "unmanaged"],
            &["asset"],
            &["change", "pack", "unmanaged_folders"],
            &["lib"],
        ],
    },
    Ordered {
        root: "engine/src/lib.rs",
        floors: &[
            &["operation"],
            &["fs"],
            &["workspace"],
            &["cache"],
            &["content"],
            &["publish"],
            &["incremental"],
            &["session"],
            &["services", "files", "editor"],
            &["lib"],
        ],
    },
    Ordered {
        root: "cli/main.rs",
        floors: &[
            &["atomic_file", "exit_code", "foreground"],
            &["output", "signals"],
            &["args"],
            &["render"],
            &["rpc"],
            &["served"],
            &["serve", "lsp"],
            &["commands"],
            &["main"],
        ],
    },
    Ordered { root: "benches/micro.rs", floors: &[&["micro"]] },
    Ordered {
        root: "benches/pack/main.rs",
        floors: &[
            &["arguments", "compressed", "inflate", "measure", "noise", "readers"],
            &["process", "floors", "maps", "pictures", "sounds"],
            &["machine", "parallel", "sprites"],
            &["workspace"],
            &["decoded", "million", "peers", "typing", "worker"],
            &["age", "scenarios"],
            &["main"],
        ],
    },
];

fn imports_of(root: &str) -> Imports {
    Imports::of(Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(root))
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut circles = String::new();
    for ordered in ORDERED {
        let imports = imports_of(ordered.root);
        for circle in graph::circles(&imports) {
            let lines: Vec<_> = circle.iter().map(|import| graph::line_of(&imports, import)).collect();
            circles.push_str(&format!("\n{}\n", lines.join("\n")));
        }
    }
    assert!(circles.is_empty(), "These files import each other; move what they share into a file below:\n{circles}");
}

#[test]
fn every_import_runs_down() {
    let mut faults = String::new();
    for ordered in ORDERED {
        let imports = imports_of(ordered.root);
        let folder = Path::new(ordered.root).parent().unwrap();
        for place in graph::misplaced(&imports, folder, ordered.floors) {
            faults.push_str(&format!("{}/{place} must be on exactly one floor, and be there\n", folder.display()));
        }
        for import in graph::running_up(&imports, folder, ordered.floors) {
            faults.push_str(&format!("{}\n", graph::line_of(&imports, &import)));
        }
    }
    assert!(faults.is_empty(), "These do not keep to the floors in tests/tidy/main.rs:\n{faults}");
}
