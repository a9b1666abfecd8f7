package prometeu.papack;

/**
 * Is told what the server tells, as it happens, on the thread that reads from it: so it must not wait, least of all for
 * a result. An exception that it throws ends the connection.
 */
public interface Listener {
    /** An operation made a step. */
    default void event(Event event) {}

    /** An operation found something. */
    default void diagnostic(String operationId, Diagnostic diagnostic) {}

    /** The watch did something between its builds. */
    default void watch(WatchEvent event) {}

    /** A build of the watch ended. */
    default void built(Result.Pack result) {}

    /** The server is gone. {@code cause} is null where the client closed it. */
    default void closed(Throwable cause) {}
}
