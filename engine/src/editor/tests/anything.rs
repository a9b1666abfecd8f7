//! Any text and any place has answers within the text.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::space::{MENU, REGISTRY, Space, edited};

/// Asks everything of `place`.
fn ask(space: &Space, path: &str, place: usize) {
    let text = space.text(path);
    for completion in space.editor.complete(path, place) {
        for edit in completion.additional.iter().chain([&completion.edit]) {
            assert!(text.get(edit.range.clone()).is_some(), "{text:?} {edit:?}");
        }
        let range = &completion.edit.range;
        let place = place.min(text.len());
        assert!((range.start..=range.end).contains(&place) || !text.is_char_boundary(place), "{text:?} {completion:?}");
        assert!(!text[range.clone()].contains('\n'));
    }
    if let Some(hover) = space.editor.hover(path, place) {
        assert!(text.get(hover.range).is_some());
    }
    for found in space.editor.definition(path, place).into_iter().chain(space.editor.references(path, place)) {
        assert!(found.range.is_empty() || space.text(&found.path).get(found.range).is_some());
    }
    if let Some(range) = space.editor.prepare_rename(path, place) {
        assert!(text.get(range).is_some());
        assert!(space.editor.rename(path, place, "another").is_ok());
    }
}

/// Asks everything of the document at `path`, at each `step`-th place.
fn ask_everywhere(space: &Space, path: &str, step: usize) {
    let text = space.text(path);
    (0..=text.len() + 1).step_by(step).for_each(|place| ask(space, path, place));
    assert!(space.editor.folding(path).into_iter().all(|range| text.get(range).is_some()));
    space.editor.document_symbols(path);
    if let Some(edits) = space.editor.format(path) {
        edited(&text, &edits);
    }
}

#[test]
fn documents_that_end_anywhere() {
    let mut space = Space::new();
    for (path, step) in [(MENU, 7), (REGISTRY, 31)] {
        let text = space.text(path);
        for end in (0..text.len()).step_by(step) {
            space.editor.set_text(path, Some(text.as_bytes()[..end].into()));
            (end.saturating_sub(4)..=end + 1).for_each(|place| ask(&space, path, place));
        }
        space.editor.set_text(path, None);
    }
}

#[test]
fn what_is_no_document_has_no_answers() {
    let mut space = Space::new();
    space.editor.set_text(MENU, Some([0xff, 0xfe, b'{'].as_slice().into()));
    for path in
        ["", "/", "..", "assets", "assets/asset.json", "papack.toml", "assets/ui", "assets/gone/asset.json", MENU]
    {
        assert!(space.editor.complete(path, 1).is_empty(), "{path}");
        assert_eq!(space.editor.hover(path, 1), None);
        assert!(space.editor.definition(path, 1).is_empty());
        assert!(space.editor.document_symbols(path).is_empty());
        assert_eq!(space.editor.format(path), None);
    }
}

#[test]
fn deep_and_long_texts_take_little() {
    let mut space = Space::new();
    let deep = "{\"a\":[".repeat(25_000);
    let many = format!("{{\"artifacts\": [{}", "{\"file\": \"a\"}, ".repeat(15_000));
    let wide = "{".to_owned() + &"\"a\": 0, ".repeat(25_000);
    for text in [deep, many, wide] {
        space.editor.set_text(MENU, Some(text.as_bytes().into()));
        [0, text.len() / 2, text.len()].into_iter().for_each(|place| ask(&space, MENU, place));
        space.editor.document_symbols(MENU);
        space.editor.folding(MENU);
        assert_eq!(space.editor.format(MENU), None);
    }
}

#[test]
fn any_change_of_a_document() {
    let mut space = Space::new();
    let originals = [MENU, REGISTRY].map(|path| (path, space.text(path).chars().collect::<Vec<_>>()));
    let change = (any::<Index>(), 0..12_usize, "[\\[\\]{}:,\"\\\\a1é\n ]{0,4}");
    let changed = (any::<Index>(), prop::collection::vec(change, 1..4));
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() });
    for _ in 0..runner.config().cases {
        let (which, changes) = changed.new_tree(&mut runner).unwrap().current();
        let (path, mut text) = originals[which.index(2)].clone();
        for (at, length, inserted) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, inserted.chars());
        }
        let text: String = text.into_iter().collect();
        space.editor.set_text(path, Some(text.as_bytes().into()));
        ask_everywhere(&space, path, 7);
        space.editor.set_text(path, None);
    }
}
