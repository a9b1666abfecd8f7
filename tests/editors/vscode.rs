//! The VS Code extension: its types and its unit tests. A real VS Code runs it in the long tier.

use std::process::Command;

use crate::client::{PAPACK, expect_success, is_installed, project};

#[test]
fn the_extension_for_vs_code_understands_what_papack_says() {
    let folder = project().join("editors/vscode");
    let mut probe = Command::new("npm");
    probe.args(["ls", "--silent", "--prefix"]).arg(&folder);
    if !is_installed(&mut probe, "PAPACK_REQUIRE_VSCODE", "npm ci --prefix editors/vscode") {
        return;
    }
    expect_success(Command::new("npm").arg("test").current_dir(&folder).env("PAPACK", PAPACK));
}
