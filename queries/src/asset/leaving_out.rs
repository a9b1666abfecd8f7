//! The files that the globs of one asset would take, but leave out.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::glob::{Effort, Pattern};
use crate::left_out::{Cause, IGNORE_PATH, Judge, Rules, names_unmeant};
use crate::tree::Tree;

/// What the globs of one asset leave out.
pub(super) struct LeavingOut<'a> {
    tree: &'a Tree,
    rules: &'a Rules,
    judge: Judge<'a>,
    /// The steps that it took.
    spent: u64,
    /// All of it so far.
    left_out: BTreeSet<&'a str>,
}

impl<'a> LeavingOut<'a> {
    /// Nothing so far, of the asset at `root` with these names in it.
    pub(super) fn new(rules: &'a Rules, root: &'a str, tree: &'a Tree) -> Self {
        Self { tree, rules, judge: Judge::new(rules, root), spent: 0, left_out: BTreeSet::new() }
    }

    /// Takes those of the files `matched` by `pattern` away that are left out, and returns the first of them. A pattern
    /// whose last component names files that nobody meant takes them.
    pub(super) fn take_away(
        &mut self,
        pattern: &Pattern,
        matched: &mut Vec<&'a str>,
        effort: &mut Effort,
    ) -> Option<&'a str> {
        let means_unmeant = names_unmeant(pattern.last_component());
        let (mut first, before) = (None, effort.left());
        matched.retain(|path| {
            let cause = self.judge.verdict(path, |other| self.tree.is_file(other), effort);
            let is_taken = cause.is_none_or(|cause| cause == Cause::Unmeant && means_unmeant);
            if !is_taken {
                first = first.or(Some(*path));
                self.left_out.insert(path);
            }
            is_taken
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
        Some(Diagnostic::error(Code::GlobTooCostly, message).with_help(help))
    }

    /// The fault that `pattern` takes nothing, since all that it matches is left out.
    pub(super) fn empty_fault(pattern: &Pattern, first: &str) -> Diagnostic {
        let message = format!("every file that {:?} takes is left out, {first:?} first", pattern.as_str());
        Diagnostic::error(Code::GlobEmpty, message).with_help(way_back(first))
    }

    /// Tells what is left out and not taken by another entry.
    pub(super) fn notice(&self, is_taken: impl Fn(&str) -> bool) -> Option<Diagnostic> {
        let mut left_out = self.left_out.iter().filter(|path| !is_taken(path));
        let first = left_out.next()?;
        let message = match left_out.count() {
            0 => format!("{first:?} is left out of the patterns"),
            more => format!("{} files are left out of the patterns; the first is {first:?}", more + 1),
        };
        Some(Diagnostic::info(Code::FilesLeftOut, message).with_help(way_back(first)))
    }
}

fn way_back(first: &str) -> String {
    format!(
        "if it is meant, name it in an entry {{\"file\": …}}, or bring {first:?} back in {IGNORE_PATH} by a line that begins \
         with !"
    )
}
