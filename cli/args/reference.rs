//! Commands that describe papack itself.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use clap_complete::Shell;

use super::after_help::after_help;

/// The commands for reference.
#[derive(Debug, Subcommand)]
pub enum ReferenceCommand {
    /// Explain what a diagnostic code means, and how to mend it
    ///
    /// With an example of what is wrong, and of what is right. Without CODE it lists all codes, each with a line.
    #[command(after_long_help = after_help(
        &[&[(0, "explained"), (2, "wrong usage, or there is no such code")]],
        &["papack explain PATH_SPELLING", "papack explain"],
    ))]
    Explain(ExplainArgs),

    /// Print the JSON Schema of a document, for editors and programs
    ///
    /// Give the schemas of asset.json and index.json to your editor: it then completes fields, explains them, and marks
    /// faults while you type. What no schema can say, such as that a name is taken, only papack finds. Without NAME,
    /// the schemas are listed.
    #[command(after_long_help = after_help(
        &[&[(0, "printed"), (2, "wrong usage")]],
        &["papack schema", "papack schema asset > asset.schema.json"],
    ))]
    Schema(SchemaArgs),

    /// Print the script that lets a shell complete commands
    ///
    /// Load it in the shell, or write it to where the shell looks for such scripts. bash, zsh and fish complete the
    /// names and roots of assets, slots and codes too: their script asks papack, which only looks at the registry and
    /// the manifests.
    #[command(after_long_help = after_help(
        &[&[(0, "printed"), (2, "wrong usage")]],
        &[
            "source <(papack completions bash)",
            "papack completions fish > ~/.config/fish/completions/papack.fish",
        ],
    ))]
    Completions(CompletionsArgs),

    /// Print what may stand in the place of the last word, for the scripts of papack completions
    #[command(hide = true, after_long_help = after_help(
        &[&[(0, "printed, whatever is wrong with the workspace"), (2, "wrong usage")]],
        &["papack complete bash -- papack explain TI"],
    ))]
    Complete(CompleteArgs),

    /// Print the manual page, or write the pages of all commands
    ///
    /// Without --to the page of papack itself is printed; with it, that and a page for each command are written to DIR
    /// as papack.1, papack-pack.1 and so on. Each takes the place of the one that is there as a whole; a link or
    /// anything else in its place that is no regular file is left alone, and an error.
    #[command(after_long_help = after_help(
        &[&[(0, "printed or written"), (2, "wrong usage"), (3, "a page could not be written")]],
        &["papack man | man -l -", "papack man --to ~/.local/share/man/man1"],
    ))]
    Man(ManArgs),
}

/// Arguments of `papack schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// The document to describe
    #[arg(value_name = "NAME", value_enum)]
    pub name: Option<SchemaName>,
}

/// A document that has a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// The manifest of an asset, asset.json
    Asset,
    /// The registry, assets/.prometeu/index.json
    Index,
    /// The settings of a workspace, papack.toml
    Settings,
    /// A line with a fault or a notice, of --message-format json
    Diagnostic,
    /// A line with a step of an operation
    Event,
    /// The last line of papack plan
    Plan,
    /// The last line of papack pack
    Pack,
    /// A line with what papack watch does between its builds
    Watch,
    /// A message of papack serve
    Serve,
    /// The last line of papack check
    Check,
    /// The last line of papack status
    Status,
    /// The last line of papack list
    List,
    /// The last line of papack budget
    Budget,
    /// The last line of papack init, add, mv and the others that change documents
    Manage,
    /// The last line of papack cache
    Cache,
    /// The last line of papack verify
    Verify,
    /// The last line of papack verify --reproduce
    Reproduce,
    /// The last line of papack inspect
    Inspect,
    /// The last line of papack extract
    Extract,
    /// The last line of papack convert
    Convert,
    /// The last line of papack diff
    Diff,
    /// The only line of a command that could not start
    Refusal,
}

/// Arguments of `papack explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The code, as a diagnostic shows it in brackets, in any case
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// Arguments of `papack completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell to print for
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Arguments of `papack complete`.
#[derive(Debug, clap::Args)]
pub struct CompleteArgs {
    /// The shell that asks
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: CompletingShell,

    /// The words of the command line up to the cursor, as the shell has them
    #[arg(value_name = "WORD", last = true)]
    pub words: Vec<OsString>,
}

/// A shell whose script asks papack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletingShell {
    Bash,
    Zsh,
    Fish,
}

/// Arguments of `papack man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The folder to write to. It is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}
