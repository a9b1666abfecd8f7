// Bundles the extension into dist/extension.js; with --tests, the tests into dist/test/; with --package, the extension
// into papack.vsix.

import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  format: "cjs",
  // The oldest VS Code that package.json allows has Node 20.
  target: "node20",
  logLevel: "warning",
};

rmSync("dist", { recursive: true, force: true });

if (process.argv.includes("--tests")) {
  const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  await build({ ...common, entryPoints: tests.map((name) => `test/${name}`), outdir: "dist/test" });
} else {
  await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", external: ["vscode"], minify: true });
}

if (process.argv.includes("--package")) {
  // The package has its licences with it; in the project they are at the root.
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(`../../${licence}`, licence);
  }
  const options = ["--no-dependencies", "--skip-license", "--allow-missing-repository", "--out", "papack.vsix"];
  execFileSync("node_modules/.bin/vsce", ["package", ...options], { stdio: "inherit" });
}
