package prometeu.papack;

import java.util.List;

/** The result of an operation. What papack does not know, or there is none of, is null. */
public sealed interface Result {
    /** Which operation. */
    String operationId();

    /** How it ended. */
    Status status();

    /** How long it took, in milliseconds. */
    long elapsedMs();

    /** Everything that is wrong, or worth a word. */
    List<Diagnostic> diagnostics();

    /** How many diagnostics were allowed, and are not among these. */
    long allowedDiagnosticCount();

    private static List<Diagnostic> diagnostics(Members result) {
        return result.list("diagnostics", Diagnostic::of);
    }

    private static long allowedDiagnosticCount(Members result) {
        return result.integer("allowed_diagnostic_count");
    }

    /** The result of {@code summary}. {@code workspace} is null unless the status is {@code SUCCESS}. */
    record Summary(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long allowedDiagnosticCount, Workspace workspace) implements Result {
        static Summary of(Members result) {
            return new Summary(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), Result.allowedDiagnosticCount(result),
                    result.optional("workspace", Workspace::of));
        }
    }

    /** The result of {@code list}: the assets that were asked for, or null unless the status is {@code SUCCESS}. */
    record Listing(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long allowedDiagnosticCount, List<Workspace.Asset> assets) implements Result {
        static Listing of(Members result) {
            return new Listing(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), Result.allowedDiagnosticCount(result),
                    result.has("assets") ? result.list("assets", Workspace.Asset::of) : null);
        }
    }

    /** The result of {@code validate}, and of {@code fix}, which alone applies fixes. */
    record Validation(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long allowedDiagnosticCount, long checkedAssetCount, long errorCount, long warningCount,
            List<String> recovers, boolean dryRun, List<AppliedFix> appliedFixes) implements Result {
        static Validation of(Members result) {
            return new Validation(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), Result.allowedDiagnosticCount(result),
                    result.integer("checked_asset_count"),
                    result.integer("error_count"), result.integer("warning_count"),
                    result.strings("recovers"), result.bool("dry_run"),
                    result.list("applied_fixes", AppliedFix::of));
        }
    }

    /** A fix that was applied to the document {@code path}, or in a dry run would be. */
    record AppliedFix(String code, String title, String path) {
        static AppliedFix of(Members fix) {
            return new AppliedFix(fix.string("code"), fix.string("title"), fix.string("path"));
        }
    }

    /** The result of {@code plan}: what a pack would do. */
    record Plan(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long allowedDiagnosticCount, boolean upToDate, List<String> recovers, List<Outdated> wouldReplace,
            List<Decision> assets, long derivedAssetCount, long reusedAssetCount, long blockedAssetCount)
            implements Result {
        static Plan of(Members result) {
            return new Plan(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), Result.allowedDiagnosticCount(result),
                    result.bool("up_to_date"),
                    result.strings("recovers"), result.list("would_replace", Outdated::of),
                    result.list("assets", Decision::of),
                    result.integer("derived_asset_count"), result.integer("reused_asset_count"),
                    result.integer("blocked_asset_count"));
        }
    }

    /**
     * The result of {@code pack} and {@code check_outputs}, and of a build of the watch. {@code companions} is null
     * unless the status is {@code SUCCESS}, and {@code explained} empty unless it was asked for. {@code recovered} are
     * the outputs that it made final first, by completing a promotion that was cut short; {@code recovers} those that a
     * pack would, and {@code wouldReplace} what it would replace then, which only {@code check_outputs} tells.
     */
    record Pack(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long allowedDiagnosticCount, boolean executionStarted, boolean upToDate, String buildDir, String assetsPa,
            Companions companions, List<String> recovered, long packedAssetCount, long derivedAssetCount,
            long reusedAssetCount, long faultyAssetCount, long payloadBytes, List<String> recovers,
            List<Outdated> wouldReplace, List<Decision> explained) implements Result {
        static Pack of(Members result) {
            return new Pack(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), Result.allowedDiagnosticCount(result),
                    result.bool("execution_started"), result.bool("up_to_date"),
                    result.string("build_dir"), result.string("assets_pa"),
                    result.optional("companions", Companions::of), result.strings("recovered"),
                    result.integer("packed_asset_count"),
                    result.integer("derived_asset_count"), result.integer("reused_asset_count"),
                    result.integer("faulty_asset_count"), result.integer("payload_bytes"),
                    result.strings("recovers"), result.list("would_replace", Outdated::of),
                    result.list("explained", Decision::of));
        }
    }

    /** The result of a method that changes documents: what it changed, or in a dry run would change. */
    record Change(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long allowedDiagnosticCount, boolean dryRun, List<Changed> changes, List<String> recovered)
            implements Result {
        static Change of(Members result) {
            return new Change(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), Result.allowedDiagnosticCount(result),
                    result.bool("dry_run"), result.list("changes", Changed::of),
                    result.strings("recovered"));
        }
    }

    /** An output that a pack would replace: {@code found} is {@code MISSING} or {@code DIFFERENT}. */
    record Outdated(String name, String found) {
        static Outdated of(Members outdated) {
            return new Outdated(outdated.string("name"), outdated.string("found"));
        }
    }

    /** The outputs beside {@code assets.pa}, relative to its folder. */
    record Companions(String assetTable, String preload, String assetTableMetadata) {
        static Companions of(Members companions) {
            return new Companions(companions.string("asset_table"), companions.string("preload"),
                    companions.string("asset_table_metadata"));
        }
    }

    /** What is decided for an asset: {@code DERIVED}, {@code REUSED} or {@code BLOCKED}, and the reasons. */
    record Decision(long assetId, String assetName, String outcome, List<Members> reasons) {
        static Decision of(Members decision) {
            return new Decision(decision.integer("asset_id"), decision.optionalString("asset_name"),
                    decision.string("outcome"), decision.list("reasons", reason -> reason));
        }
    }

    /** One thing that changed: its kind, and all that is said of it. */
    record Changed(String kind, Members members) {
        static Changed of(Members change) {
            return new Changed(change.string("kind"), change);
        }
    }
}
