//! What is read from little sources is what they say.

use std::fs;
use std::path::Path;

use crate::graph::{circles, line_of, misplaced, running_up};
use crate::imports::Imports;
use crate::source::{Name, read};

/// The imports of a source, each as its path, with the name behind it where that is another one.
fn uses(text: &str) -> Vec<String> {
    let told = |used: crate::source::Use| {
        let path = used.path.join("::");
        match used.name {
            Name::Is(name) if used.path.last() == Some(&name) => path,
            Name::Is(name) => format!("{path} as {name}"),
            Name::All => format!("{path}::*"),
        }
    };
    read(text).uses.into_iter().map(told).collect()
}

fn paths(text: &str) -> Vec<String> {
    read(text).paths.into_iter().map(|path| format!("{}:{}", path.line, path.segments.join("::"))).collect()
}

#[test]
fn uses_are_read() {
    assert_eq!(uses("use crate::a::b;"), ["crate::a::b"]);
    assert_eq!(uses("pub(crate) use a::{b, c::{d, e as f}, g};"), ["a::b", "a::c::d", "a::c::e as f", "a::g"]);
    assert_eq!(uses("use super::super::x::{self, Y};"), ["super::super::x", "super::super::x::Y"]);
    assert_eq!(uses("use {a::{b, c,}, d};"), ["a::b", "a::c", "d"]);
    assert_eq!(uses("use super::*; use a::b as _;"), ["super::*", "a::b as _"]);
    assert_eq!(uses("fn f() { use self::inner::x; }"), ["self::inner::x"]);
    assert_eq!(uses("fn f<'a>(x: &'a str) -> impl Sized + use<'a> { x }"), [""; 0]);
}

#[test]
fn paths_are_read_where_they_are() {
    assert_eq!(paths("fn f() {\n    crate::a::b();\n    x.y(z::W)\n}"), ["2:crate::a::b", "3:z::W"]);
    assert_eq!(paths("type T = Vec<super::A>; const X: u8 = <T as b::Trait>::N;"), ["1:super::A", "1:b::Trait"]);
    assert_eq!(paths("pub(in crate::a) fn f(x: impl Fn() -> c::D) {}"), ["1:c::D"]);
    assert_eq!(paths("fn f() { a::b::<c::D>(); ::std::mem::drop(1) }"), ["1:a::b", "1:c::D"]);
}

#[test]
fn comments_literals_and_tests_are_left_out() {
    let text = r##"
        // a::b
        /* a::b /* a::b */ a::b */
        const A: &str = "a::b \" a::b";
        const B: &str = r#"a::b " a::b"#;
        const C: (char, char, u8) = ('"', '\'', b'"');
        fn f<'a>(x: &'a str) -> char { 'x' }
        #[cfg(test)]
        use a::{b, c};
        #[cfg(test)]
        #[allow(dead_code)]
        mod tests { use a::b; fn f() -> [u8; 2] { a::b() } }
        #[cfg(test)]
        mod more_tests;
        #[cfg(not(test))]
        fn g() { x::y() }
    "##;
    assert_eq!(paths(text), ["16:x::y"]);
    assert_eq!(uses(text), [""; 0]);
    assert!(read(text).children.is_empty());
}

#[test]
fn items_are_told_from_what_is_inside_of_them() {
    let text = "pub struct A(pub u8); impl A { const B: u8 = 1; fn c() {} } pub(crate) const fn d() { fn e() {} }
        enum F { G } macro_rules! h { () => { fn i() {} } } pub static J: fn(u8) = k; unsafe extern \"C\" fn l() {}";
    let items: Vec<_> = read(text).items.into_iter().map(|item| (item.name, item.is_type)).collect();
    let expected = [("A", true), ("d", false), ("F", true), ("h", false), ("J", false), ("l", false)];
    assert_eq!(items, expected.map(|(name, is_type)| (name.to_owned(), is_type)));
}

/// The files of a crate in `src`, as they are on disk.
struct LittleCrate(tempfile::TempDir);

impl LittleCrate {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join("src").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn imports(&self) -> Imports {
        Imports::of(self.0.path(), Path::new("src/lib.rs"))
    }

    fn lines(&self) -> Vec<String> {
        let imports = self.imports();
        imports.all.iter().map(|import| line_of(&imports, import).replace("src/", "")).collect()
    }
}

#[test]
fn an_import_leads_to_the_file_that_defines_what_is_taken() {
    let little = LittleCrate::new(&[
        ("lib.rs", "mod a;\nmod b;\n#[path = \"elsewhere.rs\"]\nmod c;"),
        ("a/mod.rs", "mod inner;\npub use inner::{First, Second as Renamed};\npub fn own() {}"),
        ("a/inner.rs", "use super::own;\npub struct First;\npub struct Second;"),
        ("b.rs", "use crate::a::First;\nfn f() { crate::c::go::<super::a::Renamed>() }"),
        (
            "elsewhere.rs",
            "use super::a;\npub fn go() { a::own(); std::mem::drop(1); uuid::Uuid::nil(); }\nfn uuid() {}",
        ),
    ]);
    let expected = [
        "a/mod.rs:2 imports a/inner.rs",
        "a/inner.rs:1 imports a/mod.rs",
        "b.rs:1 imports a/inner.rs",
        "b.rs:2 imports elsewhere.rs",
        "elsewhere.rs:2 imports a/mod.rs",
    ];
    assert_eq!(little.lines(), expected);
}

#[test]
fn a_module_that_only_an_attribute_names_is_imported_by_its_use() {
    let little = LittleCrate::new(&[
        ("lib.rs", "mod a;\nmod b;"),
        ("a.rs", "use crate::b;\nstruct A { #[serde(with = \"b\")] b: u8 }"),
        ("b.rs", "pub use super::a::nothing_that_is_there;"),
    ]);
    assert_eq!(little.lines(), ["a.rs:1 imports b.rs", "b.rs:1 imports a.rs"]);
}

#[test]
fn names_that_modules_hand_each_other_come_to_an_end() {
    let little = LittleCrate::new(&[
        ("lib.rs", "mod a;\nmod b;"),
        ("a.rs", "pub use crate::b::*;\npub use crate::b::x;"),
        ("b.rs", "pub use crate::a::*;\npub use crate::a::x;"),
    ]);
    assert_eq!(little.lines().len(), 2);
}

#[test]
fn the_shortest_circle_is_told() {
    let little = LittleCrate::new(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
        ("a.rs", "use crate::b::B;\npub struct A;"),
        ("b.rs", "use crate::c::C;\npub struct B;"),
        ("c.rs", "\nuse crate::{a::A, b::B};\nuse crate::d::D;\npub struct C;"),
        ("d.rs", "pub struct D;"),
    ]);
    let imports = little.imports();
    let told: Vec<Vec<_>> = circles(&imports)
        .iter()
        .map(|circle| circle.iter().map(|import| line_of(&imports, import)).collect())
        .collect();
    assert_eq!(told, [["src/b.rs:1 imports src/c.rs", "src/c.rs:2 imports src/b.rs"]]);
}

#[test]
fn what_runs_up_or_has_no_floor_is_told() {
    let little = LittleCrate::new(&[
        ("lib.rs", "mod low;\nmod beside;\nmod high;"),
        ("low.rs", "mod part;\nuse crate::high::High;"),
        ("low/part.rs", "use crate::beside::Beside;"),
        ("beside.rs", "pub struct Beside;"),
        ("high.rs", "use crate::low::part;\npub struct High;"),
    ]);
    let imports = little.imports();
    let folder = Path::new("src");
    let up = |floors| -> Vec<_> {
        running_up(&imports, folder, floors).iter().map(|import| line_of(&imports, import)).collect()
    };
    assert_eq!(
        up(&[&["low", "beside"], &["high"], &["lib"]]),
        ["src/low.rs:2 imports src/high.rs", "src/low/part.rs:1 imports src/beside.rs"]
    );
    assert_eq!(up(&[&["beside"], &["low"], &["high"], &["lib"]]), ["src/low.rs:2 imports src/high.rs"]);
    let missing = misplaced(&imports, folder, &[&["low", "beside", "high"], &["low", "gone"]]);
    assert_eq!(missing, ["lib", "low", "gone"]);
}
