//! Diagnostics for people, with excerpts of the source.

use std::borrow::Cow;
use std::collections::BTreeMap;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use papack_queries::diagnostic::{Code, Diagnostic, Severity};

use super::columns::{terminal_width, wrapped};
use super::excerpt::Excerpt;
use super::print::{eprint_line, one_line};
use super::settings::limit;

/// How many notices of one code are shown. Errors and warnings are all shown: what repeats in a file is one of them.
const MAX_NOTICES: usize = 3;

/// Prints diagnostics on standard error, with excerpts of the documents whose text `source` has.
pub fn diagnostics<'t>(diagnostics: &[Cow<'_, Diagnostic>], source: impl Fn(&str) -> Option<&'t str>) {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let width = terminal_width();
    let renderer = width.map_or(renderer.clone(), |width| renderer.term_width(width));
    let max_notices = limit(MAX_NOTICES);
    let mut notices = BTreeMap::<Code, usize>::new();
    for diagnostic in diagnostics {
        if diagnostic.severity == Severity::Info {
            let count = notices.entry(diagnostic.code).or_default();
            *count += 1;
            if *count > max_notices {
                continue;
            }
        }
        let source = diagnostic.path.as_deref().and_then(&source);
        eprint_line(&format!("{}\n", renderer.render(&[annotated(diagnostic, source, width)])));
    }
    for (code, count) in notices.into_iter().filter(|(_, count)| *count > max_notices) {
        eprint_line(&format!("info[{code}]: {} more of these\n", count - max_notices));
    }
}

/// A diagnostic as the renderer takes it, with its texts wrapped to `width` if there is one.
fn annotated<'a>(diagnostic: &'a Diagnostic, source: Option<&'a str>, width: Option<usize>) -> Group<'a> {
    // Columns before the text of a note: line numbers, and `= note: `.
    const MARGIN: usize = 16;
    let wrap = |text: &str, margin: usize| match width {
        Some(width) => wrapped(&one_line(text), width.saturating_sub(margin).max(20)).join("\n"),
        None => one_line(text),
    };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let code = diagnostic.code.to_string();
    let title = level.primary_title(wrap(&diagnostic.message, code.len() + "warning[]: ".len())).id(code);
    let path = diagnostic.path.as_deref().map(one_line);
    let excerpt = source.zip(diagnostic.span).and_then(|(source, span)| Excerpt::of(source, span));
    let mut group = match (excerpt, diagnostic.span, path) {
        (Some(excerpt), Some(span), Some(path)) => {
            let annotation = AnnotationKind::Primary.span(excerpt.span);
            let snippet = Snippet::source(excerpt.text).line_start(span.line).annotation(annotation);
            if excerpt.is_cut {
                // The renderer would count the column from the start of the excerpt.
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
        group = group.element(Level::NOTE.message(wrap(&format!("{}{path}", related.message), MARGIN)));
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(wrap(help, MARGIN))),
        None => group,
    }
}
