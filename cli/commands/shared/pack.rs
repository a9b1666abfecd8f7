//! The pack that a command reads: one that the user named, or that of the workspace.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use papack_engine::{ASSETS_PA, BUILD};
use papack_queries::diagnostic::{Code, Diagnostic, Related, command_word};

use super::refusal::{refuse, refuse_file, refuse_for};
use super::workspace::{current_folder_in, locate};
use crate::args::WorkspaceArgs;
use crate::render::{self, RefusalStatus};

/// A pack, and the assets in it that the user named.
pub struct NamedPack {
    pub file: PathBuf,
    pub assets: Vec<String>,
    /// The first argument, if it was taken for a pack because a file of that name is there, or for an asset because none
    /// is.
    guess: Option<Guess>,
}

/// What an argument was taken for that may be a pack or an asset.
enum Guess {
    Pack,
    Asset(String),
}

impl NamedPack {
    /// The pack and the assets that `first` and `assets` name. `first` is a pack if it ends in `.pa`, or names a regular
    /// file that is there; else it is an asset, and the pack is that of the workspace. If that cannot be, an error is
    /// printed, and its exit code returned.
    pub fn new(first: Option<&Path>, assets: &[String], workspace: &WorkspaceArgs) -> Result<Self, ExitCode> {
        let Some(first) = first else {
            return Ok(Self { file: workspace_pack(workspace)?, assets: Vec::new(), guess: None });
        };
        let text = first.to_string_lossy();
        let has_ending = text.ends_with(".pa");
        if has_ending || fs::metadata(first).is_ok_and(|found| found.is_file()) {
            if workspace.workspace.is_some() {
                let message = format!("{text} is a pack, and --workspace means the pack of a workspace");
                return Err(refuse(&message, "leave out one of them"));
            }
            let guess = (!has_ending).then_some(Guess::Pack);
            return Ok(Self { file: first.to_owned(), assets: assets.to_vec(), guess });
        }
        let file = workspace_pack(workspace).inspect_err(|_| {
            render::eprint_line(&format!("  note: {}", render::one_line(&how_asset_was_read(&text))));
        })?;
        let assets = [&[text.clone().into_owned()], assets].concat();
        Ok(Self { file, assets, guess: Some(Guess::Asset(text.into_owned())) })
    }

    /// Says in `diagnostics`, of a command that failed, how the first argument was read, if it may have been meant
    /// otherwise.
    pub fn explain(&self, diagnostics: &mut [Diagnostic]) {
        let (found, message) = match &self.guess {
            None => return,
            Some(Guess::Pack) => {
                let message =
                    format!("{:?} is read as a pack: a file of that name is there", self.file.to_string_lossy());
                (diagnostics.iter_mut().find(|found| found.code != Code::AssetUnknown), message)
            }
            Some(Guess::Asset(asked)) => {
                let mut unknown = diagnostics.iter_mut().filter(|found| found.code == Code::AssetUnknown);
                (unknown.find(|found| found.message.contains(&format!("{asked:?}"))), how_asset_was_read(asked))
            }
        };
        if let Some(found) = found {
            found.related.push(Related::new(message, None));
        }
    }
}

fn how_asset_was_read(asked: &str) -> String {
    format!("{asked:?} is read as an asset: it does not end in .pa, and no file of that name is there")
}

/// The published pack of the workspace that the user named, or of the nearest one. If there is none, an error is printed,
/// and its exit code returned.
pub fn workspace_pack(args: &WorkspaceArgs) -> Result<PathBuf, ExitCode> {
    let folder = locate(args)?;
    let shown = match (&args.workspace, current_folder_in(&folder)) {
        (None, Some(current)) => Path::new(&current).components().map(|_| "..").collect(),
        _ => folder,
    };
    let file = shown.join(BUILD).join(ASSETS_PA);
    match fs::metadata(&file) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            let option = args.workspace.as_ref().map(|folder| folder.to_string_lossy().into_owned());
            let option = option.map_or_else(String::new, |folder| format!(" --workspace {}", command_word(&folder)));
            let message = format!("{} is not there: the workspace has no pack yet", file.display());
            Err(refuse_for(RefusalStatus::NoPack, &message, &format!("papack pack{option} makes it")))
        }
        Err(error) => Err(refuse_file(&file, &error)),
        Ok(_) => Ok(file),
    }
}
