//! Arguments of `papack budget`.

use std::path::PathBuf;

use super::levels::LevelArgs;
use super::shared::{JobsArgs, OutputArgs, WorkspaceArgs};

/// Arguments of `papack budget`.
#[derive(Debug, clap::Args)]
pub struct BudgetArgs {
    /// Tell what changed since this pack, or since this revision of git
    #[arg(long, value_name = "PACK|REVISION")]
    pub against: Option<PathBuf>,

    /// Print tables in Markdown, as for the summary of a job
    #[arg(long, conflicts_with = "message_format")]
    pub markdown: bool,

    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}
