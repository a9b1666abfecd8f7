//! The codes of diagnostics: every kind of fault and notice that papack knows, by its stable name.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// The stable name of a kind of fault, printed in `SCREAMING_SNAKE_CASE`.
///
/// A code never changes its meaning; messages may be reworded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The text is no RFC 8259 JSON, no UTF-8, or begins with a byte-order mark.
    JsonSyntax,
    /// A text has both sides of a conflict that version control could not merge.
    ConflictMarkers,
    /// A key occurs twice in one object.
    JsonDuplicateKey,
    /// Nesting deeper than the limit.
    JsonTooDeep,
    /// The document is larger than its schema allows.
    JsonTooLarge,
    /// A number that the place does not allow: out of range, not finite, or a float where integers are required.
    JsonNumber,
    /// A `schema_version` outside the support window.
    SchemaVersion,
    /// An older document inside the support window, migrated in memory.
    SchemaOlder,
    /// A field that the schema does not know.
    FieldUnknown,
    /// A required field is absent.
    FieldMissing,
    /// A field whose value has the wrong type or breaks the field's rule.
    FieldInvalid,
    /// Two registry entries share what must be unique, or one root lies inside another.
    RegistryConflict,
    /// Two sides of a merge of the registry contradict each other.
    MergeConflict,
    /// The registry is sound, but not in the form in which papack writes it.
    RegistryForm,
    /// `papack.toml` cannot be read, or breaks its rules.
    SettingsInvalid,
    /// The pack, or a part of it, has more bytes than a budget of `papack.toml` allows.
    BudgetExceeded,
    /// A budget of `papack.toml` for an asset or folder that the build set does not have.
    BudgetEmpty,
    /// A path or pattern that breaks the path rules.
    PathInvalid,
    /// A path whose spelling differs from the one on disk.
    PathSpelling,
    /// Two names in one folder differ only in case or Unicode normalization.
    PathAmbiguous,
    /// A file that was named is not there.
    FileMissing,
    /// A file that the packer is not allowed to read.
    FileForbidden,
    /// A symbolic link where a file or folder was expected.
    FileLink,
    /// Something that is no regular file (or no folder) where one was expected.
    FileNotRegular,
    /// A pointer of Git LFS in the place of a file.
    FileLfsPointer,
    /// A web page under the name of something else.
    FileHtml,
    /// A name that is not UTF-8, skipped.
    NameNotUtf8,
    /// A glob that matches nothing.
    GlobEmpty,
    /// The patterns of an artifact list take too long to match.
    GlobTooCostly,
    /// Globs whose byte order differs from natural order.
    GlobOrder,
    /// Files that globs would take, but that are left out: nobody meant them, or the ignore file names them.
    FilesLeftOut,
    /// The ignore file cannot be used: it is too large, no UTF-8, or has a pattern that is none.
    IgnoreInvalid,
    /// A file that is named as the ignore file, at a place where none is read.
    IgnoreMisplaced,
    /// One file is listed twice.
    ArtifactRepeated,
    /// A registered asset without root folder or manifest.
    AssetMissing,
    /// An `asset.json` in a folder that the registry does not know.
    AssetUnregistered,
    /// A registered asset whose root is gone, while its manifest lies elsewhere.
    AssetMoved,
    /// An unregistered manifest with the uuid of a registered asset that is in place.
    AssetCopied,
    /// The files of a new asset are of different kinds, so that its format cannot be told.
    FormatUnclear,
    /// Something is where an asset or a document is to be put.
    PlaceTaken,
    /// The manifest's uuid is not the registry's.
    AssetUuidMismatch,
    /// Two build-set assets share a name.
    AssetNameTaken,
    /// Two enabled preloads share a bank and slot.
    PreloadSlotTaken,
    /// The file is no PNG, or its structure is broken.
    PngInvalid,
    /// A valid PNG that papack does not read: 16-bit depth or animation.
    PngUnsupported,
    /// Bytes after `IEND`.
    PngTrailingBytes,
    /// A palette index beyond `PLTE`.
    PngIndexBeyondPalette,
    /// The file is an Aseprite file whose structure is broken.
    AseInvalid,
    /// An Aseprite file with something that papack does not read.
    AseUnsupported,
    /// The file is a GIF whose structure is broken.
    GifInvalid,
    /// The file is a BMP whose structure is broken.
    BmpInvalid,
    /// A BMP of a kind that papack does not read.
    BmpUnsupported,
    /// A tag, layer, slice or frame that is to be taken of a file is not there.
    PartMissing,
    /// Width or height that is no positive multiple of the tile size, beyond its limit, or unlike its siblings.
    TilesSize,
    /// A pixel whose palette index is above 15.
    TilesIndex,
    /// A pixel whose alpha is not allowed.
    TilesAlpha,
    /// More colours than a palette holds.
    TilesColours,
    /// Two source colours become one RGB565 value.
    TilesColoursMerged,
    /// More distinct palettes than a bank holds.
    TilesPalettes,
    /// An indexed picture whose opaque entry 0 is used.
    TilesEntryZero,
    /// A colour of a picture that became transparent, as the manifest asks.
    TilesKeyed,
    /// Half transparent pixels that became opaque or transparent, as the manifest asks.
    TilesHardened,
    /// Pixels that got other colours, as the manifest asks.
    TilesReduced,
    /// Palette entries that were moved, as the manifest asks.
    TilesRenumbered,
    /// A picture that was filled up, as the manifest asks.
    TilesPadded,
    /// A file that is to be a palette, and is none.
    PaletteInvalid,
    /// The file is no RIFF/WAVE, or its structure is broken.
    WavInvalid,
    /// A WAVE of a kind that papack does not read.
    WavUnsupported,
    /// A redundant field of the file contradicts the rest: RIFF size, size of `data`, block alignment or byte rate.
    WavInconsistent,
    /// The file is a FLAC, Ogg, MP3 or AIFF that is broken.
    AudioInvalid,
    /// A FLAC, Ogg, MP3 or AIFF of a kind that papack does not read.
    AudioUnsupported,
    /// A figure in a FLAC, Ogg, MP3 or AIFF contradicts the rest.
    AudioInconsistent,
    /// A sample that is not a number.
    SoundsSample,
    /// A loop that papack cannot express, or a broken `smpl` chunk.
    SoundsLoop,
    /// A loop that is ignored because `loops` is `OFF`.
    SoundsLoopIgnored,
    /// Two files of one asset yield the same sample name.
    SoundsNameTaken,
    /// Decoded or resampled samples take more room than a payload of sounds may have.
    SoundsTooLong,
    /// A sound was converted, as the manifest asks for.
    SoundsConverted,
    /// The file is no map of Tiled and no project of LDtk, or its structure is broken.
    MapInvalid,
    /// A map with something that papack does not read.
    MapUnsupported,
    /// A tileset of a map whose tiles are in no bank.
    MapTileset,
    /// A cell or object of a map with a tile that the bank does not have.
    MapTile,
    /// Parts of a map that get into no pack.
    MapLeftOut,
    /// An output place below `build/`, or that of an extracted asset, is taken by something that is not the packer's.
    OutputBlocked,
    /// An output that is to be replaced cannot be: the operating system would refuse the rename.
    OutputIrreplaceable,
    /// The build set is larger than the envelope can hold, or a sample than a WAVE file.
    OutputTooLarge,
    /// Another operation holds the workspace's lane.
    LaneBusy,
    /// The promotion journal is of an unknown version, or unreadable.
    JournalUnknown,
    /// A promotion stopped between two renames, and what stopped it is still there.
    PromotionStuck,
    /// An earlier promotion that was cut short was completed.
    PromotionCompleted,
    /// An earlier promotion could not be completed and was dropped; this pack replaces it.
    PromotionDropped,
    /// What an operation that was cut short left behind.
    Leftover,
    /// What earlier operations left in the cache cannot be used.
    CacheDropped,
    /// There is no key to authenticate the cache with: it is neither read nor written.
    CacheKey,
    /// The operating system failed an operation.
    Io,
    /// A file kept changing while it was read, or changed between two readings.
    FileUnstable,
    /// The same inputs, packed in another way, give other bytes.
    NotReproducible,
    /// A defect of papack itself.
    Internal,
    /// The fixed part of an `assets.pa` is missing, or one of its fields is wrong.
    PackPrelude,
    /// The header is JSON, but not in its canonical form.
    PackNotCanonical,
    /// Entries of the asset table or of the preload list that are not in ascending `asset_id`.
    PackOrder,
    /// A gap or an overlap of payloads, or a file that ends before or after its last payload.
    PackLayout,
    /// Metadata of an asset that contradicts itself or the size of the payload.
    PackMetadata,
    /// A preload of an asset that the table does not have.
    PackPreload,
    /// A companion that does not mirror its `assets.pa`.
    PackCompanion,
    /// A payload that does not have the digest that the sidecar states.
    PackDigest,
    /// An asset that was asked for is not there.
    AssetUnknown,
}

impl Code {
    /// Every code, in the order of their declaration.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Whether it tells what a conversion that the manifest asks for took from a file.
    pub fn is_loss(self) -> bool {
        matches!(
            self,
            Self::TilesKeyed
                | Self::TilesHardened
                | Self::TilesReduced
                | Self::TilesRenumbered
                | Self::TilesPadded
                | Self::SoundsConverted
        )
    }

    /// The code with this name, in any case, and with `-` for `_`.
    pub fn named(name: &str) -> Option<Self> {
        let wanted = name.to_uppercase().replace('-', "_");
        Self::ALL.iter().copied().find(|code| code.to_string() == wanted)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The serialized name is the name; a unit variant always has one.
        self.serialize(f)
    }
}
