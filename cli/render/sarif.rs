//! A log in SARIF 2.1.0 (OASIS), as code scanning takes it.

use std::collections::{BTreeMap, HashMap};

use papack_queries::diagnostic::{Diagnostic, Edit, Fix, Related, Severity, Span};
use papack_queries::schema::REGISTRY_PATH;
use ropey::Rope;
use serde_json::{Map, Value, json};

use super::explained;
use super::json::harmless;
use super::report::Outcome;
use super::words::counted;

/// How many results of a run code scanning of GitHub takes. It refuses a log with more.
const MAX_RESULTS: usize = 25_000;

/// What paths are relative to: the root of the repository.
const BASE: &str = "%SRCROOT%";

/// The log of one run. `source` gives the text of a document by its path, for fixes.
pub fn log<'t>(outcome: &Outcome<'_>, source: impl Fn(&str) -> Option<&'t str>) -> String {
    let mut diagnostics = outcome.diagnostics.clone();
    // Where there are too many, those that matter least are left out.
    diagnostics.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    let left_out = diagnostics.split_off(diagnostics.len().min(MAX_RESULTS));
    let rules = Rules::of(&diagnostics);
    let mut texts = Texts { source, ropes: HashMap::new() };
    let results = diagnostics.iter().map(|diagnostic| result(diagnostic, outcome, &rules, &mut texts));
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "papack",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.descriptors(),
            }},
            "invocations": [{
                "executionSuccessful": !outcome.is_failure,
                "toolExecutionNotifications": notifications(outcome, left_out.len()),
            }],
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    harmless(log.to_string())
}

/// What is told of the run as a whole.
fn notifications(outcome: &Outcome<'_>, left_out: usize) -> Vec<Value> {
    let level = if outcome.is_failure { "error" } else { "note" };
    let mut notifications = vec![json!({"level": level, "message": {"text": outcome.summary}})];
    notifications.extend(outcome.undiagnosed.iter().map(|error| json!({"level": "error", "message": {"text": error}})));
    if left_out > 0 {
        let text = format!("{} more than the {MAX_RESULTS} that a log may have", counted(left_out, "result"));
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    notifications
}

/// The codes of a run, in alphabetical order.
struct Rules(BTreeMap<String, usize>);

impl Rules {
    fn of(diagnostics: &[&Diagnostic]) -> Self {
        let codes: BTreeMap<_, _> = diagnostics.iter().map(|diagnostic| (diagnostic.code.to_string(), 0)).collect();
        Self(codes.into_keys().zip(0..).collect())
    }

    fn descriptors(&self) -> Vec<Value> {
        let pages: BTreeMap<_, _> = explained::sections().map(|section| (section.code, section)).collect();
        let descriptor = |code: &String| match pages.get(&**code) {
            Some(page) => json!({
                "id": code,
                "shortDescription": {"text": page.summary},
                "help": {"text": page.text.trim_end(), "markdown": page.text.trim_end()},
            }),
            None => json!({"id": code}),
        };
        self.0.keys().map(descriptor).collect()
    }
}

/// The texts of documents, for places in them.
struct Texts<F> {
    source: F,
    /// None where a text is not known.
    ropes: HashMap<String, Option<Rope>>,
}

impl<'t, F: Fn(&str) -> Option<&'t str>> Texts<F> {
    /// Line and column, from 1, of the byte `at` of the document `path`.
    fn place(&mut self, path: &str, at: usize) -> Option<(usize, usize)> {
        if !self.ropes.contains_key(path) {
            self.ropes.insert(path.to_owned(), (self.source)(path).map(Rope::from_str));
        }
        let rope = self.ropes.get(path)?.as_ref()?;
        let character = rope.try_byte_to_char(at).ok()?;
        let line = rope.try_char_to_line(character).ok()?;
        Some((line + 1, character - rope.try_line_to_char(line).ok()? + 1))
    }
}

fn result<'t>(
    diagnostic: &Diagnostic,
    outcome: &Outcome<'_>,
    rules: &Rules,
    texts: &mut Texts<impl Fn(&str) -> Option<&'t str>>,
) -> Value {
    let code = diagnostic.code.to_string();
    let lines = std::iter::once(&diagnostic.message).chain(&diagnostic.help);
    let text = lines.map(String::as_str).collect::<Vec<_>>().join("\n");
    // Readers want a place. What is at none is at the registry.
    let path = diagnostic.path.as_deref().unwrap_or(REGISTRY_PATH);
    let mut location = Map::new();
    location.insert("physicalLocation".into(), physical_location(path, diagnostic.span, outcome));
    if let Some(pointer) = diagnostic.pointer.as_ref().filter(|pointer| !pointer.is_empty()) {
        location.insert("logicalLocations".into(), json!([{"fullyQualifiedName": pointer}]));
    }
    let mut result = Map::new();
    result.insert("ruleIndex".into(), rules.0.get(&code).copied().into());
    result.insert("ruleId".into(), code.into());
    result.insert("level".into(), level(diagnostic.severity).into());
    result.insert("message".into(), json!({"text": text}));
    result.insert("locations".into(), json!([location]));
    let related: Vec<_> = diagnostic.related.iter().map(|related| related_location(related, outcome)).collect();
    if !related.is_empty() {
        result.insert("relatedLocations".into(), related.into());
    }
    let fixes: Vec<_> = diagnostic.fixes.iter().filter_map(|made| fix(made, outcome, texts)).collect();
    if !fixes.is_empty() {
        result.insert("fixes".into(), fixes.into());
    }
    if let Some(asset_id) = diagnostic.asset_id {
        result.insert("properties".into(), json!({"assetId": asset_id, "assetName": diagnostic.asset_name}));
    }
    result.into()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn related_location(related: &Related, outcome: &Outcome<'_>) -> Value {
    let message = json!({"text": related.message});
    match &related.path {
        Some(path) => {
            json!({"message": message, "physicalLocation": physical_location(path, related.span, outcome)})
        }
        None => json!({"message": message}),
    }
}

fn physical_location(path: &str, span: Option<Span>, outcome: &Outcome<'_>) -> Value {
    let artifact = artifact_location(path, outcome);
    match span {
        Some(span) if outcome.is_text => {
            let region = region((span.line, span.column), (span.end_line, span.end_column));
            json!({"artifactLocation": artifact, "region": region})
        }
        Some(span) => {
            let region = json!({"byteOffset": span.start, "byteLength": span.end.saturating_sub(span.start)});
            json!({"artifactLocation": artifact, "region": region})
        }
        None => json!({"artifactLocation": artifact}),
    }
}

/// From a line and column to another one, which is not in it.
fn region(start: (usize, usize), end: (usize, usize)) -> Value {
    json!({"startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1})
}

fn artifact_location(path: &str, outcome: &Outcome<'_>) -> Value {
    if path.starts_with('/') {
        return json!({"uri": format!("file://{}", encoded(path))});
    }
    json!({"uri": encoded(&format!("{}{path}", outcome.workspace)), "uriBaseId": BASE})
}

/// `path` as a relative reference of RFC 3986. A colon is encoded, too: what is before one would be taken for a scheme.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

/// A fix; none where the text of a document is not known.
fn fix<'t>(fix: &Fix, outcome: &Outcome<'_>, texts: &mut Texts<impl Fn(&str) -> Option<&'t str>>) -> Option<Value> {
    let change = |edit: &Edit| {
        let (start, end) = (texts.place(&edit.path, edit.start)?, texts.place(&edit.path, edit.end)?);
        Some(json!({
            "artifactLocation": artifact_location(&edit.path, outcome),
            "replacements": [{"deletedRegion": region(start, end), "insertedContent": {"text": edit.text}}],
        }))
    };
    let changes = fix.edits.iter().map(change).collect::<Option<Vec<_>>>()?;
    Some(json!({"description": {"text": fix.title}, "artifactChanges": changes}))
}

#[cfg(test)]
mod tests {
    use papack_queries::diagnostic::Code;

    use super::*;

    /// The results that matter least are left out, and it is told how many.
    #[test]
    fn a_log_has_as_many_results_as_readers_take() {
        let warnings = (0..=MAX_RESULTS).map(|at| Diagnostic::warning(Code::FileLink, at.to_string()));
        let found: Vec<_> = warnings.chain([Diagnostic::error(Code::Io, "last")]).collect();
        let outcome = Outcome {
            diagnostics: found.iter().collect(),
            workspace: "",
            is_text: true,
            undiagnosed: None,
            is_failure: true,
            summary: "failed".to_owned(),
        };
        let log: Value = serde_json::from_str(&log(&outcome, |_| None)).unwrap_or_default();
        let run = &log["runs"][0];
        let results = run["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!((results.len(), &results[0]["message"]["text"]), (MAX_RESULTS, &"last".into()));
        let texts = json!([run["invocations"][0]["toolExecutionNotifications"][1]["message"]["text"]]);
        assert_eq!(texts, json!(["2 results more than the 25000 that a log may have"]));
    }
}
