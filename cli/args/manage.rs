//! Arguments of the commands that change documents.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{OutputArgs, WorkspaceArgs};

/// Arguments of `papack init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The folder that becomes the workspace; it is made if the folder around it is there
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,

    /// Put a few pictures, sounds and texts into it, ready to pack
    #[arg(long)]
    pub demo: bool,

    #[command(flatten)]
    pub manage: ManageOptions,
}

/// Arguments of `papack new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// The folder of the asset, relative to assets/, or as a path from here
    #[arg(value_name = "ROOT")]
    pub root: String,

    /// What becomes of its files
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: FormatName,

    /// How many pixels wide and high a tile is, for the format of TILES [default: 16 if that fits all pictures, else 8]
    #[arg(long, value_name = "PIXELS", value_enum)]
    pub tile_size: Option<TilePixels>,

    /// The files, in order, relative to ROOT, or as paths from here [default: all .png or .wav files in it, or all files for DATA]
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// Pictures of tiles
    #[value(name = "TILES/indexed_v1")]
    Tiles,
    /// Sounds
    #[value(name = "SOUNDS/pcm_v1")]
    Sounds,
    /// Any files, as they are
    #[value(name = "DATA/raw_v1")]
    Data,
}

/// Edges of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TilePixels {
    #[value(name = "8")]
    Eight,
    #[value(name = "16")]
    Sixteen,
    #[value(name = "32")]
    ThirtyTwo,
}

/// Arguments of `papack add`.
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The folders of the assets, relative to assets/, or as paths from here
    #[arg(value_name = "ROOT", required_unless_present = "all")]
    pub roots: Vec<String>,

    /// Register every asset.json that the registry does not know
    #[arg(long, conflicts_with = "roots")]
    pub all: bool,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// Arguments of `papack mv`.
#[derive(Debug, clap::Args)]
pub struct MvArgs {
    /// The asset: its id, its root, its name, or a pattern over roots; where more than one would do, in this order
    #[arg(value_name = "ASSET")]
    pub asset: String,

    /// Its new folder, relative to assets/, or as a path from here
    #[arg(value_name = "ROOT")]
    pub root: String,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// Arguments of `papack rm`.
#[derive(Debug, clap::Args)]
pub struct RmArgs {
    /// Delete the folders of the assets too, with all that is in them
    #[arg(long)]
    pub delete_files: bool,

    #[command(flatten)]
    pub assets: AssetsArgs,
}

/// Arguments of `papack include` and `exclude`.
#[derive(Debug, clap::Args)]
pub struct AssetsArgs {
    /// The assets: ids, roots, names, or patterns over roots; where more than one would do, in this order
    #[arg(value_name = "ASSET", required = true)]
    pub assets: Vec<String>,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// Arguments of `papack rename`.
#[derive(Debug, clap::Args)]
pub struct RenameArgs {
    /// The asset: its id, its root, its name, or a pattern over roots; where more than one would do, in this order
    #[arg(value_name = "ASSET")]
    pub asset: String,

    /// Its new name
    #[arg(value_name = "NAME")]
    pub name: String,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// Arguments of `papack preload`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("how").args(["slot", "next", "off"]).required(true))]
pub struct PreloadArgs {
    /// The asset: its id, its root, its name, or a pattern over roots; where more than one would do, in this order
    #[arg(value_name = "ASSET")]
    pub asset: String,

    /// Preload it into slot N of its bank
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..16))]
    pub slot: Option<u8>,

    /// Preload it into the first slot of its bank that is free
    #[arg(long)]
    pub next: bool,

    /// Do not preload it
    #[arg(long)]
    pub off: bool,

    #[command(flatten)]
    pub manage: ManageArgs,
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

/// Arguments of every command that changes documents.
#[derive(Debug, clap::Args)]
pub struct ManageArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub options: ManageOptions,
}

/// How documents are changed.
#[derive(Debug, clap::Args)]
pub struct ManageOptions {
    /// Write nothing, and say what would be changed
    #[arg(long)]
    pub dry_run: bool,

    /// Fail at once (exit code 5) when another operation holds the workspace, instead of waiting for it
    #[arg(long)]
    pub no_wait: bool,

    #[command(flatten)]
    pub output: OutputArgs,
}
