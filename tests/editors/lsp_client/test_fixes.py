"""Quick fixes: each mends its fault, in the documents that it says."""

import shutil

import pytest
from lsprotocol import types
from session import VS_CODE

FONT = "assets/ui/font/asset.json"
HUD = "assets/ui/hud/asset.json"
TABLES = "assets/tables/collision"
REGISTRY = "assets/.prometeu/index.json"


def typed(path, old, new):
    """A fault that is typed into an open document."""

    def make(session, demo):
        session.open(path)
        session.replace(path, old, new)

    return make


def on_disk(make_it):
    def make(session, demo):
        make_it(demo)
        session.files_changed(("assets/tables", types.FileChangeType.Changed))

    return make


def unregistered(demo):
    shutil.copytree(demo / TABLES, demo / "assets/tables/new")
    manifest = demo / "assets/tables/new/asset.json"
    text = manifest.read_text().replace("deda2b34", "deda2b35").replace("collision tables", "new tables")
    manifest.write_text(text.replace('"slot": 1', '"slot": 15'))


def older(session, demo):
    session.open(FONT)
    session.replace(FONT, '"schema_version": 2', '"schema_version": 1')
    session.replace(FONT, '[{ "file": "font.png" }]', '["font.png"]')


# What is wrong, the code, where it shows, and what stands in a document afterwards.
CASES = {
    "an unknown value": (typed(FONT, "TILES/i", "TILE/i"), "FIELD_INVALID", FONT, FONT, '"TILES/indexed_v1"'),
    "an unknown field": (typed(FONT, '"codec"', '"codek"'), "FIELD_UNKNOWN", FONT, FONT, '"codec": "NONE"'),
    "a file that is not there": (typed(HUD, '"icons.png"', '"icon.png"'), "FILE_MISSING", HUD, HUD, '"icons.png"'),
    "another spelling": (typed(FONT, '"font.png"', '"Font.png"'), "PATH_SPELLING", FONT, FONT, '"font.png"'),
    "a key twice": (
        typed(FONT, '"name": "ui_font",', '"name": "ui_font",\n  "name": "ui_font",'),
        "JSON_DUPLICATE_KEY", FONT, FONT, '"name": "ui_font",\n  "artifacts"',
    ),
    "a slot twice": (typed(HUD, '"slot": 1', '"slot": 0'), "PRELOAD_SLOT_TAKEN", HUD, HUD, '"slot": '),
    "an older document": (older, "SCHEMA_OLDER", FONT, FONT, '"schema_version": 2'),
    "an asset that is not registered": (
        on_disk(unregistered), "ASSET_UNREGISTERED", "assets/tables/new/asset.json", REGISTRY, '"tables/new"',
    ),
    "an asset that was moved": (
        on_disk(lambda demo: (demo / TABLES).rename(demo / "assets/tables/moved")),
        "ASSET_MOVED", "assets/tables/moved/asset.json", REGISTRY, '"tables/moved"',
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("has_versions", [True, False], ids=["document changes", "changes"])
async def test_a_quick_fix_mends_its_fault(start, demo, case, has_versions):
    make, code, shown, mended, expected = CASES[case]
    session = await start(capabilities(has_versions))
    make(session, demo)

    def shows():
        return any(each.code == code for each in session.pushed(shown) or [])

    await session.until(shows, code)
    (found,) = [each for each in session.pushed(shown) if each.code == code]
    fixes = await session.actions(shown, found)
    assert fixes, f"{code} has no fix: {found}"
    fix = fixes[0]
    assert fix.title and fix.kind == types.CodeActionKind.QuickFix
    assert [each.code for each in fix.diagnostics] == [code]
    assert bool(fix.edit.document_changes) == has_versions and bool(fix.edit.changes) != has_versions
    session.apply(fix.edit)
    await session.until(lambda: not shows(), f"the end of {code}")
    text = session.documents[mended].text if mended in session.documents else session.read(mended)
    assert expected in text


def capabilities(has_versions):
    return types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            code_action=types.CodeActionClientCapabilities(
                is_preferred_support=True,
                code_action_literal_support=types.ClientCodeActionLiteralOptions(
                    code_action_kind=types.ClientCodeActionKindOptions(value_set=[types.CodeActionKind.QuickFix])
                ),
            )
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=has_versions),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
        ),
    )


async def test_what_has_one_right_answer_is_preferred(start):
    session = await start(VS_CODE)
    session.open(FONT)
    session.replace(FONT, '"font.png"', '"Font.png"')
    (found,) = await session.diagnostics(FONT, "PATH_SPELLING")
    (fix,) = await session.actions(FONT, found)
    assert fix.is_preferred


async def test_where_nothing_is_wrong_there_is_nothing_to_fix(start):
    session = await start()
    session.open(FONT)
    nowhere = types.Range(start=types.Position(line=0, character=0), end=types.Position(line=0, character=1))
    params = types.CodeActionParams(
        text_document=session.document(FONT), range=nowhere, context=types.CodeActionContext(diagnostics=[])
    )
    assert not await session.client.text_document_code_action_async(params)
