//! What a revision of git has of the outputs.
//!
//! git is asked for objects that are in the repository, and for nothing else: nothing is checked out, no hook, filter or
//! monitor runs, and what a partial clone lacks is not fetched. So a repository of a stranger's has nothing to run.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use papack_queries::envelope::{PRELUDE_SIZE, Prelude, Source};
use papack_queries::signature::LfsPointer;

use super::unusable::UnusableBaseline;
use crate::workspace::layout::{ASSETS_PA, BUILD, SIDECAR};

/// The most bytes of the header of a pack, or of a sidecar. In a repository, a gigabyte of zeros takes a few bytes.
const MAX_READ: u64 = 256 * 1024 * 1024;

/// No pointer of Git LFS has as many bytes.
const FIRST_READ: u64 = 1024;

/// The outputs as a revision has them.
pub(super) struct Published {
    /// `assets.pa` without its payloads.
    pub(super) pack: Front,
    /// The sidecar, if it is there and not too large.
    pub(super) sidecar: Option<Vec<u8>>,
}

/// The first bytes of a file, of which no others are read.
pub(super) struct Front {
    bytes: Vec<u8>,
    size: u64,
}

impl Source for Front {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.bytes.as_slice().read_exact_at(offset, buffer)
    }
}

/// A file in the tree of a revision.
struct Entry {
    mode: String,
    object: String,
    size: u64,
    path: String,
}

/// The outputs of the workspace in the folder `workspace`, as `revision` has them.
///
/// # Errors
///
/// When it has no `assets.pa`, or git cannot tell.
pub(super) fn published(workspace: &Path, revision: &str) -> Result<Published, UnusableBaseline> {
    let commit = commit(workspace, revision)?;
    let (pack_path, sidecar_path) = (format!("{BUILD}/{ASSETS_PA}"), format!("{BUILD}/{SIDECAR}"));
    let entries = entries(workspace, &commit, &[&pack_path, &sidecar_path])?;
    let find = |path: &str| entries.iter().find(|entry| entry.path == path);
    let Some(entry) = find(&pack_path) else {
        return Err(UnusableBaseline::new(
            format!("{revision} has no {pack_path}: it was not committed there"),
            "keep the pack of that revision as a file, such as an artifact of its build, and name that file",
        ));
    };
    if !entry.is_file() {
        let message = format!("{pack_path} is no regular file in {revision}");
        return Err(UnusableBaseline::new(message, "name the pack itself"));
    }
    let pack = front(workspace, entry).map_err(|error| failed(&format!("{revision}:{pack_path}"), &error))?;
    if let Some(pointer) = LfsPointer::of(&pack.bytes).filter(|_| pack.size < FIRST_READ) {
        return Err(UnusableBaseline::new(
            format!(
                "{revision}:{pack_path} is a pointer of Git LFS: the file itself, of {} bytes, is not in git",
                pointer.size
            ),
            "check that revision out elsewhere with Git LFS, and name its assets.pa",
        ));
    }
    let sidecar = find(&sidecar_path).filter(|entry| entry.is_file() && entry.size <= MAX_READ);
    let sidecar = sidecar.and_then(|entry| read(workspace, entry, |_| entry.size).ok());
    Ok(Published { pack, sidecar })
}

impl Entry {
    fn is_file(&self) -> bool {
        self.mode.starts_with("100")
    }

    /// Reads a line of `git ls-tree --long`.
    fn parse(line: &str) -> Option<Self> {
        let (fields, path) = line.split_once('\t')?;
        let mut fields = fields.split_ascii_whitespace();
        let (mode, _, object, size) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        // Of what is no file it has none.
        let size = size.parse().unwrap_or_default();
        Some(Self { mode: mode.to_owned(), object: object.to_owned(), size, path: path.to_owned() })
    }
}

/// The id of the commit that `revision` means.
fn commit(workspace: &Path, revision: &str) -> Result<String, UnusableBaseline> {
    let unknown = || {
        let message = format!("{revision}: there is no such file, and git knows no such revision here");
        UnusableBaseline::new(
            message,
            "name an assets.pa, or a commit, branch or tag of the repository of the workspace",
        )
    };
    if revision.is_empty() || revision.starts_with('-') || revision.contains('\0') {
        return Err(unknown());
    }
    let wanted = format!("{revision}^{{commit}}");
    let found = output(git(workspace).args(["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]))?;
    match found.status.code() {
        Some(0) => {
            let id = String::from_utf8_lossy(&found.stdout).trim().to_owned();
            let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_id { Ok(id) } else { Err(unknown()) }
        }
        Some(1) => Err(unknown()),
        _ => Err(refused(revision, &found)),
    }
}

/// What the tree of `commit` has at `paths`, which count from the workspace.
fn entries(workspace: &Path, commit: &str, paths: &[&str]) -> Result<Vec<Entry>, UnusableBaseline> {
    let listed = output(git(workspace).args(["ls-tree", "-z", "--long", commit, "--"]).args(paths))?;
    if !listed.status.success() {
        return Err(refused(commit, &listed));
    }
    Ok(String::from_utf8_lossy(&listed.stdout).split('\0').filter_map(Entry::parse).collect())
}

/// The prelude and the header of the pack `entry`; of what is none, the first bytes.
fn front(workspace: &Path, entry: &Entry) -> io::Result<Front> {
    let bytes = read(workspace, entry, |first| {
        let prelude = first.get(..PRELUDE_SIZE).and_then(|front| Prelude::parse(front, entry.size).0);
        prelude.map_or(0, Prelude::payload_offset).min(entry.size)
    })?;
    Ok(Front { bytes, size: entry.size })
}

/// Reads the first bytes of `entry`, and as many as `wanted` says when it has seen those.
fn read(workspace: &Path, entry: &Entry, wanted: impl FnOnce(&[u8]) -> u64) -> io::Result<Vec<u8>> {
    let mut command = git(workspace);
    command.args(["cat-file", "blob", &entry.object]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn()?;
    let mut bytes = Vec::new();
    let read = process.stdout.take().map_or(Ok(()), |mut stdout| {
        stdout.by_ref().take(FIRST_READ.min(entry.size)).read_to_end(&mut bytes)?;
        let wanted = wanted(&bytes);
        if wanted > MAX_READ {
            return Err(io::Error::other(format!("its header has more than {MAX_READ} bytes")));
        }
        stdout.take(wanted.saturating_sub(bytes.len() as u64)).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < wanted { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    });
    // It may have more to say than was wanted.
    drop(process.kill());
    process.wait()?;
    read.map(|()| bytes)
}

/// git in the folder `workspace`, with everything off that could run something or ask somebody.
fn git(workspace: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(workspace).stdin(Stdio::null());
    git.args(["--no-pager", "--no-optional-locks", "--no-replace-objects"]);
    git.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]);
    // Larger objects go through it in pieces.
    git.args(["-c", "core.bigFileThreshold=16m"]);
    // The repository is the one around the workspace, whatever it is that calls papack, as a hook may.
    git.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_COMMON_DIR");
    // What a partial clone lacks would be fetched by a command of its configuration.
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    git
}

fn output(git: &mut Command) -> Result<Output, UnusableBaseline> {
    git.output().map_err(|error| {
        UnusableBaseline::new(
            format!("git cannot be run: {error}"),
            "install git, or name an assets.pa to compare with",
        )
    })
}

/// git does not tell of `what`, and says why.
fn refused(what: &str, output: &Output) -> UnusableBaseline {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it ended without a word").to_owned();
    UnusableBaseline::new(format!("{what}: git says: {said}"), "name an assets.pa to compare with")
}

fn failed(what: &str, error: &io::Error) -> UnusableBaseline {
    UnusableBaseline::new(
        format!("{what} cannot be read from the repository: {error}"),
        "name an assets.pa to compare with",
    )
}
