//! For people: excerpts of the source with carets, progress, and a result that is good to read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::IsTerminal;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use papack_engine::EventKind;
use papack_queries::diagnostic::{Code, Diagnostic, Severity, Span};

use super::{is_unprintable, one_line};

/// How many notices of one kind are shown. Errors and warnings all are.
const NOTICES_SHOWN: usize = 3;

/// Prints diagnostics on standard error, with excerpts of the documents that `text` knows.
pub fn diagnostics<'t>(diagnostics: &[Cow<'_, Diagnostic>], text: impl Fn(&str) -> Option<&'t str>) {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let mut notices = HashMap::<Code, usize>::new();
    for diagnostic in diagnostics {
        if diagnostic.severity == Severity::Info {
            let seen = notices.entry(diagnostic.code).or_default();
            *seen += 1;
            if *seen > NOTICES_SHOWN {
                continue;
            }
        }
        let source = diagnostic.path.as_deref().and_then(&text);
        anstream::eprintln!("{}\n", renderer.render(&[group(diagnostic, source)]));
    }
    let mut hidden: Vec<_> = notices.into_iter().filter(|(_, seen)| *seen > NOTICES_SHOWN).collect();
    hidden.sort_unstable();
    for (code, seen) in hidden {
        anstream::eprintln!("info[{code}]: {} more of these\n", seen - NOTICES_SHOWN);
    }
}

/// The lines of a document that a span lies in. The renderer looks at all that it is given, so it is given no more.
struct Excerpt {
    /// The lines, with `�` for what a terminal might obey.
    text: String,
    /// The span within `text`.
    marked: Range<usize>,
}

impl Excerpt {
    /// Longest excerpt, in bytes. A document of one endless line has none.
    const MAX: usize = 4096;

    fn of(source: &str, span: Span) -> Option<Self> {
        let start = source.get(..span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = |from: usize| Some(source.get(from..)?.find('\n').map_or(source.len(), |length| from + length));
        // Of a long object, the line in which it begins says enough.
        let whole = line_end(span.end)?;
        let end = if whole - start > Self::MAX { line_end(span.start)? } else { whole };
        let printable = |range: Range<usize>| -> Option<String> {
            let replace = |c| if is_unprintable(c) && !matches!(c, '\n' | '\t' | '\r') { '\u{fffd}' } else { c };
            Some(source.get(range)?.chars().map(replace).collect())
        };
        if end - start > Self::MAX {
            return None;
        }
        let marked = printable(start..span.start)?.len()..printable(start..span.end.min(end))?.len();
        Some(Self { text: printable(start..end)?, marked })
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, source: Option<&'a str>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(one_line(&diagnostic.message)).id(diagnostic.code.to_string());
    let path = diagnostic.path.as_deref().map(one_line);
    let excerpt = source.zip(diagnostic.span).and_then(|(source, span)| Excerpt::of(source, span));
    let mut group = match (excerpt, diagnostic.span, path) {
        (Some(excerpt), Some(span), Some(path)) => {
            let annotation = AnnotationKind::Primary.span(excerpt.marked);
            title.element(Snippet::source(excerpt.text).path(path).line_start(span.line).annotation(annotation))
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
        let path = related.path.as_deref().map(|path| format!(": {}", one_line(path))).unwrap_or_default();
        group = group.element(Level::NOTE.message(format!("{}{path}", one_line(&related.message))));
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(one_line(help))),
        None => group,
    }
}

/// A progress bar on standard error, where that is a terminal, for work that takes long enough to be waited for.
pub struct Progress {
    bar: ProgressBar,
    /// When the bar may show itself; taken once it does.
    due: Mutex<Option<Instant>>,
}

impl Progress {
    /// What is done before that needs no bar.
    const DELAY: Duration = Duration::from_millis(300);

    /// A bar that shows itself once there is something to wait for.
    pub fn new() -> Self {
        let bar = ProgressBar::hidden();
        let style = ProgressStyle::with_template("{msg:>12} [{bar:30}] {pos}/{len} assets");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        let due = std::io::stderr().is_terminal().then(|| Instant::now() + Self::DELAY);
        Self { bar, due: Mutex::new(due) }
    }

    /// A bar that is never seen.
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), due: Mutex::new(None) }
    }

    /// Follows the operation.
    pub fn event(&self, event: &EventKind) {
        match event {
            EventKind::SnapshotFrozen { asset_count, .. } => {
                self.bar.set_length(*asset_count as u64);
                self.bar.set_position(0);
                self.bar.set_message("Deriving");
            }
            EventKind::AssetFinished { .. } => self.bar.inc(1),
            EventKind::Assembled { .. } => self.bar.set_message("Finishing"),
            _ => {}
        }
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.is_some_and(|due| Instant::now() >= due) {
            *due = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
    }

    /// Calls `print` with the bar out of the way.
    pub fn suspended(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
