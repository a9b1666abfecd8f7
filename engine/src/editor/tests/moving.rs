//! Definitions, references, renames, symbols, folding and form.

use super::space::{MENU, REGISTRY, Space, edited, uuid};
use crate::editor::{DocumentSymbol, Place};
use crate::operation::Cancel;

/// Places as path and text, of documents.
fn shown(space: &Space, places: &[Place]) -> Vec<String> {
    let text = |place: &Place| match &place.range {
        range if range.is_empty() => String::new(),
        range => space.text(&place.path)[range.clone()].to_owned(),
    };
    places.iter().map(|place| format!("{} {}", place.path, text(place))).collect()
}

#[test]
fn from_a_mention_to_what_it_means() {
    let mut space = Space::new();
    let registered = format!("{REGISTRY} \"{}\"", uuid(1));
    for (marked, expected) in [
        (format!(r#"{{ "asset_uuid": "{}|" }}"#, uuid(1)), vec![registered.as_str()]),
        (r#"{ "name": "m|" }"#.to_owned(), vec![&registered]),
        (r#"{ "artifacts": [{ "file": "a.p|ng" }] }"#.to_owned(), vec!["assets/ui/menu/a.png "]),
        (r#"{ "artifacts": [{ "file": "gone|" }] }"#.to_owned(), vec![]),
        (r#"{ "artifacts": [{ "fi|le": "a.png" }] }"#.to_owned(), vec![]),
        (
            r#"{ "artifacts": [{ "glob": "|*.png" }] }"#.to_owned(),
            vec!["assets/ui/menu/a.png ", "assets/ui/menu/b.png "],
        ),
    ] {
        let at = space.show(MENU, &marked);
        assert_eq!(shown(&space, &space.editor.definition(MENU, at)), expected, "{marked}");
    }
    space.editor.set_text(MENU, None);
    for wanted in ["ui/menu\"", &uuid(1), "1, \"asset_uuid"] {
        let places = space.editor.definition(REGISTRY, space.find(REGISTRY, wanted));
        assert_eq!(shown(&space, &places), [format!("{MENU} \"menu\"")], "{wanted}");
    }
}

#[test]
fn all_mentions_of_an_asset_and_of_a_file() {
    let mut space = Space::new();
    let uuid = uuid(1);
    let all = [format!("{REGISTRY} \"{uuid}\""), format!("{MENU} \"{uuid}\""), format!("{MENU} \"menu\"")];
    for (path, wanted) in [(REGISTRY, "ui/menu\""), (REGISTRY, &*uuid), (MENU, &uuid), (MENU, "menu\"")] {
        let places = space.editor.references(path, space.find(path, wanted));
        assert_eq!(shown(&space, &places), all, "{wanted}");
    }
    let takers = |file: &str| shown(&space, &space.editor.references(file, 0));
    assert_eq!(takers("assets/ui/menu/a.png"), [format!("{MENU} \"*.png\"")]);
    assert_eq!(takers("assets/sfx/jump/a.wav"), ["assets/sfx/jump/asset.json \"a.wav\""]);
    assert!(takers("assets/ui/menu/more/c.png").is_empty());
    assert!(takers("assets/new/thing/x").is_empty());
    // What the globs leave out they do not take.
    space.write("assets/.papackignore", b"a.png");
    space.editor.note_anything_changed();
    space.editor.look(&Cancel::new()).unwrap();
    let takers = |file: &str| shown(&space, &space.editor.references(file, 0));
    assert!(takers("assets/ui/menu/a.png").is_empty());
    assert_eq!(takers("assets/ui/menu/b.png"), [format!("{MENU} \"*.png\"")]);
    let jump = "assets/sfx/jump/asset.json";
    let places = space.editor.references(jump, space.find(jump, "a.wav"));
    assert_eq!(shown(&space, &places), [format!("{jump} \"a.wav\"")]);
}

#[test]
fn an_asset_gets_another_name() {
    let mut space = Space::new();
    let at = space.show(MENU, r#"{ "name": "me|nu", "output": { "name": "x" } }"#);
    assert_eq!(space.editor.prepare_rename(MENU, at), Some(11..15));
    let renamed = space.editor.rename(MENU, at, "main \"menu\"").unwrap();
    assert_eq!((renamed.len(), &*renamed[0].path), (1, MENU));
    assert_eq!(
        edited(&space.text(MENU), &renamed[0].edits),
        r#"{ "name": "main \"menu\"", "output": { "name": "x" } }"#
    );
    assert!(space.editor.rename(MENU, at, "menu").is_ok());
    for (name, fault) in
        [("", "1 to 128 characters"), (" a", "white space"), ("jump", "taken by the asset in \"sfx/jump\"")]
    {
        let refused = space.editor.rename(MENU, at, name).unwrap_err();
        assert!(refused.contains(fault), "{refused}");
    }
    for place in [2, space.find(MENU, "x\"")] {
        assert_eq!(space.editor.prepare_rename(MENU, place), None);
        assert!(space.editor.rename(MENU, place, "a").is_err());
    }
    assert!(space.editor.rename("assets/gone/asset.json", 0, "a").is_err());
    let excluded = space.text(REGISTRY).replacen("true", "false", 1);
    space.editor.set_text(REGISTRY, Some(excluded.as_bytes().into()));
    space.editor.look(&Cancel::new()).unwrap();
    assert!(space.editor.rename(MENU, at, "jump").is_ok());
}

#[test]
fn assets_are_found_by_name_root_and_id() {
    let space = Space::new();
    for (query, limit, expected) in [
        ("", 2, "menu jump"),
        ("MEN", 9, "menu"),
        ("ui", 9, "menu hud"),
        ("u", 9, "menu jump hud"),
        ("3", 9, "hud"),
        ("mu", 9, "menu"),
        ("hud", 0, ""),
        ("zz", 9, ""),
    ] {
        let found = space.editor.symbols(query, limit);
        assert_eq!(found.iter().map(|symbol| &*symbol.name).collect::<Vec<_>>().join(" "), expected, "{query}");
    }
    let menu = &space.editor.symbols("menu", 1)[0];
    assert_eq!(menu.container, "asset 1, ui/menu");
    assert_eq!(shown(&space, std::slice::from_ref(&menu.place)), [format!("{MENU} \"menu\"")]);
}

fn outline(symbols: &[DocumentSymbol]) -> String {
    let one = |symbol: &DocumentSymbol| {
        assert!(symbol.range.start <= symbol.selection.start && symbol.selection.end <= symbol.range.end);
        match outline(&symbol.children) {
            inner if inner.is_empty() => symbol.name.clone(),
            inner => format!("{}({inner})", symbol.name),
        }
    };
    symbols.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_in_a_document() {
    let mut space = Space::new();
    let of_entry = "asset_id asset_uuid root included_in_build";
    assert_eq!(
        outline(&space.editor.document_symbols(REGISTRY)),
        format!("schema_version next_asset_id assets(ui/menu({of_entry}) sfx/jump({of_entry}) ui/hud({of_entry}))")
    );
    let text = "{\n  \"a\": [1, {\"file\": \"x\"}, [\n2]\n],\n \"b\": |";
    space.show(MENU, text);
    assert_eq!(outline(&space.editor.document_symbols(MENU)), "a(0 x(file) 2(0)) b");
    let folded: Vec<_> =
        space.editor.folding(MENU).into_iter().map(|range| space.text(MENU)[range].to_owned()).collect();
    assert_eq!(folded.len(), 3);
    assert_eq!(folded[1..], ["[1, {\"file\": \"x\"}, [\n2]\n]", "[\n2]"]);
    assert!(space.editor.document_symbols("assets/ui/menu/a.png").is_empty());
}

#[test]
fn documents_get_the_packers_own_form() {
    let mut space = Space::new();
    space.show(MENU, r#"|{"name":"a {","artifacts":[{"file":"a.png"},{"file":"b.png"}],"output":{"format":"x"}}"#);
    let edits = space.editor.format(MENU).unwrap();
    let text = edited(&space.text(MENU), &edits);
    assert_eq!(
        text,
        "{\n  \"name\": \"a {\",\n  \"artifacts\": [\n    { \"file\": \"a.png\" },\n    { \"file\": \"b.png\" }\n  ],\n  \
         \"output\": {\n    \"format\": \"x\"\n  }\n}\n"
    );
    // Only white space is replaced.
    assert!(edits.iter().all(|edit| space.text(MENU)[edit.range.clone()].trim().is_empty()));
    space.show(MENU, &format!("|{text}"));
    assert_eq!(space.editor.format(MENU), Some(Vec::new()));
    space.show(MENU, "{|");
    assert_eq!(space.editor.format(MENU), None);

    assert_eq!(space.editor.format(REGISTRY), Some(Vec::new()));
    let form = space.text(REGISTRY);
    let mut lines: Vec<_> = form.lines().collect();
    lines.swap(4, 5);
    let swapped = lines.join("\n");
    space.show(REGISTRY, &format!("|{swapped}"));
    assert_eq!(edited(&swapped, &space.editor.format(REGISTRY).unwrap()), form);
}
