// What the results of the packer's services say to a person. Results are the objects of docs/schemas.

/** A line for a notification, and whether it tells of a failure. */
export interface Outcome {
  readonly text: string;
  readonly isFailure: boolean;
}

/** The members that the results of all services have. */
interface Result {
  readonly status: string;
  readonly diagnostics: readonly { readonly severity: string }[];
}

interface PackResult extends Result {
  readonly up_to_date: boolean;
  readonly packed_asset_count: number;
  readonly derived_asset_count: number;
  readonly reused_asset_count: number;
}

interface CheckResult extends Result {
  readonly checked_asset_count: number;
  readonly error_count: number;
  readonly warning_count: number;
}

interface PlanResult extends Result {
  readonly derived_asset_count: number;
  readonly reused_asset_count: number;
  readonly blocked_asset_count: number;
  readonly assets: readonly {
    readonly asset_id: number;
    readonly asset_name: string | null;
    readonly outcome: string;
    readonly reasons: readonly { readonly reason: string }[];
  }[];
}

interface MigrateResult extends Result {
  readonly changes: readonly unknown[];
}

/** What `papack pack` did. */
export function packed(result: PackResult): Outcome {
  if (result.status !== "SUCCESS") {
    return failure("not packed", result);
  }
  const assets = counted(result.packed_asset_count, "asset");
  const text = result.up_to_date
    ? `up to date: ${assets}`
    : `packed ${assets}: ${result.derived_asset_count} derived, ${result.reused_asset_count} reused`;
  return { text, isFailure: false };
}

/** What `papack check` found. */
export function checked(result: CheckResult): Outcome {
  if (result.status !== "SUCCESS" && result.status !== "GATE_FAILED") {
    return failure("not checked", result);
  }
  const faults = [
    ...(result.error_count > 0 ? [counted(result.error_count, "error")] : []),
    ...(result.warning_count > 0 ? [counted(result.warning_count, "warning")] : []),
  ];
  const found = faults.length > 0 ? faults.join(", ") : "nothing is wrong";
  return {
    text: `${counted(result.checked_asset_count, "asset")}: ${found}`,
    isFailure: result.status === "GATE_FAILED",
  };
}

/** What `papack plan` says of the next pack. */
export function planned(result: PlanResult): Outcome {
  if (result.status !== "SUCCESS") {
    return failure("not planned", result);
  }
  const parts = [`${result.derived_asset_count} to derive`, `${result.reused_asset_count} to reuse`];
  if (result.blocked_asset_count > 0) {
    parts.push(`${result.blocked_asset_count} blocked`);
  }
  const errors = errorCount(result);
  const failing = errors > 0 ? `; a pack would fail: ${counted(errors, "error")}` : "";
  return {
    text: `${counted(result.assets.length, "asset")}: ${parts.join(", ")}${failing}`,
    isFailure: errors > 0,
  };
}

/** A line for each asset of the plan: what a pack would do, and why. */
export function planLines(result: PlanResult): string[] {
  const verbs = new Map([["DERIVED", "derive"], ["REUSED", "reuse"], ["BLOCKED", "blocked"]]);
  return result.assets.map((asset) => {
    const verb = verbs.get(asset.outcome) ?? asset.outcome;
    const name = asset.asset_name === null ? `asset ${asset.asset_id}` : `${asset.asset_name} (asset ${asset.asset_id})`;
    const reasons = asset.reasons.map(({ reason }) => reason.toLowerCase().replaceAll("_", " "));
    return `${verb.padStart(7)} ${name}: ${reasons.join(", ")}`;
  });
}

/** What `papack migrate` changed. */
export function migrated(result: MigrateResult): Outcome {
  if (result.status !== "SUCCESS") {
    return failure("not migrated", result);
  }
  const text = result.changes.length === 0
    ? "nothing to migrate"
    : `migrated ${counted(result.changes.length, "document")}`;
  return { text, isFailure: false };
}

/** Why something did not come about. That it was cancelled is no failure. */
function failure(what: string, result: Result): Outcome {
  const reasons = new Map([
    ["GATE_FAILED", counted(errorCount(result), "error")],
    ["EXECUTION_FAILED", "the operation failed"],
    ["PUBLICATION_FAILED", "what was made could not be put in place"],
    ["LANE_BUSY", "the workspace is busy"],
  ]);
  return result.status === "CANCELLED"
    ? { text: "cancelled", isFailure: false }
    : { text: `${what}: ${reasons.get(result.status) ?? result.status}`, isFailure: true };
}

function errorCount(result: Result): number {
  return result.diagnostics.filter(({ severity }) => severity === "ERROR").length;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
