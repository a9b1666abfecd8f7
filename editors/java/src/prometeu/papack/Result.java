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

    private static List<Diagnostic> diagnostics(Members result) {
        return result.list("diagnostics", Diagnostic::of);
    }

    /** The result of {@code summary}. {@code workspace} is null unless the status is {@code SUCCESS}. */
    record Summary(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            Workspace workspace) implements Result {
        static Summary of(Members result) {
            return new Summary(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), result.optional("workspace", Workspace::of));
        }
    }

    /** The result of {@code validate}. */
    record Validation(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            long checkedAssetCount, long errorCount, long warningCount) implements Result {
        static Validation of(Members result) {
            return new Validation(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), result.integer("checked_asset_count"),
                    result.integer("error_count"), result.integer("warning_count"));
        }
    }

    /** The result of {@code plan}: what a pack would do. */
    record Plan(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics, boolean upToDate,
            List<Decision> assets, long derivedAssetCount, long reusedAssetCount, long blockedAssetCount)
            implements Result {
        static Plan of(Members result) {
            return new Plan(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), result.bool("up_to_date"), result.list("assets", Decision::of),
                    result.integer("derived_asset_count"), result.integer("reused_asset_count"),
                    result.integer("blocked_asset_count"));
        }
    }

    /**
     * The result of {@code pack}, and of a build of the watch. {@code companions} is null unless the status is
     * {@code SUCCESS}, and {@code explained} empty unless it was asked for.
     */
    record Pack(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics,
            boolean executionStarted, boolean upToDate, String buildDir, String assetsPa, Companions companions,
            long packedAssetCount, long derivedAssetCount, long reusedAssetCount, long faultyAssetCount,
            long payloadBytes, List<Decision> explained) implements Result {
        static Pack of(Members result) {
            return new Pack(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), result.bool("execution_started"), result.bool("up_to_date"),
                    result.string("build_dir"), result.string("assets_pa"),
                    result.optional("companions", Companions::of), result.integer("packed_asset_count"),
                    result.integer("derived_asset_count"), result.integer("reused_asset_count"),
                    result.integer("faulty_asset_count"), result.integer("payload_bytes"),
                    result.list("explained", Decision::of));
        }
    }

    /** The result of a method that changes documents: what it changed, or in a dry run would change. */
    record Change(String operationId, Status status, long elapsedMs, List<Diagnostic> diagnostics, boolean dryRun,
            List<Changed> changes) implements Result {
        static Change of(Members result) {
            return new Change(result.string("operation_id"), Status.of(result), result.integer("elapsed_ms"),
                    Result.diagnostics(result), result.bool("dry_run"), result.list("changes", Changed::of));
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
