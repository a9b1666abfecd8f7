//! What the command line understands.

mod manage;
mod packs;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::merge_registry::HOW_TO_ENABLE;

pub use manage::{
    AddArgs, AssetsArgs, DoctorArgs, FormatName, InitArgs, ManageArgs, ManageOptions, MergeRegistryArgs, MigrateArgs,
    MvArgs, NewArgs, PreloadArgs, RenameArgs, RmArgs, TilePixels,
};
use packs::{DIFF_EXAMPLES, EXTRACT_EXAMPLES};
pub use packs::{DiffArgs, ExtractArgs};

/// The asset packer of the PROMETEU fantasy console.
///
/// papack turns the assets of a workspace into one deterministic binary, build/assets.pa, and its JSON companions.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What papack can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a workspace, empty or with a few assets to try
    ///
    /// Writes assets/.prometeu/index.json, the registry without assets, and a .gitignore for what is not to be committed,
    /// unless there is one. Where there is a workspace already, nothing is done, and nothing is ever overwritten.
    ///
    /// Exit codes: 0 made · 1 there is a workspace already, or something is in the way · 2 wrong usage, or no such folder ·
    /// 3 a file could not be written · 4 an earlier promotion could not be completed · 5 another operation holds the
    /// workspace (--no-wait) · 130 cancelled.
    Init(InitArgs),

    /// Pack the workspace into build/assets.pa
    ///
    /// Reads the registry (assets/.prometeu/index.json), the manifests and the artifact files of every asset that is
    /// included in the build, checks them all, and publishes assets.pa with its three companions: all four, or none.
    /// If the outputs are there already, byte for byte, nothing is written.
    ///
    /// Exit codes: 0 packed · 1 something is wrong with the workspace · 2 wrong usage or no workspace · 3 a file
    /// could not be read or written · 4 the outputs could not be made final · 5 another operation holds the workspace
    /// (--no-wait) · 130 cancelled.
    Pack(PackArgs),

    /// Check the whole workspace, and pack nothing
    ///
    /// Validates the registry and every registered asset as a pack would, down to pixels and samples. Assets that are
    /// not included in the build are checked too; what is wrong with them is a warning. Nothing is written.
    ///
    /// Exit codes: 0 nothing is wrong · 1 at least one error (with --deny-warnings: or warning) · 2 wrong usage or no
    /// workspace · 3 a file could not be read · 130 cancelled.
    Check(CheckArgs),

    /// Show what the workspace holds, and what a pack would do next
    ///
    /// Assets by state and bank, sizes of payloads, slots that are used and free, manifests that are not registered,
    /// moved or copied, files that no asset uses, and documents of an older version. Nothing is written.
    ///
    /// Exit codes: 0 shown, whatever is wrong with the workspace · 1 assets/ is a link or may not be read · 2 wrong usage or no workspace · 3 a file could not be
    /// read · 130 cancelled.
    Status(StatusArgs),

    /// Write the asset.json of a new asset, and register it
    ///
    /// ROOT is a folder, named relative to assets/, which is made unless it is there. Its asset takes FILES, or all files
    /// of the format's kind, and is named after the folder. What the format needs is filled in; change it as you like.
    ///
    /// Exit codes: 0 made · 1 something is in the way, or a file is not there · 2 wrong usage or no workspace · 3 a file
    /// could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds the
    /// workspace (--no-wait) · 130 cancelled.
    New(NewArgs),

    /// Register assets that are there, so that they are packed
    ///
    /// ROOT is a folder with an asset.json, named relative to assets/. Its asset gets the next id, and is included in the
    /// build. A manifest that has no uuid, or is a copy and has that of another asset, gets one of its own; the rest of
    /// its text stays as it is. An asset that is registered already is left alone. If anything is wrong with one of them,
    /// nothing is written.
    ///
    /// Exit codes: 0 registered · 1 something is wrong with an asset or the registry · 2 wrong usage or no workspace · 3 a
    /// file could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds the
    /// workspace (--no-wait) · 130 cancelled.
    Add(AddArgs),

    /// Move an asset to another folder, and keep its id
    ///
    /// ASSET is an id, a root, a name or a pattern that one root matches. Its folder moves to assets/ROOT, where nothing may be, and the registry follows.
    /// If the folder was moved there by hand, only the registry is changed.
    ///
    /// Exit codes: 0 moved · 1 something is in the way · 2 wrong usage or no workspace · 3 a file could not be read or
    /// written · 4 an earlier promotion could not be completed · 5 another operation holds the workspace (--no-wait) ·
    /// 130 cancelled.
    Mv(MvArgs),

    /// Include assets in the build
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'. From now on they are packed.
    ///
    /// Exit codes: 0 included · 1 no such asset, or something is wrong with the registry · 2 wrong usage or no workspace ·
    /// 3 a file could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds
    /// the workspace (--no-wait) · 130 cancelled.
    Include(AssetsArgs),

    /// Exclude assets from the build
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'. They stay registered and keep their ids, but
    /// are not packed.
    ///
    /// Exit codes: 0 excluded · 1 no such asset, or something is wrong with the registry · 2 wrong usage or no workspace ·
    /// 3 a file could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds
    /// the workspace (--no-wait) · 130 cancelled.
    Exclude(AssetsArgs),

    /// Give an asset another name
    ///
    /// NAME is what games know the asset by; its folder stays. No other asset that is packed may have it.
    ///
    /// Exit codes: 0 renamed · 1 no such asset, or something is wrong with it or the name · 2 wrong usage or no workspace ·
    /// 3 a file could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds
    /// the workspace (--no-wait) · 130 cancelled.
    Rename(RenameArgs),

    /// Say into which slot of its bank an asset is preloaded
    ///
    /// Exit codes: 0 done · 1 no such asset, something is wrong with it, or the slot is taken · 2 wrong usage or no
    /// workspace · 3 a file could not be read or written · 4 an earlier promotion could not be completed · 5 another
    /// operation holds the workspace (--no-wait) · 130 cancelled.
    Preload(PreloadArgs),

    /// Take assets out of the registry, and leave their files unless told otherwise
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'. Their ids are never given again: registered
    /// anew, an asset gets another one. To pack it no longer but keep its id, exclude it. With --delete-files their folders
    /// are deleted too, after the registry was written, with all that is in them; --dry-run says how many files.
    ///
    /// Exit codes: 0 taken out · 1 no such asset, or something is wrong with the registry · 2 wrong usage or no workspace ·
    /// 3 a file could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds
    /// the workspace (--no-wait) · 130 cancelled.
    Rm(RmArgs),

    /// Tell what is wrong with registry and identities, and mend it
    ///
    /// Looks for conflicts that version control left, ids, uuids and roots that two assets have, a counter that is too low,
    /// assets that are gone, moved, copied or not registered, and what was left by operations that were cut short. With
    /// --fix it mends what has one right answer; everything else is told with what mends it.
    ///
    /// Exit codes: 0 nothing is wrong, or all was mended · 1 something is left · 2 wrong usage or no workspace · 3 a file
    /// could not be read or written · 4 an earlier promotion could not be completed · 5 another operation holds the
    /// workspace (--no-wait) · 130 cancelled.
    Doctor(DoctorArgs),

    /// Rewrite documents of an older version
    ///
    /// The registry and every asset.json, registered or not, become documents of the current version. The authors' text
    /// stays as it is but for what the version changes. A manifest with faults is named and left as it is.
    ///
    /// Exit codes: 0 all documents are current · 1 a registered document could not be migrated · 2 wrong usage or no
    /// workspace · 3 a file could not be read or written · 4 an earlier promotion could not be completed · 5 another
    /// operation holds the workspace (--no-wait) · 130 cancelled.
    Migrate(MigrateArgs),

    /// Merge the registries of two branches, for version control
    ///
    /// Git calls it with its temporary files, once it is told to (see the guide). Additions, removals, moves and switches of
    /// both sides are taken, and the larger counter. Where the sides contradict each other OURS is kept, and every
    /// such conflict is told; the file that is written is a sound registry all the same.
    ///
    /// Exit codes: 0 merged · 1 there are conflicts, or a side is no sound registry and OURS is as it was · 2 wrong usage,
    /// or a file cannot be read or written.
    #[command(after_long_help = format!("Let git use it with:\n\n{HOW_TO_ENABLE}"))]
    MergeRegistry(MergeRegistryArgs),

    /// Verify that a file is a sound assets.pa, and that its companions tell the same
    ///
    /// Checks the prelude, the header in every field, its canonical form, the places of all payloads, and the metadata
    /// against the payloads' sizes. Companions that lie in the folder of FILE are compared with it; the sidecar among them
    /// states the digest of every payload, and all are hashed. All faults are named, not only the first.
    ///
    /// With --reproduce no file is named: the workspace is packed three times in different ways (one thread and many,
    /// folders listed in another order, everything known already), and the outputs are compared byte by byte, with those
    /// in build/ too where they are up to date. Nothing is published.
    ///
    /// Exit codes: 0 sound · 1 at least one fault · 2 wrong usage, no workspace, or FILE cannot be read. With --reproduce
    /// also: 3 a file could not be read or written, or changed meanwhile · 5 another operation holds the workspace
    /// (--no-wait) · 130 cancelled.
    #[command(override_usage = "papack verify [OPTIONS] FILE\n       papack verify [OPTIONS] --reproduce")]
    Verify(VerifyArgs),

    /// Show what is in an assets.pa
    ///
    /// A table of its assets, totals by bank, and what is preloaded; with ASSET, the metadata of these assets instead.
    /// Of a damaged file it shows what can be read, and says that the file is refused. Payloads are not read.
    ///
    /// Exit codes: 0 shown · 1 the file is refused, or has no such asset · 2 wrong usage, or FILE cannot be read.
    Inspect(InspectArgs),

    /// Write what is in an assets.pa to files
    ///
    /// Each asset goes to a place of its own in DIR, named by its id and its name. Of tiles and sounds it is the payload
    /// as the runtime gets it (3-ui_atlas.bin); with --decode a folder of PNG or WAV files, which pack to the same payload
    /// again. Data assets give back their files in any case. Nothing is overwritten, no link is followed, and an
    /// extraction that fails leaves nothing behind.
    ///
    /// Exit codes: 0 extracted · 1 the file is refused, has no such asset, or something is in the way · 2 wrong usage, or
    /// FILE cannot be read · 3 a file could not be read or written · 130 cancelled.
    #[command(after_long_help = EXTRACT_EXAMPLES)]
    Extract(ExtractArgs),

    /// Show what changed between two assets.pa
    ///
    /// Assets that were added, removed or renamed, and of the others what is not the same: bank, size, preload slot,
    /// metadata, and within the payload which tiles and palettes, which samples and frames, or which files. Sidecars beside
    /// OLD and NEW tell which assets were moved.
    ///
    /// Exit codes: 0 equal, byte for byte · 1 different, or one of them is refused · 2 wrong usage, or a file cannot be
    /// read.
    #[command(after_long_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),

    /// Print the JSON Schema of a document, for editors and programs
    ///
    /// Give the schemas of asset.json and index.json to your editor: it then completes fields, explains them, and marks
    /// faults while you type. What no schema can say, such as that a name is taken, only papack finds. Without NAME, the
    /// schemas are listed.
    ///
    /// Example: papack schema asset > asset.schema.json
    ///
    /// Exit codes: 0 printed · 2 wrong usage.
    Schema(SchemaArgs),

    /// Explain what a diagnostic code means, with an example of what is wrong and what is right
    ///
    /// Without CODE it lists all codes, each with a line.
    ///
    /// Exit codes: 0 explained · 2 there is no such code.
    Explain(ExplainArgs),
}

/// Arguments of `papack pack`.
#[derive(Debug, clap::Args)]
pub struct PackArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    /// Fail at once (exit code 5) when another operation holds the workspace, instead of waiting for it
    #[arg(long)]
    pub no_wait: bool,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    /// Exit with 1 for a warning too
    #[arg(long)]
    pub deny_warnings: bool,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The file to verify, usually build/assets.pa
    #[arg(
        value_name = "FILE",
        required_unless_present = "reproduce",
        conflicts_with_all = ["reproduce", "workspace", "no_wait"],
    )]
    pub file: Option<PathBuf>,

    /// Pack the workspace in different ways, and verify that the outputs are the same
    #[arg(long)]
    pub reproduce: bool,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    /// Fail at once (exit code 5) when another operation holds the workspace, instead of waiting for it
    #[arg(long)]
    pub no_wait: bool,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// The file to look into, usually build/assets.pa
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Show these assets in full. Each is an id or a name; where both would do, the id counts
    #[arg(value_name = "ASSET")]
    pub assets: Vec<String>,

    #[command(flatten)]
    pub output: OutputArgs,
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
    /// A line with a fault or a notice, of --message-format json
    Diagnostic,
    /// A line with a step of an operation
    Event,
    /// The last line of papack pack
    Pack,
    /// The last line of papack check
    Check,
    /// The last line of papack status
    Status,
    /// The last line of papack init, add, mv and the others that change documents
    Manage,
    /// The last line of papack verify FILE
    Verify,
    /// The last line of papack verify --reproduce
    Reproduce,
    /// The last line of papack inspect
    Inspect,
    /// The last line of papack extract
    Extract,
    /// The last line of papack diff
    Diff,
}

/// Arguments of `papack explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The code, as a diagnostic shows it in brackets, in any case
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// Which workspace a command works on.
#[derive(Debug, clap::Args)]
pub struct WorkspaceArgs {
    /// The workspace [default: the nearest folder, from the current one upwards, that has a registry]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
}

/// How hard a command works.
#[derive(Debug, clap::Args)]
pub struct JobsArgs {
    /// How many threads to use [default: one for each processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// How a command prints.
#[derive(Debug, clap::Args)]
pub struct OutputArgs {
    /// How to print what is found and done
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub message_format: MessageFormat,
}

/// How diagnostics and results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// For people: excerpts of the source, and colour where there is a terminal
    #[default]
    Human,
    /// For people in a hurry: one line for each diagnostic
    Short,
    /// For programs: one JSON object a line on standard output, the result last
    Json,
    /// For GitHub: annotations of a pull request
    Github,
}
