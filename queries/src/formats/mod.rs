//! Formats: how the ordered artifact files of one asset become payload bytes and runtime metadata.
//!
//! A format is a pure function of those bytes and of the manifest fields it declares as inputs. It carries its
//! own version in its name; a change of output bytes is a new name. Formats are specified in
//! `docs/spec/formats.md`.
//!
//! [`Format::derive`] reads [`Source`]s from the content store and puts the payload there. No format knows another one,
//! a manifest, an asset or a query. The lower files are what all formats share: `bank`, `source`, `part`, `faults`,
//! `foreign` and `payload`.

mod bank;
mod choice;
pub mod data;
mod described;
mod faults;
mod foreign;
mod format;
mod kind;
mod originals;
mod part;
mod payload;
pub mod sounds;
mod source;
pub mod tilemap;
pub mod tiles;
mod unread;

pub use bank::Bank;
pub use choice::{FormatChoice, FormatDetection};
pub use described::Described;
pub use format::{Format, FormatName};
pub use kind::{FileKind, KindCounts};
pub use originals::{Export, exports};
pub use part::{Frames, Part};
pub use source::{FileOutline, Source};
pub use unread::UnreadFiles;
