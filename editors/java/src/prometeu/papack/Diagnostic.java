package prometeu.papack;

import java.util.List;

/**
 * A fault or a notice. Whatever may be absent is null; {@code related} is empty then.
 *
 * @param code the stable name of the kind of fault; new versions may bring new ones
 * @param severity {@code ERROR} blocks a pack; {@code WARNING} and {@code INFO} do not
 * @param message what happened
 * @param help what to do
 * @param data the figures of the message; new versions may bring new kinds
 * @param path the file, relative to the workspace
 * @param pointer the JSON value in that file (RFC 6901)
 * @param span the place in that file
 * @param assetId the asset
 * @param assetName its name
 * @param related other places
 */
public record Diagnostic(String code, String severity, String message, String help, Members data, String path,
        String pointer, Span span, Long assetId, String assetName, List<Related> related) {

    /** A place in a text: bytes from {@code start} to {@code end}; line and column of {@code start}, from 1. */
    public record Span(long start, long end, long line, long column) {
        static Span of(Members span) {
            return new Span(span.integer("start"), span.integer("end"), span.integer("line"), span.integer("column"));
        }
    }

    /** Another place. {@code path} may be null. */
    public record Related(String message, String path) {
        static Related of(Members related) {
            return new Related(related.string("message"), related.optionalString("path"));
        }
    }

    /** Whether it blocks a pack. */
    public boolean isError() {
        return severity.equals("ERROR");
    }

    static Diagnostic of(Members found) {
        return new Diagnostic(found.string("code"), found.string("severity"), found.string("message"),
                found.optionalString("help"), found.optional("data", data -> data), found.optionalString("path"),
                found.optionalString("pointer"), found.optional("span", Span::of), found.optionalInteger("asset_id"),
                found.optionalString("asset_name"), found.list("related", Related::of));
    }
}
