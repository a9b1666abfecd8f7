//! `AssetPack` of `PixiJS`, a packer for games in Node. It copies files that no plugin takes, and has a cache of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::measure::Run;
use crate::process;

/// Where `npm install --prefix` puts it.
const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers");

/// The assets as they are, copied to a folder; nothing else is switched on.
const CONFIG: &str = r#"export default {
    entry: "../assets", output: "./out", cache: true, cacheLocation: "./cache", logLevel: "error", pipes: [],
    ignore: ["**/.prometeu/**"],
};
"#;

pub struct AssetPack {
    folder: PathBuf,
    program: PathBuf,
    count: usize,
}

impl AssetPack {
    /// Makes it ready for the `count` assets of `workspace`, and has it copy them once; or returns why it cannot.
    pub fn build(workspace: &Path, count: usize) -> Result<Self, String> {
        let modules = Path::new(PLACE).join("node_modules");
        let program = modules.join("@assetpack/core/bin/index.js");
        if !program.exists() {
            return Err("it is not there; `npm install --prefix target/peers @assetpack/core` gives it".to_owned());
        }
        let folder = workspace.join("assetpack");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.mjs"), CONFIG).unwrap();
        std::os::unix::fs::symlink(modules, folder.join("node_modules")).unwrap();
        let assetpack = Self { folder, program, count };
        assetpack.run();
        Ok(assetpack)
    }

    /// Copies what changed.
    pub fn run(&self) -> Run {
        let run = process::run(
            Command::new("node")
                .arg(&self.program)
                .args(["-c", "config.mjs"])
                .current_dir(&self.folder)
                .stderr(Stdio::null()),
        );
        // It ends well whatever went wrong.
        let copied = fs::read_dir(self.folder.join("out")).unwrap().count();
        assert!(copied >= self.count, "AssetPack copied {copied} of {} folders", self.count);
        run
    }

    /// Copies everything, as if it had never been there.
    pub fn run_cold(&self) -> Run {
        for made in ["out", "cache"] {
            drop(fs::remove_dir_all(self.folder.join(made)));
        }
        self.run()
    }
}
