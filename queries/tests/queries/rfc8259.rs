//! What is JSON: every class of texts that the grammar of RFC 8259 tells apart, accepted or refused; and the few texts
//! that it allows and papack refuses.

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::json::Document;
use proptest::prelude::*;
use serde::de::IgnoredAny;

/// The faults of `bytes`, whatever schema they have.
fn faults(bytes: &[u8]) -> Vec<Diagnostic> {
    Document::parse("d.json", bytes, 1 << 20).map_or_else(|fault| vec![fault], Document::into_faults)
}

/// The codes of the faults of `text`.
fn codes(text: &str) -> Vec<Code> {
    faults(text.as_bytes()).iter().map(|fault| fault.code).collect()
}

/// Whether another parser, which looks at nothing but the grammar, accepts `text`.
fn is_grammatical(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[track_caller]
fn accepts(text: &str) {
    assert_eq!(codes(text), [], "{text:?}");
    assert!(is_grammatical(text), "{text:?}");
}

#[track_caller]
fn refuses(text: &str) {
    assert_eq!(codes(text), [Code::JsonSyntax], "{text:?}");
    assert!(!is_grammatical(text), "{text:?}");
}

/// Where a value may stand: `$` is the value.
const FRAMES: &[&str] = &["$", " \t\r\n$ \t\r\n", "[$]", "[0 , $ , 0]", r#"{"a":$}"#, r#"{"a":[{"b":$}],"c":0}"#];

fn framed(value: &str) -> impl Iterator<Item = String> {
    FRAMES.iter().map(move |frame| frame.replace('$', value))
}

#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "-0", "1", "-1", "9", "10", "1234567890", "9007199254740991", "-9007199254740991", "0.0", "-0.0", "0.5",
    "1.0", "1.50", "123.456789", "0e0", "0E1", "0e+1", "0e-1", "1e1", "1E+2", "1e-2", "1.5e3", "-1.5E-3", "1e00000001",
    "1e308", "-1.7976931348623157e308", "5e-324", "1e-400", "0e999999999999", "0.00000000000000000000000000000000001",
    "3.141592653589793238462643383279502884197169399375105820974944592",
];

#[rustfmt::skip]
const NO_NUMBERS: &[&str] = &[
    "+1", "++1", "-", "--1", "- 1", "-+1", "+", ".", ".5", "-.5", ".-1", "1.", "-1.", "0.", "1..2", "1.2.3", "1. 5",
    "0.e1", "1.e1", "2.e-3", "01", "00", "-01", "-00", "007", "0 1", "1 000", "1_000", "1'000", "1e", "1E", "1e+",
    "1E-", "1ee1", "1e1.5", "1e+-1", "1e1e1", "0e", "0e+", "0.3e", "0.3e+", "0x1F", "0x", "0b1", "0o7", "1f", "1L",
    "1n", "1a", "-a", "#1", "1#", "NaN", "-NaN", "nan", "Infinity", "-Infinity", "+Inf", "∞", "１", "-１", "1٫5",
];

const LITERALS: &[&str] = &["true", "false", "null"];

#[rustfmt::skip]
const NO_LITERALS: &[&str] = &[
    "t", "tr", "tru", "f", "fals", "n", "nul", "True", "TRUE", "FALSE", "Null", "NULL",
    "truee", "nulll", "true1", "falsey", "undefined", "None", "nil", "yes", "tru e", "ｔrue",
];

#[rustfmt::skip]
const STRINGS: &[&str] = &[
    r#""""#, r#""a""#, r#"" ""#, r#""'""#, r#""/""#, r#""\"""#, r#""\\""#, r#""\/""#, r#""\b\f\n\r\t""#, r#""\\n""#,
    r#""\\u0041""#, r#""\u0041""#, r#""\u00e9""#, r#""\u00E9""#, r#""\uabCD""#, r#""\u0000""#, r#""\u001f""#,
    r#""\u0022""#, r#""\u005c""#, r#""\u005C\u005C""#, r#""\u2028""#, r#""\ufeff""#, r#""\uFFFF""#, r#""\ufdd0""#,
    r#""\ud834\udd1e""#, r#""\uD834\uDD1E""#, r#""\udbff\udfff""#, r#""\ud800\udc00x""#,
    r#""a\ud83d\ude00\ud83d\ude01""#, "\"é\"", "\"日本\"", "\"😀\"", "\"\u{7f}\"", "\"\u{80}\u{9f}\"",
    "\"\u{2028}\u{2029}\u{feff}\u{fffe}\u{10ffff}\"", r#""[1,2] {\"a\":1} // no comment""#,
];

#[rustfmt::skip]
const NO_STRINGS: &[&str] = &[
    "\"", "\"a", "a\"", "a", "\"\\\"", "\"\\", "\"\"\"", "\"a\"b\"", "'a'", "`a`", "“a”", "\\\"a\\\"",
    "\\u0022a\\u0022", r#""\a""#, r#""\x41""#, r#""\0""#, r#""\'""#, r#""\U0041""#, r#""\ ""#, r#""\é""#, "\"\\\n\"",
    "\"\\\0\"", r#""\u""#, r#""\u0""#, r#""\u00""#, r#""\u004""#, r#""\u004G""#, r#""\u+041""#, r#""\u-041""#,
    r#""\u 041""#, r#""\u00 1""#, r#""\u{41}""#, r#""\u００４１""#, r#""\u0x41""#, "\"\n\"", "\"\r\"", "\"\t\"", "\"\0\"",
    "\"\u{1}\"", "\"\u{1f}\"", "\"\u{8}\"", "\"a\u{1b}[0m\"", "\"a\r\nb\"", "\"é\tb\"", "\"12345678\n\"",
];

/// Whole documents; what begins with a comma would be good in some frame.
#[rustfmt::skip]
const DOCUMENTS: &[&str] = &[
    "[]", "{}", "[ ]", "{ }", "[\n]", "[[]]", "[{}]", "{\"a\":[]}", "[1,2,3]", "[1, \"a\", null, true, {}]",
    "{\"a\":1,\"b\":2}", "{\"\":0}", "{\"a\":{\"a\":{\"a\":{}}}}", "{\"a\":1,\"A\":2}", "{\"a\\u0000b\":1}",
    "\r\n{\r\n\t\"a\" :\r\n1 ,\n\"b\"\t: 2 }\r\n", " []", "[] ", "\t\n\r []\r\n\t ", "[[[[[[[[[[]]]]]]]]]]",
    "[0,-0,0.0,\"0\"]", "{\"é\":\"日本\",\"😀\":[]}",
];

#[rustfmt::skip]
const NO_DOCUMENTS: &[&str] = &[
    // Nothing.
    "", " ", "\n", "\r\n\t ", "\0",
    // Structure that is not closed, or closed otherwise, or too often.
    "[", "{", "]", "}", "[1", "[1,", "[[]", "[{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "[}", "{]", "[1}",
    "{\"a\":1]", "[1]]", "{}}", "[\"a", "[][]", "[]]", "{\"a\":[}", "[[[1]", "[[1]]]", "[{\"a\":[]]}",
    // Commas and colons.
    "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[\"a\":1]", "[1,\n]", "[[],,[]]", ",", "[1],", ":",
    "{,}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "{\"a\"}", "{\"a\",1}",
    "{\"a\"::1}", "{\"a\":}", "{:1}", "{\"a\":1:2}", "{\"a\"=1}", "{\"a\":1;\"b\":2}",
    // Keys.
    "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{[]:1}", "{\"a\"b:1}", "{\"a\":1,b}", "{\"a\\\":1}", "{\"\t\":1}",
    "{\"\\x\":1}",
    // More than one value.
    "1 2", "{}{}", "[]1", "\"a\"\"b\"", "null,null", "[]\0", "[1]x", "{\"a\":1}\n#",
    // Comments and other dialects.
    "// c\n1", "1 // c", "/* c */1", "[1/**/]", "# c\n1", "[1,#c\n2]", "<a/>", "a: 1", "(1)", "[0..1]",
    "{\"a\":function(){}}", "[...[]]", "\u{1e}{}", "@", "*", "\\u005b]",
];

/// What stands between tokens is a space, a tab, CR or LF, and nothing else.
#[rustfmt::skip]
const NO_SPACES: &[&str] = &[
    "\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{1680}", "\u{2000}", "\u{200b}", "\u{2028}", "\u{2029}", "\u{2060}",
    "\u{3000}", "\u{feff}", "\0", "\u{1f}",
];

#[test]
fn values_of_the_grammar_are_accepted_wherever_a_value_may_stand() {
    for value in NUMBERS.iter().chain(LITERALS).chain(STRINGS) {
        framed(value).for_each(|text| accepts(&text));
    }
    STRINGS.iter().for_each(|key| accepts(&format!("{{{key} : 0}}")));
}

#[test]
fn what_is_no_value_is_refused_wherever_a_value_may_stand() {
    for value in NO_NUMBERS.iter().chain(NO_LITERALS).chain(NO_STRINGS) {
        framed(value).for_each(|text| refuses(&text));
    }
    NO_STRINGS.iter().for_each(|key| refuses(&format!("{{{key} : 0}}")));
}

#[test]
fn documents_are_accepted_or_refused_as_the_grammar_has_them() {
    DOCUMENTS.iter().for_each(|text| accepts(text));
    NO_DOCUMENTS.iter().for_each(|text| refuses(text));
    for space in NO_SPACES {
        for frame in ["$1", "1$", "[$]", "[1$,2]", "[1,$2]", "{$\"a\":1}", "{\"a\"$:1}", "{\"a\":$1}", "{\"a\":1$}"] {
            refuses(&frame.replace('$', space));
        }
    }
}

/// A document that is cut anywhere is none, unless nothing but white space is lost.
#[test]
fn a_document_that_is_cut_is_refused() {
    let whole = r#"{"a\u00e9\ud83d\ude00": [true, false, null, -1.5e+10, "b\\"], "日本": {"c": []}}"#;
    accepts(whole);
    let cuts = whole.char_indices().map(|(at, _)| &whole[..at]);
    assert_eq!(cuts.inspect(|cut| refuses(cut)).count(), whole.chars().count());
}

#[test]
fn what_is_no_utf8_is_refused() {
    let broken: &[&[u8]] = &[
        // Bytes that begin nothing: continuations, and bytes that UTF-8 does not have.
        b"\x80",
        b"\xbf",
        b"\x80\x80",
        b"\xc0",
        b"\xc1\xbf",
        b"\xf5\x80\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xfe",
        b"\xff",
        // Longer than needed: `/`, NUL, and the largest of each.
        b"\xc0\xaf",
        b"\xc0\x80",
        b"\xe0\x80\xaf",
        b"\xe0\x9f\xbf",
        b"\xf0\x80\x80\xaf",
        b"\xf0\x8f\xbf\xbf",
        // Surrogates, alone and as a pair, and what is above U+10FFFF.
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\xb4\xed\xb4\x9e",
        b"\xf4\x90\x80\x80",
        b"\xf7\xbf\xbf\xbf",
        // Cut off.
        b"\xc3",
        b"\xe2\x82",
        b"\xe2",
        b"\xf0\x9f\x98",
        b"\xf0\x9f",
        b"\xf0",
        b"\xc3\xc3\xa9",
        b"\xe2\x28\xa1",
        b"\xf0\x28\x8c\x28",
        // Latin-1, and the sequences of other encodings.
        b"\xe9",
        b"caf\xe9",
        b"\x93quoted\x94",
        b"\x82\xa0",
        b"\xa4\xa2",
    ];
    for bytes in broken {
        for (before, after) in
            [(&b"[\""[..], &b"\"]"[..]), (b"", b""), (b"[1,", b"]"), (b"{\"", b"\":1}"), ("\"é".as_bytes(), b"\"")]
        {
            let text = [before, bytes, after].concat();
            let found = faults(&text);
            assert_eq!(found.len(), 1, "{bytes:x?}");
            assert_eq!(found[0].code, Code::JsonSyntax);
            assert!(found[0].message.contains("not UTF-8"), "{bytes:x?}: {}", found[0].message);
        }
    }
    // A byte-order mark, and texts in other encodings with and without one.
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<_>>();
    for bytes in [
        "\u{feff}{}".as_bytes().to_vec(),
        "\u{feff}".into(),
        utf16("\u{feff}[1]", u16::to_le_bytes),
        utf16("\u{feff}[1]", u16::to_be_bytes),
        utf16("[1]", u16::to_le_bytes),
        utf16("[1]", u16::to_be_bytes),
        b"[\0\0\0]\0\0\0".to_vec(),
    ] {
        assert_eq!(faults(&bytes).iter().map(|fault| fault.code).collect::<Vec<_>>(), [Code::JsonSyntax], "{bytes:x?}");
    }
}

/// What the grammar allows and papack refuses, and under which code.
#[test]
fn the_subset_is_narrower_in_these_ways_only() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
    let long_integer = "1".repeat(400);
    for (rule, code, texts) in [
        (
            "a key occurs once in an object, as it reads without escapes",
            Code::JsonDuplicateKey,
            vec![
                r#"{"a":1,"a":1}"#.to_owned(),
                r#"{"a":1,"b":2,"a":3}"#.into(),
                r#"{"a":1,"\u0061":2}"#.into(),
                r#"{"":0,"":0}"#.into(),
                r#"[{"b":{"é":1,"\u00e9":2}}]"#.into(),
                r#"{"😀":1,"\ud83d\ude00":2}"#.into(),
            ],
        ),
        (
            "a surrogate comes in a pair",
            Code::JsonSyntax,
            [
                r"\ud800",
                r"\udbff",
                r"\udc00",
                r"\udfff",
                r"\ud800x",
                r"\ud800\n",
                r"\ud800\u0041",
                r"\ud800\ud800",
                r"\udc00\ud800",
                r"\uD83D\ud83d\ude00",
            ]
            .iter()
            .flat_map(|escapes| {
                [format!("\"{escapes}\""), format!("{{\"a{escapes}\":0}}"), format!("[\"\\n{escapes}b\"]")]
            })
            .collect(),
        ),
        (
            "64 levels",
            Code::JsonTooDeep,
            vec![
                nested("[", "]", 65),
                nested("{\"a\":", "}", 65).replace(":}", ":0}"),
                nested("[{\"a\":", "}]", 33).replace(":}", ":0}"),
            ],
        ),
        (
            "an integer lies within ±(2^53 − 1), and a float is a finite binary64",
            Code::JsonNumber,
            [
                "9007199254740992",
                "-9007199254740992",
                "18446744073709551616",
                "1e309",
                "-1e309",
                "1.8e308",
                "123.456e+789",
                "1e999999999999",
                &long_integer,
            ]
            .iter()
            .flat_map(|number| [(*number).to_owned(), format!("[{number}]"), format!("{{\"a\":[0,{number}]}}")])
            .collect(),
        ),
    ] {
        for text in texts {
            assert!(is_grammatical(&text), "{rule}: {text}");
            assert_eq!(codes(&text), [code], "{rule}: {text}");
        }
    }
    accepts(&nested("[", "]", 64));
    // A parser may ignore a byte-order mark; this one does not. And a document is not larger than its schema allows.
    assert_eq!(codes("\u{feff}[]"), [Code::JsonSyntax]);
    let large = format!("\"{}\"", "a".repeat(1 << 20));
    assert_eq!(codes(&large), [Code::JsonTooLarge]);
    assert!(is_grammatical(&large));
}

proptest! {
    /// Random sequences of tokens are accepted exactly when another parser accepts them.
    #[test]
    fn tokens_are_judged_as_by_another_parser(tokens in prop::collection::vec(prop::sample::select(&[
        "[", "]", "{", "}", ",", ":", " ", "\n", "\"a\"", "\"\\n\"", "\"", "\\", "\\u00", "0", "1", "-", ".", "e", "E", "+", "true", "null", "fa", "lse", "é", "\t",
    ][..]), 0..12)) {
        let text = tokens.concat();
        let found = codes(&text);
        // The only rule beyond the grammar that such tokens can break.
        let is_read = found.iter().all(|code| *code == Code::JsonDuplicateKey);
        prop_assert_eq!(is_read, is_grammatical(&text), "{:?}: {:?}", text, found);
    }

    /// So are good texts with one character more, less or changed.
    #[test]
    fn altered_texts_are_judged_as_by_another_parser(at in 0..60_usize, length in 0..2_usize, insert in "[\\[\\]{},:\"\\\\u0-9eE+.tfn \u{0}é-]{0,2}") {
        let text = r#"{"a": [1, -2.5e3, "b\u00e9\n", true], "é": {"c": [null, {}]}}"#;
        let characters: Vec<_> = text.chars().collect();
        let (at, end) = (at.min(characters.len()), (at + length).min(characters.len()));
        let altered: String = characters[..at].iter().copied().chain(insert.chars()).chain(characters[end..].iter().copied()).collect();
        let is_read = codes(&altered).iter().all(|code| [Code::JsonDuplicateKey, Code::JsonNumber].contains(code));
        prop_assert_eq!(is_read, is_grammatical(&altered), "{:?}", altered);
    }
}
