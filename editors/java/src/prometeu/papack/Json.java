package prometeu.papack;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes JSON. Values are {@link Map}, {@link List}, {@link String}, {@link Long}, {@link BigDecimal} (a
 * number with a fraction, or one that is no {@code long}), {@link Boolean} and null.
 */
public final class Json {
    /** How deep values may be nested in each other. */
    private static final int MAX_DEPTH = 200;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Reads a text that is one value.
     *
     * @throws ProtocolException if it is not
     */
    public static Object parse(String text) {
        Json reader = new Json(text);
        Object value = reader.value(0);
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.fault("more than one value");
        }
        return value;
    }

    /** Writes a value of the kinds that {@link #parse} gives; any {@link Number} is taken. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> members) {
            String separator = "{";
            for (Map.Entry<?, ?> member : members.entrySet()) {
                out.append(separator);
                write(member.getKey().toString(), out);
                out.append(':');
                write(member.getValue(), out);
                separator = ",";
            }
            out.append(members.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> items) {
            String separator = "[";
            for (Object item : items) {
                out.append(separator);
                write(item, out);
                separator = ",";
            }
            out.append(items.isEmpty() ? "[]" : "]");
        } else if (value instanceof String string) {
            writeString(string, out);
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            throw new IllegalArgumentException("no JSON value: " + value.getClass());
        }
    }

    private static void writeString(String string, StringBuilder out) {
        out.append('"');
        for (int index = 0; index < string.length(); index++) {
            char c = string.charAt(index);
            boolean isHalf = Character.isSurrogate(c) && !isWhole(string, index);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || isHalf) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** Whether the surrogate at {@code index} has its other half beside it. */
    private static boolean isWhole(String string, int index) {
        if (Character.isHighSurrogate(string.charAt(index))) {
            return index + 1 < string.length() && Character.isLowSurrogate(string.charAt(index + 1));
        }
        return index > 0 && Character.isHighSurrogate(string.charAt(index - 1));
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw fault("nested too deep");
        }
        skipSpace();
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        skipSpace();
        if (take('}')) {
            return members;
        }
        do {
            skipSpace();
            String name = string();
            skipSpace();
            expect(':');
            if (members.containsKey(name)) {
                throw fault("a member is there twice");
            }
            members.put(name, value(depth + 1));
            skipSpace();
        } while (take(','));
        expect('}');
        return members;
    }

    private List<Object> array(int depth) {
        List<Object> items = new ArrayList<>();
        at++;
        skipSpace();
        if (take(']')) {
            return items;
        }
        do {
            items.add(value(depth + 1));
            skipSpace();
        } while (take(','));
        expect(']');
        return items;
    }

    private String string() {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return out.toString();
            } else if (c == '\\') {
                out.append(escape());
            } else if (c < ' ') {
                throw fault("a control character in a string");
            } else {
                out.append(c);
            }
        }
    }

    private char escape() {
        char c = next();
        switch (c) {
            case '"', '\\', '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                int unit = 0;
                for (int digits = 0; digits < 4; digits++) {
                    int digit = hexDigit(next());
                    unit = unit * 16 + digit;
                }
                return (char) unit;
            default:
                throw fault("no such escape");
        }
    }

    private int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        char lower = (char) (c | 0x20);
        if (lower >= 'a' && lower <= 'f') {
            return lower - 'a' + 10;
        }
        throw fault("no hexadecimal digit");
    }

    private Object number() {
        int start = at;
        take('-');
        if (!take('0')) {
            digits();
        }
        boolean isInteger = true;
        if (take('.')) {
            isInteger = false;
            digits();
        }
        if (take('e') || take('E')) {
            isInteger = false;
            if (!take('+')) {
                take('-');
            }
            digits();
        }
        String number = text.substring(start, at);
        try {
            return isInteger && number.length() < 19 ? (Object) Long.valueOf(number) : decimal(number);
        } catch (NumberFormatException exception) {
            throw fault("a number that cannot be held");
        }
    }

    private static Object decimal(String number) {
        BigDecimal decimal = new BigDecimal(number);
        boolean isLong = number.chars().allMatch(c -> c == '-' || Character.isDigit(c))
                && decimal.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) >= 0
                && decimal.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
        return isLong ? (Object) decimal.longValueExact() : decimal;
    }

    private void digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw fault("no value");
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw fault("no value");
        }
        at += word.length();
        return value;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private char next() {
        if (at == text.length()) {
            throw fault("the text ends early");
        }
        return text.charAt(at++);
    }

    private boolean take(char expected) {
        boolean isThere = at < text.length() && text.charAt(at) == expected;
        at += isThere ? 1 : 0;
        return isThere;
    }

    private void expect(char expected) {
        if (!take(expected)) {
            throw fault("no '" + expected + "'");
        }
    }

    private ProtocolException fault(String what) {
        return new ProtocolException("JSON, character " + at + ": " + what);
    }
}
