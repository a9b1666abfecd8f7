"""The set-up for Helix that the guide shows. Helix itself is not run."""

import tomllib

from conftest import PROJECT


def blocks(chapter, language):
    text = (PROJECT / "docs/guide.md").read_text()
    text = text.split(f"\n### {chapter}\n")[1].split("\n### ")[0]
    return [block.split("```")[0] for block in text.split(f"```{language}\n")[1:]]


async def test_the_set_up_for_helix_starts_papack_lsp(start):
    (block,) = blocks("Helix", "toml")
    settings = tomllib.loads(block)
    server = settings["language-server"]["papack"]
    assert (server["command"], server["args"]) == ("papack", ["lsp"])
    # What has to be in the folder of a workspace, and is what Helix takes its root from.
    (language,) = settings["language"]
    assert server["required-root-patterns"] == language["roots"] == ["assets"]
    assert language["name"] == "json" and language["language-servers"][0] == "papack"
    # The command that the guide names for packing is there.
    session = await start()
    assert "papack.pack" in session.capabilities.execute_command_provider.commands
