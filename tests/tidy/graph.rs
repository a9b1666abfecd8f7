//! What must not be between files: circles, and imports that run up.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use crate::imports::{Import, Imports};

/// The shortest circle of each set of files that all reach each other, as the imports that close it.
pub fn circles(imports: &Imports) -> Vec<Vec<Import>> {
    let count = imports.files.len();
    let ways: Vec<_> = (0..count).map(|from| ways_from(imports, from)).collect();
    let mut told = BTreeSet::new();
    let mut circles = Vec::new();
    for file in 0..count {
        if ways[file][file].is_none() || told.contains(&file) {
            continue;
        }
        let is_tangled = |other: &usize| ways[file][*other].is_some() && ways[*other][file].is_some();
        let tangled: Vec<_> = (0..count).filter(is_tangled).collect();
        circles.extend(tangled.iter().map(|member| circle_through(*member, &ways[*member])).min_by_key(Vec::len));
        told.extend(tangled);
    }
    circles
}

/// The last import of a shortest way from one file to each other one that it reaches.
fn ways_from(imports: &Imports, from: usize) -> Vec<Option<Import>> {
    let mut last: Vec<Option<Import>> = vec![None; imports.files.len()];
    let mut waiting = VecDeque::from([from]);
    while let Some(file) = waiting.pop_front() {
        for import in imports.all.iter().filter(|import| import.from == file) {
            if last[import.to].is_none() {
                last[import.to] = Some(*import);
                waiting.push_back(import.to);
            }
        }
    }
    last
}

/// The shortest circle through `file`, of which `ways` are the ways.
fn circle_through(file: usize, ways: &[Option<Import>]) -> Vec<Import> {
    let mut circle = vec![ways[file].unwrap()];
    while circle[circle.len() - 1].from != file {
        circle.push(ways[circle[circle.len() - 1].from].unwrap());
    }
    circle.reverse();
    circle
}

/// The imports that do not run down, by the floors of the crate in `folder`, the lowest first.
pub fn running_up(imports: &Imports, folder: &Path, floors: &[&[&str]]) -> Vec<Import> {
    let places: Vec<_> = imports.files.iter().map(|file| place_of(file, folder)).collect();
    let floor = |place: &str| floors.iter().position(|floor| floor.contains(&place));
    let runs_up = |import: &&Import| {
        let (from, to) = (&places[import.from], &places[import.to]);
        from != to && floor(from) <= floor(to)
    };
    imports.all.iter().filter(runs_up).copied().collect()
}

/// The files and folders at the top level of a crate that are not on exactly one floor, and floors of nothing.
pub fn misplaced(imports: &Imports, folder: &Path, floors: &[&[&str]]) -> Vec<String> {
    let places: BTreeSet<_> = imports.files.iter().map(|file| place_of(file, folder)).collect();
    let listed: Vec<_> = floors.concat().into_iter().map(str::to_owned).collect();
    let times = |place: &String| listed.iter().filter(|other| *other == place).count();
    let unlisted = places.iter().filter(|place| times(place) != 1).cloned();
    unlisted.chain(listed.iter().filter(|place| !places.contains(*place)).cloned()).collect()
}

/// The part of a crate that a file belongs to: a file or folder at its top level. `json.rs` and what is in `json/` are
/// one.
fn place_of(file: &Path, folder: &Path) -> String {
    let first = file.strip_prefix(folder).unwrap().iter().next().unwrap();
    Path::new(first).with_extension("").display().to_string()
}

/// An import as a line of a message.
pub fn line_of(imports: &Imports, import: &Import) -> String {
    let name = |file: usize| imports.files[file].display();
    format!("{}:{} imports {}", name(import.from), import.line, name(import.to))
}
