"""Completion, hover, and the ways from one place to another."""

import json

import pytest
from lsprotocol import types

FONT = "assets/ui/font/asset.json"
HUD = "assets/ui/hud/asset.json"
TABLES = "assets/tables/collision/asset.json"
REGISTRY = "assets/.prometeu/index.json"
FONT_UUID = "6b7866ce-8c68-4b3b-9699-059c277df151"


async def complete(session, path, words, within):
    """What is offered, by its label, and the text with each of them taken."""
    params = types.CompletionParams(**session.at(path, words, within))
    found = await session.client.text_document_completion_async(params)
    items = found.items if isinstance(found, types.CompletionList) else found or []
    text = session.documents[path].text
    return {each.label: taken(session, text, params.position, each) for each in items}


def taken(session, text, position, item):
    if item.text_edit is None:
        at = session.offset(text, position)
        return text[:at] + (item.insert_text or item.label) + text[at:]
    span = getattr(item.text_edit, "range", None) or item.text_edit.replace
    return session.edited(text, [types.TextEdit(range=span, new_text=item.text_edit.new_text)])


# What is typed in the font's manifest, how far the cursor is in it, and one of what is offered, as it then stands there.
COMPLETIONS = {
    "fields": ('"codec": "NONE",', '"", "codec": "NONE",', 1, '"pipeline"'),
    "formats": ('"TILES/indexed_v1"', '""', 1, '"SOUNDS/pcm_v1"'),
    "codecs": ('"NONE"', '""', 1, '"NONE"'),
    "tile sizes": ('"tile_size": 8', '"tile_size": 1', 14, '"tile_size": 16'),
    "files": ('"font.png"', '"fo"', 3, '"font.png"'),
    "slots": ('"slot": 0', '"slot": 7', 9, '"slot": 2'),
    "booleans": ('"enabled": true', '"enabled": t', 12, '"enabled": false'),
}


@pytest.mark.parametrize("case", COMPLETIONS)
async def test_what_may_stand_there_is_offered(start, case):
    old, new, within, expected = COMPLETIONS[case]
    session = await start()
    session.open(FONT)
    session.replace(FONT, old, new)
    offered = await complete(session, FONT, new, within)
    assert offered, "nothing is offered"
    assert any(expected in text for text in offered.values()), f"{expected} is not among {list(offered)}"


async def test_a_document_that_is_broken_is_completed_too(start):
    session = await start()
    session.open(FONT)
    whole = '"TILES/indexed_v1"'
    cut = session.documents[FONT].text.split(whole)[0] + '"'
    session.edit(FONT, types.TextDocumentContentChangeWholeDocument(text=cut))
    offered = await complete(session, FONT, '"format": "', len('"format": "'))
    assert any("TILES/indexed_v1" in text for text in offered.values()), list(offered)


async def hover(session, path, words, within=2):
    found = await session.client.text_document_hover_async(types.HoverParams(**session.at(path, words, within)))
    assert found is not None, f"nothing is told of {words}"
    assert found.contents.kind == types.MarkupKind.Markdown
    # In Markdown, underscores of names are escaped.
    return found.contents.value.replace("\\_", "_")


HOVERS = {
    "a field": (FONT, '"tile_size"', "8"),
    "a format": (FONT, '"TILES/indexed_v1"', "TILES"),
    "a file": (FONT, '"font.png"', "data:image/png;base64,"),
    "a glob": (TABLES, '"**"', "jump-arc.bin"),
    "a slot": (FONT, '"slot": 0', "ui_hud"),
    "an asset in the registry": (REGISTRY, FONT_UUID, "ui_font"),
}


@pytest.mark.parametrize("case", HOVERS)
async def test_the_pointer_is_told_what_it_is_on(start, case):
    path, words, expected = HOVERS[case]
    session = await start()
    session.open(path)
    assert expected in await hover(session, path, words, len('"slot": ') if case == "a slot" else 2)


async def definition(session, path, words):
    params = types.DefinitionParams(**session.at(path, words, 2))
    found = await session.client.text_document_definition_async(params)
    found = found if isinstance(found, list) else [found] if found else []
    return [(session.path(uri(each)), each) for each in found]


def uri(place):
    return place.uri if isinstance(place, types.Location) else place.target_uri


DEFINITIONS = {
    "a uuid is in the registry": (FONT, FONT_UUID, REGISTRY),
    "an entry of the registry has a manifest": (REGISTRY, '"ui/font"', FONT),
    "a uuid of the registry is in a manifest": (REGISTRY, FONT_UUID, FONT),
    "a path is a file": (FONT, '"font.png"', "assets/ui/font/font.png"),
}


@pytest.mark.parametrize("case", DEFINITIONS)
async def test_one_goes_to_what_is_meant(start, case):
    path, words, expected = DEFINITIONS[case]
    session = await start()
    session.open(path)
    assert [place for place, _ in await definition(session, path, words)] == [expected]


async def test_unsaved_text_has_its_places_where_it_is(start):
    session = await start()
    session.open(REGISTRY)
    session.edit(REGISTRY, types.TextDocumentContentChangeWholeDocument(text="\n\n" + session.documents[REGISTRY].text))
    session.open(FONT)
    ((_, place),) = await definition(session, FONT, FONT_UUID)
    span = place.range if isinstance(place, types.Location) else place.target_selection_range
    entry = next(line for line in session.documents[REGISTRY].text.split("\n") if FONT_UUID in line)
    assert session.text_at(REGISTRY, span) in entry
    assert session.documents[REGISTRY].text.split("\n")[span.start.line] == entry


async def test_all_that_names_an_asset_is_found(start):
    session = await start()
    session.open(FONT)
    params = types.ReferenceParams(
        **session.at(FONT, FONT_UUID, 2), context=types.ReferenceContext(include_declaration=True)
    )
    found = await session.client.text_document_references_async(params)
    assert {session.path(each.uri) for each in found} >= {REGISTRY, FONT}


async def test_an_asset_is_renamed(start):
    session = await start()
    session.open(FONT)
    place = session.at(FONT, '"ui_font"', 3)
    prepared = await session.client.text_document_prepare_rename_async(types.PrepareRenameParams(**place))
    span = getattr(prepared, "range", prepared)
    assert session.text_at(FONT, span).strip('"') == "ui_font"
    edit = await session.client.text_document_rename_async(types.RenameParams(**place, new_name="letters"))
    session.apply(edit)
    assert json.loads(session.documents[FONT].text)["name"] == "letters"


async def test_a_name_that_is_taken_is_refused_and_told_why(start):
    session = await start()
    session.open(FONT)
    place = session.at(FONT, '"ui_font"', 3)
    with pytest.raises(Exception, match="ui_hud"):
        await session.client.text_document_rename_async(types.RenameParams(**place, new_name="ui_hud"))


async def test_what_has_no_name_is_not_renamed(start):
    session = await start()
    session.open(FONT)
    params = types.PrepareRenameParams(**session.at(FONT, '"schema_version"', 3))
    try:
        prepared = await session.client.text_document_prepare_rename_async(params)
    except Exception as refused:  # An error that says so is as good as null.
        assert str(refused)
    else:
        assert prepared is None


async def test_assets_are_found_by_name(start):
    session = await start()
    found = await session.client.workspace_symbol_async(types.WorkspaceSymbolParams(query="keeper"))
    assert {session.path(each.location.uri) for each in found} == {
        "assets/actors/keeper/asset.json",
        "assets/sfx/keeper/asset.json",
    }
    assert all("keeper" in each.name for each in found)


async def test_a_document_has_an_outline(start):
    session = await start()
    session.open(FONT)
    params = types.DocumentSymbolParams(text_document=session.document(FONT))
    found = await session.client.text_document_document_symbol_async(params)
    names = [each.name for each in found]
    assert "output" in names and "preload" in names
    (output,) = [each for each in found if each.name == "output"]
    assert "format" in [each.name for each in output.children]


async def test_objects_and_arrays_are_folded(start):
    session = await start()
    session.open(FONT)
    params = types.FoldingRangeParams(text_document=session.document(FONT))
    found = await session.client.text_document_folding_range_async(params)
    lines = session.documents[FONT].text.split("\n")
    starts = {lines[each.start_line].strip() for each in found}
    assert {'"output": {', '"metadata": {'} <= starts
    assert all(each.start_line < each.end_line < len(lines) for each in found)


@pytest.mark.parametrize("path", [FONT, REGISTRY])
async def test_the_form_is_the_packers_and_the_meaning_stays(start, path):
    session = await start()
    session.open(path)
    before = json.loads(session.documents[path].text)
    crowded = json.dumps(before, separators=(",", ":"), ensure_ascii=False)
    session.edit(path, types.TextDocumentContentChangeWholeDocument(text=crowded))
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    params = types.DocumentFormattingParams(text_document=session.document(path), options=options)
    edits = await session.client.text_document_formatting_async(params)
    text = session.edited(crowded, edits)
    assert json.loads(text) == before and text.count("\n") > 5 and text.endswith("\n")
    session.edit(path, types.TextDocumentContentChangeWholeDocument(text=text))
    assert not await session.client.text_document_formatting_async(params), "what has that form is left alone"


async def test_what_is_no_document_of_papack_has_nothing(start, demo):
    (demo / "notes.json").write_text('{ "name": 1 }')
    session = await start()
    session.open("notes.json")
    params = types.HoverParams(**session.at("notes.json", '"name"', 2))
    assert await session.client.text_document_hover_async(params) is None
    session.close("notes.json")
    assert session.pushed("notes.json") in (None, [])
