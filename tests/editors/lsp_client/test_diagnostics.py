"""Diagnostics, pushed and pulled."""

import json
import shutil

import pytest
from lsprotocol import types
from session import VS_CODE

FONT = "assets/ui/font/asset.json"
HUD = "assets/ui/hud/asset.json"
MOON = "assets/world/moon/asset.json"
REGISTRY = "assets/.prometeu/index.json"


async def test_a_fault_shows_while_one_types_and_goes_away(start):
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    (found,) = await session.diagnostics(FONT, "FIELD_INVALID")
    assert found.severity == types.DiagnosticSeverity.Error
    assert found.source == "papack"
    assert "TILE/indexed_v1" in found.message
    assert session.text_at(FONT, found.range) == '"TILE/indexed_v1"'
    session.replace(FONT, "TILE/indexed_v1", "TILES/indexed_v1")
    await session.diagnostics(FONT)
    # Nobody else had a fault meanwhile, or was told of none.
    assert not any(session.client.diagnostics.values())


async def test_what_is_pushed_says_which_text_it_is_of(start):
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    assert session.versions[session.uri(FONT)] == session.documents[FONT].version == 2


async def test_faults_of_what_is_not_open_show_too(start, demo):
    faulty = demo / HUD
    faulty.write_text(faulty.read_text().replace('"icons.png"', '"nope.png"'))
    session = await start()
    (found,) = await session.diagnostics(HUD, "FILE_MISSING")
    assert session.text_at(HUD, found.range) == '"nope.png"'


async def test_unsaved_text_counts_until_its_document_is_closed(start):
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    session.close(FONT)
    await session.diagnostics(FONT)


async def test_a_saved_fault_stays_when_its_document_is_closed(start):
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    session.save(FONT)
    session.close(FONT)
    # A second fault elsewhere: when it has come, the first has been looked at again.
    session.open(HUD)
    session.replace(HUD, '"icons.png"', '"nope.png"')
    await session.diagnostics(HUD, "FILE_MISSING")
    await session.diagnostics(FONT, "FIELD_INVALID")


async def test_a_fault_between_two_documents_names_the_other_place(start):
    session = await start()
    session.open(HUD)
    session.replace(HUD, '"slot": 1', '"slot": 0')
    (found,) = await session.diagnostics(HUD, "PRELOAD_SLOT_TAKEN")
    assert session.text_at(HUD, found.range) == "0"
    places = [session.covered(each.location) for each in found.related_information]
    assert FONT in [path for path, _ in places]
    (other,) = await session.diagnostics(FONT, "PRELOAD_SLOT_TAKEN")
    assert session.text_at(FONT, other.range) == "0"


async def test_a_fault_of_a_picture_shows_where_the_manifest_names_it(start, demo):
    (demo / "assets/world/moon/moon.png").write_bytes(b"no picture")
    session = await start()
    session.open(MOON)
    (found,) = await session.diagnostics(MOON, "PNG_INVALID")
    line = session.documents[MOON].text.split("\n")[found.range.start.line]
    assert '"moon.png"' in line
    assert "moon.png" in session.text_at(MOON, found.range)
    assert "moon.png" in found.message


async def test_the_registry_is_a_document_as_well(start):
    session = await start()
    session.open(REGISTRY)
    session.replace(REGISTRY, '"next_asset_id": 28', '"next_asset_id": 4')
    await session.until(lambda: session.pushed(REGISTRY), "a fault of the registry")
    session.replace(REGISTRY, '"next_asset_id": 4', '"next_asset_id": 28')
    await session.diagnostics(REGISTRY)


async def test_text_that_is_no_json_has_one_fault_until_it_is_some_again(start):
    session = await start()
    session.open(FONT)
    whole = session.documents[FONT].text
    session.edit(FONT, types.TextDocumentContentChangeWholeDocument(text="{"))
    await session.diagnostics(FONT, "JSON_SYNTAX")
    session.edit(FONT, types.TextDocumentContentChangeWholeDocument(text=whole))
    await session.diagnostics(FONT)


async def test_the_disk_is_looked_at_when_the_client_tells_of_it(start, demo):
    session = await start()
    session.open(FONT)
    manifest = demo / HUD
    sound = manifest.read_text()
    manifest.write_text(sound.replace('"icons.png"', '"nope.png"'))
    session.files_changed((HUD, types.FileChangeType.Changed))
    await session.diagnostics(HUD, "FILE_MISSING")
    # A file of an asset, not a document.
    (demo / "assets/ui/hud/nope.png").write_bytes((demo / "assets/ui/hud/icons.png").read_bytes())
    session.files_changed(("assets/ui/hud/nope.png", types.FileChangeType.Created))
    await session.diagnostics(HUD)


async def test_faults_of_a_deleted_file_go_away(start, demo):
    folder = demo / "assets/tables/copy"
    shutil.copytree(demo / "assets/tables/collision", folder)
    session = await start()
    copy = "assets/tables/copy/asset.json"
    await session.diagnostics(copy, "ASSET_COPIED")
    shutil.rmtree(folder)
    session.files_changed((copy, types.FileChangeType.Deleted))
    await session.diagnostics(copy)


async def test_a_client_that_can_watch_is_asked_to(start):
    session = await start(VS_CODE)
    await session.until(lambda: session.registrations, "a registration")
    (watched,) = [each for each in session.registrations if each.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
    assert watched.register_options


async def test_without_a_client_that_watches_the_disk_is_watched_all_the_same(start, demo):
    session = await start(types.ClientCapabilities())
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    assert session.registrations == []
    manifest = demo / HUD
    manifest.write_text(manifest.read_text().replace('"icons.png"', '"nope.png"'))
    await session.diagnostics(HUD, "FILE_MISSING")


async def test_looking_writes_nothing(start, demo):
    def tree():
        return {path: path.is_file() and path.read_bytes() for path in demo.rglob("*")}

    before = tree()
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    assert tree() == before


def pulling():
    return types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
        workspace=types.WorkspaceClientCapabilities(
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        ),
    )


async def pull(session, path, previous=None):
    params = types.DocumentDiagnosticParams(text_document=session.document(path), previous_result_id=previous)
    return await session.client.text_document_diagnostic_async(params)


async def test_a_document_is_pulled_and_unchanged_ones_are_not_told_twice(start):
    session = await start(pulling())
    session.open(FONT)
    sound = await pull(session, FONT)
    assert (sound.kind, list(sound.items)) == ("full", [])
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    # An edit that came before is counted in.
    faulty = await pull(session, FONT, sound.result_id)
    assert [each.code for each in faulty.items] == ["FIELD_INVALID"]
    same = await pull(session, FONT, faulty.result_id)
    assert (same.kind, same.result_id) == ("unchanged", faulty.result_id)
    session.replace(FONT, "TILE/indexed_v1", "TILES/indexed_v1")
    mended = await pull(session, FONT, faulty.result_id)
    assert (mended.kind, list(mended.items)) == ("full", [])
    # Who pulls is not pushed to.
    assert not any(session.client.diagnostics.values())


async def test_the_workspace_is_pulled_with_what_is_not_open(start, demo):
    manifest = demo / HUD
    manifest.write_text(manifest.read_text().replace('"icons.png"', '"nope.png"'))
    session = await start(pulling())

    async def pull_all(previous=()):
        params = types.WorkspaceDiagnosticParams(previous_result_ids=list(previous))
        report = await session.client.workspace_diagnostic_async(params)
        return {session.path(each.uri): each for each in report.items}

    first = await pull_all()
    assert [each.code for each in first[HUD].items] == ["FILE_MISSING"]
    known = [types.PreviousResultId(uri=each.uri, value=each.result_id) for each in first.values()]
    manifest.write_text(manifest.read_text().replace('"nope.png"', '"icons.png"'))
    session.files_changed((HUD, types.FileChangeType.Changed))
    # What is shown is old: the server asks the client to pull anew.
    await session.until(lambda: session.client.diagnostic_refresh_count > 0, "workspace/diagnostic/refresh")
    second = await pull_all(known)
    assert (second[HUD].kind, list(second[HUD].items)) == ("full", [])


@pytest.mark.parametrize("encoding", list(types.PositionEncodingKind), ids=lambda each: each.value)
async def test_positions_are_in_the_encoding_that_was_agreed_on(start, encoding):
    general = types.GeneralClientCapabilities(position_encodings=[encoding, types.PositionEncodingKind.Utf16])
    session = await start(types.ClientCapabilities(general=general))
    assert session.encoding == encoding
    session.open(FONT)
    # Characters of one to four bytes, before the fault and in a change that follows on the same line.
    session.replace(FONT, '{ "file": "font.png" }', '{ "file": "font.png" }, { "file": "aé語😀.png" }, { "file": "nope.png" }')
    found = await session.diagnostics(FONT, "FILE_MISSING", "FILE_MISSING")
    assert sorted(session.text_at(FONT, each.range) for each in found) == ['"aé語😀.png"', '"nope.png"']
    session.replace(FONT, ', { "file": "nope.png" }', "")
    (left,) = await session.diagnostics(FONT, "FILE_MISSING")
    assert session.text_at(FONT, left.range) == '"aé語😀.png"'


async def test_without_a_word_of_encodings_it_is_utf_16(start):
    session = await start(types.ClientCapabilities())
    assert session.capabilities.position_encoding in (None, types.PositionEncodingKind.Utf16)


async def test_several_changes_in_one_message_count_one_after_the_other(start):
    session = await start()
    session.open(FONT)
    text = session.documents[FONT].text
    at = text.index("TILES/")
    insert = session.range(text, at, at)
    partial = types.TextDocumentContentChangePartial
    # The second is at a place of the text that the first one gives.
    session.edit(FONT, partial(range=insert, text="AB"), partial(range=insert, text="X"))
    (found,) = await session.diagnostics(FONT, "FIELD_INVALID")
    assert session.text_at(FONT, found.range) == '"XABTILES/indexed_v1"'


async def test_a_change_past_the_end_is_one_at_the_end(start):
    session = await start()
    session.open(FONT)
    document = session.documents[FONT]
    document.version += 1
    far = types.Position(line=4_000_000, character=4_000_000)
    change = types.TextDocumentContentChangePartial(range=types.Range(start=far, end=far), text="x")
    identifier = types.VersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    session.client.text_document_did_change(
        types.DidChangeTextDocumentParams(text_document=identifier, content_changes=[change])
    )
    document.text += "x"
    (found,) = await session.diagnostics(FONT, "JSON_SYNTAX")
    assert session.offset(document.text, found.range.start) >= len(document.text) - 1


async def test_a_diagnostic_has_itself_as_data(start):
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    (found,) = await session.diagnostics(FONT, "FIELD_INVALID")
    data = json.loads(json.dumps(found.data, default=lambda each: each._asdict()))
    assert data["code"] == "FIELD_INVALID"
    assert data["pointer"] == "/output/format"
    assert data["path"] == FONT
