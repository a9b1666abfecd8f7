// The commands that the palette offers: which service of the server each calls, and what is told of its result.

import { checked, migrated, type Outcome, packed, planLines, planned } from "./results";

export interface PaletteCommand {
  /** As package.json declares it. Differs from the server's own name, which the client library registers by itself. */
  readonly id: string;
  /** The server's command. */
  readonly service: string;
  /** What is under way, for the progress. */
  readonly title: string;
  /** What is told when it has ended. Results are the objects of docs/schemas. */
  readonly outcome: (result: any) => Outcome;
  /** Lines for the output channel, where a notification is too short for what was asked. */
  readonly details?: (result: any) => string[];
}

export const COMMANDS: readonly PaletteCommand[] = [
  { id: "papack.workspace.pack", service: "papack.pack", title: "Packing", outcome: packed },
  { id: "papack.workspace.check", service: "papack.check", title: "Checking", outcome: checked },
  { id: "papack.workspace.plan", service: "papack.plan", title: "Planning", outcome: planned, details: planLines },
  { id: "papack.workspace.migrate", service: "papack.migrate", title: "Migrating", outcome: migrated },
];
