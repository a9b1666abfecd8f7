//! Commands that look at a workspace and build it.

use std::path::PathBuf;

use clap::Subcommand;

use super::after_help::after_help;
use super::budget::BudgetArgs;
use super::levels::LevelArgs;
use super::list::ListArgs;
use super::shared::{AloneArgs, JobsArgs, MessageFormat, OutputArgs, WaitArgs, WorkspaceArgs};

/// Exit codes of the commands that report on a workspace.
const REPORT_EXIT_CODES: &[(u8, &str)] = &[
    (0, "shown, whatever is wrong with the workspace"),
    (1, "assets/ is a link, or may not be read"),
    (2, "wrong usage or no workspace"),
    (3, "a file could not be read"),
    (130, "cancelled"),
];

/// The commands that look at a workspace and build it.
#[derive(Debug, Subcommand)]
pub enum WorkCommand {
    /// Show what the workspace holds, and what a pack would do next
    ///
    /// Assets by state and bank, sizes of payloads, slots that are used and free, manifests that are not registered,
    /// moved or copied, files that no asset uses, and documents of an older version. Nothing is written. papack list
    /// shows the assets one by one.
    #[command(after_long_help = after_help(
        &[REPORT_EXIT_CODES],
        &["papack status", "papack status --message-format json"],
    ))]
    Status(StatusArgs),

    /// List the assets, with their banks, sizes, slots and states
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'; without, all registered assets are
    /// listed. Their states and sizes are those that papack status counts. Nothing is written.
    #[command(
        visible_alias = "ls",
        after_long_help = after_help(
            &[&[
                (0, "listed, whatever is wrong with the workspace"),
                (1, "an ASSET means none, or assets/ is a link, or may not be read"),
                (2, "wrong usage or no workspace"),
                (3, "a file could not be read"),
                (130, "cancelled"),
            ]],
            &["papack list", "papack list 'ui/**' --bank TILES", "papack list --state faulty --message-format json"],
        ),
    )]
    List(ListArgs),

    /// Check the whole workspace, and pack nothing
    ///
    /// Validates the registry and every registered asset as a pack would, down to pixels and samples. Assets that are
    /// not included in the build are checked too; what is wrong with them is a warning. Nothing but the cache is
    /// written.
    ///
    /// With --fix it first mends in manifests and registry what has one right answer: names of fields and values that are
    /// nearly right, a comma too many, keys that are given twice with one value, the spelling of paths, the root of an
    /// asset that was moved, and documents of an older version. What is told then, and the exit code, is what is left.
    #[command(after_long_help = after_help(
        &[&[
            (0, "nothing is wrong (with --fix: any more)"),
            (1, "at least one error, by itself or by the levels that are asked for"),
            (2, "wrong usage or no workspace"),
            (3, "a file could not be read (with --fix: or written, or changed meanwhile)"),
            (5, "with --fix: another operation holds the workspace (--no-wait)"),
            (130, "cancelled"),
        ]],
        &[
            "papack check",
            "papack check --deny-warnings --message-format github",
            "papack check --fix --dry-run",
        ],
    ))]
    Check(CheckArgs),

    /// Show how much of each budget is used
    ///
    /// For every limit of papack.toml, of the pack, a bank, a folder, an asset or a slot: how many bytes there are, how many
    /// there may be, what is left, and the share. The sizes are those of a pack that would be made now. Nothing but the cache
    /// is written.
    ///
    /// With --against it tells what changed since another pack. PACK is a file; what neither ends in .pa nor names a regular
    /// file is a revision of git, of which the committed build/assets.pa is taken. Nothing is checked out, and nothing built.
    #[command(after_long_help = after_help(
        &[&[
            (0, "within all limits that are errors"),
            (1, "such a limit is exceeded, or something else is wrong"),
            (2, "wrong usage, no workspace, or there is nothing to compare with"),
            (3, "a file could not be read"),
            (130, "cancelled"),
        ]],
        &[
            "papack budget",
            "papack budget --against main",
            "papack budget --markdown --against old/assets.pa >> \"$GITHUB_STEP_SUMMARY\"",
        ],
    ))]
    Budget(BudgetArgs),

    /// Show what a pack would derive and reuse, and why
    ///
    /// For every asset that is included in the build: which of its inputs changed, from what to what, or why nothing is
    /// to be done. Inputs that may have changed are read, but nothing is derived, and nothing is written. What is wrong
    /// is told as far as that is known before anything is derived; papack check tells all of it.
    ///
    /// With --exit-code it compares the outputs, too, where nothing would be derived.
    #[command(after_long_help = after_help(
        &[&[
            (0, "shown, whatever is wrong (with --exit-code: and a pack has nothing to do)"),
            (1, "assets/ is a link, or may not be read (with --exit-code: or there is something to do)"),
            (2, "wrong usage or no workspace"),
            (3, "a file could not be read"),
            (130, "cancelled"),
        ]],
        &["papack plan", "papack plan --verbose", "papack plan --exit-code --quiet || papack pack"],
    ))]
    Plan(PlanArgs),

    /// Pack the workspace into build/assets.pa
    ///
    /// Reads the registry (assets/.prometeu/index.json), the manifests and the artifact files of every asset that is
    /// included in the build, checks them all, and publishes assets.pa with its three companions: all four, or none.
    /// If the outputs are there already, byte for byte, nothing is written.
    ///
    /// With --check nothing is written in any case: it only says whether the outputs are what a pack would give.
    #[command(after_long_help = after_help(
        &[&[
            (0, "packed, or up to date"),
            (1, "something is wrong (with --check: or the outputs are not up to date)"),
            (2, "wrong usage or no workspace"),
            (3, "a file could not be read or written"),
            (4, "the outputs could not be made final"),
            (5, "another operation holds the workspace (--no-wait)"),
            (130, "cancelled"),
        ]],
        &[
            "papack pack",
            "papack pack --check --deny-warnings",
            "papack pack --explain --timings trace.json",
        ],
    ))]
    Pack(PackArgs),

    /// Pack now, and again whenever something changes
    ///
    /// Keeps build/ current while you work: what changes below assets/ is packed a moment later, and what is wrong is
    /// told as pack tells it. A change during a build starts it anew, and so does one of papack.toml. Ctrl-C ends the watch. It also ends when the
    /// reader of what it prints closes the pipe.
    ///
    /// Where standard output is no terminal, and no format is given, it is json: what each pack prints, and lines of
    /// type watch with what happens between them.
    #[command(after_long_help = after_help(
        &[&[
            (0, "ended by a signal between two builds"),
            (2, "wrong usage, no workspace, or the workspace was deleted meanwhile"),
            (130, "ended by a signal that cancelled a build, or before all was printed"),
        ]],
        &["papack watch", "papack watch --message-format short"],
    ))]
    Watch(WatchArgs),

    /// Serve an editor, as a language server
    ///
    /// For editors that speak the Language Server Protocol (3.17): they show what is wrong while you type, mend it, complete
    /// and explain, and pack. Your editor starts it, in the folder that it has open; it looks at unsaved texts, too, and
    /// writes nothing unless it is asked to. The guide tells how to set up editors.
    #[command(after_long_help = after_help(
        &[&[
            (0, "the editor ended as it should, or a signal came while nothing was to be done"),
            (1, "the editor is gone without a word, or sent what is no message"),
            (2, "wrong usage"),
            (3, "the editor took nothing of what was sent"),
            (130, "a signal came, and cut short what was done"),
        ]],
        &["papack lsp"],
    ))]
    Lsp,

    /// Serve editors and other programs, over JSON-RPC
    ///
    /// Keeps one session of the workspace, and does for other programs what the commands do: summary, validation, plan,
    /// pack, watch, and the changes of documents. Requests come from standard input, and answers and events go to
    /// standard output, each behind a header Content-Length, until the program is gone. With --socket, any number of
    /// programs of the same user connect to PATH, and share the session until a signal ends it. papack schema serve
    /// prints what the messages look like.
    #[command(after_long_help = after_help(
        &[&[
            (0, "the program is gone, or a signal came while nothing was to be done"),
            (1, "what came from standard input is no message"),
            (2, "wrong usage, no workspace, or no socket can be made at PATH"),
            (3, "the program took nothing of what was sent"),
            (130, "a signal came, and cut short what was done"),
        ]],
        &["papack serve --workspace ~/mygame", "papack serve --socket \"$XDG_RUNTIME_DIR/mygame.sock\""],
    ))]
    Serve(ServeArgs),
}

/// Arguments of `papack pack`.
#[derive(Debug, clap::Args)]
pub struct PackArgs {
    /// Write nothing, and exit with 1 unless the outputs are what a pack would give
    #[arg(long)]
    pub check: bool,

    /// Tell for each asset whether it was derived or reused, and why
    #[arg(long)]
    pub explain: bool,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub build: BuildArgs,
}

/// Arguments of `papack check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Apply the fixes that are the one right answer, and tell what is wrong afterwards
    #[arg(long)]
    pub fix: bool,

    /// Write nothing, and say what would be changed
    #[arg(long, requires = "fix")]
    pub dry_run: bool,

    /// Fail at once (exit code 5) when another operation holds the workspace, instead of waiting for it
    #[arg(long, requires = "fix")]
    pub no_wait: bool,

    #[command(flatten)]
    pub build: BuildArgs,
}

/// Arguments of `papack plan`.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// Exit with 1 unless a pack has nothing to do: nothing to derive, and no output to replace
    #[arg(long)]
    pub exit_code: bool,

    #[command(flatten)]
    pub build: BuildArgs,
}

/// The arguments that `check`, `plan` and `pack` share.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    /// Believe nothing that earlier operations found: read and derive everything again
    #[arg(long)]
    pub rehash: bool,

    /// Write to FILE, a new one or one of earlier timings, where the time went, as Chrome trace events for Perfetto and
    /// other viewers
    #[arg(long, value_name = "FILE")]
    pub timings: Option<PathBuf>,

    #[command(flatten)]
    pub alone: AloneArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub alone: AloneArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Make a socket at PATH, and serve all who connect to it, instead of standard input and output
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,
}

/// Arguments of `papack watch`.
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    /// How to print what is found and done
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub message_format: Option<MessageFormat>,
}
