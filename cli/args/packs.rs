//! Commands that read packs, and one that shows what files become in them.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};
use serde_json::Value;

use super::after_help::after_help;
use super::levels::LevelArgs;
use super::shared::{OutputArgs, WaitArgs, WorkspaceArgs};

/// The commands of this file.
#[derive(Debug, Subcommand)]
pub enum PacksCommand {
    /// Verify that a pack is sound, or that packing is reproducible
    ///
    /// FILE is the pack to verify; without, it is that of the workspace, build/assets.pa.
    ///
    /// Checks the prelude, the header in every field, its canonical form, the places of all payloads, and the metadata
    /// against the payloads' sizes. Companions that lie in the folder of FILE are compared with it; the sidecar among
    /// them states the digest of every payload, and all are hashed. All faults are named, not only the first.
    ///
    /// With --reproduce no file is named: the workspace is packed three times in different ways (one thread and many,
    /// folders listed in another order, everything known already), and the outputs are compared byte by byte, with
    /// those in build/ too where they are up to date. Nothing is published.
    #[command(
        override_usage = "papack verify [OPTIONS] [FILE]\n       papack verify [OPTIONS] --reproduce",
        after_long_help = after_help(
            &[&[
                (0, "sound"),
                (1, "at least one fault"),
                (2, "wrong usage, no workspace, or the pack cannot be read"),
                (3, "with --reproduce: a file could not be read or written, or changed meanwhile"),
                (5, "with --reproduce: another operation holds the workspace (--no-wait)"),
                (130, "with --reproduce: cancelled"),
            ]],
            &["papack verify", "papack verify release/assets.pa", "papack verify --reproduce"],
        ),
    )]
    Verify(VerifyArgs),

    /// Show what is in an assets.pa
    ///
    /// A table of its assets, totals by bank, and what is preloaded; with ASSET, the metadata of these assets instead.
    /// Of a damaged file it shows what can be read, and says that the file is refused. Payloads are read for --image only.
    ///
    /// The first argument is the pack if it ends in .pa, or names a regular file that is there. Else it is an ASSET, and
    /// the pack is that of the workspace, build/assets.pa.
    #[command(after_long_help = after_help(
        &[&[
            (0, "shown"),
            (1, "the file is refused, or has no such asset"),
            (2, "wrong usage, no workspace, or the pack cannot be read"),
        ]],
        &["papack inspect", "papack inspect ui_font 14", "papack inspect release/assets.pa ui_font"],
    ))]
    Inspect(InspectArgs),

    /// Write what is in an assets.pa to files
    ///
    /// Each asset goes to a place of its own in DIR, named by its id and its name. Of tiles and sounds it is the
    /// payload as the runtime gets it (3-ui_atlas.bin); with --decode a folder of PNG or WAV files, which pack to the
    /// same payload again. Data assets give back their files in any case. Nothing is overwritten, no link is followed,
    /// and an extraction that fails leaves nothing behind.
    ///
    /// The first argument is the pack if it ends in .pa, or names a regular file that is there. Else it is an ASSET, and
    /// the pack is that of the workspace, build/assets.pa.
    #[command(override_usage = "papack extract [OPTIONS] --to <DIR> [PACK] [ASSET]...", after_long_help = after_help(
        &[&[
            (0, "extracted"),
            (1, "the file is refused, has no such asset, or something is in the way"),
            (2, "wrong usage, no workspace, or the pack cannot be read"),
            (3, "a file could not be read or written"),
            (130, "cancelled"),
        ]],
        &[
            "papack extract --to out",
            "papack extract ui_atlas 14 --to out --decode",
            "papack extract release/assets.pa --to out",
        ],
    ))]
    Extract(ExtractArgs),

    /// Write what pictures and sounds become in a pack to files
    ///
    /// A PNG for each picture, with the colours that the console shows, and a WAV for each sound; of a file with several
    /// frames a folder with a PNG for each. What a conversion takes from a file is told, and a picture is drawn in a
    /// terminal with colours. No workspace is needed. Nothing is overwritten, and where something is wrong with one of
    /// the files nothing is written.
    ///
    /// --set says how, with the fields that a manifest has in "metadata" or in an entry of "artifacts". Each file is
    /// converted by itself; but with the field palette, the first FILE is the palette of the others.
    #[command(after_long_help = after_help(
        &[&[
            (0, "converted"),
            (1, "a file or a field is wrong, or something is in the way"),
            (2, "wrong usage"),
            (3, "a file could not be read or written"),
            (130, "cancelled"),
        ]],
        &[
            "papack convert hero.aseprite --to out --set tag=run",
            "papack convert title.png --to out --set alpha=128 --set colors=15 --set pad=AROUND",
            "papack convert step.flac --to out --set channels=1 --set sample_rate=22050",
        ],
    ))]
    Convert(ConvertArgs),

    /// Show what changed between two assets.pa
    ///
    /// Assets that were added, removed or renamed, and of the others what is not the same: bank, size, preload slot,
    /// metadata, and within the payload which tiles and palettes, which samples and frames, or which files. Sidecars
    /// beside OLD and NEW tell which assets were moved.
    #[command(after_long_help = after_help(
        &[&[
            (0, "equal, byte for byte"),
            (1, "different, or one of them is refused, or a warning is denied"),
            (2, "wrong usage, no workspace, or a file cannot be read"),
        ]],
        &[
            "papack diff old/assets.pa",
            "papack diff old/assets.pa new/assets.pa --message-format json",
        ],
    ))]
    Diff(DiffArgs),
}

/// Arguments of `papack verify`.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("of_reproduce")
    .args(["no_wait", "deny_warnings", "deny", "warn", "allow"])
    .multiple(true)
    .requires("reproduce"))]
pub struct VerifyArgs {
    /// The pack to verify [default: build/assets.pa of the workspace]
    #[arg(value_name = "FILE", conflicts_with_all = ["reproduce", "workspace", "no_wait"])]
    pub file: Option<PathBuf>,

    /// Pack the workspace in different ways, and verify that the outputs are the same
    #[arg(long)]
    pub reproduce: bool,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// The pack to look into [default: build/assets.pa of the workspace]
    #[arg(value_name = "PACK")]
    pub pack: Option<PathBuf>,

    /// Show these assets in full. Each is an id or a name; where both would do, the id counts
    #[arg(value_name = "ASSET")]
    pub assets: Vec<String>,

    /// Draw the tiles of these assets, with their palettes, and tell what conversions took from the pictures
    ///
    /// They are drawn in a terminal with colours, scaled down to its width.
    #[arg(long)]
    pub image: bool,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack extract`.
#[derive(Debug, clap::Args)]
pub struct ExtractArgs {
    /// The pack to extract from [default: build/assets.pa of the workspace]
    #[arg(value_name = "PACK")]
    pub pack: Option<PathBuf>,

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
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `papack convert`.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    /// The pictures and sounds to convert
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The folder to write to. It is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,

    /// A field of a manifest that says how; once for each field
    ///
    /// VALUE is JSON, as in a manifest. What is no JSON is a text: tag=run is tag="run". Where no size of tiles is set,
    /// it is 8.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = field)]
    pub set: Vec<(String, Value)>,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// A field and its value, in JSON or as a text.
fn field(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("a field and its value have = between them, as in alpha=128")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
}

/// Arguments of `papack diff`.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The pack that was
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The pack that is [default: build/assets.pa of the workspace]
    #[arg(value_name = "NEW", conflicts_with = "workspace")]
    pub new: Option<PathBuf>,

    #[command(flatten)]
    pub levels: LevelArgs,

    #[command(flatten)]
    pub workspace: WorkspaceArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}
