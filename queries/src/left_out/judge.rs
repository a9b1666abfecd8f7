//! The judge: holds files against the rules and against the list of names.

use std::collections::HashMap;

use ignore::Match;

use super::names::{is_unmeant, original};
use super::rules::Rules;
use crate::glob::Effort;

/// Why a file is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// By its name, nobody meant it. A glob that names such files takes it.
    Unmeant,
    /// The ignore file says so.
    Ignored,
}

/// Judges files below one folder.
pub struct Judge<'r> {
    rules: &'r Rules,
    /// The folder, relative to `assets/`; empty for `assets/` itself.
    root: &'r str,
    /// Whether the ignore file leaves out what is in a folder, by the folder's path below `assets/`.
    folders: HashMap<String, bool>,
}

impl<'r> Judge<'r> {
    /// A judge of the files below the folder `root`, which is relative to `assets/`.
    pub fn new(rules: &'r Rules, root: &'r str) -> Self {
        Self { rules, root, folders: HashMap::new() }
    }

    /// Why the file at `path` below the folder is left out; none where it is not. `is_there` tells whether there is a
    /// file at another path below the folder. Without `effort` left, no rule matches.
    pub fn verdict(&mut self, path: &str, is_there: impl Fn(&str) -> bool, effort: &mut Effort) -> Option<Cause> {
        if !self.rules.is_empty() {
            let whole = if self.root.is_empty() { path.to_owned() } else { format!("{}/{path}", self.root) };
            match self.ignored(&whole, effort) {
                Some(true) => return Some(Cause::Ignored),
                Some(false) => return None,
                None => {}
            }
        }
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (&path[..=folder.len()], name));
        let is_copy = || original(name).is_some_and(|original| is_there(&format!("{folder}{original}")));
        (is_unmeant(name) || is_copy()).then_some(Cause::Unmeant)
    }

    /// What the ignore file says of the file at `path` below `assets/`: the last pattern that matches decides, but what
    /// is in a folder that is left out stays so, as with git.
    fn ignored(&mut self, path: &str, effort: &mut Effort) -> Option<bool> {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
        if folder.is_some_and(|folder| self.is_folder_ignored(folder, effort)) {
            return Some(true);
        }
        self.matched(path, false, effort)
    }

    fn is_folder_ignored(&mut self, folder: &str, effort: &mut Effort) -> bool {
        if let Some(known) = self.folders.get(folder) {
            return *known;
        }
        let ends = folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]);
        let mut is_ignored = false;
        for end in ends {
            let folder = &folder[..end];
            is_ignored = is_ignored || self.matched(folder, true, effort) == Some(true);
            self.folders.insert(folder.to_owned(), is_ignored);
        }
        is_ignored
    }

    fn matched(&self, path: &str, is_folder: bool, effort: &mut Effort) -> Option<bool> {
        if !effort.spend(self.rules.effort(path.len())) {
            return None;
        }
        match self.rules.matcher.matched(path, is_folder) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn verdict(rules: &str, root: &str, path: &str) -> Option<Cause> {
        let rules = Rules::parse(rules.as_bytes()).unwrap();
        Judge::new(&rules, root).verdict(path, |other| other == "d/a.png", &mut Effort::new(1 << 20))
    }

    #[test]
    fn the_last_pattern_decides_and_folders_go_before() {
        for (rules, root, path, expected) in [
            ("", "ui", "a.bak", Some(Cause::Unmeant)),
            ("", "ui", "d/a (1).png", Some(Cause::Unmeant)),
            ("", "ui", "a (1).png", None),
            ("*.psd", "ui", "d/a.psd", Some(Cause::Ignored)),
            ("*.PSD", "ui", "d/a.psd", None),
            ("# *.psd\n\n", "ui", "a.psd", None),
            ("*.psd\r\n!b.psd\r\n", "ui", "a.psd", Some(Cause::Ignored)),
            ("*.psd\n!b.psd", "ui", "b.psd", None),
            ("!b.psd\n*.psd", "ui", "b.psd", Some(Cause::Ignored)),
            ("!*.bak", "ui", "a.bak", None),
            ("/ui/a.png", "ui", "a.png", Some(Cause::Ignored)),
            ("/a.png", "ui", "a.png", None),
            ("ui/*.png", "x/ui", "a.png", None),
            ("**/ui/*.png", "x/ui", "a.png", Some(Cause::Ignored)),
            ("drafts/", "ui", "drafts/d/a.png", Some(Cause::Ignored)),
            ("drafts/", "ui", "drafts", None),
            ("drafts/", "drafts/ui", "a.png", Some(Cause::Ignored)),
            // As with git, nothing comes back from a folder that is left out.
            ("drafts/\n!drafts/a.png", "drafts", "a.png", Some(Cause::Ignored)),
            ("drafts/*\n!drafts/a.png", "drafts", "a.png", None),
            // There are no alternatives in git either.
            ("*.{psd,xcf}", "ui", "a.psd", None),
            ("*.{psd,xcf}", "ui", "a.{psd,xcf}", Some(Cause::Ignored)),
            ("\\{a\\}", "ui", "{a}", Some(Cause::Ignored)),
            ("\u{feff}a.png", "ui", "a.png", Some(Cause::Ignored)),
            ("[ab].png", "ui", "a.png", Some(Cause::Ignored)),
        ] {
            assert_eq!(verdict(rules, root, path), expected, "{path} in {root} by {rules:?}");
        }
    }

    #[test]
    fn effort_is_spent_in_proportion_to_the_patterns() {
        let rules = Rules::parse("?*".repeat(100).as_bytes()).unwrap();
        let mut judge = Judge::new(&rules, "d");
        let mut effort = Effort::new(10_000_000);
        let path = "a".repeat(250);
        let judged = (0..10_000).take_while(|_| judge.verdict(&path, |_| false, &mut effort).is_some()).count();
        assert!((1500..1600).contains(&judged) && effort.is_spent(), "{judged} files");
    }
}
