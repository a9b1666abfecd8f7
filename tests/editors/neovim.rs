//! Neovim with the set-up of the guide.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::client::{PAPACK, expect_success, is_installed, project};
use crate::space::TestSpace;

/// The set-up that the guide shows.
fn set_up() -> String {
    let guide = fs::read_to_string(project().join("docs/guide.md")).unwrap();
    let (_, chapter) = guide.split_once("\n### Neovim\n").expect("the chapter is there");
    let (_, block) = chapter.split_once("```lua\n").expect("the set-up is there");
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn neovim_shows_a_fault_mends_it_and_packs() {
    let how_to = "install neovim, 0.7 or newer";
    if !is_installed(Command::new("nvim").arg("--version"), "PAPACK_REQUIRE_NEOVIM", how_to) {
        return;
    }
    let space = TestSpace::copy_of("demo");
    let manifest = space.path().join("assets/ui/font/asset.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("TILES/indexed_v1", "TILE/indexed_v1")).unwrap();
    let init = space.path().join("init.lua");
    fs::write(&init, set_up()).unwrap();

    // The set-up starts what PATH has.
    let folder = Path::new(PAPACK).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let drive = format!("luafile {}", project().join("tests/editors/neovim/drive.lua").display());
    let mut neovim = Command::new("nvim");
    neovim.args(["--headless", "-n", "-i", "NONE", "-u"]).arg(init).args(["-c", &drive]);
    expect_success(neovim.env("PATH", path).env("PAPACK_MANIFEST", &manifest));

    assert_eq!(fs::read_to_string(&manifest).unwrap(), text, "saved as it was before the fault");
    assert!(space.path().join("build/assets.pa").is_file());
}
