//! Commands that keep a workspace in order, alone or in a team.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use papack_queries::size;

use super::after_help::{WRITE_EXIT_CODES, after_help};
use super::shared::{ManageArgs, OutputArgs, WaitArgs, WorkspaceArgs};

/// The shell commands that make git merge registries with papack: the first is committed, the others are needed once in
/// every clone.
pub const MERGE_DRIVER_SETUP: &str = "\
echo 'assets/.prometeu/index.json merge=papack-registry' >> .gitattributes
git config merge.papack-registry.name 'papack registry'
git config merge.papack-registry.driver 'papack merge-registry %O %A %B'";

/// The commands for upkeep and teamwork.
#[derive(Debug, Subcommand)]
pub enum UpkeepCommand {
    /// Tell what is wrong with registry and identities, and mend it
    ///
    /// Looks for conflicts that version control left, ids, uuids and roots that two assets have, a counter that is too
    /// low, assets that are gone, moved, copied or not registered, and what was left by operations that were cut short.
    /// With --fix it mends what has one right answer; everything else is told with what mends it.
    #[command(after_long_help = after_help(
        &[&[(0, "nothing is wrong, or all was mended"), (1, "something is left")], WRITE_EXIT_CODES],
        &["papack doctor", "papack doctor --fix --dry-run", "papack doctor --renumber ui/atlas"],
    ))]
    Doctor(DoctorArgs),

    /// Rewrite documents of an older version
    ///
    /// The registry and every asset.json, registered or not, become documents of the current version. The authors' text
    /// stays as it is but for what the version changes. A manifest with faults is named and left as it is.
    #[command(after_long_help = after_help(
        &[&[(0, "all documents are current"), (1, "a registered document could not be migrated")], WRITE_EXIT_CODES],
        &["papack migrate --dry-run", "papack migrate"],
    ))]
    Migrate(MigrateArgs),

    /// Show how much the cache holds, prune it, or clear it
    ///
    /// The cache, assets/.prometeu/cache, holds what earlier packs derived, so that the next ones need not. It is safe
    /// to remove at any time: the next pack takes longer, and gives the same bytes. It keeps within its bound by
    /// itself.
    #[command(after_long_help = after_help(
        &[&[
            (0, "shown, pruned or cleared"),
            (1, "something else is where the folder of the cache belongs"),
            (2, "wrong usage or no workspace"),
            (3, "a file could not be read or removed"),
            (5, "another operation holds the workspace (--no-wait)"),
            (130, "cancelled"),
        ]],
        &["papack cache", "papack cache prune --max-size 200MiB", "papack cache clear"],
    ))]
    Cache(CacheArgs),

    /// Merge the registries of two branches, for version control
    ///
    /// Git calls it with its temporary files, once it is told to. Additions, removals, moves and switches of both sides
    /// are taken, and the larger counter. Where the sides contradict each other OURS is kept, and every such conflict
    /// is told; the file that is written is a sound registry all the same.
    #[command(after_long_help = format!("Let git use it with:\n\n{MERGE_DRIVER_SETUP}\n\n{}", after_help(
        &[&[
            (0, "merged"),
            (1, "there are conflicts, or a side is no sound registry and OURS is as it was"),
            (2, "wrong usage, or a file cannot be read or written"),
        ]],
        &["papack merge-registry base.json ours.json theirs.json"],
    )))]
    MergeRegistry(MergeRegistryArgs),
}

/// Arguments of `papack doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Mend what has one right answer: a counter that is too low, an asset that is listed twice or was moved to one
    /// place, the form of the registry, and what operations left that were cut short
    #[arg(long)]
    pub fix: bool,

    /// Give ASSET, named by its root or uuid, the next id: for one of two assets that have the same
    #[arg(long, value_name = "ASSET")]
    pub renumber: Option<String>,

    /// With --renumber: give the id that ASSET had to OTHER, named likewise, because games know OTHER by it
    #[arg(long, value_name = "OTHER", requires = "renumber")]
    pub give_to: Option<String>,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// Arguments of `papack cache`.
#[derive(Debug, clap::Args)]
pub struct CacheArgs {
    /// What to do with the cache
    #[arg(value_name = "ACTION", value_enum, default_value_t)]
    pub action: CacheAction,

    /// With prune: how large the payloads may stay, such as 200MiB [default: 1GiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_size: Option<u64>,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// What to do with the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CacheAction {
    /// Show how much it holds
    #[default]
    Show,
    /// Remove payloads that are too many, those first that were not used for longest
    Prune,
    /// Remove all of it
    Clear,
}

/// Parses a number of bytes, with or without a unit.
fn parse_size(text: &str) -> Result<u64, String> {
    size::parse(text).ok_or_else(|| size::EXPECTED.to_owned())
}

/// Arguments of `papack merge-registry`.
#[derive(Debug, clap::Args)]
pub struct MergeRegistryArgs {
    /// The registry that both sides come from; absent or empty where there was none (%O)
    #[arg(value_name = "BASE")]
    pub base: PathBuf,

    /// Our registry, which is replaced by the merged one (%A)
    #[arg(value_name = "OURS")]
    pub ours: PathBuf,

    /// Their registry (%B)
    #[arg(value_name = "THEIRS")]
    pub theirs: PathBuf,
}

/// Arguments of `papack migrate`.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    pub manage: ManageArgs,
}
