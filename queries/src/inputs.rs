//! The salsa inputs.
//!
//! Most assets are *recorded*: their record is an input. Those that are being edited are *loaded*: their manifests and
//! files are. Salsa does not verify a memo whose inputs are all of high durability while only inputs of low durability
//! change. So registry entries, records and groups are of high durability, and everything that an edit changes is of
//! low durability: an edit costs nothing for recorded assets.
//!
//! This file knows no query. What was read comes in through [`Change::apply`](crate::change::Change::apply) alone. Only
//! the count of failures is set elsewhere, by [`Database::begin_operation`](crate::db::Database::begin_operation).

#![expect(missing_docs, reason = "salsa's macro makes public methods without docs")]

use std::sync::Arc;

use salsa::plumbing::AsId;
use serde::{Deserialize, Serialize};

use crate::content::ContentId;
use crate::diagnostic::{Code, Diagnostic};
use crate::json::too_large;
use crate::left_out::{IGNORE_PATH, Rules, ignore_file_too_large};
use crate::record::Record;
use crate::schema::registry::RegistryEntry;
use crate::tree::{Resolution, Tree};

/// Which input a query ran for, as the event hook names it.
pub type Key = salsa::Id;

/// The root of all inputs: the registered assets, and what is wrong with the registry and the walk.
#[salsa::input(singleton, debug)]
pub struct Workspace {
    /// The registered assets, in ascending `asset_id`. Queries of a whole pack walk over the groups instead.
    #[returns(ref)]
    pub assets: Vec<Asset>,
    /// The same assets in groups, in ascending number.
    #[returns(ref)]
    pub groups: Vec<Group>,
    /// Faults that belong to no asset.
    #[returns(ref)]
    pub diagnostics: Vec<Diagnostic>,
    /// The ignore file.
    #[returns(ref)]
    pub ignore_file: IgnoreFile,
    /// What the ignore file says. It is made from the file where that is set, once for all siblings: rules take some
    /// thousand times the memory of their text.
    #[returns(ref)]
    pub ignoring: Ignoring,
}

/// The registered assets of one run of ids, so that an asset that is added or removed moves no other to another group.
#[salsa::input(debug)]
pub struct Group {
    /// Which run of ids.
    #[returns(copy)]
    pub number: u32,
    /// The assets, in ascending `asset_id`; at least one.
    #[returns(ref)]
    pub assets: Box<[Asset]>,
}

impl Group {
    /// The group of the asset with this id: 512 ids are a group.
    pub(crate) fn number_of(asset_id: u32) -> u32 {
        asset_id >> 9
    }

    /// The group as the event hook names it.
    pub fn key(self) -> Key {
        self.as_id()
    }
}

/// One registered asset.
#[salsa::input(debug)]
pub struct Asset {
    /// What the registry says.
    #[returns(ref)]
    pub entry: RegistryEntry,
    /// The record of a recorded asset; `None` for a loaded one.
    #[returns(ref)]
    pub recorded: Option<Arc<Record>>,
    /// What is at the asset root, of a loaded asset.
    #[returns(ref)]
    pub root: RootState,
    /// The manifest's bytes, of a loaded asset.
    #[returns(ref)]
    pub manifest: ManifestState,
    /// How often its content could not be read. Every query that failed depends on this, so that it runs again once it
    /// changes; see [`Database::begin_operation`](crate::db::Database::begin_operation).
    #[returns(copy)]
    pub failures: u32,
}

impl Asset {
    /// The asset as the event hook names it.
    pub fn key(self) -> Key {
        self.as_id()
    }
}

/// One artifact file. Its identity is its path.
#[salsa::input(debug)]
pub struct File {
    /// The path below the workspace.
    #[returns(ref)]
    pub path: String,
    /// Its bytes, as a handle.
    #[returns(ref)]
    pub state: FileState,
}

/// What is at an asset root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootState {
    /// A folder with these names in it.
    Folder(Arc<Tree>),
    /// Nothing of the asset: its manifest was found in these folders instead, at least one.
    Moved {
        /// The folders, those first that can become its root; otherwise in the order of their names.
        to: Vec<NewPlace>,
    },
    /// Something else, or nothing.
    Unusable(Resolution),
}

/// A folder in which the manifest of a moved asset was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewPlace {
    /// Why it cannot become the asset's root as things are.
    pub obstacle: Option<Obstacle>,
    /// The folder, relative to `assets/`.
    pub root: String,
}

/// Why a folder cannot become the root of an asset that was moved there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The registry has another asset there, which is not there either.
    Registered {
        /// That asset.
        asset_id: u32,
        /// Whether its manifest was found elsewhere.
        is_moved: bool,
    },
    /// It lies inside the root of another asset.
    Inside {
        /// That root.
        outer: String,
    },
    /// It is no valid root, for this reason.
    Invalid(String),
}

/// A manifest as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestState {
    /// It was not asked for: the asset is not in the build set.
    Unread,
    /// Its bytes.
    Bytes(Arc<[u8]>),
    /// It could not be read.
    Refused(FileFault),
}

impl ManifestState {
    /// Its bytes, if it was read.
    pub fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// How many bytes it has; 0 if it was not read.
    pub fn size(&self) -> usize {
        if let Self::Bytes(bytes) = self { bytes.len() } else { 0 }
    }
}

/// The ignore file, `assets/.papackignore`, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum IgnoreFile {
    /// It is not there.
    #[default]
    Absent,
    /// Its bytes.
    Bytes(Arc<[u8]>),
    /// It could not be read.
    Refused(FileFault),
}

/// The ignore file as rules, and what is wrong with it. Clones share the rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ignoring {
    /// The rules; none where the file cannot be used.
    pub rules: Arc<Rules>,
    /// Why it cannot be used.
    pub fault: Option<Diagnostic>,
}

impl Ignoring {
    /// What `file` says.
    pub fn of(file: &IgnoreFile) -> Self {
        let parsed = match file {
            IgnoreFile::Absent => Ok(Rules::default()),
            IgnoreFile::Bytes(bytes) => Rules::parse(bytes),
            IgnoreFile::Refused(FileFault::TooLarge(_)) => Err(ignore_file_too_large()),
            IgnoreFile::Refused(fault) => Err(fault.diagnostic(IGNORE_PATH)),
        };
        match parsed {
            Ok(rules) => Self { rules: Arc::new(rules), fault: None },
            Err(fault) => Self { rules: Arc::default(), fault: Some(fault) },
        }
    }
}

/// An artifact file as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileState {
    /// It was not read yet.
    Unread,
    /// Its content.
    Content(ContentId),
    /// It could not be read.
    Refused(FileFault),
}

/// Why a file is no input. A failing disk is none of these: that is no property of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// It may not be read.
    Forbidden,
    /// It, or a folder on the way, is a symbolic link.
    Link,
    /// It is a folder, FIFO, socket or device.
    NotRegular,
    /// It has more bytes than this, which a document of its kind may have.
    TooLarge(usize),
}

impl FileFault {
    /// The diagnostic for the file at `location`, given relative to the workspace.
    pub fn diagnostic(self, location: &str) -> Diagnostic {
        let (code, message, help) = match self {
            Self::Missing => (Code::FileMissing, "the file is not there", None),
            Self::Forbidden => (Code::FileForbidden, "the file may not be read", Some("check its permissions")),
            Self::Link => (
                Code::FileLink,
                "the path leads through a symbolic link",
                Some("links are not followed below assets/: put the file itself there"),
            ),
            Self::NotRegular => (
                Code::FileNotRegular,
                "this is no regular file",
                Some("move away what is there; a folder, pipe or device cannot be read as a file"),
            ),
            Self::TooLarge(limit) => return too_large(limit).at(location),
        };
        let diagnostic = Diagnostic::error(code, message).at(location);
        match help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}
