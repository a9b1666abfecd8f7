//! How deeds are done. Each tells what it did; one that finds nothing to do it to does nothing.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::SystemTime;

use papack_engine::Task;
use papack_queries::formats::FormatChoice;
use serde_json::{Value, json};

use crate::deed::{CacheDeed, Deed, Field, Journey, OutputDeed, RegistryEdit, Service, Size, Way, Writer};
use crate::player::{BUILD, CACHE, Player};
use crate::space::{Run, TestSpace};
use crate::tree::{Times, Tree, set_modified};
use crate::world::Kind;
use crate::writing::Writing;

const REGISTRY: &str = "assets/.prometeu/index.json";
const OUTPUTS: [&str; 4] = ["assets.pa", "asset_table.json", "preload.json", "asset_table_metadata.json"];

/// The end of a folder's name that was carried away.
const AWAY: &str = "-away";

/// What a deed did. None: there was nothing to do it to.
pub type Done = Option<String>;

impl Deed {
    /// Does it, and tells what was done.
    pub fn perform(&self, player: &mut Player) -> Done {
        match *self {
            Self::Edit { file, seed, size, way } => edit(&player.space, file, seed, size, way),
            Self::BeginWriting { file, seed, writer } => begin_writing(player, file, seed, writer),
            Self::GoOnWriting => go_on_writing(player),
            Self::EndWriting { is_killed } => end_writing(player, is_killed),
            Self::Touch(file) => touch(&player.space, file),
            Self::SwapFiles(one, other) => swap_files(&player.space, one, other),
            Self::SwapFolders(one, other) => swap_folders(&player.space, one, other),
            Self::NewFile { asset, seed, is_used } => new_file(&player.space, asset, seed, is_used),
            Self::RemoveFile(file) => remove_file(&player.space, file),
            Self::LinkFile(file) => link_file(&player.space, file),
            Self::Ignore { text, way } => ignore(&player.space, text, way),
            Self::Manifest { asset, field, way } => edit_manifest(&player.space, asset, field, way),
            Self::Registry(change) => edit_registry(&player.space, change),
            Self::Manage { asset, service } => manage(player, asset, service),
            Self::NewAsset { kind, seed } => new_asset(player, kind, seed),
            Self::CarryAway(asset) => carry_away(&player.space, asset),
            Self::CarryBack => carry_back(&player.space),
            Self::GoBack => player.go_back().then(|| "inputs as at the last success".to_owned()),
            Self::Cache(deed) => damage_cache(player, deed),
            Self::Output(deed) => damage_output(player, deed),
            Self::Elsewhere { journey, with_build } => Some(travel(player, journey, with_build)),
            Self::Restart => player.session.take().map(|_| "the session ended".to_owned()),
        }
    }
}

/// Puts `bytes` into the place of the file `path`.
fn put(path: &Path, bytes: impl AsRef<[u8]>, way: Way) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let is_renamed = matches!(way, Way::Renamed | Way::RenamedTimeKept);
    let written = if is_renamed { path.with_extension("new") } else { path.to_owned() };
    fs::write(&written, bytes).unwrap();
    if matches!(way, Way::InPlaceTimeKept | Way::RenamedTimeKept) {
        set_modified(&written, modified).unwrap();
    }
    fs::rename(written, path).unwrap();
}

/// Two files change places, if they are two.
fn swap(one: &Path, other: &Path) {
    let between = one.with_extension("between");
    fs::rename(one, &between).unwrap();
    fs::rename(other, one).unwrap();
    fs::rename(between, other).unwrap();
}

fn pick<T: Clone>(list: &[T], number: usize) -> Option<T> {
    list.get(number.checked_rem(list.len())?).cloned()
}

/// The paths below the workspace of all files that may be artifacts.
fn artifacts(space: &TestSpace) -> Vec<String> {
    let tree = Tree::of(&space.path().join("assets")).without(".prometeu");
    tree.files().filter(|path| !path.ends_with("asset.json")).map(|path| format!("assets/{path}")).collect()
}

/// The folders below `assets/` that hold a manifest.
fn roots(space: &TestSpace) -> Vec<String> {
    let tree = Tree::of(&space.path().join("assets")).without(".prometeu");
    tree.files().filter_map(|path| path.strip_suffix("/asset.json")).map(str::to_owned).collect()
}

fn json_at(space: &TestSpace, path: &str) -> Option<Value> {
    serde_json::from_slice(&fs::read(space.path().join(path)).ok()?).ok()
}

pub fn edit(space: &TestSpace, file: usize, seed: u8, size: Size, way: Way) -> Done {
    let path = pick(&artifacts(space), file)?;
    let (place, kind, old) = (space.path().join(&path), Kind::of(&path), space.read(&path));
    let bytes = match size {
        Size::Half => old[..old.len() / 2].to_vec(),
        Size::Short => kind.content(seed, false),
        Size::Long => kind.content(seed, true),
        Size::Same if kind == Kind::Data => vec![seed; old.len()],
        Size::Same => kind.content(seed, kind.content(seed, true).len() == old.len()),
    };
    let sizes = (old.len(), bytes.len());
    put(&place, bytes, way);
    Some(format!("{path}: seed {seed}, {} bytes for {}, {way:?}", sizes.1, sizes.0))
}

fn begin_writing(player: &mut Player, file: usize, seed: u8, writer: Writer) -> Done {
    let outputs = OUTPUTS.map(|name| format!("{BUILD}/{name}")).into_iter();
    let outputs = outputs.filter(|path| player.space.path().join(path).is_file());
    let path = pick(&artifacts(&player.space).into_iter().chain(outputs).collect::<Vec<_>>(), file)?;
    let old = player.space.read(&path);
    let content = Kind::of(&path).content(seed, true);
    let new = if content.len() == old.len() { content } else { vec![seed; old.len()] };
    let writing = Writing::begin(&player.space, &path, new, writer)?;
    let shown = writing.shown();
    player.writings.push(writing);
    Some(format!("begun to write {shown}"))
}

fn go_on_writing(player: &mut Player) -> Done {
    player.writings.iter_mut().for_each(Writing::go_on);
    let shown: Vec<_> = player.writings.iter().map(Writing::shown).collect();
    (!shown.is_empty()).then(|| format!("went on to write {}", shown.join("; ")))
}

fn end_writing(player: &mut Player, is_killed: bool) -> Done {
    let shown: Vec<_> = player.writings.iter().map(Writing::shown).collect();
    for writing in player.writings.drain(..) {
        if !is_killed {
            writing.complete();
        }
    }
    (!shown.is_empty()).then(|| format!("ended to write, killed: {is_killed}: {}", shown.join("; ")))
}

fn touch(space: &TestSpace, file: usize) -> Done {
    let path = pick(&artifacts(space), file)?;
    set_modified(&space.path().join(&path), SystemTime::now()).unwrap();
    Some(format!("{path} touched"))
}

fn swap_files(space: &TestSpace, one: usize, other: usize) -> Done {
    let files = artifacts(space);
    let one = pick(&files, one)?;
    let alike: Vec<_> = files.into_iter().filter(|path| *path != one && Kind::of(path) == Kind::of(&one)).collect();
    let other = pick(&alike, other)?;
    swap(&space.path().join(&one), &space.path().join(&other));
    Some(format!("{one} and {other} swapped"))
}

fn swap_folders(space: &TestSpace, one: usize, other: usize) -> Done {
    let folders: Vec<_> = roots(space).into_iter().map(|root| format!("assets/{root}/more")).collect();
    let folders: Vec<_> = folders.into_iter().filter(|folder| space.path().join(folder).is_dir()).collect();
    let one = pick(&folders, one)?;
    let others: Vec<_> = folders.into_iter().filter(|folder| *folder != one).collect();
    let other = pick(&others, other)?;
    swap(&space.path().join(&one), &space.path().join(&other));
    Some(format!("{one} and {other} swapped"))
}

fn new_file(space: &TestSpace, asset: usize, seed: u8, is_used: bool) -> Done {
    let root = pick(&roots(space), asset)?;
    let kind = artifacts(space).iter().find(|path| path.contains(&root)).map_or(Kind::Data, |path| Kind::of(path));
    let name = if is_used { "new" } else { "unused" };
    let path = format!("assets/{root}/{name}{seed}.{}", kind.extension());
    if fs::symlink_metadata(space.path().join(&path)).is_ok() {
        return None;
    }
    space.write(&path, kind.content(seed, true));
    Some(format!("{path} added"))
}

/// Texts of an ignore file. The last but one is of the size of another; the last is none.
const IGNORED: [&str; 7] = ["new*\n", "more/\n", "# new*\n", "*\n!*.png\n", "/a1/**\n", "old*\n", "[new\n"];

fn ignore(space: &TestSpace, text: Option<usize>, way: Way) -> Done {
    let path = space.path().join("assets/.papackignore");
    let Some(text) = text.and_then(|number| pick(&IGNORED, number)) else {
        return fs::remove_file(path).ok().map(|()| "the ignore file removed".to_owned());
    };
    if path.exists() {
        put(&path, text, way);
    } else {
        fs::write(&path, text).unwrap();
    }
    Some(format!("the ignore file is {text:?}, {way:?}"))
}

fn remove_file(space: &TestSpace, file: usize) -> Done {
    let path = pick(&artifacts(space), file)?;
    fs::remove_file(space.path().join(&path)).unwrap();
    Some(format!("{path} removed"))
}

fn link_file(space: &TestSpace, file: usize) -> Done {
    let path = pick(&artifacts(space), file)?;
    fs::remove_file(space.path().join(&path)).unwrap();
    symlink("asset.json", space.path().join(&path)).unwrap();
    Some(format!("{path} is a link"))
}

fn edit_manifest(space: &TestSpace, asset: usize, field: Field, way: Way) -> Done {
    let all = roots(space);
    let root = pick(&all, asset)?;
    let path = format!("assets/{root}/asset.json");
    let mut manifest = json_at(space, &path)?;
    let kind = artifacts(space).iter().find(|path| path.contains(&root)).map_or(Kind::Data, |path| Kind::of(path));
    match field {
        Field::WhiteSpace | Field::Broken => {}
        Field::Name(seed) => manifest["name"] = json!(format!("{root} {seed}")),
        Field::NameOf(other) => {
            let other = pick(&all, other)?;
            manifest["name"] = json_at(space, &format!("assets/{other}/asset.json"))?["name"].take();
        }
        Field::User(seed) => manifest["output"]["metadata"]["user"] = json!({ "seed": seed }),
        Field::Pipeline(seed) => manifest["output"]["pipeline"] = json!({ "seed": f64::from(seed) / 4.0 }),
        Field::Preload(true) => {
            let id = manifest["asset_uuid"].as_str()?.bytes().last()?;
            manifest["preload"] = json!({ "enabled": true, "slot": id % 16 });
        }
        Field::Preload(false) => drop(manifest.as_object_mut()?.remove("preload")),
        Field::TileSize(size) if kind == Kind::Tiles => manifest["output"]["metadata"]["tile_size"] = json!(size),
        Field::TileSize(_) => return None,
        Field::Format(is_native) => {
            let kind = if is_native { kind } else { Kind::Data };
            manifest["output"]["format"] = json!(kind.format());
            manifest["output"]["metadata"] = kind.metadata();
        }
        Field::Artifacts { is_glob: true } => {
            let pattern = format!("**/*.{}", kind.extension());
            manifest["artifacts"] = json!([{ "glob": pattern, "except": ["**/unused*"] }]);
        }
        Field::Artifacts { is_glob: false } => {
            let below = format!("assets/{root}/");
            let files: Vec<_> = artifacts(space)
                .iter()
                .filter_map(|path| path.strip_prefix(&below))
                .map(|f| json!({"file": f}))
                .collect();
            manifest["artifacts"] = json!(files);
        }
    }
    let text = match field {
        Field::WhiteSpace => format!("\n{}", String::from_utf8(space.read(&path)).unwrap()),
        Field::Broken => format!("{manifest:#},"),
        _ => format!("{manifest:#}\n"),
    };
    put(&space.path().join(&path), text, way);
    Some(format!("{path}: {field:?}, {way:?}"))
}

fn edit_registry(space: &TestSpace, change: RegistryEdit) -> Done {
    let mut registry = json_at(space, REGISTRY)?;
    let entries = registry["assets"].as_array_mut()?;
    match change {
        RegistryEdit::WhiteSpace | RegistryEdit::Broken => {}
        RegistryEdit::Reversed => entries.reverse(),
        RegistryEdit::SwappedIds(one, other) => {
            let one = one.checked_rem(entries.len())?;
            let other = other % entries.len();
            let id = entries[one]["asset_id"].take();
            entries[one]["asset_id"] = if one == other { id.clone() } else { entries[other]["asset_id"].take() };
            entries[other]["asset_id"] = id;
        }
    }
    let text = match change {
        RegistryEdit::WhiteSpace => format!("\n{}", String::from_utf8(space.read(REGISTRY)).unwrap()),
        RegistryEdit::Broken => format!("{registry:#},"),
        RegistryEdit::Reversed | RegistryEdit::SwappedIds(..) => registry.to_string(),
    };
    space.write(REGISTRY, text);
    Some(format!("registry: {change:?}"))
}

fn manage(player: &mut Player, asset: usize, service: Service) -> Done {
    let registry = json_at(&player.space, REGISTRY)?;
    let entry = pick(registry["assets"].as_array()?, asset);
    let id = || entry.as_ref().map(|entry| entry["asset_id"].to_string());
    let task = match service {
        Service::Include => Task::Include { assets: vec![id()?] },
        Service::Exclude => Task::Exclude { assets: vec![id()?] },
        Service::Remove { delete_files } => Task::Remove { assets: vec![id()?], delete_files },
        Service::Move(seed) => Task::Move { asset: id()?, root: format!("moved{seed}") },
        Service::Add => Task::AddAll,
    };
    Some(player.manage(task))
}

fn new_asset(player: &mut Player, kind: Kind, seed: u8) -> Done {
    let root = format!("made{seed}");
    if player.space.path().join("assets").join(&root).exists() {
        return None;
    }
    player.space.write(&format!("assets/{root}/f.{}", kind.extension()), kind.content(seed, true));
    let format = match kind {
        Kind::Data => FormatChoice::DataRawV1,
        Kind::Tiles => FormatChoice::TilesIndexedV1 { tile_size: None },
        Kind::Sounds => FormatChoice::SoundsPcmV1,
        Kind::Maps => FormatChoice::DataTilemapV1,
    };
    Some(player.manage(Task::New { root, format: Some(format), files: Vec::new() }))
}

fn carry_away(space: &TestSpace, asset: usize) -> Done {
    let root = pick(&roots(space), asset)?;
    let from = space.path().join("assets").join(&root);
    fs::rename(&from, from.with_file_name(format!("{}{AWAY}", from.file_name()?.to_str()?))).ok()?;
    Some(format!("{root} carried away"))
}

fn carry_back(space: &TestSpace) -> Done {
    let mut done = Vec::new();
    for root in roots(space) {
        if let Some(back) = root.strip_suffix(AWAY) {
            let assets = space.path().join("assets");
            if !assets.join(back).exists() {
                fs::rename(assets.join(&root), assets.join(back)).unwrap();
                done.push(back.to_owned());
            }
        }
    }
    (!done.is_empty()).then(|| format!("{} carried back", done.join(", ")))
}

/// Takes whatever is in the place of the cache away.
fn clear_cache(cache: &Path) {
    if cache.is_dir() && !cache.is_symlink() {
        fs::remove_dir_all(cache).unwrap();
    } else if cache.exists() {
        fs::remove_file(cache).unwrap();
    }
}

fn damage_cache(player: &mut Player, deed: CacheDeed) -> Done {
    let cache = player.space.path().join(CACHE);
    let tree = if cache.is_symlink() { Tree::default() } else { Tree::of(&cache) };
    let files: Vec<_> = tree.files().map(str::to_owned).collect();
    let chosen = |number| pick(&files, number).map(|name| (cache.join(&name), name));
    match deed {
        CacheDeed::Delete(file) => {
            let (path, name) = chosen(file)?;
            fs::remove_file(path).unwrap();
            Some(format!("cache: {name} deleted"))
        }
        CacheDeed::DeleteAll => {
            clear_cache(&cache);
            Some("cache deleted".to_owned())
        }
        CacheDeed::Halve(file) => {
            let (path, name) = chosen(file)?;
            let bytes = fs::read(&path).unwrap();
            put(&path, &bytes[..bytes.len() / 2], Way::InPlaceTimeKept);
            Some(format!("cache: {name} truncated"))
        }
        CacheDeed::Flip { file, at, way } => {
            let (path, name) = chosen(file)?;
            let at = flip(&path, at, way)?;
            Some(format!("cache: byte {at} of {name} flipped, {way:?}"))
        }
        CacheDeed::Garbage(file) => {
            let (path, name) = chosen(file)?;
            put(&path, b"no cache at all", Way::InPlace);
            Some(format!("cache: garbage in {name}"))
        }
        CacheDeed::Swap(one, other) => {
            let ((one, _), (other, _)) = (chosen(one)?, chosen(other)?);
            if one == other {
                return None;
            }
            swap(&one, &other);
            Some(format!("cache: {} and {} swapped", one.display(), other.display()))
        }
        CacheDeed::Keep => {
            player.kept_cache = Some(tree);
            Some("cache kept".to_owned())
        }
        CacheDeed::Older(times) => {
            let older = player.kept_cache.clone()?;
            clear_cache(&cache);
            older.lay(&cache, times);
            Some(format!("cache: the one that was kept, times {times:?}"))
        }
        CacheDeed::OfTwin => {
            let other = cache_of_twin(&player.space);
            clear_cache(&cache);
            other.lay(&cache, Times::Kept);
            Some("cache: that of a twin with other contents".to_owned())
        }
        CacheDeed::OfOther => {
            let mut command = player.space.command(&["check"]);
            command.env("PAPACK_CACHE_KEY", "66".repeat(32));
            Run::of(command);
            Some("cache: that of another user of the workspace".to_owned())
        }
        CacheDeed::IsFile => {
            clear_cache(&cache);
            fs::write(&cache, "in the way").unwrap();
            Some("a file in the place of the cache".to_owned())
        }
        CacheDeed::IsLink => {
            clear_cache(&cache);
            symlink(player.elsewhere.path(), &cache).unwrap();
            Some("a link in the place of the cache".to_owned())
        }
    }
}

/// What a pack leaves in the cache of a workspace of the same names, sizes and times, but other contents.
pub fn cache_of_twin(space: &TestSpace) -> Tree {
    let twin = TestSpace::empty();
    Tree::of(space.path()).without("build").without(CACHE).lay(twin.path(), Times::Kept);
    for file in 0..artifacts(&twin).len() {
        edit(&twin, file, 77, Size::Same, Way::InPlaceTimeKept);
    }
    twin.run(&["pack"]);
    Tree::of(&twin.path().join(CACHE))
}

/// Alters a byte of a file: the one at `at`, counted from the end, where payloads are. Tells which.
pub fn flip(path: &Path, at: usize, way: Way) -> Option<usize> {
    let mut bytes = fs::read(path).ok()?;
    let at = bytes.len().checked_sub(1)? - at.checked_rem(bytes.len())?;
    bytes[at] ^= 0x55;
    put(path, bytes, way);
    Some(at)
}

fn damage_output(player: &Player, deed: OutputDeed) -> Done {
    let build = player.space.path().join(BUILD);
    let there = |output: usize| {
        let path = build.join(OUTPUTS[output]);
        path.is_file().then_some(path)
    };
    let generation = |back: usize| player.generations.iter().rev().nth(back + 1);
    match deed {
        OutputDeed::Delete(output) => fs::remove_file(there(output)?).unwrap(),
        OutputDeed::DeleteAll => fs::remove_dir_all(build).ok()?,
        OutputDeed::Halve(output) => {
            let path = there(output)?;
            let bytes = fs::read(&path).unwrap();
            put(&path, &bytes[..bytes.len() / 2], Way::InPlaceTimeKept);
        }
        OutputDeed::Flip { output, at, way } => drop(flip(&there(output)?, at, way)?),
        OutputDeed::Older { output, back, way } => {
            put(&there(output)?, generation(back)?.contents()[OUTPUTS[output]], way);
        }
        OutputDeed::AllOlder(back) => {
            let older = generation(back)?;
            fs::remove_dir_all(&build).ok()?;
            older.lay(&build, Times::Kept);
        }
        OutputDeed::Aside => {
            let aside = player.aside.path();
            let (there, between) = (aside.join(BUILD), aside.join("between"));
            let came = fs::rename(&there, &between).is_ok();
            let went = fs::rename(&build, &there).is_ok();
            if came {
                fs::rename(&between, &build).unwrap();
            }
            return (came || went).then(|| format!("build/ came back: {came}, and went: {went}"));
        }
    }
    Some(format!("{deed:?}"))
}

fn travel(player: &mut Player, journey: Journey, with_build: bool) -> String {
    let target = TestSpace::empty();
    match journey {
        Journey::Copied(times) => Tree::of(player.space.path()).lay(target.path(), times),
        Journey::Renamed => {
            for name in ["assets", BUILD] {
                // There is no build/ before the first success.
                let _ = fs::rename(player.space.path().join(name), target.path().join(name));
            }
        }
    }
    if !with_build {
        let _ = fs::remove_dir_all(target.path().join(BUILD));
    }
    player.session = None;
    player.space = target;
    format!("the workspace: {journey:?}, with its outputs: {with_build}")
}
