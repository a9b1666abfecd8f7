//! What the disk of a [`MemoryFs`](super::MemoryFs) holds, and in which states a power cut may leave it.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;

use camino::Utf8Path;
use papack_engine::fs::Stamp;

use super::Tree;

/// How many combinations of what a cut loses are tried for one moment.
#[derive(Clone, Copy)]
pub struct Bound {
    /// All of them, where there are no more than this.
    pub all: usize,
    /// Otherwise also every two things together, and not only each thing alone.
    pub pairs: bool,
}

/// What is in memory and what is on the disk.
#[derive(Clone)]
pub struct Disk {
    pub(super) nodes: Vec<Node>,
    pub(super) moves: Vec<Move>,
    pub(super) clock: u64,
    pub(super) locked: bool,
    /// The files that somebody is in the midst of changing.
    pub(super) changing: HashSet<usize>,
}

#[derive(Clone)]
pub(super) enum Node {
    File { durable: Arc<Vec<u8>>, current: Arc<Vec<u8>>, modified: u64 },
    Folder(BTreeMap<String, History>),
}

/// What a name stood for: first what is durable, last what is current. With each, when it came about.
pub(super) type History = Vec<(u64, Option<usize>)>;

/// A change of a name: folder, name, time.
pub(super) type Change = (usize, String, u64);

/// A rename: the old name must not be lost before the new one is there.
#[derive(Clone)]
pub(super) struct Move {
    pub(super) from: Change,
    pub(super) to: Change,
}

/// Something that a cut decides.
enum Choice {
    Name { folder: usize, name: String, options: usize },
    Data { file: usize },
}

impl Choice {
    fn options(&self) -> usize {
        match self {
            Self::Name { options, .. } => *options,
            Self::Data { .. } => 4,
        }
    }
}

/// The folder that holds everything.
pub(super) const ROOT: usize = 0;

impl Disk {
    pub(super) fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// The stamp of a file or folder. That of a folder changes with its names.
    pub(super) fn stamp(&self, node: usize) -> Stamp {
        let (size, changed) = match &self.nodes[node] {
            Node::File { current, modified, .. } => (current.len(), *modified),
            Node::Folder(names) => (0, names.values().flatten().map(|(time, _)| *time).max().unwrap_or_default()),
        };
        let time = i64::try_from(changed).unwrap();
        Stamp { size: size as u64, modified_ns: time, changed_ns: time, inode: node as u64, device: 0 }
    }

    pub(super) fn lookup(&self, folder: usize, name: &str) -> Option<usize> {
        match &self.nodes[folder] {
            Node::Folder(names) => names.get(name)?.last()?.1,
            Node::File { .. } => None,
        }
    }

    pub(super) fn resolve(&self, path: &Utf8Path) -> io::Result<usize> {
        path.iter().try_fold(ROOT, |folder, name| match &self.nodes[folder] {
            Node::File { .. } => Err(io::ErrorKind::NotADirectory.into()),
            Node::Folder(_) => self.lookup(folder, name).ok_or_else(|| io::ErrorKind::NotFound.into()),
        })
    }

    /// The folder that holds `path`, and the last name of it.
    pub(super) fn place<'p>(&self, path: &'p Utf8Path) -> io::Result<(usize, &'p str)> {
        let folder = self.resolve(path.parent().unwrap())?;
        match self.nodes[folder] {
            Node::Folder(_) => Ok((folder, path.file_name().unwrap())),
            Node::File { .. } => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn names(&self, folder: usize) -> Vec<(String, usize)> {
        let Node::Folder(names) = &self.nodes[folder] else { return Vec::new() };
        names.iter().filter_map(|(name, history)| Some((name.clone(), history.last()?.1?))).collect()
    }

    /// Lets `name` stand for `node` from now on. Nothing of it is durable.
    pub(super) fn set(&mut self, folder: usize, name: &str, node: Option<usize>) -> Change {
        let now = self.tick();
        if let Node::Folder(names) = &mut self.nodes[folder] {
            names.entry(name.to_owned()).or_insert_with(|| vec![(0, None)]).push((now, node));
        }
        (folder, name.to_owned(), now)
    }

    pub(super) fn add(&mut self, folder: usize, name: &str, node: Node) -> usize {
        self.nodes.push(node);
        let node = self.nodes.len() - 1;
        self.set(folder, name, Some(node));
        node
    }

    /// As [`add`](Self::add), flushed.
    pub(super) fn add_durable(&mut self, folder: usize, name: &str, node: Node) -> usize {
        let node = self.add(folder, name, node);
        if let Node::Folder(names) = &mut self.nodes[folder] {
            names.entry(name.to_owned()).and_modify(|history| drop(history.drain(..history.len() - 1)));
        }
        node
    }

    /// Makes the names of `folder` durable; where a file was moved out of it, the new name first.
    pub(super) fn flush(&mut self, folder: usize) {
        let moved: Vec<_> =
            self.moves.iter().filter(|moved| moved.from.0 == folder).map(|moved| moved.to.clone()).collect();
        for (folder, name, time) in moved {
            if let Node::Folder(names) = &mut self.nodes[folder] {
                names.entry(name).and_modify(|history| history.retain(|change| change.0 >= time));
            }
        }
        if let Node::Folder(names) = &mut self.nodes[folder] {
            names.values_mut().for_each(|history| drop(history.drain(..history.len() - 1)));
        }
    }

    pub(super) fn tree_below(&self, folder: usize) -> Tree {
        let mut tree = Tree::new();
        for (name, node) in self.names(folder) {
            match &self.nodes[node] {
                Node::File { current, .. } => drop(tree.insert(name, Some(current.to_vec()))),
                Node::Folder(_) => {
                    let below = self.tree_below(node);
                    tree.extend(below.into_iter().map(|(path, content)| (format!("{name}/{path}"), content)));
                    tree.insert(name, None);
                }
            }
        }
        tree
    }

    /// Calls `each` with every distinct state in which a power cut may leave the disk now. `seen` keeps what was met.
    ///
    /// All combinations are tried where there are at most `bound.all`. Where there are more: everything lost, everything
    /// kept, and from both of these every change of one thing, and of two if `bound.pairs` is set.
    pub fn cut(&self, bound: Bound, seen: &mut HashSet<u64>, mut each: impl FnMut(Self)) {
        let choices = self.choices();
        let mut offer = |picks: &[usize]| {
            let Some(left) = self.survive(&choices, picks) else { return };
            let mut hasher = DefaultHasher::new();
            left.tree_below(ROOT).hash(&mut hasher);
            if seen.insert(hasher.finish()) {
                each(left);
            }
        };
        let combinations = choices.iter().try_fold(1_usize, |product, choice| product.checked_mul(choice.options()));
        if let Some(combinations) = combinations.filter(|combinations| *combinations <= bound.all) {
            for number in 0..combinations {
                let mut rest = number;
                let digit = |choice: &Choice| {
                    let digit = rest % choice.options();
                    rest /= choice.options();
                    digit
                };
                offer(&choices.iter().map(digit).collect::<Vec<_>>());
            }
            return;
        }
        let lost = vec![0; choices.len()];
        // Of data the second option is what was written, of names it is the last.
        let last = |choice: &Choice| if matches!(choice, Choice::Data { .. }) { 1 } else { choice.options() - 1 };
        let kept = choices.iter().map(last).collect::<Vec<_>>();
        for base in [lost, kept] {
            offer(&base);
            for one in 0..choices.len() {
                let others = if bound.pairs { one..choices.len() } else { one..one + 1 };
                for (other, a) in others.flat_map(|other| (0..choices[one].options()).map(move |a| (other, a))) {
                    for b in 0..choices[other].options() {
                        let mut picks = base.clone();
                        (picks[one], picks[other]) = (a, b);
                        offer(&picks);
                    }
                }
            }
        }
    }

    fn choices(&self) -> Vec<Choice> {
        let of_node = |(index, node): (usize, &Node)| match node {
            Node::File { durable, current, .. } if durable != current => vec![Choice::Data { file: index }],
            Node::File { .. } => Vec::new(),
            Node::Folder(names) => {
                let uncertain = names.iter().filter(|(_, history)| history.len() > 1);
                let choice = |(name, history): (&String, &History)| Choice::Name {
                    folder: index,
                    name: name.clone(),
                    options: history.len(),
                };
                uncertain.map(choice).collect()
            }
        };
        self.nodes.iter().enumerate().flat_map(of_node).collect()
    }

    /// The state in which each choice went as `picks` says; none if a renamed file would be lost.
    fn survive(&self, choices: &[Choice], picks: &[usize]) -> Option<Self> {
        let mut left = self.clone();
        left.locked = false;
        for (choice, &pick) in choices.iter().zip(picks) {
            match choice {
                Choice::Name { folder, name, .. } => {
                    if let Node::Folder(names) = &mut left.nodes[*folder] {
                        names.entry(name.clone()).and_modify(|history| *history = vec![history[pick]]);
                    }
                }
                Choice::Data { file } => left.survive_data(*file, pick),
            }
        }
        let happened = |(folder, name, time): &Change| match &left.nodes[*folder] {
            Node::Folder(names) => names[name][0].0 >= *time,
            Node::File { .. } => false,
        };
        if left.moves.iter().any(|moved| happened(&moved.from) && !happened(&moved.to)) {
            return None;
        }
        left.moves.clear();
        Some(left)
    }

    fn survive_data(&mut self, file: usize, pick: usize) {
        if let Node::File { durable, current, .. } = &mut self.nodes[file] {
            let written = match pick {
                0 => Arc::clone(durable),
                1 => Arc::clone(current),
                2 => Arc::new(vec![0; current.len()]),
                _ => Arc::new(current[..current.len() / 2].to_vec()),
            };
            (*durable, *current) = (Arc::clone(&written), written);
        }
    }
}
