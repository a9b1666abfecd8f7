//! The files that the globs of one asset would take, but leave out.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Data, Diagnostic, Unit};
use crate::glob::{Effort, Pattern};
use crate::left_out::{Cause, IGNORE_PATH, Judge, Rules, names_unmeant};
use crate::repeated::Repeated;
use crate::tree::Tree;

/// What the globs of one asset leave out.
pub(super) struct LeavingOut<'a> {
    tree: &'a Tree,
    rules: &'a Rules,
    judge: Judge<'a>,
    /// The steps that it took.
    spent: u64,
    /// All of it so far, and why.
    left_out: BTreeMap<&'a str, Cause>,
}

impl<'a> LeavingOut<'a> {
    /// Nothing so far, of the asset at `root` with these names in it.
    pub(super) fn new(rules: &'a Rules, root: &'a str, tree: &'a Tree) -> Self {
        Self { tree, rules, judge: Judge::new(rules, root), spent: 0, left_out: BTreeMap::new() }
    }

    /// Takes those of the files `matched` by `pattern` away that are left out, and returns the first of them. A pattern
    /// whose last component names files that nobody meant takes them.
    pub(super) fn take_away(
        &mut self,
        pattern: &Pattern,
        matched: &mut Vec<&'a str>,
        effort: &mut Effort,
    ) -> Option<(&'a str, Cause)> {
        let means_unmeant = names_unmeant(pattern.last_component());
        let (mut first, before) = (None, effort.left());
        matched.retain(|path| match self.judge.verdict(path, |other| self.tree.is_file(other), effort) {
            Some(cause) if cause == Cause::Ignored || !means_unmeant => {
                first = first.or(Some((*path, cause)));
                self.left_out.insert(path, cause);
                false
            }
            _ => true,
        });
        self.spent += before - effort.left();
        first
    }

    /// The fault that the patterns of the ignore file take too long; `None` where they took less than `most` steps.
    pub(super) fn costly_fault(&self, most: u64) -> Option<Diagnostic> {
        if self.spent < most {
            return None;
        }
        let count = self.rules.count();
        let message = format!("the patterns of {IGNORE_PATH}, {count} in all, take too long to match with these files");
        let help = format!("use fewer and shorter patterns in {IGNORE_PATH}");
        let data = Data::Count { found: count as u64, unit: Unit::Patterns };
        Some(Diagnostic::error(Code::GlobTooCostly, message).with_help(help).with_data(data))
    }

    /// The fault that `pattern` takes nothing, since all that it matches is left out, the `first` of it for this cause.
    pub(super) fn empty_fault(pattern: &Pattern, (first, cause): (&str, Cause)) -> Diagnostic {
        let message = format!("every file that {:?} takes is left out, {first:?} first", pattern.as_str());
        let data = Data::value(pattern.as_str());
        Diagnostic::error(Code::GlobEmpty, message).with_help(way_back(first, cause)).with_data(data)
    }

    /// Tells what is left out and not taken by another entry.
    pub(super) fn notice(&self, is_taken: impl Fn(&str) -> bool) -> Option<Diagnostic> {
        let left_out: Repeated<_> = self.left_out.iter().filter(|(path, _)| !is_taken(path)).collect();
        let (first, cause) = left_out.first()?;
        let message = left_out.message(
            |(path, _)| format!("{path:?} is left out of the patterns"),
            |count, list| format!("{count} files are left out of the patterns: {list}"),
            |(path, _)| format!("{path:?}"),
        )?;
        let paths = left_out.places().map(|(path, _)| (**path).to_owned()).collect();
        let data = Data::Paths { count: left_out.count(), paths };
        Some(Diagnostic::info(Code::FilesLeftOut, message).with_help(way_back(first, **cause)).with_data(data))
    }
}

/// How to take the file at `path`, which is left out for this `cause`.
fn way_back(path: &str, cause: Cause) -> String {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let otherwise = match cause {
        Cause::Unmeant => format!("write the line !{} into {IGNORE_PATH}", name.replace('[', r"\[")),
        Cause::Ignored => format!("take the line that matches it out of {IGNORE_PATH}"),
    };
    format!("if {path:?} is meant, name it in an entry {{\"file\": …}}, or {otherwise}")
}
