package prometeu.papack;

/** The server refused a request, for a fault of the protocol: it never tells so of what is wrong with a workspace. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long code;

    public RefusedException(long code, String message) {
        super(message + " (" + code + ")");
        this.code = code;
    }

    /** The code of the error, as {@code docs/spec/serve.md} lists them. */
    public long code() {
        return code;
    }
}
