"""A session of a client with `papack lsp`: what an editor knows and does, without a window."""

import asyncio
import contextlib
import dataclasses
import json
import pathlib
import urllib.parse

import pytest_lsp
from lsprotocol import types
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features
from pygls.protocol import default_converter

WAIT = 20
"""Seconds after which something that has to come does not come any more."""

VS_CODE = "visual-studio-code"


@dataclasses.dataclass
class Document:
    """An open document: its text is what the editor shows."""

    uri: str
    version: int
    text: str


class Session:
    """A server that runs, and what its client has of it."""

    def __init__(self, root):
        self.root = root
        self.documents = {}
        self.registrations = []
        self.versions = {}
        """By URI, of which version the diagnostics are that were pushed last."""

        self.client = pytest_lsp.LanguageClient(converter_factory=default_converter)
        register_lsp_features(self.client, DEFAULT_CLIENT_FEATURES | self.features())

    def features(self):
        """What the client does with messages, beside what pytest-lsp's does."""

        def publish(params: types.PublishDiagnosticsParams):
            self.client.diagnostics[params.uri] = params.diagnostics
            self.versions[params.uri] = params.version

        def register(params: types.RegistrationParams):
            self.registrations += params.registrations

        return {types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: publish, types.CLIENT_REGISTER_CAPABILITY: register}

    async def begin(self, papack, capabilities, params):
        await self.client.start_io(papack, "lsp", cwd=self.root.parent)
        folders = [types.WorkspaceFolder(uri=self.root.as_uri(), name=self.root.name)]
        params = types.InitializeParams(
            capabilities=capabilities, root_uri=self.root.as_uri(), workspace_folders=folders, **params
        )
        self.capabilities = (await self.client.initialize_session(params)).capabilities
        self.encoding = self.capabilities.position_encoding or types.PositionEncodingKind.Utf16

    # Documents

    def uri(self, path):
        return (self.root / path).as_uri()

    def document(self, path):
        return types.TextDocumentIdentifier(uri=self.uri(path))

    def read(self, path):
        return (self.root / path).read_bytes().decode()

    def write(self, path, text):
        (self.root / path).write_bytes(text.encode())

    def open(self, path, text=None):
        """Opens a document, with the text that is on the disk or another one."""
        text = self.read(path) if text is None else text
        self.documents[path] = Document(self.uri(path), 1, text)
        item = types.TextDocumentItem(uri=self.uri(path), language_id="json", version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))

    def replace(self, path, old, new):
        """Types: `old`, which is there once, becomes `new`."""
        text = self.documents[path].text
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times in {text}"
        start = text.index(old)
        self.edit(path, types.TextDocumentContentChangePartial(range=self.range(text, start, start + len(old)), text=new))

    def edit(self, path, *changes):
        """Sends changes; each counts in the text that the ones before it gave."""
        document = self.documents[path]
        document.version += 1
        for change in changes:
            document.text = self.changed(document.text, change)
        identifier = types.VersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
        params = types.DidChangeTextDocumentParams(text_document=identifier, content_changes=list(changes))
        self.client.text_document_did_change(params)

    def save(self, path):
        self.write(path, self.documents[path].text)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(text_document=self.document(path)))

    def close(self, path):
        del self.documents[path]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=self.document(path)))

    def changed(self, text, change):
        if not isinstance(change, types.TextDocumentContentChangePartial):
            return change.text
        return text[: self.offset(text, change.range.start)] + change.text + text[self.offset(text, change.range.end) :]

    def files_changed(self, *changes):
        """Tells of changes of the disk, as (path, type)."""
        events = [types.FileEvent(uri=self.uri(path), type=kind) for path, kind in changes]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=events))

    # Positions

    def units(self, text):
        """The length of `text` in what the negotiated encoding counts."""
        if self.encoding == types.PositionEncodingKind.Utf8:
            return len(text.encode())
        if self.encoding == types.PositionEncodingKind.Utf32:
            return len(text)
        return len(text.encode("utf-16-le")) // 2

    def position(self, text, index):
        """The position of the character `index`."""
        before = text[:index]
        line = before.count("\n")
        return types.Position(line=line, character=self.units(before[before.rfind("\n") + 1 :]))

    def range(self, text, start, end):
        return types.Range(start=self.position(text, start), end=self.position(text, end))

    def offset(self, text, position):
        """The index of the character at `position`, which has to be one: the server is held to exact places."""
        lines = text.split("\n")
        assert position.line < len(lines), f"{position} is past the last line"
        start = sum(len(line) + 1 for line in lines[: position.line])
        for index in range(len(lines[position.line]) + 1):
            if self.units(lines[position.line][:index]) == position.character:
                return start + index
        raise AssertionError(f"{position} is no place between two characters of {lines[position.line]!r}")

    def at(self, path, words, within=0):
        """Where `words`, which are there once, begin in an open document, and `within` characters on."""
        text = self.documents[path].text
        assert text.count(words) == 1, f"{words!r} is there {text.count(words)} times"
        return {
            "text_document": self.document(path),
            "position": self.position(text, text.index(words) + within),
        }

    def covered(self, location):
        """The path of a location, and the text that it covers there."""
        path = self.path(location.uri)
        return path, self.text_at(path, location.range)

    def text_at(self, path, span):
        text = self.documents[path].text if path in self.documents else self.read(path)
        return text[self.offset(text, span.start) : self.offset(text, span.end)]

    def path(self, uri):
        """The path below the workspace."""
        parts = urllib.parse.urlsplit(uri)
        assert parts.scheme == "file"
        return pathlib.Path(urllib.parse.unquote(parts.path)).relative_to(self.root).as_posix()

    # What comes

    async def until(self, condition, what):
        """Waits until `condition()` is true of what came."""
        for _ in range(WAIT * 100):
            if found := condition():
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what} did not come within {WAIT} s")

    def pushed(self, path):
        return self.client.diagnostics.get(self.uri(path))

    async def diagnostics(self, path, *codes):
        """Waits until the pushed diagnostics of `path` are those, in any order."""

        def are_those():
            found = self.pushed(path)
            return found is not None and sorted(each.code for each in found) == sorted(codes)

        try:
            await self.until(are_those, "the diagnostics")
        except AssertionError:
            raise AssertionError(f"{path} should have {codes}, and has {self.pushed(path)}") from None
        return self.pushed(path)

    async def actions(self, path, diagnostic):
        """The quick fixes of a diagnostic."""
        params = types.CodeActionParams(
            text_document=self.document(path),
            range=diagnostic.range,
            context=types.CodeActionContext(diagnostics=[diagnostic], only=[types.CodeActionKind.QuickFix]),
        )
        found = await self.client.text_document_code_action_async(params)
        return found or []

    def apply(self, edit):
        """What an editor does with a workspace edit: open documents are changed there, others on the disk."""
        for uri, version, edits in self.text_edits(edit):
            path = self.path(uri)
            document = self.documents.get(path)
            if document is None:
                self.write(path, self.edited(self.read(path), edits))
                self.files_changed((path, types.FileChangeType.Changed))
                continue
            assert version in (None, document.version), "the edit is for the text that is there"
            # From the end, so that no edit moves the place of another.
            backwards = sorted(edits, key=lambda each: self.offset(document.text, each.range.start), reverse=True)
            changes = [types.TextDocumentContentChangePartial(range=each.range, text=each.new_text) for each in backwards]
            self.edit(path, *changes)

    def text_edits(self, edit):
        for uri, edits in (edit.changes or {}).items():
            yield uri, None, edits
        for change in edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit), f"no edit of a text: {change}"
            yield change.text_document.uri, change.text_document.version, change.edits

    def edited(self, text, edits):
        for edit in sorted(edits, key=lambda each: self.offset(text, each.range.start), reverse=True):
            start, end = self.offset(text, edit.range.start), self.offset(text, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text

    async def execute(self, command, *arguments, **params):
        """Has the server do something, and returns the result as JSON has it."""
        params = types.ExecuteCommandParams(command=command, arguments=list(arguments) or None, **params)
        return plain(await self.client.workspace_execute_command_async(params))


def plain(value):
    """A result that the protocol leaves open, as JSON has it: the client library makes objects of it."""
    return json.loads(json.dumps(value, default=lambda each: each._asdict()))


@contextlib.asynccontextmanager
async def running(papack, root, capabilities=None, **params):
    """A server for the workspace `root`, told of the `capabilities` of a client that pytest-lsp knows, or of given ones."""
    if capabilities is None or isinstance(capabilities, str):
        capabilities = pytest_lsp.client_capabilities(capabilities or VS_CODE)
    session = Session(root)
    client = session.client
    try:
        await asyncio.wait_for(session.begin(papack, capabilities, params), WAIT)
        yield session
        await asyncio.wait_for(client.shutdown_session(), WAIT)
        assert client._server.returncode == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            client._server.kill()
        await client.stop()
