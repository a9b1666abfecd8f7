//! For people: excerpts of the source with carets, and a result that is good to read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};

use super::columns::wrapped;
use super::excerpt::Excerpt;
use super::{at_most, one_line, say, width};

/// How many notices of one kind, and warnings of one kind and picture or sound, are shown. Errors all are.
const SHOWN: usize = 3;

/// Prints diagnostics on standard error, with excerpts of the documents that `text` knows.
pub fn diagnostics<'t>(diagnostics: &[Cow<'_, Diagnostic>], text: impl Fn(&str) -> Option<&'t str>) {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let width = width();
    let renderer = width.map_or(renderer.clone(), |width| renderer.term_width(width));
    let shown = at_most(SHOWN);
    let mut seen = BTreeMap::<_, usize>::new();
    for diagnostic in diagnostics {
        if let Some(kind) = kind(diagnostic) {
            let seen = seen.entry(kind).or_default();
            *seen += 1;
            if *seen > shown {
                continue;
            }
        }
        let source = diagnostic.path.as_deref().and_then(&text);
        say(&format!("{}\n", renderer.render(&[group(diagnostic, source, width)])));
    }
    for ((code, severity, path), seen) in seen.into_iter().filter(|(_, seen)| *seen > shown) {
        let severity = severity.to_string().to_lowercase();
        let more = seen - shown;
        match path {
            // A format does not report more than so many of a file.
            Some(path) => say(&format!("{severity}[{code}]: at least {more} more of these in {}\n", one_line(path))),
            None => say(&format!("{severity}[{code}]: {more} more of these\n")),
        }
    }
}

/// What of a diagnostic makes it one of many, where not all of them are shown.
fn kind(diagnostic: &Diagnostic) -> Option<(Code, Severity, Option<&str>)> {
    match diagnostic.severity {
        Severity::Error => None,
        Severity::Warning if diagnostic.span.is_some() => None,
        Severity::Warning => Some((diagnostic.code, Severity::Warning, diagnostic.path.as_deref())),
        Severity::Info => Some((diagnostic.code, Severity::Info, None)),
    }
}

/// A diagnostic with its excerpt of `source`, in lines that fit the `width` of the terminal, if there is one.
fn group<'a>(diagnostic: &'a Diagnostic, source: Option<&'a str>, width: Option<usize>) -> Group<'a> {
    // What comes before the text of a note: the margin of line numbers, and `= note: `.
    const MARGIN: usize = 16;
    let fitting = |text: &str, margin: usize| match width {
        Some(width) => wrapped(&one_line(text), width.saturating_sub(margin).max(20)).join("\n"),
        None => one_line(text),
    };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let code = diagnostic.code.to_string();
    let title = level.primary_title(fitting(&diagnostic.message, code.len() + "warning[]: ".len())).id(code);
    let path = diagnostic.path.as_deref().map(one_line);
    let excerpt = source.zip(diagnostic.span).and_then(|(source, span)| Excerpt::of(source, span));
    let mut group = match (excerpt, diagnostic.span, path) {
        (Some(excerpt), Some(span), Some(path)) => {
            let annotation = AnnotationKind::Primary.span(excerpt.marked);
            let snippet = Snippet::source(excerpt.text).line_start(span.line).annotation(annotation);
            if excerpt.is_cut {
                // The renderer would count the column from the cut.
                title.element(Origin::path(path).line(span.line).char_column(span.column)).element(snippet)
            } else {
                title.element(snippet.path(path))
            }
        }
        (_, Some(span), Some(path)) => title.element(Origin::path(path).line(span.line).char_column(span.column)),
        (_, None, Some(path)) => title.element(Origin::path(path)),
        (_, _, None) => Group::with_title(title),
    };
    if let Some(id) = diagnostic.asset_id {
        let name = diagnostic.asset_name.as_deref().map(|name| format!(" {name:?}")).unwrap_or_default();
        group = group.element(Level::NOTE.message(format!("in asset {id}{name}")));
    }
    for related in &diagnostic.related {
        let path = related.path.as_deref().map(|path| format!(": {path}")).unwrap_or_default();
        group = group.element(Level::NOTE.message(fitting(&format!("{}{path}", related.message), MARGIN)));
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(fitting(help, MARGIN))),
        None => group,
    }
}
