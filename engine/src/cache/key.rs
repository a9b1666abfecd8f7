//! The key of a user, with which papack authenticates the caches that this user made.
//!
//! The cache lies in the workspace, and whoever may write there may replace it. So everything that is read from it is
//! authenticated with a secret that lies outside every workspace.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use papack_queries::content::Digest;
use papack_queries::diagnostic::{Code, Diagnostic};
use serde::Serialize;

use crate::fs::{create_private, read_private};
use crate::operation::OperationId;

/// The environment variable with the key. It precedes the file.
const VARIABLE: &str = "PAPACK_CACHE_KEY";

/// The file with the key, below the folder of the user's data.
const FILE: &str = "papack/cache.key";

/// Bytes of that file: 64 digits and the end of a line.
const FILE_SIZE: usize = 65;

/// The secret with which a user's caches are authenticated.
#[derive(Clone)]
pub struct UserKey {
    secret: [u8; 32],
    source: KeySource,
}

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "source", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeySource {
    /// From the environment of the process, or from its caller.
    Environment,
    /// From a file of the user's.
    File {
        /// Its path; what is no UTF-8 in it is replaced.
        path: String,
    },
}

/// What is authenticated. Bytes that are authenticated for one purpose are not valid for another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The end of the cache index.
    Index,
    /// The index of a segment of payloads.
    Segment,
    /// What a process tells of itself to another one that is to serve it.
    Serving,
}

impl UserKey {
    /// The key with these bytes, for a caller that has its own.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret, source: KeySource::Environment }
    }

    /// Where it comes from.
    pub(crate) fn source(&self) -> &KeySource {
        &self.source
    }

    /// A keyed hasher that authenticates bytes for `purpose`.
    pub(crate) fn authenticator(&self, purpose: Purpose) -> blake3::Hasher {
        let context = match purpose {
            Purpose::Index => "papack 2026-11-30 cache index",
            Purpose::Segment => "papack 2026-11-30 cache segment",
            Purpose::Serving => "papack 2026-11-30 serving",
        };
        blake3::Hasher::new_keyed(&blake3::derive_key(context, &self.secret))
    }
}

/// The key of the user who runs this process. Makes one if there is none.
///
/// # Errors
///
/// A diagnostic that says why there is no key, and what to do.
pub(crate) fn find_user_key() -> Result<UserKey, Diagnostic> {
    find(|name| std::env::var_os(name), in_file)
}

/// The key of the user who runs this process; none if there is none, or none that can be used. Makes none.
pub(crate) fn present_user_key() -> Option<UserKey> {
    find(|name| std::env::var_os(name), in_present_file).ok()
}

/// The key that is in these environment variables, or that `in_file` finds in the file that they lead to.
fn find(
    variable: impl Fn(&str) -> Option<OsString>,
    in_file: impl Fn(&Path) -> io::Result<[u8; 32]>,
) -> Result<UserKey, Diagnostic> {
    // CI sets the variable to nothing where a secret is not available.
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(value) = set(VARIABLE) {
        let secret = value.to_str().and_then(|text| parse(text.as_bytes()));
        return secret.map(UserKey::new).ok_or_else(|| {
            let message = format!("{VARIABLE} does not have 64 hexadecimal digits; papack works without its cache");
            Diagnostic::warning(Code::CacheKey, message).with_help(format!("set it to {KEY_HELP}, or to nothing"))
        });
    }
    let folder = |name: &str| set(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let data = folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")));
    let data = data.ok_or_else(|| {
        let message = "there is no place for the key of the cache: neither XDG_DATA_HOME nor HOME is an absolute path; \
                       papack works without its cache";
        Diagnostic::info(Code::CacheKey, message).with_help(format!("set one of them, or {VARIABLE} to {KEY_HELP}"))
    })?;
    let path = data.join(FILE);
    match in_file(&path) {
        Ok(secret) => Ok(UserKey { secret, source: KeySource::File { path: path.display().to_string() } }),
        Err(error) => Err(unusable(&path, &error)),
    }
}

/// The value of the variable, in the words of a help text.
const KEY_HELP: &str = "64 hexadecimal digits, as `openssl rand -hex 32` prints them";

/// The key in the file at `path`. Makes the file if there is none.
fn in_file(path: &Path) -> io::Result<[u8; 32]> {
    match in_present_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path)?;
            in_present_file(path)
        }
        other => other,
    }
}

/// The key in the file at `path`, which must be there.
fn in_present_file(path: &Path) -> io::Result<[u8; 32]> {
    let text = read_private(path, FILE_SIZE)?;
    let secret = parse(text.strip_suffix(b"\n").unwrap_or(&text));
    secret.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it does not have 64 hexadecimal digits"))
}

/// Makes the file at `path` with a new key, unless another process makes it first.
fn make(path: &Path) -> io::Result<()> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let draft = path.with_extension(OperationId::random().map_err(io::Error::other)?.as_str());
    match create_private(path, &draft, format!("{}\n", Digest(secret)).as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn parse(digits: &[u8]) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(digits).ok().map(|key| *key.as_bytes())
}

/// The diagnostic that the file at `path` gives no key, for the reason `error`.
fn unusable(path: &Path, error: &io::Error) -> Diagnostic {
    let path = path.display();
    let (message, help) = match error.kind() {
        io::ErrorKind::InvalidData => ("is not used", format!("remove {path}, and papack makes a new one")),
        _ => ("cannot be had", format!("see to it that {path} can be made and read")),
    };
    let message = format!("the key of the cache, {path}, {message}: {error}; papack works without its cache");
    Diagnostic::info(Code::CacheKey, message).with_help(format!("{help}, or set {VARIABLE} to {KEY_HELP}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
