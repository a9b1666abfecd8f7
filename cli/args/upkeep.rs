//! Commands that keep a workspace in order, alone or in a team.

use clap::Subcommand;

use super::ManageArgs;
use super::help::{WRITING, closing};

/// Upkeep, and work in a team.
#[derive(Debug, Subcommand)]
pub enum UpkeepCommand {
    /// Rewrite documents of an older version
    ///
    /// The registry and every asset.json, registered or not, become documents of the current version. The authors' text
    /// stays as it is but for what the version changes. A manifest with faults is named and left as it is.
    #[command(after_long_help = closing(
        &[&[(0, "all documents are current"), (1, "a registered document could not be migrated")], WRITING],
        &["papack migrate --dry-run", "papack migrate"],
    ))]
    Migrate(MigrateArgs),
}

/// Arguments of `papack migrate`.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    pub manage: ManageArgs,
}
