package prometeu.papack;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** JSON is read strictly, and what is written is read as it was. */
final class JsonTest {
    private JsonTest() {}

    static void run() {
        for (String text : List.of("null", "true", "false", "0", "-7", "9223372036854775807", "1.5", "[]", "{}", "\"\"",
                "[1,[2,{\"a\":null}],\"b\"]", "{\"a\":{\"b\":[true]},\"c\":\"\\\"\\\\\\u0001\"}", "\"ä☃𝄞\"",
                "\"\\ud800\"", "\"\\udc00x\"")) {
            Check.equal(Json.write(Json.parse(text)), text);
        }
        Check.equal(Json.parse(" { \"a\" : [ 1 , 2 ] }\r\n\t"), Map.of("a", List.of(1L, 2L)));
        Check.equal(Json.parse("\"\\u0041\\n\\/\\ud834\\udd1e\""), "A\n/𝄞");
        Check.equal(Json.parse("-9223372036854775808"), Long.MIN_VALUE);
        Check.equal(Json.parse("9223372036854775808"), new BigDecimal("9223372036854775808"));
        Check.equal(Json.parse("1e3"), new BigDecimal("1e3"));
        for (String text : List.of("", " ", "nul", "tru", "01", "1.", ".5", "1e", "+1", "-", "NaN", "[1", "[1,]", "{\"a\"}",
                "{\"a\":1,}", "{a:1}", "\"a", "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "1 2", "{\"a\":1,\"a\":1}",
                "'a'", "[1 2]", "\u00a01", "1e99999999999", "[".repeat(100_000))) {
            Check.fails(ProtocolException.class, () -> Json.parse(text));
        }
        Check.that(Json.parse("[".repeat(150) + "]".repeat(150)) instanceof List, "150 levels");
    }
}
