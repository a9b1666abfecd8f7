//! Clients that may not be installed, and how they are run.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::space::KEY;

/// The papack that is tested.
pub const PAPACK: &str = env!("CARGO_BIN_EXE_papack");

pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a client is there, which `probe` finds out by ending well. Says why not, and fails if the variable
/// `required` is set.
pub fn is_installed(probe: &mut Command, required: &str, how_to: &str) -> bool {
    let status = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if status.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(std::env::var_os(required).is_none(), "{required} is set, but {probe:?} fails; {how_to}");
    eprintln!("skipped: {probe:?} fails; {how_to}");
    false
}

/// Runs a client, which has to end well. It has a cache key and folders of its own: those of the user who runs the
/// tests are none of its business.
pub fn expect_success(command: &mut Command) {
    let home = tempfile::tempdir().unwrap();
    for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(folder, home.path());
    }
    let output = command.stdin(Stdio::null()).env("PAPACK_CACHE_KEY", KEY).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&printed));
}
