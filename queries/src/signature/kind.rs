//! What is known of a kind of file.

/// What a file holds, as far as papack has a use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A picture, or a drawing that becomes one.
    Picture,
    /// A sound, or music that becomes one.
    Sound,
    /// Anything else, or nothing.
    Other,
}

/// A kind of file that can be told by its bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name behind "it is": `a JPEG`, `text`, `empty`.
    pub name: &'static str,
    /// What such a file holds.
    pub media: Media,
    /// What to do about one where its content is needed in another form, or something else.
    pub(super) advice: &'static str,
}

impl Signature {
    /// What to do about such a file where one that holds `needed` is needed: one sentence.
    pub fn advice(&self, needed: Media) -> &'static str {
        match (self.media, needed) {
            (Media::Picture, Media::Sound) => {
                "take it out of this asset: a picture needs one of the format TILES/indexed_v1"
            }
            (Media::Sound, Media::Picture) => {
                "take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1"
            }
            _ => self.advice,
        }
    }
}

/// The advice to take what is lost from elsewhere.
pub(super) const RESTORE: &str = "take it back from version control or from a backup";

/// The advice about what holds neither pictures nor sounds.
pub(super) const NOT_MEANT: &str =
    "correct \"artifacts\" in asset.json, if this file was not meant; else export it again";

pub(super) const EMPTY: Signature = Signature {
    name: "empty",
    media: Media::Other,
    advice: "export it again, or take it back from version control or from a backup",
};

pub(super) const ZEROS: Signature = Signature {
    name: "NUL bytes instead of content, as a disk leaves them that lost power",
    media: Media::Other,
    advice: RESTORE,
};
