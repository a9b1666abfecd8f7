//! The pages about the codes are complete, and their examples do what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use jsonschema::Validator;
use papack_queries::diagnostic::Code;
use papack_queries::schema::settings::SETTINGS_NAME;
use serde_json::{Value, json};

use crate::provoked::{Found, PROVOKED, PROVOKED_DATA, Told, run};
use crate::space::TestSpace;

const REGISTRY: &str = "assets/.prometeu/index.json";

/// The members of the good documents around the examples.
fn good_members(path: &str) -> Vec<(&'static str, String)> {
    if path == REGISTRY {
        let line = |id: u32, root| {
            let uuid = uuid_of(root);
            format!(r#"{{ "asset_id": {id}, "asset_uuid": "{uuid}", "root": "{root}", "included_in_build": true }}"#)
        };
        let assets = format!("[{}, {}]", line(1, "ui"), line(2, "music"));
        return vec![("schema_version", "2".into()), ("next_asset_id", "3".into()), ("assets", assets)];
    }
    let root = path.split('/').nth(1).unwrap();
    let file = if root == "ui" { "atlas.txt" } else { "title.txt" };
    vec![
        ("schema_version", "2".into()),
        ("asset_uuid", format!("{:?}", uuid_of(root))),
        ("name", format!("{root:?}")),
        ("artifacts", format!(r#"[{{ "file": "{file}" }}]"#)),
        ("output", r#"{ "format": "DATA/raw_v1" }"#.into()),
    ]
}

fn uuid_of(root: &str) -> &'static str {
    match root {
        "ui" => "3f0e5a1c-7a55-4a0e-9b39-5d4f0f6f2a01",
        "music" => "9b0c2c34-52a5-4c29-8f0a-0c2b8b6d9f02",
        _ => "22222222-2222-4222-8222-222222222222",
    }
}

/// The good document at `path`, in which the members of `example` replace those of the same name.
fn document(path: &str, example: &str) -> String {
    let is_replaced = |key: &str| example.lines().any(|line| line.starts_with(&format!("\"{key}\":")));
    let kept = good_members(path).into_iter().filter(|(key, _)| !is_replaced(key));
    let members: Vec<_> = kept.map(|(key, value)| format!("{key:?}: {value}")).collect();
    let separator = if example.is_empty() || members.is_empty() { "" } else { ",\n" };
    format!("{{\n{}{separator}{example}\n}}\n", members.join(",\n"))
}

/// An example: the words behind the language of its fence, and its text.
struct Example {
    verdict: String,
    /// The document that it is a part of, or `files`; nothing where it only illustrates.
    target: Option<String>,
    text: String,
}

struct Section {
    page: String,
    severity: String,
    examples: Vec<Example>,
}

impl Section {
    fn of(page: &str, text: &str) -> Self {
        let severity = text.lines().find_map(|line| line.strip_prefix("*Severity: ")).unwrap_or_default().to_owned();
        let mut examples = Vec::new();
        let mut blocks = text.split("```");
        // Every second part lies between fences.
        while let (Some(_), Some(fenced)) = (blocks.next(), blocks.next()) {
            let (info, text) = fenced.split_once('\n').unwrap();
            let mut words = info.split(' ').skip(1).map(str::to_owned);
            assert!(!text.contains("\n\n"), "an example with an empty line is not shown as one: {text}");
            let (verdict, target) = (words.next().unwrap_or_default(), words.next());
            examples.push(Example { verdict, target, text: text.trim_end().to_owned() });
        }
        Self { page: page.to_owned(), severity, examples }
    }

    fn has_document(&self) -> bool {
        self.examples.iter().any(|example| example.target.is_some())
    }

    /// What a pack of the workspace finds that the examples of this verdict are of.
    fn found(&self, verdict: &str) -> Found {
        let space = TestSpace::empty();
        let of_verdict = || self.examples.iter().filter(|example| example.verdict == verdict);
        let files = of_verdict().find(|example| example.target.as_deref() == Some("files"));
        let listed = files.map_or("ui/asset.json\nui/atlas.txt\nmusic/asset.json\nmusic/title.txt", |list| &list.text);
        for line in listed.lines() {
            let (path, link) = line.split_once(" -> ").map_or((line, None), |(path, to)| (path, Some(to)));
            let path = format!("assets/{path}");
            match link {
                Some(to) => symlink(to, space.path().join(path)).unwrap(),
                None if path.ends_with("asset.json") => space.write(&path, document(&path, "")),
                None => space.write(&path, "content"),
            }
        }
        space.write(REGISTRY, document(REGISTRY, ""));
        for Example { target, text, .. } in of_verdict() {
            if let Some(path) = target.as_deref().filter(|target| *target != "files") {
                let is_whole = path == SETTINGS_NAME;
                space.write(path, if is_whole { text.clone() } else { document(path, text) });
            }
        }
        run(&space, &["pack"])
    }
}

/// The sections of all pages, by code.
fn sections() -> BTreeMap<String, Section> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec/diagnostics");
    let mut all = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let page = file.file_name().unwrap().to_str().unwrap();
        if page == "README.md" {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for section in text.split("\n## ").skip(1) {
            let (code, text) = section.split_once('\n').unwrap();
            let before = all.insert(code.to_owned(), Section::of(page, text));
            assert!(before.is_none(), "{code} has two sections");
        }
    }
    all
}

/// The kinds of data that the spec gives to each code.
struct Kinds {
    /// The codes that have data, each with its kinds.
    of_codes: BTreeMap<String, BTreeSet<String>>,
    /// The codes that never have any.
    without: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Kinds {
    fn documented() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec/operations/output.md");
        let page = fs::read_to_string(path).unwrap();
        let (_, text) = page.split_once("### Data\n").unwrap();
        let text = text.split("\n### ").next().unwrap();
        let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let (mut of_codes, mut all) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeSet::new());
        for row in text.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `kind`")) {
            let cells: Vec<_> = row.split(" | ").collect();
            let kind = quoted(cells[0]).remove(0);
            for code in quoted(cells.last().unwrap()) {
                of_codes.entry(code).or_default().insert(kind.clone());
            }
            all.insert(kind);
        }
        let (_, without) = text.split_once("These have nothing to tell").unwrap();
        let without = quoted(without.split_once(". ").unwrap().0).into_iter().collect();
        Self { of_codes, without, all }
    }

    /// Expects that the data of what was found is documented, and that where a code has data, this one does.
    #[track_caller]
    fn assert_documented(&self, code: &str, found: &Found) {
        for told in found.iter().filter(|told| !told.data.is_null()) {
            let kind = told.data["kind"].as_str().unwrap();
            let kinds = self.of_codes.get(&told.code);
            assert!(kinds.is_some_and(|kinds| kinds.contains(kind)), "{} has {kind}, undocumented", told.code);
        }
        let has_data = |found: &Found| found.iter().any(|told| told.code == code && !told.data.is_null());
        let has_data =
            has_data(found) || PROVOKED_DATA.iter().any(|(other, provoke)| *other == code && has_data(&provoke()));
        assert_eq!(has_data, !self.without.contains(code), "{code}: {found:?}");
    }
}

#[test]
fn every_code_has_a_documented_kind_of_data_or_is_listed_without() {
    let kinds = Kinds::documented();
    let with: BTreeSet<_> = kinds.of_codes.keys().cloned().collect();
    assert_eq!(with.intersection(&kinds.without).collect::<Vec<_>>(), Vec::<&String>::new());
    let codes: BTreeSet<String> = Code::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(with.union(&kinds.without).cloned().collect::<BTreeSet<_>>(), codes);
    let schema: Value = serde_json::from_str(include_str!("../../docs/schemas/diagnostic.schema.json")).unwrap();
    let branches = schema["properties"]["data"]["oneOf"].as_array().unwrap().iter();
    let of_schema = branches.filter_map(|branch| branch["properties"]["kind"]["const"].as_str().map(str::to_owned));
    assert_eq!(of_schema.collect::<BTreeSet<_>>(), kinds.all);
}

/// What is provoked here has the severity and the data that the pages say.
struct Pages {
    kinds: Kinds,
    schema: Validator,
}

impl Pages {
    fn read() -> Self {
        let schema = serde_json::from_str(include_str!("../../docs/schemas/diagnostic.schema.json")).unwrap();
        Self { kinds: Kinds::documented(), schema: jsonschema::draft202012::new(&schema).unwrap() }
    }

    #[track_caller]
    fn assert_provoked(&self, code: &str, severities: &str, found: &Found) {
        let severity = found.iter().find(|told| told.code == code).map(|told| &told.severity);
        let severity = severity.unwrap_or_else(|| panic!("{code} was not provoked: {found:?}"));
        assert!(severities.contains(severity.as_str()), "{code} is {severity}, but its section says {severities:?}");
        self.kinds.assert_documented(code, found);
        for Told { code, severity, data } in found.iter().filter(|told| !told.data.is_null()) {
            let diagnostic = json!({ "code": code, "severity": severity, "message": "…", "data": data });
            assert!(self.schema.is_valid(&diagnostic), "{diagnostic:#}");
        }
    }
}

#[test]
fn every_code_has_a_section_and_every_section_a_code() {
    let codes: BTreeSet<String> = Code::ALL.iter().map(ToString::to_string).collect();
    let sections = sections();
    assert_eq!(sections.keys().cloned().collect::<BTreeSet<_>>(), codes);
    for (code, section) in &sections {
        for verdict in ["wrong", "right"] {
            let count = section.examples.iter().filter(|example| example.verdict == verdict).count();
            assert!(count > 0, "{code} ({}) has no {verdict} example", section.page);
        }
    }
}

#[test]
fn wrong_examples_provoke_their_code_and_right_ones_do_not() {
    let (pages, mut tried) = (Pages::read(), 0);
    for (code, section) in sections().iter().filter(|(_, section)| section.has_document()) {
        pages.assert_provoked(code, &section.severity, &section.found("wrong"));
        let right = section.found("right");
        assert!(right.iter().all(|told| told.severity == "INFO"), "the right example of {code} gives {right:?}");
        assert!(right.iter().all(|told| told.code != *code), "the right example of {code} gives it too");
        tried += 1;
    }
    assert!(tried > 20, "only {tried} sections have a document");
}

#[test]
fn every_other_code_is_provoked_by_a_workspace_or_a_service() {
    let sections = sections();
    let by_example = |code: &&String| sections[*code].has_document();
    let others: BTreeSet<&str> = sections.keys().filter(|code| !by_example(code)).map(String::as_str).collect();
    assert_eq!(PROVOKED.iter().map(|(code, _)| *code).collect::<BTreeSet<_>>(), others);
    let pages = Pages::read();
    for (code, provoke) in PROVOKED {
        pages.assert_provoked(code, &sections[code].severity, &provoke());
    }
}

#[test]
fn every_code_is_explained_in_any_case() {
    let space = TestSpace::empty();
    let list = space.run(&["explain"]);
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    for code in Code::ALL.iter().map(ToString::to_string) {
        assert!(list.stdout.lines().any(|line| line.split_whitespace().next() == Some(&code)), "{code} is not listed");
        let explained = space.run(&["explain", &code.to_lowercase()]);
        assert_eq!(explained.code, 0, "{code}");
        assert!(explained.stdout.starts_with(&code), "{}", explained.stdout);
        for part in ["Severity: ", "Wrong", "Right", "What to do: "] {
            assert!(explained.stdout.contains(&format!("\n{part}")), "{code} lacks {part:?}: {}", explained.stdout);
        }
        assert!(!explained.stdout.contains("```"), "{}", explained.stdout);
        let severity = explained.stdout.lines().find(|line| line.starts_with("Severity: ")).unwrap();
        let can_be_allowed = severity.contains("WARNING") || severity.contains("INFO");
        assert_eq!(explained.stdout.contains(&format!("--allow {code}")), can_be_allowed, "{}", explained.stdout);
    }
}

#[test]
fn an_explanation_is_good_to_read() {
    let run = TestSpace::empty().run(&["explain", "GLOB_EMPTY"]);
    insta::assert_snapshot!(run.stdout, @r#"
    GLOB_EMPTY

    A pattern that takes no file.

    Severity: ERROR; WARNING outside the build set.

    A pattern that takes nothing is a mistake in nearly every case: a folder was renamed, or the files
    have another ending.

    Wrong (assets/ui/asset.json):

        "artifacts": [{ "glob": "*.png" }]

    Right:

        "artifacts": [{ "glob": "*.txt" }]

    What to do: compare the pattern with the file that the help line names. * stays within one folder;
    **/*.png looks into all. If there really is nothing to take, remove the entry.

    To be told nothing of it where it is no ERROR: --allow GLOB_EMPTY, or allow = ["GLOB_EMPTY"] in
    papack.toml; see papack explain SETTINGS_INVALID.
    "#);
}

#[test]
fn an_unknown_code_is_a_usage_error_that_names_the_nearest() {
    let run = TestSpace::empty().run(&["explain", "file-mising"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.stderr, @r#"
    error: there is no code "file-mising"
      help: did you mean "FILE_MISSING"? (papack explain lists all codes)
    "#);
    let run = TestSpace::empty().run(&["explain", "\u{1b}[31mx"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.stderr, @r#"
    error: there is no code "\u{1b}[31mx"
      help: papack explain lists all codes
    "#);
}

/// Each line is to be understood by itself.
#[test]
fn the_list_has_a_whole_sentence_for_each_code() {
    let list = TestSpace::empty().run(&["explain"]).stdout;
    let mut sentences = Vec::<String>::new();
    for line in list.lines().filter(|line| line.starts_with("  ")) {
        match line.strip_prefix("   ") {
            Some(rest) => {
                let sentence = sentences.last_mut().unwrap();
                sentence.push(' ');
                sentence.push_str(rest.trim_start());
            }
            None => sentences.push(line.to_owned()),
        }
    }
    assert_eq!(sentences.len(), Code::ALL.len());
    let cut: Vec<_> = sentences.iter().filter(|sentence| !sentence.ends_with('.')).collect();
    assert_eq!(cut, Vec::<&String>::new());
}

/// Who reads an explanation on a terminal has no other pages.
#[test]
fn an_explanation_has_no_links_and_needs_none() {
    let space = TestSpace::empty();
    for code in Code::ALL.iter().map(ToString::to_string) {
        let text = space.run(&["explain", &code]).stdout;
        assert!(!text.contains("](") && !text.contains(".md#"), "{text}");
    }
    // What is left out is listed in two places.
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec/inputs.md")).unwrap();
    let table = page.split("## Files that globs leave out").nth(1).unwrap().split("\n- ").next().unwrap();
    let names = table.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth(1));
    let names: Vec<_> = names.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(names.len() > 20, "{names:?}");
    let explained = space.run(&["explain", "FILES_LEFT_OUT"]).stdout;
    let missing: Vec<_> = names.iter().filter(|name| !explained.contains(name.trim())).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "{explained}");
}
