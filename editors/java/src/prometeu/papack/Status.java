package prometeu.papack;

/** How an operation ended. */
public enum Status {
    /** It did what it was asked for. */
    SUCCESS,
    /** Something is wrong with the workspace; nothing was written. */
    GATE_FAILED,
    /** It failed while it read or wrote. */
    EXECUTION_FAILED,
    /** It failed while it made the outputs final. */
    PUBLICATION_FAILED,
    /** Another operation holds the workspace, and it was not to wait. */
    LANE_BUSY,
    /** It was cancelled in time. */
    CANCELLED;

    static Status of(Members result) {
        String name = result.string("status");
        try {
            return valueOf(name);
        } catch (IllegalArgumentException exception) {
            throw new ProtocolException("no status: " + name);
        }
    }
}
