//! Arguments of `papack list`.

use clap::ValueEnum;

use super::levels::LevelArgs;
use super::shared::{JobsArgs, OutputArgs, WorkspaceArgs};

/// Arguments of `papack list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The assets: ids, roots, names, or patterns over roots; where more than one would do, in this order [default: all]
    #[arg(value_name = "ASSET")]
    pub assets: Vec<String>,

    /// List only assets of this bank
    #[arg(long, value_name = "BANK", value_enum, ignore_case = true)]
    pub bank: Option<BankName>,

    /// List only assets in this state
    #[arg(long, value_name = "STATE", value_enum, ignore_case = true)]
    pub state: Option<StateName>,

    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub jobs: JobsArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// The banks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BankName {
    /// Pictures of tiles
    #[value(name = "TILES")]
    Tiles,
    /// Sounds
    #[value(name = "SOUNDS")]
    Sounds,
    /// Any files, as they are
    #[value(name = "DATA")]
    Data,
}

/// The states of registered assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StateName {
    /// It could be packed
    Ready,
    /// Something is wrong with it
    Faulty,
    /// Its folder or its manifest is not there
    Missing,
    /// Its folder is not there, and its manifest is elsewhere
    Moved,
}
