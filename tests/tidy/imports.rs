//! The modules of a crate, and which of its files imports which.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{self, Child, Item, Module, Name, Use};

/// The files of a crate, and the imports between them.
pub struct Imports {
    /// Paths from the root of the project.
    pub files: Vec<PathBuf>,
    pub all: Vec<Import>,
}

/// One file takes something from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: usize,
    pub to: usize,
    /// The line in `from`.
    pub line: usize,
}

impl Imports {
    /// Reads the crate whose root file is `root`, below `project`.
    pub fn of(project: &Path, root: &Path) -> Self {
        let mut tree = Tree { project, files: Vec::new(), nodes: Vec::new() };
        tree.read_file(root, root.parent().unwrap(), None);
        let mut all = Vec::new();
        for at in 0..tree.nodes.len() {
            tree.imports_of(at, &mut all);
        }
        all.sort_unstable();
        all.dedup_by_key(|import| (import.from, import.to));
        Self { files: tree.files, all }
    }
}

/// The modules, each with its place among the others.
struct Tree<'a> {
    project: &'a Path,
    files: Vec<PathBuf>,
    nodes: Vec<Node>,
}

struct Node {
    file: usize,
    parent: Option<usize>,
    children: HashMap<String, usize>,
    module: Module,
}

impl Node {
    fn defined(&self, name: &str, goes_on: bool) -> Option<Target> {
        let fits = |item: &&Item| item.name == name && (item.is_type || !goes_on);
        let item = self.module.items.iter().find(fits)?;
        Some(Target::Item { file: self.file, is_type: item.is_type })
    }
}

/// What a path names.
#[derive(Debug, Clone, Copy)]
enum Target {
    Module(usize),
    /// Something that a file defines, and whether a path can go on behind it.
    Item {
        file: usize,
        is_type: bool,
    },
}

impl Target {
    fn can_go_on(self) -> bool {
        matches!(self, Self::Module(_) | Self::Item { is_type: true, .. })
    }
}

impl Tree<'_> {
    /// Reads the module in `file`, whose children are in `folder`.
    fn read_file(&mut self, file: &Path, folder: &Path, parent: Option<usize>) -> usize {
        let text = fs::read_to_string(self.project.join(file)).unwrap();
        self.files.push(file.to_owned());
        self.add(self.files.len() - 1, source::read(&text), folder, parent)
    }

    fn add(&mut self, file: usize, mut module: Module, folder: &Path, parent: Option<usize>) -> usize {
        let at = self.nodes.len();
        let children = std::mem::take(&mut module.children);
        self.nodes.push(Node { file, parent, children: HashMap::new(), module });
        for child in children {
            let (name, child) = match child {
                Child::Inline { name, module } => {
                    let inner = folder.join(&name);
                    (name, self.add(file, module, &inner, Some(at)))
                }
                Child::File { name, path } => {
                    let (path, inner) = self.place(file, folder, &name, path);
                    (name, self.read_file(&path, &inner, Some(at)))
                }
            };
            self.nodes[at].children.insert(name, child);
        }
        at
    }

    /// The file of the module `name` that `file` declares, and the folder of its children.
    fn place(&self, file: usize, folder: &Path, name: &str, path: Option<String>) -> (PathBuf, PathBuf) {
        if let Some(path) = path {
            let path = self.files[file].parent().unwrap().join(path);
            let inner = path.with_extension("");
            return (path, inner);
        }
        let inner = folder.join(name);
        let alone = folder.join(format!("{name}.rs"));
        let path = if self.project.join(&alone).exists() { alone } else { inner.join("mod.rs") };
        (path, inner)
    }

    /// What the module at `at` imports from other files.
    ///
    /// What a `mod.rs` hands on counts as taken from the file that defines it. A `use` of a module by itself takes
    /// nothing: the paths that begin with its name do. Where there are none, it is named in a way that is not seen
    /// here, as in an attribute.
    fn imports_of(&self, at: usize, all: &mut Vec<Import>) {
        let module = &self.nodes[at].module;
        let begins_a_path = |name: &str| module.paths.iter().any(|path| path.segments[0] == name);
        let uses = module.uses.iter().filter_map(|used| {
            let target = self.resolve(at, &used.path, &mut Vec::new())?;
            let is_seen = matches!((target, &used.name), (Target::Module(_), Name::Is(name)) if begins_a_path(name));
            (!is_seen).then_some((target, used.line))
        });
        let paths = module.paths.iter().filter_map(|path| {
            let target = self.resolve(at, &path.segments, &mut Vec::new())?;
            Some((target, path.line))
        });
        let from = self.nodes[at].file;
        all.extend(uses.chain(paths).map(|(target, line)| Import { from, to: self.file_of(target), line }));
        all.retain(|import| import.from != import.to);
    }

    fn file_of(&self, target: Target) -> usize {
        match target {
            Target::Module(at) => self.nodes[at].file,
            Target::Item { file, .. } => file,
        }
    }

    /// What `path` names in the module at `from`; nothing if it belongs to another crate. `asked` has the names that
    /// are being looked for, since modules may hand on each other's.
    fn resolve(&self, from: usize, path: &[String], asked: &mut Vec<(usize, String)>) -> Option<Target> {
        let mut rest = path;
        let mut at = from;
        while let Some((first, others)) = rest.split_first() {
            at = match first.as_str() {
                "crate" => 0,
                "self" => at,
                "super" => self.nodes[at].parent?,
                _ => break,
            };
            rest = others;
        }
        let is_relative = rest.len() == path.len();
        let mut target = Target::Module(at);
        for (index, name) in rest.iter().enumerate() {
            let Target::Module(at) = target else { break };
            let goes_on = index + 1 < rest.len();
            match self.lookup(at, name, goes_on, asked) {
                Some(found) => target = found,
                // The first word may name another crate. Behind that, it is something that was not understood here.
                None if is_relative && index == 0 => return None,
                None => return Some(Target::Item { file: self.nodes[at].file, is_type: true }),
            }
        }
        Some(target)
    }

    /// What `name` is in the module at `at`. Where its path goes on, it is a module or a type.
    fn lookup(&self, at: usize, name: &str, goes_on: bool, asked: &mut Vec<(usize, String)>) -> Option<Target> {
        let node = &self.nodes[at];
        let child = node.children.get(name).copied().map(Target::Module);
        if goes_on && child.is_some() {
            return child;
        }
        let question = (at, name.to_owned());
        if asked.contains(&question) {
            return child;
        }
        asked.push(question);
        let found = node.defined(name, goes_on).or_else(|| self.brought_in(at, name, goes_on, asked));
        asked.pop();
        found.or(child)
    }

    fn brought_in(&self, at: usize, name: &str, goes_on: bool, asked: &mut Vec<(usize, String)>) -> Option<Target> {
        let uses = &self.nodes[at].module.uses;
        let is_named = |used: &&Use| matches!(&used.name, Name::Is(as_name) if as_name == name);
        for used in uses.iter().filter(is_named) {
            let found = self.resolve(at, &used.path, asked);
            if let Some(target) = found.filter(|target| !goes_on || target.can_go_on()) {
                return Some(target);
            }
        }
        for used in uses.iter().filter(|used| used.name == Name::All) {
            if let Some(Target::Module(other)) = self.resolve(at, &used.path, asked)
                && other != at
                && let Some(target) = self.lookup(other, name, goes_on, asked)
            {
                return Some(target);
            }
        }
        None
    }
}
