package prometeu.papack;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The members of an object that the server sent. Members that nobody asks for are left alone, so that a newer papack can
 * send more.
 */
public record Members(Map<String, Object> all) {
    static Members of(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new ProtocolException("not an object: " + value);
        }
        Map<String, Object> members = new LinkedHashMap<>();
        map.forEach((name, member) -> members.put(name.toString(), member));
        return new Members(members);
    }

    /** Whether there is such a member, and it is not null. */
    public boolean has(String name) {
        return all.get(name) != null;
    }

    /** A string. */
    public String string(String name) {
        return expect(name, String.class);
    }

    /** A string; null if there is none. */
    public String optionalString(String name) {
        return has(name) ? string(name) : null;
    }

    /** An integer. */
    public long integer(String name) {
        return expect(name, Long.class);
    }

    /** An integer; null if there is none. */
    public Long optionalInteger(String name) {
        return has(name) ? Long.valueOf(integer(name)) : null;
    }

    /** A boolean. */
    public boolean bool(String name) {
        return expect(name, Boolean.class);
    }

    /** An object. */
    public Members object(String name) {
        return of(all.get(name));
    }

    /** An object, as {@code read} takes it; null if there is none. */
    public <T> T optional(String name, Function<Members, T> read) {
        return has(name) ? read.apply(object(name)) : null;
    }

    /** A list of objects, as {@code read} takes them; empty if there is none. */
    public <T> List<T> list(String name, Function<Members, T> read) {
        List<T> items = new ArrayList<>();
        for (Object item : items(name)) {
            items.add(read.apply(of(item)));
        }
        return List.copyOf(items);
    }

    /** A list of strings; empty if there is none. */
    public List<String> strings(String name) {
        return values(name, String.class);
    }

    /** A list of integers; empty if there is none. */
    public List<Long> integers(String name) {
        return values(name, Long.class);
    }

    private <T> List<T> values(String name, Class<T> kind) {
        List<T> values = new ArrayList<>();
        for (Object item : items(name)) {
            if (!kind.isInstance(item)) {
                throw new ProtocolException(name + " has something else than " + kind.getSimpleName());
            }
            values.add(kind.cast(item));
        }
        return List.copyOf(values);
    }

    private List<?> items(String name) {
        return has(name) ? expect(name, List.class) : List.of();
    }

    private <T> T expect(String name, Class<T> kind) {
        Object value = all.get(name);
        if (!kind.isInstance(value)) {
            throw new ProtocolException(name + " is no " + kind.getSimpleName() + ": " + value);
        }
        return kind.cast(value);
    }
}
