//! What may happen to a workspace, made up. Numbers pick something of what is there, so that every deed fits every
//! workspace, and a history can be shortened anywhere.

use proptest::prelude::*;

use crate::tree::Times;
use crate::world::Kind;

/// How new bytes get into the place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The file is written anew.
    InPlace,
    /// The same, and afterwards its modification time is set back.
    InPlaceTimeKept,
    /// A new file is renamed over it, as editors save.
    Renamed,
    /// The same, and the new file has the modification time of the old one.
    RenamedTimeKept,
}

/// How large the new content of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Same,
    Short,
    Long,
    /// Half of what is there: a file that is not whole.
    Half,
}

/// How a program writes that takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// By calls, each of which gives a stamp.
    Calls,
    /// Through a mapping of the file: all that follows leaves the stamp of the beginning.
    Mapping,
}

/// One thing that happens. Files are artifact files, by their number; assets are folders with a manifest.
#[derive(Clone, Debug)]
pub enum Deed {
    Edit {
        file: usize,
        seed: u8,
        size: Size,
        way: Way,
    },
    /// A program opens a file, or an output, and begins to write it anew.
    BeginWriting {
        file: usize,
        seed: u8,
        writer: Writer,
    },
    /// All such programs write some more.
    GoOnWriting,
    /// All such programs end: with their work done, or killed before.
    EndWriting {
        is_killed: bool,
    },
    /// The modification time changes, and nothing else.
    Touch(usize),
    /// Two files of one kind change places, by renames.
    SwapFiles(usize, usize),
    /// The folders `more` of two assets change places: the files in them keep every stamp.
    SwapFolders(usize, usize),
    /// A file appears in an asset; what its name begins with says whether a pattern takes it.
    NewFile {
        asset: usize,
        seed: u8,
        is_used: bool,
    },
    RemoveFile(usize),
    /// A link to another file takes the place of a file.
    LinkFile(usize),
    /// The ignore file is written, with one of a few texts; without a number it is removed.
    Ignore {
        text: Option<usize>,
        way: Way,
    },
    Manifest {
        asset: usize,
        field: Field,
        way: Way,
    },
    Registry(RegistryEdit),
    /// A service is called for the registered asset.
    Manage {
        asset: usize,
        service: Service,
    },
    /// Adds an asset of this kind, with a file.
    NewAsset {
        kind: Kind,
        seed: u8,
    },
    /// The folder of an asset gets another name, by hand.
    CarryAway(usize),
    /// All such folders get their names back.
    CarryBack,
    /// Inputs are again as they were when the last pack succeeded, as after `git checkout`.
    GoBack,
    Cache(CacheDeed),
    Output(OutputDeed),
    /// The workspace is somewhere else from now on.
    Elsewhere {
        journey: Journey,
        with_build: bool,
    },
    /// The living session ends.
    Restart,
}

/// What is changed in a manifest.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    WhiteSpace,
    /// Not JSON any more.
    Broken,
    Name(u8),
    /// The name of another asset.
    NameOf(usize),
    User(u8),
    Pipeline(u8),
    /// Preloaded or not.
    Preload(bool),
    TileSize(u8),
    /// The format made for the files, or DATA.
    Format(bool),
    /// The files by a pattern, or those that are there one by one.
    Artifacts {
        is_glob: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum RegistryEdit {
    WhiteSpace,
    Reversed,
    Broken,
    /// Two assets change their ids.
    SwappedIds(usize, usize),
}

#[derive(Clone, Copy, Debug)]
pub enum Service {
    Include,
    Exclude,
    Remove { delete_files: bool },
    Move(u8),
    Add,
}

/// What happens to the cache. Files are those that are there, by their number.
#[derive(Clone, Copy, Debug)]
pub enum CacheDeed {
    Delete(usize),
    DeleteAll,
    Halve(usize),
    Flip {
        file: usize,
        at: usize,
        way: Way,
    },
    Garbage(usize),
    Swap(usize, usize),
    /// Remembers the whole cache as it is now.
    Keep,
    /// The cache that was remembered takes its place.
    Older(Times),
    /// The cache of a workspace with the same names, sizes and times, and other contents.
    OfTwin,
    /// That of another user, who looked at this very workspace.
    OfOther,
    /// A file is where the folder should be.
    IsFile,
    /// A link to another folder is where the folder should be.
    IsLink,
}

/// What happens to the outputs.
#[derive(Clone, Copy, Debug)]
pub enum OutputDeed {
    Delete(usize),
    DeleteAll,
    Halve(usize),
    Flip {
        output: usize,
        at: usize,
        way: Way,
    },
    /// What it was some generations before.
    Older {
        output: usize,
        back: usize,
        way: Way,
    },
    /// All outputs of an earlier generation.
    AllOlder(usize),
    /// The folder is moved out of the way, and what was there before comes back, with all its stamps.
    Aside,
}

#[derive(Clone, Copy, Debug)]
pub enum Journey {
    /// A copy: all files are new. The cache is a restored one.
    Copied(Times),
    /// The same files under another path.
    Renamed,
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The binary, which is started for it.
    Process,
    /// The session that lives on from one step to the next.
    Session,
}

/// A moment of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    SnapshotFrozen,
    GateFinished,
    Assembled,
    Staged,
    Promoted,
}

/// What is done, and compared, after some deeds.
#[derive(Clone, Debug)]
pub enum Then {
    Pack(Who),
    /// A pack that trusts no stamp.
    Rehash,
    Check(Who),
    /// A pack that is killed after so many microseconds.
    Kill(u64),
    /// A pack, in one moment of which somebody edits a file.
    Meanwhile {
        moment: Moment,
        file: usize,
        seed: u8,
        way: Way,
    },
}

/// Some deeds, and what is done then.
#[derive(Clone, Debug)]
pub struct Step {
    pub deeds: Vec<Deed>,
    pub then: Then,
}

fn number() -> impl Strategy<Value = usize> {
    0_usize..12
}

fn way() -> impl Strategy<Value = Way> {
    prop::sample::select(vec![Way::InPlace, Way::InPlaceTimeKept, Way::Renamed, Way::RenamedTimeKept])
}

fn seed() -> impl Strategy<Value = u8> {
    0_u8..4
}

fn times() -> impl Strategy<Value = Times> {
    prop::sample::select(vec![Times::Kept, Times::New])
}

fn who() -> impl Strategy<Value = Who> {
    prop::sample::select(vec![Who::Process, Who::Session])
}

fn edit() -> impl Strategy<Value = Deed> {
    let size =
        prop_oneof![12 => Just(Size::Same), 4 => Just(Size::Short), 4 => Just(Size::Long), 1 => Just(Size::Half)];
    (number(), seed(), size, way()).prop_map(|(file, seed, size, way)| Deed::Edit { file, seed, size, way })
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        4 => Just(Field::WhiteSpace),
        1 => Just(Field::Broken),
        4 => seed().prop_map(Field::Name),
        1 => number().prop_map(Field::NameOf),
        4 => seed().prop_map(Field::User),
        4 => seed().prop_map(Field::Pipeline),
        4 => any::<bool>().prop_map(Field::Preload),
        4 => prop::sample::select(vec![8, 16]).prop_map(Field::TileSize),
        4 => any::<bool>().prop_map(Field::Format),
        4 => any::<bool>().prop_map(|is_glob| Field::Artifacts { is_glob }),
    ]
}

fn manifest() -> impl Strategy<Value = Deed> {
    (number(), field(), way()).prop_map(|(asset, field, way)| Deed::Manifest { asset, field, way })
}

fn registry() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => Just(RegistryEdit::WhiteSpace),
        2 => Just(RegistryEdit::Reversed),
        1 => Just(RegistryEdit::Broken),
        2 => (number(), number()).prop_map(|(one, other)| RegistryEdit::SwappedIds(one, other)),
    ]
    .prop_map(Deed::Registry)
}

fn service() -> impl Strategy<Value = Deed> {
    let service = prop_oneof![
        2 => Just(Service::Include),
        2 => Just(Service::Exclude),
        1 => any::<bool>().prop_map(|delete_files| Service::Remove { delete_files }),
        2 => seed().prop_map(Service::Move),
        1 => Just(Service::Add),
    ];
    (number(), service).prop_map(|(asset, service)| Deed::Manage { asset, service })
}

fn cache() -> impl Strategy<Value = Deed> {
    let flip = (number(), 0_usize..5000, way());
    prop_oneof![
        2 => number().prop_map(CacheDeed::Delete),
        1 => Just(CacheDeed::DeleteAll),
        2 => number().prop_map(CacheDeed::Halve),
        4 => flip.prop_map(|(file, at, way)| CacheDeed::Flip { file, at, way }),
        2 => number().prop_map(CacheDeed::Garbage),
        2 => (number(), number()).prop_map(|(one, other)| CacheDeed::Swap(one, other)),
        3 => Just(CacheDeed::Keep),
        3 => times().prop_map(CacheDeed::Older),
        1 => Just(CacheDeed::OfTwin),
        1 => Just(CacheDeed::OfOther),
        1 => Just(CacheDeed::IsFile),
        1 => Just(CacheDeed::IsLink),
    ]
    .prop_map(Deed::Cache)
}

fn output() -> impl Strategy<Value = Deed> {
    let output = || prop_oneof![3 => Just(0_usize), 2 => 0_usize..4];
    let flip = (output(), 0_usize..5000, way());
    let older = (output(), 0_usize..3, way());
    prop_oneof![
        2 => output().prop_map(OutputDeed::Delete),
        2 => Just(OutputDeed::DeleteAll),
        1 => output().prop_map(OutputDeed::Halve),
        4 => flip.prop_map(|(output, at, way)| OutputDeed::Flip { output, at, way }),
        3 => older.prop_map(|(output, back, way)| OutputDeed::Older { output, back, way }),
        1 => (0_usize..3).prop_map(OutputDeed::AllOlder),
        2 => Just(OutputDeed::Aside),
    ]
    .prop_map(Deed::Output)
}

fn journey() -> impl Strategy<Value = Deed> {
    let journey = prop_oneof![2 => times().prop_map(Journey::Copied), 1 => Just(Journey::Renamed)];
    (journey, any::<bool>()).prop_map(|(journey, with_build)| Deed::Elsewhere { journey, with_build })
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        10 => edit(),
        2 => (number(), seed(), prop::sample::select(vec![Writer::Calls, Writer::Mapping]))
            .prop_map(|(file, seed, writer)| Deed::BeginWriting { file, seed, writer }),
        3 => Just(Deed::GoOnWriting),
        2 => any::<bool>().prop_map(|is_killed| Deed::EndWriting { is_killed }),
        2 => number().prop_map(Deed::Touch),
        3 => (number(), number()).prop_map(|(one, other)| Deed::SwapFiles(one, other)),
        2 => (number(), number()).prop_map(|(one, other)| Deed::SwapFolders(one, other)),
        3 => (number(), seed(), any::<bool>())
            .prop_map(|(asset, seed, is_used)| Deed::NewFile { asset, seed, is_used }),
        2 => number().prop_map(Deed::RemoveFile),
        1 => number().prop_map(Deed::LinkFile),
        3 => (prop::option::weighted(0.8, number()), way()).prop_map(|(text, way)| Deed::Ignore { text, way }),
        6 => manifest(),
        2 => registry(),
        4 => service(),
        1 => (prop::sample::select(Kind::ALONE.to_vec()), seed())
            .prop_map(|(kind, seed)| Deed::NewAsset { kind, seed }),
        1 => number().prop_map(Deed::CarryAway),
        2 => Just(Deed::CarryBack),
        3 => Just(Deed::GoBack),
        6 => cache(),
        6 => output(),
        1 => journey(),
        1 => Just(Deed::Restart),
    ]
}

fn then() -> impl Strategy<Value = Then> {
    let moments =
        [Moment::SnapshotFrozen, Moment::GateFinished, Moment::Assembled, Moment::Staged, Moment::Promoted].to_vec();
    let meanwhile = (prop::sample::select(moments), number(), seed(), way());
    prop_oneof![
        10 => who().prop_map(Then::Pack),
        1 => Just(Then::Rehash),
        3 => who().prop_map(Then::Check),
        1 => (0_u64..30_000).prop_map(Then::Kill),
        2 => meanwhile.prop_map(|(moment, file, seed, way)| Then::Meanwhile { moment, file, seed, way }),
    ]
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (prop::collection::vec(deed(), 1..4), then()).prop_map(|(deeds, then)| Step { deeds, then });
    prop::collection::vec(step, 1..=30)
}
