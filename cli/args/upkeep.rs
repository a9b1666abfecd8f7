//! Commands that keep a workspace in order, alone or in a team.

use std::path::PathBuf;

use clap::Subcommand;

use super::ManageArgs;
use super::help::{WRITING, closing};
use crate::merge_registry::HOW_TO_ENABLE;

/// Upkeep, and work in a team.
#[derive(Debug, Subcommand)]
pub enum UpkeepCommand {
    /// Tell what is wrong with registry and identities, and mend it
    ///
    /// Looks for conflicts that version control left, ids, uuids and roots that two assets have, a counter that is too low,
    /// assets that are gone, moved, copied or not registered, and what was left by operations that were cut short. With
    /// --fix it mends what has one right answer; everything else is told with what mends it.
    #[command(after_long_help = closing(
        &[&[(0, "nothing is wrong, or all was mended"), (1, "something is left")], WRITING],
        &["papack doctor", "papack doctor --fix --dry-run", "papack doctor --renumber ui/atlas"],
    ))]
    Doctor(DoctorArgs),

    /// Rewrite documents of an older version
    ///
    /// The registry and every asset.json, registered or not, become documents of the current version. The authors' text
    /// stays as it is but for what the version changes. A manifest with faults is named and left as it is.
    #[command(after_long_help = closing(
        &[&[(0, "all documents are current"), (1, "a registered document could not be migrated")], WRITING],
        &["papack migrate --dry-run", "papack migrate"],
    ))]
    Migrate(MigrateArgs),

    /// Merge the registries of two branches, for version control
    ///
    /// Git calls it with its temporary files, once it is told to. Additions, removals, moves and switches of both sides are
    /// taken, and the larger counter. Where the sides contradict each other OURS is kept, and every such conflict is told;
    /// the file that is written is a sound registry all the same.
    #[command(after_long_help = format!("Let git use it with:\n\n{HOW_TO_ENABLE}\n\n{}", closing(
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
    /// Mend what has one right answer: a counter that is too low, an asset that is listed twice or was moved to one place,
    /// the form of the registry, and what operations left that were cut short
    #[arg(long)]
    pub fix: bool,

    /// Give ASSET, named by its root or uuid, the next id: for one of two assets that have the same
    #[arg(long, value_name = "ASSET")]
    pub renumber: Option<String>,

    #[command(flatten)]
    pub manage: ManageArgs,
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
