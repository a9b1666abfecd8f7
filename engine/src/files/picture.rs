//! What the tiles of a pack look like, and what conversions took from their pictures.

use std::io;
use std::path::Path;

use camino::Utf8Path;
use papack_queries::diagnostic::Diagnostic;
use papack_queries::envelope::{Reader, Source, check_sidecar};
use papack_queries::formats::{Described, tiles};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fs::{FileSystem, NodeKind, OpenFile, RealFs};
use crate::workspace::layout::SIDECAR;

/// What a tile asset looks like.
#[derive(Debug, Clone, Serialize)]
pub struct AssetPicture {
    /// The palettes of its files: colours as `#rrggbb`, of which the first is transparent.
    pub palettes: Vec<Vec<String>>,
    /// What conversions took from its files, as the sidecar beside the pack tells.
    pub losses: Vec<Loss>,
    /// The metadata and bytes of its payload.
    #[serde(skip)]
    pub sheet: (tiles::Metadata, Vec<u8>),
}

/// What a conversion took from a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Loss {
    /// The code of the notice.
    pub code: String,
    /// What it says.
    pub message: String,
    /// The file, below the asset root.
    pub path: String,
}

impl AssetPicture {
    /// The picture of a payload with these metadata.
    pub(super) fn new(metadata: tiles::Metadata, payload: Vec<u8>, losses: Vec<Loss>) -> Self {
        let palettes = tiles::palettes(&metadata, &payload).unwrap_or_default();
        let name = |[r, g, b]: [u8; 3]| format!("#{r:02x}{g:02x}{b:02x}");
        let palettes = palettes.into_iter().map(|palette| palette.into_iter().map(name).collect()).collect();
        Self { palettes, losses, sheet: (metadata, payload) }
    }
}

/// A sound pack, of which pictures are shown.
pub(super) struct Pictured {
    reader: Reader<OpenFile>,
    /// The sidecar beside it, where there is one that mirrors it.
    sidecar: Option<Value>,
}

impl Pictured {
    /// Opens the pack at `path`; none where it is refused.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let reader = OpenFile::reader(path).ok()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let sidecar = sidecar(folder)
            .ok()
            .flatten()
            .filter(|bytes| !check_sidecar(&reader, SIDECAR, bytes).faults.iter().any(Diagnostic::is_error));
        let sidecar = sidecar.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Some(Self { reader, sidecar })
    }

    /// What the asset looks like; none where it has no tiles.
    ///
    /// # Errors
    ///
    /// When its payload cannot be read.
    pub(super) fn picture(&self, asset_id: u32) -> io::Result<Option<AssetPicture>> {
        let Some(asset) = self.reader.asset(asset_id) else { return Ok(None) };
        let Described::Tiles(metadata) = self.reader.described(asset)? else { return Ok(None) };
        let payload = self.reader.read(asset)?;
        Ok(Some(AssetPicture::new(metadata, payload, self.losses(asset_id))))
    }

    fn losses(&self, asset_id: u32) -> Vec<Loss> {
        let assets = self.sidecar.as_ref().and_then(|sidecar| sidecar["assets"].as_array());
        let asset = assets.into_iter().flatten().find(|asset| asset["asset_id"] == asset_id);
        let losses = asset.map(|asset| asset["conversions"]["losses"].clone());
        losses.and_then(|losses| serde_json::from_value(losses).ok()).unwrap_or_default()
    }
}

/// The sidecar in `folder`, if it has one.
pub(super) fn sidecar(folder: &Path) -> io::Result<Option<Vec<u8>>> {
    let fs = RealFs::new(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    let path = Utf8Path::new(SIDECAR);
    if fs.kind(path)? != Some(NodeKind::File) {
        return Ok(None);
    }
    let (file, stamp) = fs.open(path)?;
    OpenFile::new(file).read(0, stamp.size).map(Some)
}
