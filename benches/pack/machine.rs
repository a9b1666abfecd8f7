//! The machine, as far as it matters to whoever reads the figures.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::measure::spread;
use crate::process;

/// Where the workspaces are created: a folder of cargo's, on the disk that holds `target/`.
pub const PLACE: &str = env!("CARGO_TARGET_TMPDIR");

pub fn print() {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let starts: Vec<f64> = (0..7).map(|_| process::run(&mut bare()).elapsed.as_secs_f64()).collect();
    let [_, start, _] = spread(&starts);
    println!("- processors: {processors} × {}", field("/proc/cpuinfo", "model name").unwrap_or("unknown".into()));
    println!("- memory: {}", memory().unwrap_or("unknown".into()));
    println!("- system: {} {}", std::env::consts::OS, line("/proc/sys/kernel/osrelease"));
    println!("- file system of the workspaces: {}", file_system(Path::new(PLACE)).unwrap_or("unknown".into()));
    println!("- load when it began: {}", line("/proc/loadavg"));
    println!("- a process that does nothing (`papack --version`): {:.1} ms", start * 1e3);
}

fn memory() -> Option<String> {
    let kib: f64 = field("/proc/meminfo", "MemTotal")?.strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.0} GiB", kib / f64::from(1 << 20)))
}

fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papack"));
    command.arg("--version");
    command
}

fn line(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The value of a line `key: value`.
fn field(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (_, value) = text.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim() == key)?;
    Some(value.trim().to_owned())
}

/// Type and options of the mount that holds `place`.
fn file_system(place: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let holding = fields.filter(|fields| fields.len() > 3 && place.starts_with(fields[1]));
    let nearest = holding.max_by_key(|fields| fields[1].len())?;
    Some(format!("{} ({})", nearest[2], nearest[3]))
}
