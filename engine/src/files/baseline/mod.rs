//! The pack that was, for comparisons of sizes: a file, or what a revision of git has of the outputs.

mod git;
mod unusable;

use std::path::Path;

use papack_queries::budget::{Baseline, SizedAsset, Sizes};
use papack_queries::diagnostic::Diagnostic;
use papack_queries::envelope::{OpenError, Reader, Source, check_sidecar};

pub use unusable::UnusableBaseline;

use super::picture::sidecar;
use crate::fs::OpenFile;
use crate::workspace::layout::SIDECAR;

/// The sizes of the pack at `path`. The sidecar beside it, where that mirrors it, tells the roots.
///
/// # Errors
///
/// When it cannot be read, or is refused.
pub fn baseline_of(path: &Path) -> Result<Baseline, UnusableBaseline> {
    let name = path.to_string_lossy().into_owned();
    let unreadable = |error| {
        UnusableBaseline::new(format!("{name}: {error}"), "name an assets.pa that can be read, or a revision of git")
    };
    let file = OpenFile::open(path).map_err(unreadable)?;
    let sidecar = sidecar(path.parent().unwrap_or(Path::new(""))).ok().flatten();
    sizes(file, &name, sidecar.as_deref()).map(|sizes| Baseline { sizes, name: name.clone() })
}

/// The sizes of `build/assets.pa` of the workspace in the folder `workspace`, as `revision` of its git repository has it. Reads
/// objects of the repository alone, and has git run nothing.
///
/// # Errors
///
/// When there is no such file, or it is refused; and when git cannot tell.
pub fn baseline_at(workspace: &Path, revision: &str) -> Result<Baseline, UnusableBaseline> {
    let git::Published { pack, sidecar } = git::published(workspace, revision)?;
    let name = format!("{revision}:build/assets.pa");
    sizes(pack, &name, sidecar.as_deref()).map(|sizes| Baseline { sizes, name: revision.to_owned() })
}

fn sizes(source: impl Source, name: &str, sidecar: Option<&[u8]>) -> Result<Sizes, UnusableBaseline> {
    let size = source.size();
    let reader = Reader::open(source, name).map_err(|error| match error {
        OpenError::Io(error) => UnusableBaseline::new(format!("{name}: {error}"), "compare with another one"),
        OpenError::Refused(faults) => {
            let fault = faults.into_iter().next().map(|fault| fault.message).unwrap_or_default();
            let help = "compare with another one; papack verify FILE tells all that is wrong with it";
            UnusableBaseline::new(format!("{name} is no valid assets.pa: {fault}"), help)
        }
    })?;
    let roots = sidecar.map(|bytes| check_sidecar(&reader, SIDECAR, bytes));
    let mut roots = roots.filter(|check| !check.faults.iter().any(Diagnostic::is_error)).map(|check| check.roots);
    let mut slots = vec![None; reader.assets().len()];
    for (asset, slot) in reader.preloads() {
        if let Ok(at) = reader.assets().binary_search_by_key(&asset.asset_id, |other| other.asset_id) {
            slots[at] = Some(slot);
        }
    }
    let assets = reader.assets().iter().enumerate().map(|(at, asset)| SizedAsset {
        asset_id: asset.asset_id,
        name: asset.asset_name.as_str().into(),
        root: roots.as_mut().and_then(|roots| roots.get_mut(at)?.take()).map(Into::into),
        bank: asset.bank_type,
        slot: slots[at],
        size: asset.size,
    });
    // A source without a size is not opened.
    Ok(Sizes { pack: size.unwrap_or_default(), assets: assets.collect() })
}
