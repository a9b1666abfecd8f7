// What is told of results: of made ones, for every status, and of those that papack really gives.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { checked, migrated, packed, planLines, planned } from "../src/results";

const NO_FAULTS: { severity: string }[] = [];
const FAULTS = [{ severity: "ERROR" }, { severity: "WARNING" }, { severity: "ERROR" }];

test("a pack tells what it did", () => {
  const result = {
    status: "SUCCESS", diagnostics: NO_FAULTS, up_to_date: false,
    packed_asset_count: 3, derived_asset_count: 1, reused_asset_count: 2,
  };
  assert.deepEqual(packed(result), { text: "packed 3 assets: 1 derived, 2 reused", isFailure: false });
  assert.deepEqual(packed({ ...result, packed_asset_count: 1, up_to_date: true }), {
    text: "up to date: 1 asset",
    isFailure: false,
  });
});

test("what did not come about says why", () => {
  const result = { diagnostics: FAULTS, up_to_date: false, packed_asset_count: 0, derived_asset_count: 0, reused_asset_count: 0 };
  const texts = new Map([
    ["GATE_FAILED", "not packed: 2 errors"],
    ["EXECUTION_FAILED", "not packed: the operation failed"],
    ["PUBLICATION_FAILED", "not packed: what was made could not be put in place"],
    ["LANE_BUSY", "not packed: the workspace is busy"],
    // A later papack may have others.
    ["SOMETHING_NEW", "not packed: SOMETHING_NEW"],
  ]);
  for (const [status, text] of texts) {
    assert.deepEqual(packed({ ...result, status }), { text, isFailure: true });
  }
  assert.deepEqual(packed({ ...result, status: "CANCELLED" }), { text: "cancelled", isFailure: false });
});

test("a check tells the faults that there are", () => {
  const result = { status: "GATE_FAILED", diagnostics: FAULTS, checked_asset_count: 4, error_count: 2, warning_count: 1 };
  assert.deepEqual(checked(result), { text: "4 assets: 2 errors, 1 warning", isFailure: true });
  assert.deepEqual(checked({ ...result, status: "SUCCESS", error_count: 0 }), { text: "4 assets: 1 warning", isFailure: false });
  assert.equal(checked({ ...result, status: "SUCCESS", error_count: 0, warning_count: 0 }).text, "4 assets: nothing is wrong");
  assert.equal(checked({ ...result, status: "EXECUTION_FAILED" }).text, "not checked: the operation failed");
});

test("a plan tells what a pack would do, asset by asset", () => {
  const result = {
    status: "SUCCESS", diagnostics: FAULTS, derived_asset_count: 1, reused_asset_count: 0, blocked_asset_count: 1,
    assets: [
      { asset_id: 1, asset_name: "font", outcome: "DERIVED", reasons: [{ reason: "NOT_KNOWN_BEFORE" }] },
      { asset_id: 4, asset_name: null, outcome: "BLOCKED", reasons: [{ reason: "FAULTY" }] },
    ],
  };
  assert.deepEqual(planned(result), {
    text: "2 assets: 1 to derive, 0 to reuse, 1 blocked; a pack would fail: 2 errors",
    isFailure: true,
  });
  assert.deepEqual(planLines(result), [" derive font (asset 1): not known before", "blocked asset 4: faulty"]);
});

test("a migration tells how much it changed", () => {
  const result = { status: "SUCCESS", diagnostics: NO_FAULTS, changes: [{}, {}] };
  assert.equal(migrated(result).text, "migrated 2 documents");
  assert.equal(migrated({ ...result, changes: [] }).text, "nothing to migrate");
});

const papack = process.env["PAPACK"];

test("what papack says of the demo is understood", { skip: papack === undefined && "PAPACK does not name a papack" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "papack-vscode-"));
  try {
    cpSync("../../demo/assets", join(folder, "assets"), { recursive: true });
    assert.match(checked(await resultOf("check")).text, /^\d+ assets: nothing is wrong$/);
    const plan = await resultOf("plan");
    assert.match(planned(plan).text, /^\d+ assets: \d+ to derive, \d+ to reuse$/);
    assert.equal(planLines(plan).length, plan.assets.length);
    assert.match(packed(await resultOf("pack")).text, /^packed \d+ assets: \d+ derived, \d+ reused$/);
    assert.match(packed(await resultOf("pack")).text, /^up to date: \d+ assets$/);
    assert.equal(migrated(await resultOf("migrate")).text, "nothing to migrate");

    const manifest = join(folder, "assets/ui/font/asset.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("TILES/", "TILE/"));
    assert.deepEqual(packed(await resultOf("pack")), { text: "not packed: 1 error", isFailure: true });
  } finally {
    rmSync(folder, { recursive: true });
  }

  async function resultOf(command: string): Promise<any> {
    const run = promisify(execFile)(papack ?? "", [command, "--message-format", "json"], { cwd: folder });
    // A failure of the workspace is an exit code, and the result is printed all the same.
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    const lines = stdout.trimEnd().split("\n");
    return JSON.parse(lines[lines.length - 1] ?? "");
  }
});
