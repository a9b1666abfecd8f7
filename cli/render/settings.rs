//! What the user wants to see, set once at the start of the process.

use std::sync::OnceLock;

use clap::ColorChoice;

use crate::args::GlobalArgs;

/// How much people are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Only errors.
    Quiet,
    #[default]
    Normal,
    /// Lists in full, and the outcome for each asset and output.
    Verbose,
}

static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

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

/// The verbosity that the user chose; normal until `set_up` is called.
pub fn verbosity() -> Verbosity {
    VERBOSITY.get().copied().unwrap_or_default()
}

/// How many items of a list people are shown: `default`, or with `--verbose` all.
pub fn limit(default: usize) -> usize {
    if verbosity() == Verbosity::Verbose { usize::MAX } else { default }
}
