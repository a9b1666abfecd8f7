//! The methods that are operations: parameters become a request, the service is called, and its result is put as
//! `--message-format json` puts it.
//!
//! A new service is a type with its parameters, its [`Service`], and a row in [`METHODS`].

use papack_engine::{
    Cancel, CheckRequest, DoctorRequest, ManageRequest, Observer, PackRequest, PlanRequest, PreloadChange, Session,
    StatusRequest, Task,
};
use papack_queries::formats::FormatChoice;
use papack_queries::formats::tiles::TileSize;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::message::{Failure, Params};
use crate::render::json;

/// An operation that is ready to run. It gives its result as JSON.
pub type Job = Box<dyn FnOnce(&mut Session, &Cancel, &Observer<'_>) -> String + Send>;

/// Makes an operation of parameters.
pub type Method = fn(Params<'_>) -> Result<Job, Failure>;

/// The methods that are operations. The steps of the Pack Wizard have a name of their own for two of them.
pub const METHODS: &[(&str, Method)] = &[
    ("summary", job::<Status>),
    ("status", job::<Status>),
    ("validate", job::<Check>),
    ("check", job::<Check>),
    ("plan", job::<Plan>),
    ("pack", job::<Pack>),
    ("new", job::<New>),
    ("add", job::<Add>),
    ("mv", job::<Move>),
    ("rename", job::<Rename>),
    ("preload", job::<Preload>),
    ("include", job::<Include>),
    ("exclude", job::<Exclude>),
    ("rm", job::<Remove>),
    ("migrate", job::<Migrate>),
    ("doctor", job::<Doctor>),
];

/// The parameters of a method, and the service that they go to.
trait Service: DeserializeOwned + Send + 'static {
    /// Refuses parameters that do not go together.
    fn expect_valid(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Calls the service.
    fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String;
}

fn job<S: Service>(params: Params<'_>) -> Result<Job, Failure> {
    let service: S = params.read()?;
    service.expect_valid()?;
    Ok(Box::new(move |session, cancel, observer| service.run(session, cancel.clone(), observer)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {}

impl Service for Status {
    fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String {
        json::result(&session.status(&StatusRequest { cancel }, observer))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    #[serde(default)]
    deny_warnings: bool,
    #[serde(default)]
    rehash: bool,
}

impl Service for Check {
    fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String {
        let Self { deny_warnings, rehash } = self;
        json::result(&session.check(&CheckRequest { deny_warnings, rehash, cancel }, observer))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    #[serde(default)]
    rehash: bool,
}

impl Service for Plan {
    fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String {
        json::result(&session.plan(&PlanRequest { rehash: self.rehash, cancel }, observer))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    #[serde(default)]
    no_wait: bool,
    #[serde(default)]
    rehash: bool,
    #[serde(default)]
    explain: bool,
}

impl Service for Pack {
    fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String {
        let Self { no_wait, rehash, explain } = self;
        json::result(&session.pack(&PackRequest { no_wait, rehash, explain, cancel }, observer))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Doctor {
    #[serde(default)]
    fix: bool,
    renumber: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    no_wait: bool,
}

impl Service for Doctor {
    fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String {
        let Self { fix, renumber, dry_run, no_wait } = self;
        json::result(&session.doctor(&DoctorRequest { fix, renumber, dry_run, no_wait, cancel }, observer))
    }
}

/// Declares a method that changes documents: its parameters, besides those that all of them have, what they must keep
/// to, and the task that they ask for.
macro_rules! changes_documents {
    ($name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* } $(if $valid:expr)? => $task:expr) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($(#[$attribute])* $field: $kind,)*
            #[serde(default)]
            dry_run: bool,
            #[serde(default)]
            no_wait: bool,
        }

        impl Service for $name {
            $(fn expect_valid(&self) -> Result<(), Failure> {
                let valid: fn(&Self) -> Result<(), Failure> = $valid;
                valid(self)
            })?

            fn run(self, session: &mut Session, cancel: Cancel, observer: &Observer<'_>) -> String {
                let (dry_run, no_wait) = (self.dry_run, self.no_wait);
                let task: fn(Self) -> Task = $task;
                let request = ManageRequest { task: task(self), dry_run, no_wait, cancel };
                json::result(&session.manage(&request, observer))
            }
        }
    };
}

changes_documents!(New {
    root: String,
    format: FormatName,
    tile_size: Option<TilePixels>,
    #[serde(default)]
    files: Vec<String>,
} if |new| match (new.format, &new.tile_size) {
    (FormatName::Sounds | FormatName::Data, Some(_)) => {
        Err(Failure::bad_params("`tile_size` goes with the format TILES/indexed_v1"))
    }
    _ => Ok(()),
} => |new| Task::New { root: new.root, format: new.format.choice(new.tile_size), files: new.files });

changes_documents!(Add {
    #[serde(default)]
    roots: Vec<String>,
    #[serde(default)]
    all: bool,
} if |add| match (add.all, add.roots.is_empty()) {
    (true, true) | (false, false) => Ok(()),
    _ => Err(Failure::bad_params("either `roots` has at least one root, or `all` is true")),
} => |add| if add.all { Task::AddAll } else { Task::Add { roots: add.roots } });

changes_documents!(Move { asset: String, root: String, } => |it| Task::Move { asset: it.asset, root: it.root });

changes_documents!(Rename { asset: String, name: String, } => |it| Task::Rename { asset: it.asset, name: it.name });

changes_documents!(Preload {
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

changes_documents!(Include { assets: Vec<String>, } if |it| expect_some(&it.assets)
    => |it| Task::Include { assets: it.assets });

changes_documents!(Exclude { assets: Vec<String>, } if |it| expect_some(&it.assets)
    => |it| Task::Exclude { assets: it.assets });

changes_documents!(Remove {
    assets: Vec<String>,
    #[serde(default)]
    delete_files: bool,
} if |it| expect_some(&it.assets) => |it| Task::Remove { assets: it.assets, delete_files: it.delete_files });

changes_documents!(Migrate {} => |_| Task::Migrate);

fn expect_some(assets: &[String]) -> Result<(), Failure> {
    if assets.is_empty() { Err(Failure::bad_params("`assets` names at least one")) } else { Ok(()) }
}

/// The formats, as manifests name them.
#[derive(Clone, Copy, Deserialize)]
enum FormatName {
    #[serde(rename = "TILES/indexed_v1")]
    Tiles,
    #[serde(rename = "SOUNDS/pcm_v1")]
    Sounds,
    #[serde(rename = "DATA/raw_v1")]
    Data,
}

impl FormatName {
    fn choice(self, tile_size: Option<TilePixels>) -> FormatChoice {
        match self {
            Self::Tiles => FormatChoice::TilesIndexedV1 { tile_size: tile_size.map(|size| size.0) },
            Self::Sounds => FormatChoice::SoundsPcmV1,
            Self::Data => FormatChoice::DataRawV1,
        }
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
