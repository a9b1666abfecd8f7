package prometeu.papack;

import java.util.List;

/** A step of an operation. Events come in the order of their numbers, without gaps but for diagnostics. */
public sealed interface Event {
    /** Which operation. */
    String operationId();

    /** Its place in the stream of the operation, from 0. */
    long sequence();

    /** The operation began. */
    record Started(String operationId, long sequence) implements Event {}

    /** The inputs are read: so many assets are looked at, with so many files. */
    record SnapshotFrozen(String operationId, long sequence, long assetCount, long fileCount) implements Event {}

    /** The payload of an asset is asked for. */
    record AssetStarted(String operationId, long sequence, long assetId) implements Event {}

    /** It is there, {@code DERIVED} or {@code REUSED}, or the asset is {@code FAULTY}. */
    record AssetFinished(String operationId, long sequence, long assetId, String outcome) implements Event {}

    /** The validation is complete, and found so many errors. */
    record GateFinished(String operationId, long sequence, long errorCount) implements Event {}

    /** The outputs are put together, with so many bytes. */
    record Assembled(String operationId, long sequence, long headerBytes, long payloadBytes) implements Event {}

    /** The outputs are written aside. */
    record Staged(String operationId, long sequence) implements Event {}

    /** The outputs are final; these were replaced. */
    record Promoted(String operationId, long sequence, List<String> replaced) implements Event {}

    /** The operation ended. Its result follows. */
    record Finished(String operationId, long sequence, Status status) implements Event {}

    /** A step that this client does not know. */
    record Other(String operationId, long sequence, String kind) implements Event {}

    static Event of(Members event) {
        String id = event.string("operation_id");
        long sequence = event.integer("sequence");
        String kind = event.string("kind");
        return switch (kind) {
            case "OPERATION_STARTED" -> new Started(id, sequence);
            case "SNAPSHOT_FROZEN" ->
                new SnapshotFrozen(id, sequence, event.integer("asset_count"), event.integer("file_count"));
            case "ASSET_STARTED" -> new AssetStarted(id, sequence, event.integer("asset_id"));
            case "ASSET_FINISHED" ->
                new AssetFinished(id, sequence, event.integer("asset_id"), event.string("outcome"));
            case "GATE_FINISHED" -> new GateFinished(id, sequence, event.integer("error_count"));
            case "ASSEMBLED" ->
                new Assembled(id, sequence, event.integer("header_bytes"), event.integer("payload_bytes"));
            case "STAGED" -> new Staged(id, sequence);
            case "PROMOTED" -> new Promoted(id, sequence, event.strings("replaced"));
            case "OPERATION_FINISHED" -> new Finished(id, sequence, Status.of(event.object("result")));
            default -> new Other(id, sequence, kind);
        };
    }
}
