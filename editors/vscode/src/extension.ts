// The extension: starts `papack lsp` for the workspace, and offers its services in the palette. All that is known of
// assets is in the server.

import * as vscode from "vscode";
import {
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  LSPErrorCodes,
  ResponseError,
  RevealOutputChannelOn,
  WorkDoneProgress,
} from "vscode-languageclient/node";

import { COMMANDS, type PaletteCommand } from "./commands";

const DOCUMENTS = ["**/assets/**/asset.json", "**/assets/.prometeu/index.json", "**/papack.toml", "**/.papackignore"];

let client: LanguageClient | undefined;
let output: vscode.LogOutputChannel;
let status: vscode.StatusBarItem;
/** Makes each progress token another one. */
let operations = 0;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("papack", { log: true });
  status = vscode.window.createStatusBarItem("papack", vscode.StatusBarAlignment.Left);
  status.name = "papack";
  status.text = "$(package) papack";
  status.tooltip = "Pack the assets";
  status.command = "papack.workspace.pack";
  status.show();
  context.subscriptions.push(output, status);
  for (const command of COMMANDS) {
    context.subscriptions.push(vscode.commands.registerCommand(command.id, () => run(command)));
  }
  context.subscriptions.push(
    vscode.commands.registerCommand("papack.server.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("papack.path")) {
        await restart();
      }
    }),
  );
  await vscode.commands.executeCommand("setContext", "papack.active", true);
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function start(): Promise<void> {
  const path = vscode.workspace.getConfiguration("papack").get("path", "papack");
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS.map((pattern) => ({ scheme: "file", pattern })),
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
  };
  const starting = new LanguageClient("papack", "papack", { command: path, args: ["lsp"] }, options);
  try {
    await starting.start();
    client = starting;
  } catch (error) {
    output.error(String(error));
    // The commands are there all the same, also while the message is.
    void tellThatItDoesNotStart(path);
  }
}

async function tellThatItDoesNotStart(path: string): Promise<void> {
  const settings = "Open Settings";
  const text = `papack does not start as "${path}". Install papack, or set papack.path to where it is.`;
  if ((await vscode.window.showErrorMessage(text, settings)) === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "papack.path");
  }
}

async function stop(): Promise<void> {
  const stopping = client;
  client = undefined;
  await stopping?.dispose();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

/** Has the server do what `command` is for, shows its progress, and tells the outcome. */
async function run(command: PaletteCommand): Promise<void> {
  const server = client;
  if (server === undefined) {
    await vscode.window.showErrorMessage("papack is not running. Run the command papack: Restart Server.");
    return;
  }
  const title = `papack: ${command.title}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  status.text = `$(sync~spin) ${title}`;
  try {
    const result = await vscode.window.withProgress(options, (progress, cancel) =>
      call(server, command.service, progress, cancel),
    );
    await tell(command, result);
  } catch (error) {
    if (error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled) {
      status.text = "$(package) papack: cancelled";
      return;
    }
    status.text = "$(error) papack";
    await vscode.window.showErrorMessage(`${title} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function call(
  server: LanguageClient,
  service: string,
  progress: vscode.Progress<{ message?: string; increment?: number }>,
  cancel: vscode.CancellationToken,
): Promise<unknown> {
  operations += 1;
  const workDoneToken = `papack-${operations}`;
  let shown = 0;
  const reports = server.onProgress(WorkDoneProgress.type, workDoneToken, (report) => {
    if (report.kind === "end") {
      return;
    }
    const increment = (report.percentage ?? shown) - shown;
    shown += increment;
    progress.report({ ...(report.message === undefined ? {} : { message: report.message }), increment });
  });
  try {
    const params = { command: service, arguments: [{}], workDoneToken };
    return await server.sendRequest(ExecuteCommandRequest.type, params, cancel);
  } finally {
    reports.dispose();
  }
}

async function tell(command: PaletteCommand, result: unknown): Promise<void> {
  const { text, isFailure } = command.outcome(result);
  status.text = `$(${isFailure ? "error" : "package"}) papack: ${text}`;
  const details = command.details?.(result);
  if (details !== undefined) {
    output.appendLine([...details, text].join("\n"));
    output.show(true);
  }
  const problems = "Show Problems";
  if (!isFailure) {
    // Nobody waits for what went well to be read.
    void vscode.window.showInformationMessage(`papack: ${text}`);
  } else if ((await vscode.window.showErrorMessage(`papack: ${text}`, problems)) === problems) {
    await vscode.commands.executeCommand("workbench.actions.view.problems");
  }
}
