//! Folders of pictures and sounds that no asset takes in.

use papack_queries::left_out::Rules;
use papack_queries::schema::registry::RegistryEntry;
use papack_queries::tree::{Kind, Tree, TreeEntry};
use papack_queries::unmanaged_folders::unmanaged_folders;

use crate::world::uuid;

/// Root and command of each folder among these files, where `registered` are roots.
fn found(files: &[&str], registered: &[&str], ignored: &str) -> Vec<(String, Option<String>)> {
    let entries = files.iter().map(|path| TreeEntry { path: (*path).into(), kind: Kind::File });
    let entry = |(root, id): (&&str, u32)| RegistryEntry {
        asset_id: id,
        asset_uuid: uuid(id),
        root: (*root).into(),
        included_in_build: true,
    };
    let registered: Vec<_> = registered.iter().zip(1..).map(entry).collect();
    let rules = Rules::parse(ignored.as_bytes()).unwrap();
    let found = unmanaged_folders(&Tree::new(entries.collect()), &registered, &rules);
    found.into_iter().map(|folder| (folder.root, folder.command)).collect()
}

#[test]
fn the_outermost_folder_that_holds_files_and_can_be_an_asset_is_told() {
    let told = |root: &str, command: &str| (root.to_owned(), Some(command.to_owned()));
    let none = |root: &str| (root.to_owned(), None);
    for (files, registered, ignored, expected) in [
        (
            &["ui/a/x.png", "ui/b/x.png"][..],
            &[][..],
            "",
            vec![told("ui/a", "papack new ui/a"), told("ui/b", "papack new ui/b")],
        ),
        (
            &["ui/x.PNG", "ui/b/x.png", "ui-x/y.wav"],
            &[],
            "",
            vec![told("ui", "papack new ui"), told("ui-x", "papack new ui-x")],
        ),
        (&["ui/x.png", "ui/x.kra"], &[], "", vec![told("ui", "papack new --format tiles ui")]),
        (&["ui/x.png", "ui/x.kra"], &[], "*.kra", vec![told("ui", "papack new ui")]),
        (&["ui/x.Aseprite", "ui/y.gif", "ui/z.bmp"], &[], "", vec![told("ui", "papack new ui")]),
        (&["s/x.wav", "s/d/x.txt"], &[], "", vec![told("s", "papack new --format sounds s")]),
        (&["ui/x.png", "ui/x.wav", "ui/d/x.png"], &[], "", vec![none("ui"), told("ui/d", "papack new ui/d")]),
        (&["ui/x.png", "ui/d/x.wav"], &[], "", vec![none("ui"), told("ui/d", "papack new ui/d")]),
        (
            &["pack/preview.png", "pack/a/b/x.png", "pack/a/x.png", "pack/s/x.wav", "pack/read.me"],
            &[],
            "",
            vec![none("pack"), told("pack/a", "papack new pack/a"), told("pack/s", "papack new pack/s")],
        ),
        (&["ui/x.png", "ui/d/x.png", "ui/e/x.png"], &["ui/d"], "", vec![none("ui"), told("ui/e", "papack new ui/e")]),
        (&["ui/x.png", "ui/d/x.wav"], &["ui/d"], "", vec![none("ui")]),
        (&["ui/d/x.png"], &["ui"], "", vec![]),
        (&["new/asset.json", "new/d/x.png"], &[], "", vec![]),
        (&["x.png", ".d/x.png", "d/.x.png", "d/x.png~", "d/x.txt"], &[], "", vec![]),
        (&["d/x.png"], &[], "d/", vec![]),
        (&["-d/x.png"], &[], "", vec![told("-d", "papack new -- '-d'")]),
        (&["it's/x.png"], &[], "", vec![told("it's", r"papack new 'it'\''s'")]),
        (&["con/x.png"], &[], "", vec![none("con")]),
    ] {
        assert_eq!(found(files, registered, ignored), expected, "{files:?}");
    }
}
