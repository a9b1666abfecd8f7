package prometeu.papack;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A request that was sent. Its {@link #result} comes when it is answered, fails with {@link RefusedException} where the
 * server refused it, and with another exception where the server is gone.
 *
 * @param <T> what is answered
 */
public final class Call<T> {
    private final PapackClient client;
    private final long id;
    private final Function<Object, T> read;
    private final CompletableFuture<String> operationId = new CompletableFuture<>();
    private final CompletableFuture<T> result = new CompletableFuture<>();

    Call(PapackClient client, long id, Function<Object, T> read) {
        this.client = client;
        this.id = id;
        this.read = read;
    }

    /** The answer. */
    public CompletableFuture<T> result() {
        return result;
    }

    /** The id of the operation, which its events have, once it begins. It never comes for other requests. */
    public CompletableFuture<String> operationId() {
        return operationId;
    }

    /** Cancels the operation. Its result says whether that was in time; the answer here, whether it was still going on. */
    public Call<Boolean> cancel() {
        return client.cancel(id);
    }

    long id() {
        return id;
    }

    void begin(String startedOperationId) {
        operationId.complete(startedOperationId);
    }

    void answer(Object value) {
        try {
            result.complete(read.apply(value));
        } catch (ProtocolException exception) {
            fail(exception);
        }
        operationId.cancel(false);
    }

    void fail(Throwable cause) {
        result.completeExceptionally(cause);
        operationId.completeExceptionally(cause);
    }
}
