//! What the reader wants to see, and what their terminal can show: that of this process, set once at its start, or that of
//! a process which this one serves.

use std::cell::Cell;
use std::io::{self, IsTerminal};
use std::sync::{Arc, OnceLock};

use anstream::AutoStream;
use clap::ColorChoice;
use serde::{Deserialize, Serialize};
use terminal_size::terminal_size;

use crate::args::GlobalArgs;
use crate::output::{self, Sink, Target};

/// How much people are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verbosity {
    /// Only errors.
    Quiet,
    #[default]
    Normal,
    /// Lists in full, and the outcome for each asset and output.
    Verbose,
}

static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

/// What a reader wants to see, and what their terminal can show.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Reader {
    verbosity: Verbosity,
    /// Whether standard output has colours.
    colors_stdout: bool,
    /// Whether standard error has colours.
    colors_stderr: bool,
    /// The columns of the terminal, if there is one.
    columns: Option<u16>,
    /// Whether there is a terminal that can show progress.
    shows_progress: bool,
}

/// A reader of what another process prints, and the way there.
pub struct Audience {
    pub reader: Reader,
    pub sink: Arc<dyn Sink>,
}

thread_local! {
    /// For whom this thread prints; none for the reader of this process.
    static READER: Cell<Option<Reader>> = const { Cell::new(None) };
}

impl Reader {
    /// The reader of what this process prints.
    pub fn of_this_process() -> Self {
        Self {
            verbosity: VERBOSITY.get().copied().unwrap_or_default(),
            colors_stdout: has_own_colors(Target::Stdout),
            colors_stderr: has_own_colors(Target::Stderr),
            columns: terminal_size().map(|(width, _)| width.0),
            shows_progress: io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

impl Audience {
    /// Calls `body`. What it prints on this thread is for this audience.
    pub fn printing<T>(&self, body: impl FnOnce() -> T) -> T {
        struct Restoring(Option<Reader>);
        impl Drop for Restoring {
            fn drop(&mut self) {
                READER.set(self.0);
            }
        }
        let _restoring = Restoring(READER.replace(Some(self.reader)));
        output::printing_to(&self.sink, body)
    }
}

/// Applies the global options. Must be called before anything is printed.
pub fn set_up(options: GlobalArgs) {
    set_color(options.color);
    VERBOSITY.get_or_init(|| match options {
        GlobalArgs { quiet: true, .. } => Verbosity::Quiet,
        GlobalArgs { verbose: true, .. } => Verbosity::Verbose,
        GlobalArgs { .. } => Verbosity::Normal,
    });
}

/// Sets when colours are used.
pub fn set_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// The verbosity that the reader chose; normal until `set_up` is called.
pub fn verbosity() -> Verbosity {
    READER.get().map_or_else(|| VERBOSITY.get().copied().unwrap_or_default(), |reader| reader.verbosity)
}

/// Whether what is printed to `target` has colours.
pub fn has_colors(target: Target) -> bool {
    match (READER.get(), target) {
        (Some(reader), Target::Stdout) => reader.colors_stdout,
        (Some(reader), Target::Stderr) => reader.colors_stderr,
        (None, _) => has_own_colors(target),
    }
}

/// Whether what is printed to `target` of this process has colours.
fn has_own_colors(target: Target) -> bool {
    let choice = match target {
        Target::Stdout => AutoStream::choice(&io::stdout()),
        Target::Stderr => AutoStream::choice(&io::stderr()),
    };
    choice != anstream::ColorChoice::Never
}

/// Whether the terminal of this process has colours of 24 bits, as far as it says so.
pub fn has_true_color() -> bool {
    std::env::var_os("COLORTERM").is_some_and(|says| says == "truecolor" || says == "24bit")
}

/// The columns of the reader's terminal, if there is one.
pub fn terminal_columns() -> Option<usize> {
    let columns = READER.get().map_or_else(|| terminal_size().map(|(width, _)| width.0), |reader| reader.columns);
    columns.map(usize::from)
}

/// Whether there is a terminal that can show progress.
pub fn shows_progress() -> bool {
    READER.get().unwrap_or_else(Reader::of_this_process).shows_progress
}

/// How many items of a list people are shown: `default`, or with `--verbose` all.
pub fn limit(default: usize) -> usize {
    if verbosity() == Verbosity::Verbose { usize::MAX } else { default }
}
