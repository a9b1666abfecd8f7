//! The facts of a diagnostic for programs, which its message tells in words.

use std::io;

use serde::{Deserialize, Serialize};

/// What the message tells in words, by kind. What the other fields of the diagnostic say is not repeated.
///
/// The `kind` says which fields there are. What was found is always `found`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Data {
    /// The version of a document or file, and the window of versions that this papack reads.
    Version {
        /// The version found.
        found: i64,
        /// The oldest version that is read.
        oldest: i64,
        /// The newest version that is read, which is the one that is written.
        newest: i64,
    },
    /// A value of a document that is of another type than the place takes.
    Type {
        /// The type of the value.
        found: Type,
        /// The type that is read.
        expected: Type,
    },
    /// A value, name, path or pattern that somebody gave.
    Value {
        /// As it was given, where it is text without quotes; cut where it is long.
        found: String,
        /// All that may stand there, where it is one of few.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        allowed: Vec<String>,
        /// What was probably meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suggestion: Option<String>,
    },
    /// Something that lacks.
    Missing {
        /// The name of the field or part.
        name: String,
    },
    /// A number that lies outside of what is allowed.
    Range {
        /// The number; none where nobody counted further than to the limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<i64>,
        /// The smallest that is allowed.
        min: i64,
        /// The largest that is allowed.
        max: i64,
        /// What is counted; none of a plain number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<Unit>,
    },
    /// How many there are, of which none is too many or too few by itself.
    Count {
        /// How many.
        found: u64,
        /// Of what.
        unit: Unit,
    },
    /// Two statements that do not agree.
    Mismatch {
        /// What is there.
        found: String,
        /// What would agree with the rest.
        expected: String,
    },
    /// What several assets claim, and only one may have, or where one asset is in the way of another.
    Conflict {
        /// What is claimed, as text: a name, a slot, an id, a uuid or a root.
        found: String,
        /// The other assets, at most as many as the message names.
        assets: Vec<OtherAsset>,
        /// The lowest free slot, where a slot is claimed and there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        free_slot: Option<u8>,
    },
    /// Files and folders besides the one that the diagnostic is at.
    Paths {
        /// How many.
        count: u64,
        /// The first of them, relative to what the message says.
        paths: Vec<String>,
    },
    /// The size of a picture, and what limits it, in pixels.
    Size {
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// Side of a tile: width and height are multiples of it.
        tile_size: u32,
        /// Width of the first picture of the asset, which all have.
        first_width: u32,
        /// The largest width.
        max_width: u32,
        /// Height of all pictures of the asset together.
        total_height: u64,
        /// The largest height of all together.
        max_height: u64,
        /// Pixels of all pictures of the asset together.
        total_pixels: u64,
        /// The most pixels of all together.
        max_pixels: u64,
    },
    /// Pixels of a picture.
    Pixels {
        /// How many.
        count: u64,
        /// The first of them.
        places: Vec<Pixel>,
        /// The largest value that is allowed, where all below it are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
    /// Colours of a picture, as `#rrggbb`.
    Colours {
        /// How many colours, or pairs of them, it is about.
        count: u64,
        /// The first of them.
        colours: Vec<String>,
    },
    /// Samples of a sound.
    Samples {
        /// How many.
        count: u64,
        /// The first of them.
        places: Vec<Sample>,
    },
    /// Where in a file that is no text.
    Bytes {
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// Both sides of a conflict that version control left.
    Sides {
        /// What is ours.
        ours: Lines,
        /// What is theirs.
        theirs: Lines,
        /// How many conflicts the text has.
        count: u64,
    },
    /// Who holds the workspace. All three fields are there, or none where it is not known.
    Holder {
        /// What the operation does, in a word, such as `pack`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operation: Option<String>,
        /// The id of its process.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process_id: Option<u32>,
        /// When it began to hold it, in milliseconds since the epoch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since_ms: Option<u64>,
    },
    /// An error of the operating system.
    System {
        /// Its number, as POSIX calls it `errno`; none where it has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        errno: Option<i32>,
    },
}

/// A type of values in JSON or TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Type {
    Null,
    Boolean,
    Integer,
    Float,
    String,
    Array,
    Object,
    Date,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Bytes,
    Channels,
    Colours,
    Entries,
    Faults,
    Frames,
    Levels,
    Palettes,
    Patterns,
    Pixels,
    Values,
}

/// An asset that is in conflict with the one that the diagnostic is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OtherAsset {
    /// Its id, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<u32>,
    /// Its root, relative to `assets/`; none in a pack, which knows no roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// A pixel, from 0 at the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pixel {
    /// Column.
    pub x: u32,
    /// Row.
    pub y: u32,
    /// Its palette index or alpha, whichever is wrong.
    pub found: u32,
}

/// A sample, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sample {
    /// Which frame.
    pub frame: u64,
    /// Which channel of it.
    pub channel: u64,
}

/// Lines of a text, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lines {
    /// How version control calls the side; empty where it does not.
    pub name: String,
    /// First line.
    pub start: u64,
    /// One past the last line.
    pub end: u64,
}

impl Data {
    /// A value, name, path or pattern that somebody gave.
    pub fn value(found: impl Into<String>) -> Self {
        Self::Value { found: found.into(), allowed: Vec::new(), suggestion: None }
    }

    /// A value that is none of `allowed`, with the one that was probably meant.
    pub fn choice(found: impl Into<String>, allowed: &[&str], suggestion: Option<&str>) -> Self {
        let allowed = allowed.iter().map(|name| (*name).to_owned()).collect();
        Self::Value { found: found.into(), allowed, suggestion: suggestion.map(str::to_owned) }
    }

    /// Something that lacks.
    pub fn missing(name: impl Into<String>) -> Self {
        Self::Missing { name: name.into() }
    }

    /// A number that lies outside of `min` to `max`.
    pub fn range(found: i64, min: i64, max: i64) -> Self {
        Self::Range { found: Some(found), min, max, unit: None }
    }

    /// So many `unit` are not between `min` and `max`. `found` is none where nobody counted further than to the limit.
    pub fn limit(found: Option<u64>, min: u64, max: u64, unit: Unit) -> Self {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Self::Range { found: found.map(number), min: number(min), max: number(max), unit: Some(unit) }
    }

    /// Two statements that do not agree.
    pub fn mismatch(found: impl ToString, expected: impl ToString) -> Self {
        Self::Mismatch { found: found.to_string(), expected: expected.to_string() }
    }

    /// What others claim too.
    pub fn conflict(found: impl ToString, assets: Vec<OtherAsset>) -> Self {
        Self::Conflict { found: found.to_string(), assets, free_slot: None }
    }

    /// The error that the operating system gave.
    pub fn system(error: &io::Error) -> Self {
        Self::System { errno: error.raw_os_error() }
    }

    /// The bytes from `start` up to `end` of a file that is no text.
    pub fn bytes(start: impl TryInto<u64>, end: impl TryInto<u64>) -> Self {
        Self::Bytes { start: start.try_into().unwrap_or(u64::MAX), end: end.try_into().unwrap_or(u64::MAX) }
    }
}

impl OtherAsset {
    /// The registered asset `asset_id`, with its root.
    pub fn registered(asset_id: u32, root: impl Into<String>) -> Self {
        Self { asset_id: Some(asset_id), root: Some(root.into()) }
    }
}
