"""A copy of the demo for each test, and the way to a server in it.

PAPACK names the papack that is tested.
"""

import contextlib
import os
import pathlib
import shutil

import pytest
import session

PROJECT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def demo(tmp_path):
    """A copy of the demo, without what was built. Its path has what URIs escape."""
    root = tmp_path / "jogo é #1"
    shutil.copytree(PROJECT / "demo" / "assets", root / "assets", ignore=shutil.ignore_patterns("cache", "staged"))
    return root


@pytest.fixture
async def start(demo):
    """Starts a server for the demo, once or several times; each is shut down at the end and has to end well."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(capabilities=None, **params):
            running = session.running(os.environ["PAPACK"], demo, capabilities, **params)
            return await stack.enter_async_context(running)

        yield begin
