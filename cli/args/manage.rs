//! Commands that start a workspace and manage its assets.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum, ValueHint};
use papack_queries::schema::manifest::SLOTS;

use super::after_help::{WRITE_EXIT_CODES, after_help};
use super::shared::{ManageArgs, ManageOptions, OutputArgs};

/// The commands that start a workspace and manage its assets.
#[derive(Debug, Subcommand)]
pub enum ManageCommand {
    /// Make a workspace, empty or with a few assets to try
    ///
    /// Writes assets/.prometeu/index.json, the registry without assets, and a .gitignore for what is not to be
    /// committed, unless there is one. Where there is a workspace already, nothing is done, and nothing is ever
    /// overwritten.
    #[command(after_long_help = after_help(
        &[&[(0, "made"), (1, "there is a workspace already, or something is in the way")], WRITE_EXIT_CODES],
        &["papack init", "papack init mygame", "papack init mygame --demo"],
    ))]
    Init(InitArgs),

    /// Write the asset.json of a new asset, and register it
    ///
    /// ROOT is a folder with files, named relative to assets/. Its asset takes FILES, or all files of the format's kind,
    /// and is named after the folder. The format is that of the files: pictures, sounds, or anything else; where there
    /// are several kinds, or pictures or sounds that no format reads, name the files or the format. What the format needs
    /// is filled in; change it as you like. What the next pack would refuse is refused, and nothing is written.
    ///
    /// With --all, there is one asset for each folder of pictures or sounds that no asset takes in. Without --yes, it only
    /// shows what it would make.
    #[command(after_long_help = after_help(
        &[&[(0, "made, or shown"), (1, "something is in the way, or wrong with a file")], WRITE_EXIT_CODES],
        &[
            "papack new ui/atlas",
            "papack new texts intro.txt end.txt --format data",
            "papack new --all --yes",
        ],
    ))]
    New(NewArgs),

    /// Register assets that are there, so that they are packed
    ///
    /// ROOT is a folder with an asset.json, named relative to assets/. Its asset gets the next id, and is included in
    /// the build. A manifest that has no uuid, or is a copy and has that of another asset, gets one of its own; the
    /// rest of its text stays as it is. Its name and preload slot must be free: no other asset that is packed may have
    /// them. An asset that is registered already is left alone. If anything is wrong with one of them, nothing is
    /// written.
    #[command(after_long_help = after_help(
        &[&[(0, "registered"), (1, "something is wrong with an asset or the registry")], WRITE_EXIT_CODES],
        &["papack add ui/atlas", "papack add --all"],
    ))]
    Add(AddArgs),

    /// Move an asset to another folder, and keep its id
    ///
    /// ASSET is an id, a root, a name, or a pattern that one root matches. Its folder moves to assets/ROOT, where
    /// nothing may be, and the registry follows; folders around it are made. If the folder was moved there by hand, only
    /// the registry is changed.
    #[command(after_long_help = after_help(
        &[&[(0, "moved"), (1, "no such asset, or something is in the way")], WRITE_EXIT_CODES],
        &["papack mv ui/atlas gfx/atlas", "papack mv 7 gfx/atlas"],
    ))]
    Mv(MvArgs),

    /// Give an asset another name
    ///
    /// NAME is what games know the asset by; its folder stays. No other asset that is packed may have it.
    #[command(after_long_help = after_help(
        &[&[(0, "renamed"), (1, "no such asset, or something is wrong with it or the name")], WRITE_EXIT_CODES],
        &["papack rename ui_atlas hud_atlas"],
    ))]
    Rename(RenameArgs),

    /// Say into which slot of its bank an asset is preloaded
    ///
    /// What is preloaded is there when the game starts. Each bank has slots 0 to 15, and a slot takes one asset.
    #[command(
        override_usage = "papack preload [OPTIONS] ASSET --slot N\n       papack preload [OPTIONS] ASSET --next\n       \
                          papack preload [OPTIONS] ASSET --off",
        after_long_help = after_help(
            &[&[(0, "done"), (1, "no such asset, something is wrong with it, or the slot is taken")], WRITE_EXIT_CODES],
            &["papack preload ui_atlas --next", "papack preload ui_atlas --slot 3", "papack preload ui_atlas --off"],
        ),
    )]
    Preload(PreloadArgs),

    /// Include assets in the build
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'. From now on they are packed.
    #[command(after_long_help = after_help(
        &[&[(0, "included"), (1, "no such asset, or something is wrong with the registry")], WRITE_EXIT_CODES],
        &["papack include ui/atlas", "papack include 'wip/**'"],
    ))]
    Include(AssetsArgs),

    /// Exclude assets from the build
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'. They stay registered and keep their
    /// ids, but are not packed.
    #[command(after_long_help = after_help(
        &[&[(0, "excluded"), (1, "no such asset, or something is wrong with the registry")], WRITE_EXIT_CODES],
        &["papack exclude ui/atlas", "papack exclude 'wip/**'"],
    ))]
    Exclude(AssetsArgs),

    /// Take assets out of the registry; their files stay unless told
    ///
    /// ASSET is an id, a root, a name, or a pattern over roots such as 'ui/**'. Their ids are spent for good: registered
    /// anew, an asset gets another one. papack exclude keeps the id, and packs the asset no longer. With
    /// --delete-files their folders are deleted too, after the registry was written, with all that is in them;
    /// --dry-run says how many files.
    #[command(after_long_help = after_help(
        &[&[(0, "taken out"), (1, "no such asset, or something is wrong with the registry")], WRITE_EXIT_CODES],
        &["papack rm ui/atlas", "papack rm 'wip/**' --delete-files --dry-run"],
    ))]
    Rm(RmArgs),
}

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
    pub options: ManageOptions,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack new`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").args(["root", "all"]).required(true))]
pub struct NewArgs {
    /// The folder of the asset, relative to assets/, or as a path from here
    #[arg(value_name = "ROOT")]
    pub root: Option<String>,

    /// What becomes of its files: tiles, sounds or data [default: what fits]
    ///
    /// The names that formats have in manifests will do, too.
    #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true, conflicts_with = "all")]
    pub format: Option<FormatName>,

    /// How wide and high a tile is: 8, 16 or 32 pixels [default: what fits]
    ///
    /// By default it is 16 if that fits all pictures, else 8.
    #[arg(long, value_name = "PIXELS", value_enum, hide_possible_values = true, conflicts_with = "all")]
    pub tile_size: Option<TilePixels>,

    /// The files, below ROOT or as paths from here [default: all that fit]
    ///
    /// They are taken in this order.
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,

    /// Show what the folders that no asset takes in would become
    #[arg(long, conflicts_with = "files")]
    pub all: bool,

    /// Make the assets that --all shows
    #[arg(long, requires = "all", conflicts_with_all = ["dry_run", "root"])]
    pub yes: bool,

    #[command(flatten)]
    pub manage: ManageArgs,
}

/// The formats by their short names. Their names in manifests are understood, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// Pictures of tiles
    #[value(alias = "TILES/indexed_v1")]
    Tiles,
    /// Sounds
    #[value(alias = "SOUNDS/pcm_v1")]
    Sounds,
    /// Any files, as they are
    #[value(alias = "DATA/raw_v1")]
    Data,
    /// Maps of Tiled and LDtk
    #[value(alias = "DATA/tilemap_v1")]
    Maps,
}

/// The width and height of a tile in pixels.
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
#[command(group = clap::ArgGroup::new("which").args(["roots", "all"]).required(true))]
pub struct AddArgs {
    /// The folders of the assets, relative to assets/, or as paths from here
    #[arg(value_name = "ROOT", value_hint = ValueHint::DirPath)]
    pub roots: Vec<String>,

    /// Register every asset.json that the registry does not know
    #[arg(long)]
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
    #[arg(value_name = "ROOT", value_hint = ValueHint::DirPath)]
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

/// Parses the number of a slot.
fn slot(number: &str) -> Result<u8, String> {
    let slot = number.parse().ok().filter(|slot| *slot < SLOTS);
    slot.ok_or_else(|| format!("a slot is a number from 0 to {}", SLOTS - 1))
}

/// Arguments of `papack preload`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("how").args(["slot", "next", "off"]).required(true))]
pub struct PreloadArgs {
    /// The asset: its id, its root, its name, or a pattern over roots; where more than one would do, in this order
    #[arg(value_name = "ASSET")]
    pub asset: String,

    /// Preload it into slot N of its bank
    #[arg(long, value_name = "N", value_parser = slot, allow_negative_numbers = true)]
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
