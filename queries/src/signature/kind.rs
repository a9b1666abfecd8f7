//! What is known of a kind of file.

use super::conversion::Conversion;

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
    /// The format that takes such a file as it is, where one does.
    pub taken_by: Option<&'static str>,
    /// What to do about one where its content is needed in another form, or something else.
    pub(super) advice: Advice,
}

/// What to do about a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// One sentence.
    Words(&'static str),
    /// Another program makes what is needed of it.
    Convert(Conversion),
    /// It can become a picture or a sound.
    ConvertToEither { picture: Conversion, sound: Conversion },
}

impl Signature {
    /// What to do about such a file at `path` where one that holds `needed` is needed: one sentence. The commands in it
    /// have the file's own name, and work in its folder.
    pub fn advice(&self, needed: Media, path: &str) -> String {
        if let Some(format) = self.taken_by
            && self.media != needed
        {
            return format!("take it out of this asset, and put it into one of the format {format}, which takes it");
        }
        match (self.media, needed, &self.advice) {
            (Media::Picture, Media::Sound, _) => {
                "take it out of this asset: a picture needs one of the format TILES/indexed_v1".into()
            }
            (Media::Sound, Media::Picture, _) => {
                "take it out of this asset: a sound needs one of the format SOUNDS/pcm_v1".into()
            }
            (_, _, Advice::Words(words)) => (*words).into(),
            (_, Media::Sound, Advice::ConvertToEither { sound, .. }) => sound.advice(path),
            (_, _, Advice::Convert(conversion) | Advice::ConvertToEither { picture: conversion, .. }) => {
                conversion.advice(path)
            }
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
    taken_by: None,
    advice: Advice::Words("export it again, or take it back from version control or from a backup"),
};

pub(super) const ZEROS: Signature = Signature {
    name: "NUL bytes instead of content, as a disk leaves them that lost power",
    media: Media::Other,
    taken_by: None,
    advice: Advice::Words(RESTORE),
};
