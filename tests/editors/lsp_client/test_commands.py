"""The packer's services as commands, with progress and cancel; requests that nobody knows; the end."""

import asyncio
import json

import pytest
from lsprotocol import types

FONT = "assets/ui/font/asset.json"


async def test_packing_reads_the_disk_alone(start, demo):
    session = await start()
    session.open(FONT)
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    packed = await session.execute("papack.pack", {})
    assert packed["status"] == "SUCCESS"
    assert (demo / "build/assets.pa").is_file()
    # Once it is saved, it is packed, and fails.
    session.save(FONT)
    failed = await session.execute("papack.pack", {})
    assert failed["status"] == "GATE_FAILED"
    assert [each["code"] for each in failed["diagnostics"]] == ["FIELD_INVALID"]


@pytest.mark.parametrize("service", ["check", "plan", "status", "migrate"])
async def test_the_other_services_give_their_results(start, service):
    session = await start()
    # No arguments are no parameters.
    result = await session.execute(f"papack.{service}")
    assert result["status"] == "SUCCESS"


async def test_a_service_that_changes_documents_changes_what_is_shown(start, demo):
    session = await start()
    session.open(FONT)
    result = await session.execute("papack.rename", {"asset": "ui_font", "name": "letters"})
    assert result["status"] == "SUCCESS"
    assert json.loads((demo / FONT).read_text())["name"] == "letters"
    found = await session.client.workspace_symbol_async(types.WorkspaceSymbolParams(query="ui_hud"))
    assert len(found) == 1


async def test_commands_are_announced_and_others_refused(start):
    session = await start()
    announced = session.capabilities.execute_command_provider.commands
    assert {"papack.pack", "papack.check", "papack.plan", "papack.migrate"} <= set(announced)
    with pytest.raises(Exception):
        await session.execute("papack.nonsense", {})
    with pytest.raises(Exception):
        await session.execute("papack.pack", {"nonsense": True})


async def test_progress_is_told_from_the_beginning_to_the_end(start):
    session = await start()
    token = "of the client"
    session.client.progress_reports[token] = []
    result = await session.execute("papack.pack", {}, work_done_token=token)
    assert result["status"] == "SUCCESS"
    reports = session.client.progress_reports[token]
    assert isinstance(reports[0], types.WorkDoneProgressBegin) and reports[0].title
    assert isinstance(reports[-1], types.WorkDoneProgressEnd)
    assert all(isinstance(each, types.WorkDoneProgressReport) for each in reports[1:-1])
    shares = [each.percentage for each in reports[:-1] if each.percentage is not None]
    assert shares == sorted(shares) and all(0 <= share <= 100 for share in shares)


async def test_a_client_without_a_token_is_asked_for_progress(start):
    session = await start()
    await session.execute("papack.pack", {})
    ((_, reports),) = session.client.progress_reports.items()
    assert isinstance(reports[0], types.WorkDoneProgressBegin)
    assert isinstance(reports[-1], types.WorkDoneProgressEnd)


def noise(demo):
    """A workspace that takes a while to pack: large files, of which nothing is known."""
    for manifest in sorted((demo / "assets").rglob("asset.json")):
        fields = json.loads(manifest.read_text())
        if fields["output"]["format"] == "DATA/raw_v1" and {"glob": "**"} in fields["artifacts"]:
            (manifest.parent / "large.bin").write_bytes(bytes(range(256)) * 60_000)


async def test_a_command_is_cancelled_by_its_request(start, demo):
    noise(demo)
    session = await start()
    params = types.ExecuteCommandParams(command="papack.pack", arguments=[{}])
    future = session.client.protocol.send_request(types.WORKSPACE_EXECUTE_COMMAND, params, msg_id="packing")
    session.client.cancel_request(types.CancelParams(id="packing"))
    try:
        result = await asyncio.wait_for(asyncio.wrap_future(future), 20)
    except Exception as refused:
        assert getattr(refused, "code", None) in (None, -32800), refused
    else:
        raise AssertionError(f"it was not cancelled: {result}")
    # The server goes on, and nothing is in its way.
    (demo / "assets/tables/collision/large.bin").unlink()
    assert (await session.execute("papack.pack", {}))["status"] == "SUCCESS"


async def test_a_command_is_cancelled_by_its_progress(start, demo):
    noise(demo)
    session = await start()
    token = "packing"
    session.client.progress_reports[token] = []
    running = asyncio.create_task(session.execute("papack.pack", {}, work_done_token=token))
    await session.until(lambda: session.client.progress_reports[token], "the beginning of the progress")
    session.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=token))
    try:
        result = await asyncio.wait_for(running, 20)
    except Exception as refused:
        assert str(refused)
    else:
        assert result["status"] in ("CANCELLED", "SUCCESS")
    await session.until(
        lambda: isinstance(session.client.progress_reports[token][-1], types.WorkDoneProgressEnd), "the progress's end"
    )


async def test_typing_is_not_held_up_by_a_pack(start, demo):
    noise(demo)
    session = await start()
    session.open(FONT)
    packing = asyncio.create_task(session.execute("papack.pack", {}))
    session.replace(FONT, "TILES/indexed_v1", "TILE/indexed_v1")
    await session.diagnostics(FONT, "FIELD_INVALID")
    assert (await packing)["status"] == "SUCCESS"


async def test_own_requests_are_the_same_services(start):
    session = await start()
    status = await session.client.protocol.send_request_async("papack/status", {})
    assert status.status == "SUCCESS"
    packed = await session.client.protocol.send_request_async("papack/pack", {})
    assert packed.status == "SUCCESS"


async def test_what_is_unknown_is_refused_or_passed_over(start):
    session = await start()
    with pytest.raises(Exception) as refused:
        await session.client.protocol.send_request_async("textDocument/nonsense", {})
    assert refused.value.code == -32601
    session.client.protocol.notify("$/nonsense", {})
    session.client.protocol.notify("textDocument/nonsense", {})
    assert (await session.execute("papack.status", {}))["status"] == "SUCCESS"


async def test_after_shutdown_nothing_is_done_any_more(start):
    session = await start()
    await session.client.shutdown_async(None)
    with pytest.raises(Exception) as refused:
        await session.client.workspace_symbol_async(types.WorkspaceSymbolParams(query="a"))
    assert refused.value.code == -32600
    session.client.exit(None)
    assert await asyncio.wait_for(session.client._server.wait(), 2) == 0
    # The fixture need not shut it down again.
    session.client.capabilities = None
