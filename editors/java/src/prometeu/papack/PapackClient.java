package prometeu.papack;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A running {@code papack serve}, and its services. Calls may come from any thread, and return at once; operations are
 * done one after the other, in the order of the calls.
 */
public final class PapackClient implements AutoCloseable {
    private static final long PROTOCOL_VERSION = 1;

    /** How long the server may take to begin, and to end, in seconds. */
    private static final long PATIENCE = 10;

    private final Process process;
    private final OutputStream output;
    private final Listener listener;
    private final AtomicLong nextId = new AtomicLong(1);
    private final Map<Long, Call<?>> calls = new ConcurrentHashMap<>();
    private volatile boolean isClosing;
    private volatile Throwable gone;
    private ServerInfo info;

    private PapackClient(Process process, Listener listener) {
        this.process = process;
        this.output = process.getOutputStream();
        this.listener = listener;
    }

    /**
     * Starts {@code papack}, a path or a name to be looked for, for the workspace in a folder. What papack prints for
     * people goes to standard error.
     *
     * @throws IOException if it cannot be started, ends at once, or speaks another version of the protocol
     */
    public static PapackClient start(String papack, Path workspace, Listener listener) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(papack, "serve", "--workspace", workspace.toString());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        PapackClient client = new PapackClient(builder.start(), listener);
        Thread reader = new Thread(client::readAll, "papack");
        reader.setDaemon(true);
        reader.start();
        try {
            client.info = client.initialize();
            return client;
        } catch (IOException exception) {
            client.process.destroyForcibly();
            throw exception;
        }
    }

    private ServerInfo initialize() throws IOException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("protocol_version", PROTOCOL_VERSION);
        params.put("process_id", ProcessHandle.current().pid());
        try {
            return call("initialize", params, ServerInfo::of).result().get(PATIENCE, TimeUnit.SECONDS);
        } catch (ExecutionException exception) {
            throw new IOException("papack does not serve: " + exception.getCause().getMessage(), exception);
        } catch (TimeoutException exception) {
            throw new IOException("papack does not answer", exception);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", exception);
        }
    }

    /** What the server told of itself. */
    public ServerInfo info() {
        return info;
    }

    /** Step 1 of the Pack Wizard: sums up the workspace. */
    public Call<Result.Summary> summary() {
        return call("summary", Map.of(), Result.Summary::of);
    }

    /** Lists the assets that {@code assets} means, each an id, a root, a name or a pattern; all if it is empty. */
    public Call<Result.Listing> list(List<String> assets) {
        return call("list", Map.of("assets", assets), Result.Listing::of);
    }

    /** Step 2: validates the whole workspace. */
    public Call<Result.Validation> validate() {
        return call("validate", Map.of(), Result.Validation::of);
    }

    /** Validates, and mends what has one right answer; in a dry run it only says what it would. */
    public Call<Result.Validation> fix(boolean dryRun) {
        return call("fix", Map.of("dry_run", dryRun), Result.Validation::of);
    }

    /** Tells what a pack would do, and why. */
    public Call<Result.Plan> plan() {
        return call("plan", Map.of(), Result.Plan::of);
    }

    /** Steps 3 and 4: packs the workspace. With {@code explain} the result tells why for each asset. */
    public Call<Result.Pack> pack(boolean explain) {
        return call("pack", Map.of("explain", explain), Result.Pack::of);
    }

    /** Tells what a pack would replace, and writes nothing. */
    public Call<Result.Pack> checkOutputs() {
        return call("check_outputs", Map.of(), Result.Pack::of);
    }

    /**
     * Calls a method that changes documents, with its parameters as {@code docs/spec/serve.md} has them, such as
     * {@code change("rename", Map.of("asset", "7", "name", "hero"))}.
     */
    public Call<Result.Change> change(String method, Map<String, ?> params) {
        return call(method, params, Result.Change::of);
    }

    /** Packs whenever something changes, or does so no more. The listener is told. */
    public Call<Boolean> watch(boolean on) {
        return call("watch", Map.of("on", on), result -> result.bool("watching"));
    }

    Call<Boolean> cancel(long id) {
        return call("cancel", Map.of("id", id), result -> result.bool("cancelled"));
    }

    private <T> Call<T> call(String method, Map<String, ?> params, Function<Members, T> read) {
        return send(method, params, result -> read.apply(Members.of(result)));
    }

    private <T> Call<T> send(String method, Map<String, ?> params, Function<Object, T> read) {
        Call<T> call = new Call<>(this, nextId.getAndIncrement(), read);
        send(method, params, call);
        return call;
    }

    private <T> void send(String method, Map<String, ?> params, Call<T> call) {
        Map<String, Object> message = new LinkedHashMap<>();
        long id = call.id();
        message.put("jsonrpc", "2.0");
        message.put("id", id);
        message.put("method", method);
        message.put("params", params);
        calls.put(id, call);
        try {
            write(message);
        } catch (IOException exception) {
            calls.remove(id);
            call.fail(exception);
        }
        // The server may have gone just before, when nobody knew of this call.
        Throwable cause = gone;
        if (cause != null && calls.remove(id) != null) {
            call.fail(cause);
        }
    }

    private void write(Map<String, Object> message) throws IOException {
        byte[] bytes = Json.write(message).getBytes(StandardCharsets.UTF_8);
        byte[] header = ("Content-Length: " + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        synchronized (output) {
            output.write(header);
            output.write(bytes);
            output.flush();
        }
    }

    /** Reads what the server sends, until it is gone. */
    private void readAll() {
        Throwable cause = null;
        try (InputStream input = new BufferedInputStream(process.getInputStream())) {
            while (true) {
                take(Members.of(Json.parse(readMessage(input))));
            }
        } catch (EOFException exception) {
            cause = isClosing ? null : new IOException("papack has ended", exception);
        } catch (IOException | RuntimeException exception) {
            // Behind what is no message, nothing can be read.
            cause = exception;
            process.destroy();
        }
        gone = cause == null ? new IOException("papack was closed") : cause;
        for (Long id : List.copyOf(calls.keySet())) {
            Call<?> call = calls.remove(id);
            if (call != null) {
                call.fail(gone);
            }
        }
        listener.closed(cause);
    }

    private static String readMessage(InputStream input) throws IOException {
        int length = -1;
        for (String line = readLine(input); !line.isEmpty(); line = readLine(input)) {
            if (line.startsWith("Content-Length: ")) {
                try {
                    length = Integer.parseInt(line.substring("Content-Length: ".length()));
                } catch (NumberFormatException exception) {
                    throw new ProtocolException("no length: " + line);
                }
            }
        }
        if (length < 0) {
            throw new ProtocolException("a message without a length");
        }
        byte[] bytes = input.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String readLine(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            if (line.length() > 1000) {
                throw new ProtocolException("a header that is too long");
            }
            line.append((char) next);
        }
        if (line.length() == 0 || line.charAt(line.length() - 1) != '\r') {
            throw new ProtocolException("a header that does not end with CR and LF");
        }
        line.setLength(line.length() - 1);
        return line.toString();
    }

    private void take(Members message) {
        if (message.has("method")) {
            notified(message.string("method"), message.object("params"));
            return;
        }
        Call<?> call = message.has("id") ? calls.remove(message.integer("id")) : null;
        if (call == null) {
            throw new ProtocolException("an answer to nothing: " + message.all());
        }
        if (message.has("error")) {
            Members error = message.object("error");
            call.fail(new RefusedException(error.integer("code"), error.string("message")));
        } else {
            call.answer(message.all().get("result"));
        }
    }

    private void notified(String method, Members params) {
        switch (method) {
            case "started" -> {
                Call<?> call = calls.get(params.integer("id"));
                if (call != null) {
                    call.begin(params.string("operation_id"));
                }
            }
            case "event" -> listener.event(Event.of(params));
            case "diagnostic" -> listener.diagnostic(params.string("operation_id"), Diagnostic.of(params));
            case "watch" -> listener.watch(WatchEvent.of(params));
            case "result" -> listener.built(Result.Pack.of(params));
            default -> {
                // A newer papack may tell of more.
            }
        }
    }

    /** Cancels what is going on, and ends the server. Waits until it has ended. */
    @Override
    public void close() {
        isClosing = true;
        try {
            send("shutdown", Map.of(), result -> result).result().get(PATIENCE, TimeUnit.SECONDS);
            write(new LinkedHashMap<>(Map.of("jsonrpc", "2.0", "method", "exit")));
            process.waitFor(PATIENCE, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | IOException exception) {
            // It is gone, or it does not answer: either way there is nothing to wait for.
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
