//! Bazel: a `genrule` for each asset, and one action that puts all copies together. Its server stays between the runs.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::measure::Run;
use crate::process;
use crate::workspace::root_of;

/// A rule of its own for the last action, since 100,000 names do not fit on the command line of a `genrule`.
const RULES: &str = r#"
def _concatenate(ctx):
    pack = ctx.actions.declare_file(ctx.label.name + ".bin")
    names = ctx.actions.args()
    names.add_all(ctx.files.srcs)
    names.use_param_file("%s", use_always = True)
    names.set_param_file_format("multiline")
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [pack],
        arguments = [names, pack.path],
        command = "xargs cat < $1 > $2",
    )
    return [DefaultInfo(files = depset([pack]))]

concatenate = rule(implementation = _concatenate, attrs = {"srcs": attr.label_list(allow_files = True)})
"#;

/// Bazel with a workspace around that of papack, and the server that it starts, which ends with this.
pub struct Bazel {
    workspace: PathBuf,
}

impl Bazel {
    /// Writes the rules for the `count` assets of `workspace`, each of `size` bytes, and builds them once; or returns
    /// why it cannot.
    pub fn build(workspace: &Path, count: usize, size: usize) -> Result<Self, String> {
        let version = Command::new("bazel").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) {
            return Err("it is not in PATH; Debian's `bazel-bootstrap` gives it".to_owned());
        }
        write_rules(workspace, count).unwrap();
        eprintln!("… Bazel's first build");
        let bazel = Self { workspace: workspace.to_owned() };
        let elapsed = bazel.run().elapsed;
        eprintln!("… which took {:.1} s", elapsed.as_secs_f64());
        let bin = bazel.command("info").arg("bazel-bin").stderr(Stdio::null()).output().unwrap();
        let pack = Path::new(std::str::from_utf8(&bin.stdout).unwrap().trim()).join("pack.bin");
        assert_eq!(fs::metadata(pack).unwrap().len(), (count * size) as u64, "all is there");
        Ok(bazel)
    }

    pub fn run(&self) -> Run {
        // Without a sandbox for each action, which is its fastest way.
        let options = ["--spawn_strategy=local", "--symlink_prefix=/", "--noshow_progress"];
        process::run(self.command("build").args(options).arg("//:pack").stderr(Stdio::null()))
    }

    fn command(&self, word: &str) -> Command {
        let mut command = Command::new("bazel");
        command.arg(format!("--output_user_root={}", self.workspace.join("bazel").display()));
        command.arg(word).current_dir(&self.workspace);
        command
    }
}

impl Drop for Bazel {
    fn drop(&mut self) {
        drop(self.command("shutdown").stdout(Stdio::null()).stderr(Stdio::null()).status());
        // What it makes is read-only. The folder of the workspace is removed later, and has to be removable.
        drop(Command::new("chmod").args(["-R", "u+w"]).arg(self.workspace.join("bazel")).status());
    }
}

fn write_rules(workspace: &Path, count: usize) -> std::io::Result<()> {
    fs::write(workspace.join("WORKSPACE"), "")?;
    fs::write(workspace.join(".bazelignore"), "bazel\nbuild\nninja\nassetpack\n")?;
    fs::write(workspace.join("pack.bzl"), RULES)?;
    let mut file = BufWriter::new(File::create(workspace.join("BUILD.bazel"))?);
    writeln!(file, "load(\":pack.bzl\", \"concatenate\")")?;
    for index in 0..count {
        let root = format!("assets/{}", root_of(index));
        let sources = format!(r#"["{root}/data.bin", "{root}/asset.json"]"#);
        let copy = format!("cp $(location {root}/data.bin) $@");
        writeln!(file, r#"genrule(name = "{index}", srcs = {sources}, outs = ["o/{index}"], cmd = "{copy}")"#)?;
    }
    writeln!(file, r#"concatenate(name = "pack", srcs = ["o/%d" % index for index in range({count})])"#)?;
    file.flush()
}
