//! The commands that read packs, `verify` and `inspect` apart.

use std::path::PathBuf;

use super::OutputArgs;

/// Shown with the long help of `papack extract`.
pub const EXTRACT_EXAMPLES: &str = "\
Examples:
  papack extract build/assets.pa --to out
  papack extract build/assets.pa ui_atlas 14 --to out --decode";

/// Shown with the long help of `papack diff`.
pub const DIFF_EXAMPLES: &str = "\
Examples:
  papack diff old/assets.pa build/assets.pa
  papack diff old/assets.pa build/assets.pa --message-format json";

/// Arguments of `papack extract`.
#[derive(Debug, clap::Args)]
pub struct ExtractArgs {
    /// The file to extract from, usually build/assets.pa
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Extract these assets only. Each is an id or a name; where both would do, the id counts
    #[arg(value_name = "ASSET")]
    pub assets: Vec<String>,

    /// The folder to extract to. It is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,

    /// Make PNG files of tiles and WAV files of sounds
    #[arg(long)]
    pub decode: bool,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack diff`.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The pack that was
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The pack that is
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    #[command(flatten)]
    pub output: OutputArgs,
}
