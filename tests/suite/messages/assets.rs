//! Assets and other assets.

use std::fs;

use super::{edit, edited, shown};
use crate::space::{entry, uuid};

#[test]
fn assets_and_other_assets() {
    insta::assert_snapshot!(edited(&uuid(2), &uuid(3)), @r#"
    error[ASSET_UUID_MISMATCH]: the registry knows this asset as 00000000-0000-4000-8000-000000000002, not as 00000000-0000-4000-8000-000000000003
     --> assets/music/asset.json:3:17
      |
    3 |   "asset_uuid": "00000000-0000-4000-8000-000000000003",
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: in asset 2 "music"
      = help: if the folder was copied from another asset, give it the registry's asset_uuid
    "#);
    insta::assert_snapshot!(edited("\"name\": \"music\"", "\"name\": \"ui\""), @r#"
    error[ASSET_NAME_TAKEN]: the name "ui" is used by more than one asset of the build set
     --> assets/ui/asset.json:4:11
      |
    4 |   "name": "ui",
      |           ^^^^
      |
      = note: in asset 1 "ui"
      = note: also claimed by "music" (asset 2): assets/music/asset.json
      = help: rename one of them: papack rename 1 NAME

    error[ASSET_NAME_TAKEN]: the name "ui" is used by more than one asset of the build set
     --> assets/music/asset.json:4:11
      |
    4 |   "name": "ui",
      |           ^^^^
      |
      = note: in asset 2 "ui"
      = note: also claimed by "ui" (asset 1): assets/ui/asset.json
      = help: rename one of them: papack rename 2 NAME
    "#);
    insta::assert_snapshot!(shown(|space| {
        for path in ["assets/ui/asset.json", "assets/music/asset.json"] {
            edit(space, path, "\"output\"", "\"preload\": { \"enabled\": true, \"slot\": 3 },\n  \"output\"");
        }
    }), @r#"
    error[PRELOAD_SLOT_TAKEN]: slot 3 of bank DATA is preloaded by more than one asset
     --> assets/ui/asset.json:6:41
      |
    6 |   "preload": { "enabled": true, "slot": 3 },
      |                                         ^
      |
      = note: in asset 1 "ui"
      = note: also claimed by "music" (asset 2): assets/music/asset.json
      = help: give one of them another slot; 0 is free

    error[PRELOAD_SLOT_TAKEN]: slot 3 of bank DATA is preloaded by more than one asset
     --> assets/music/asset.json:6:41
      |
    6 |   "preload": { "enabled": true, "slot": 3 },
      |                                         ^
      |
      = note: in asset 2 "music"
      = note: also claimed by "ui" (asset 1): assets/ui/asset.json
      = help: give one of them another slot; 0 is free
    "#);
    insta::assert_snapshot!(shown(|space| fs::remove_dir_all(space.path().join("assets/music")).unwrap()), @r"
    error[ASSET_MISSING]: the folder of a registered asset is not there
    --> assets/music
     = note: in asset 2
     = help: restore the folder, or take the asset out of the registry: papack rm 2
    ");
    insta::assert_snapshot!(shown(|space| {
        fs::rename(space.path().join("assets/music"), space.path().join("assets/score")).unwrap();
    }), @r#"
    error[ASSET_MOVED]: the asset was moved: the registry has it in "music", its manifest is in "score"
    --> assets/score/asset.json
     = note: in asset 2
     = note: where the registry has it: assets/music
     = help: tell the registry: papack mv 2 score
    "#);
    insta::assert_snapshot!(shown(|space| {
        space.write("assets/music copy/asset.json", space.read("assets/music/asset.json"));
    }), @r#"
    warning[ASSET_COPIED]: this asset is a copy: "music" (asset 2) has the same asset_uuid
     --> assets/music copy/asset.json:3:17
      |
    3 |   "asset_uuid": "00000000-0000-4000-8000-000000000002",
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: the asset that it is a copy of: assets/music/asset.json
      = help: give it a name of its own in its asset.json, and register it: papack add 'music copy'
    "#);
    insta::assert_snapshot!(shown(|space| space.write_registry(&[entry(1, "ui"), entry(2, "Music")])), @r#"
    error[ASSET_MOVED]: the asset was moved: the registry has it in "Music", its manifest is in "music"
    --> assets/music/asset.json
     = note: in asset 2
     = note: where the registry has it: assets/Music
     = help: tell the registry: papack mv 2 music
    "#);
}
