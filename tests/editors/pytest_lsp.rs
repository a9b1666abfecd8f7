//! The suite in Python that drives every feature of the server: `tests/editors/lsp_client`.

use std::path::Path;
use std::process::Command;

use crate::client::{PAPACK, expect_success, is_installed, project};

#[test]
fn a_client_in_python_drives_every_feature() {
    // Beside what cargo builds: it is built, too.
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("lsp_client/bin/python");
    let how_to = "python3 -m venv target/lsp_client, \
                  and target/lsp_client/bin/pip install -r tests/editors/lsp_client/requirements.txt";
    let mut probe = Command::new(&python);
    if !is_installed(probe.args(["-c", "import pytest_lsp"]), "PAPACK_REQUIRE_PYTEST_LSP", how_to) {
        return;
    }
    let mut suite = Command::new(&python);
    suite.args(["-B", "-m", "pytest", "-q"]).current_dir(project().join("tests/editors/lsp_client"));
    expect_success(suite.env("PAPACK", PAPACK));
}
