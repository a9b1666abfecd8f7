package prometeu.papack;

import java.util.Objects;

/** What the tests expect. */
final class Check {
    private Check() {}

    static void that(boolean holds, Object what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static void equal(Object found, Object expected) {
        that(Objects.equals(found, expected), "found " + found + ", expected " + expected);
    }

    /** Expects that {@code action} fails with {@code kind}, and returns the exception. */
    static <E extends Throwable> E fails(Class<E> kind, Action action) {
        try {
            action.run();
        } catch (Throwable thrown) {
            Throwable cause = thrown instanceof java.util.concurrent.ExecutionException ? thrown.getCause() : thrown;
            that(kind.isInstance(cause), cause);
            return kind.cast(cause);
        }
        throw new AssertionError("nothing failed");
    }

    /** Something that may fail. */
    interface Action {
        void run() throws Exception;
    }
}
