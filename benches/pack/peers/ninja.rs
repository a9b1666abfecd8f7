//! The same graph for ninja: a copy for each asset, which depends on its two files, and one file of all copies.
//!
//! The commands are those that a user of ninja would write: `cp`, and `cat` with a list of files, since 100,000 names
//! do not fit on a command line. Nothing is flushed.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::measure::Run;
use crate::process;
use crate::workspace::root_of;

const RULES: &str = "\
rule copy
  command = cp $in $out
rule concatenate
  command = xargs cat < $out.list > $out
  rspfile = $out.list
  rspfile_content = $in_newline
";

/// Finds the real executable: the one in `PATH` may be a script that takes longer to start than ninja takes to run.
const WHERE: &str = "\
rule where
  command = readlink /proc/$$PPID/exe > $out || echo ninja > $out
build where: where
";

/// Ninja with its graph in a folder of its own.
pub struct Ninja {
    program: PathBuf,
    folder: PathBuf,
    /// How long the first build took.
    pub cold: Duration,
}

impl Ninja {
    /// Writes the graph of the `count` assets of `workspace`, each of `size` bytes, and builds it once; or returns why
    /// it cannot.
    pub fn build(workspace: &Path, count: usize, size: usize) -> Result<Self, String> {
        let folder = workspace.join("ninja");
        fs::create_dir_all(&folder).unwrap();
        let program = find(&folder)?;
        write_graph(&folder.join("build.ninja"), count).unwrap();
        eprintln!("… ninja's first build, with {}", program.display());
        let mut ninja = Self { program, folder, cold: Duration::ZERO };
        ninja.cold = ninja.run().elapsed;
        let built = fs::metadata(ninja.folder.join("pack")).unwrap().len();
        assert_eq!(built, (count * size) as u64, "all is there");
        Ok(ninja)
    }

    pub fn run(&self) -> Run {
        process::run(Command::new(&self.program).arg("--quiet").arg("-C").arg(&self.folder))
    }
}

fn find(folder: &Path) -> Result<PathBuf, String> {
    fs::write(folder.join("where.ninja"), WHERE).unwrap();
    let mut command = Command::new("ninja");
    let status = command.args(["--quiet", "-f", "where.ninja", "-C"]).arg(folder).stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(fs::read_to_string(folder.join("where")).unwrap().trim().into()),
        Ok(status) => Err(format!("it does not run ({status})")),
        Err(error) => Err(format!("it is not in PATH ({error}); `pip install ninja` gives it")),
    }
}

fn write_graph(path: &Path, count: usize) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(RULES.as_bytes())?;
    for index in 0..count {
        let root = format!("../assets/{}", root_of(index));
        writeln!(file, "build o/{index}: copy {root}/data.bin | {root}/asset.json")?;
    }
    write!(file, "build pack: concatenate")?;
    for index in 0..count {
        write!(file, " o/{index}")?;
    }
    writeln!(file)?;
    file.flush()
}
