//! The methods that change the documents of a workspace.

use papack_engine::{DoctorRequest, ManageRequest, PreloadChange, Task};
use papack_queries::formats::tiles::TileSize;
use papack_queries::formats::{FormatChoice, FormatName};
use serde::Deserialize;

use super::super::message::Failure;
use super::service::{Call, service};

/// Declares a method that carries out a task: its parameters, besides those that all of them have, what they must keep
/// to, and the task.
macro_rules! task {
    (
        $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* }
        $(if |$valid:ident| $condition:expr)?
        => |$it:ident| $task:expr
    ) => {
        service!($name {
            $($(#[$attribute])* $field: $kind,)*
            #[serde(default)]
            dry_run: bool,
            #[serde(default)]
            no_wait: bool,
        } $(if |$valid| $condition)? => |$it, session, call, observer| {
            let (Call { levels, cancel }, dry_run, no_wait) = (call, $it.dry_run, $it.no_wait);
            session.manage(&ManageRequest { task: $task, dry_run, no_wait, levels, cancel }, observer)
        });
    };
}

task!(New {
    root: Option<String>,
    format: Option<NamedFormat>,
    tile_size: Option<TilePixels>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    all: bool,
} if |it| it.expect_one_kind() => |it| match it.root {
    Some(root) => Task::New { root, format: choice(it.format, it.tile_size), files: it.files },
    None => Task::NewAll,
});

impl New {
    fn expect_one_kind(&self) -> Result<(), Failure> {
        let is_of_one = self.format.is_some() || self.tile_size.is_some() || !self.files.is_empty();
        match (&self.root, self.all) {
            (Some(_), true) | (None, false) => Err("either `root` is there, or `all` is true"),
            (None, true) if is_of_one => Err("`format`, `tile_size` and `files` go with `root`"),
            (Some(_), false) if self.has_idle_tile_size() => Err("`tile_size` goes with the format TILES/indexed_v1"),
            _ => Ok(()),
        }
        .map_err(Failure::bad_params)
    }

    fn has_idle_tile_size(&self) -> bool {
        self.tile_size.is_some() && self.format.is_some_and(|format| format.0 != FormatName::TilesIndexedV1)
    }
}

task!(Add {
    #[serde(default)]
    roots: Vec<String>,
    #[serde(default)]
    all: bool,
} if |it| match (it.all, it.roots.is_empty()) {
    (true, true) | (false, false) => Ok(()),
    _ => Err(Failure::bad_params("either `roots` has at least one root, or `all` is true")),
} => |it| if it.all { Task::AddAll } else { Task::Add { roots: it.roots } });

task!(Move { asset: String, root: String, } => |it| Task::Move { asset: it.asset, root: it.root });

task!(Rename { asset: String, name: String, } => |it| Task::Rename { asset: it.asset, name: it.name });

task!(Preload {
    asset: String,
    slot: Option<u8>,
    #[serde(default)]
    next: bool,
    #[serde(default)]
    off: bool,
} if |it| match (it.slot, it.next, it.off) {
    (Some(0..=15), false, false) | (None, true, false) | (None, false, true) => Ok(()),
    _ => Err(Failure::bad_params("one of `slot`, 0 to 15, `next`, true, and `off`, true, has to be there")),
} => |it| Task::Preload { preload: match (it.slot, it.next) {
    (Some(slot), _) => PreloadChange::Slot(slot),
    (None, true) => PreloadChange::Next,
    (None, false) => PreloadChange::Off,
}, asset: it.asset });

task!(Include { assets: Vec<String>, } if |it| expect_some(&it.assets) => |it| Task::Include { assets: it.assets });

task!(Exclude { assets: Vec<String>, } if |it| expect_some(&it.assets) => |it| Task::Exclude { assets: it.assets });

task!(Remove {
    assets: Vec<String>,
    #[serde(default)]
    delete_files: bool,
} if |it| expect_some(&it.assets) => |it| Task::Remove { assets: it.assets, delete_files: it.delete_files });

task!(Migrate {} => |it| Task::Migrate);

service!(Doctor {
    #[serde(default)]
    fix: bool,
    renumber: Option<String>,
    give_to: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    no_wait: bool,
} if |it| match (&it.renumber, &it.give_to) {
    (None, Some(_)) => Err(Failure::bad_params("`give_to` goes with `renumber`")),
    _ => Ok(()),
} => |Self { fix, renumber, give_to, dry_run, no_wait, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.doctor(&DoctorRequest { fix, renumber, give_to, dry_run, no_wait, levels, cancel }, observer)
});

/// The format that is asked for. Only tiles have a size of tiles, so that stands for theirs.
fn choice(format: Option<NamedFormat>, tile_size: Option<TilePixels>) -> Option<FormatChoice> {
    let tile_size = tile_size.map(|size| size.0);
    match (format.map(|format| format.0), tile_size) {
        (Some(FormatName::TilesIndexedV1), _) | (None, Some(_)) => Some(FormatChoice::TilesIndexedV1 { tile_size }),
        (Some(FormatName::SoundsPcmV1), _) => Some(FormatChoice::SoundsPcmV1),
        (Some(FormatName::DataRawV1), _) => Some(FormatChoice::DataRawV1),
        (Some(FormatName::DataTilemapV1), _) => Some(FormatChoice::DataTilemapV1),
        (None, None) => None,
    }
}

fn expect_some(assets: &[String]) -> Result<(), Failure> {
    if assets.is_empty() { Err(Failure::bad_params("`assets` names at least one")) } else { Ok(()) }
}

/// A format, as manifests name it.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct NamedFormat(FormatName);

impl TryFrom<String> for NamedFormat {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        FormatName::of(&name).map(Self).ok_or_else(|| format!("there is no format {name:?} (initialize lists all)"))
    }
}

/// The width and height of a tile in pixels.
#[derive(Deserialize)]
#[serde(try_from = "i64")]
struct TilePixels(TileSize);

impl TryFrom<i64> for TilePixels {
    type Error = &'static str;

    fn try_from(pixels: i64) -> Result<Self, Self::Error> {
        TileSize::new(pixels).map(Self).ok_or("a tile has 8, 16 or 32 pixels")
    }
}
