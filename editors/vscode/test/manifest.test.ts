// package.json says what VS Code shows before the extension runs: it has to say the same as the sources.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { COMMANDS } from "../src/commands";

const { contributes, main } = JSON.parse(readFileSync("package.json", "utf8")) as {
  main: string;
  contributes: {
    commands: { command: string }[];
    menus: { commandPalette: { command: string }[] };
  };
};

const RESTART = "papack.server.restart";

test("every command of the palette is declared, and none besides", () => {
  const declared = contributes.commands.map(({ command }) => command);
  assert.deepEqual(declared, [...COMMANDS.map(({ id }) => id), RESTART]);
  assert.deepEqual(contributes.menus.commandPalette.map(({ command }) => command), declared);
});

test("no command has the name of one of the server's, which the client library registers", () => {
  const services = new Set(COMMANDS.map(({ service }) => service));
  assert.deepEqual(COMMANDS.filter(({ id }) => services.has(id)), []);
});

test("the entry point is what the build makes", () => {
  assert.equal(main, "./dist/extension.js");
});
