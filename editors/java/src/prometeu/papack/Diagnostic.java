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
 * @param fixes what would mend it; at most one of them is safe
 */
public record Diagnostic(String code, String severity, String message, String help, Members data, String path,
        String pointer, Span span, Long assetId, String assetName, List<Related> related, List<Fix> fixes) {

    /** A place in a text: bytes from {@code start} to {@code end}; lines and columns of both, from 1. */
    public record Span(long start, long end, long line, long column, long endLine, long endColumn) {
        static Span of(Members span) {
            return new Span(span.integer("start"), span.integer("end"), span.integer("line"), span.integer("column"),
                    span.integer("end_line"), span.integer("end_column"));
        }
    }

    /** Another place. Whatever is not known is null. */
    public record Related(String message, String path, Span span, Long assetId) {
        static Related of(Members related) {
            return new Related(related.string("message"), related.optionalString("path"),
                    related.optional("span", Span::of), related.optionalInteger("asset_id"));
        }
    }

    /** What would mend it. {@code isSafe}: it is the one right answer, which a tool may apply unasked. */
    public record Fix(String title, boolean isSafe, List<Edit> edits) {
        static Fix of(Members fix) {
            return new Fix(fix.string("title"), fix.bool("is_safe"), fix.list("edits", Edit::of));
        }
    }

    /** The replacement of the bytes from {@code start} to {@code end} of the document {@code path}. */
    public record Edit(String path, long start, long end, String text) {
        static Edit of(Members edit) {
            return new Edit(edit.string("path"), edit.integer("start"), edit.integer("end"), edit.string("text"));
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
                found.optionalString("asset_name"), found.list("related", Related::of),
                found.list("fixes", Fix::of));
    }
}
