//! The files that a glob takes.

use super::leaving_out::LeavingOut;
use super::presence::is_visible;
use crate::glob::{Effort, Pattern};
use crate::left_out::Rules;
use crate::tree::{Kind, Tree};

/// The additional cost of a match: it is looked up, and ordered.
const MATCH_EFFORT: u64 = 100;

/// The files below the folder `root` that a glob takes, in their order: all in `tree` that `pattern` matches, none of
/// `except` does, and `rules` and the list of names do not leave out. `root` is relative to `assets/`. Once the `effort`
/// is spent, no more are found.
pub fn taken<'t>(
    tree: &'t Tree,
    root: &'t str,
    rules: &'t Rules,
    pattern: &Pattern,
    except: &[Pattern],
    effort: &mut Effort,
) -> Vec<&'t str> {
    let (mut matched, _) = matched(tree, pattern, except, effort);
    LeavingOut::new(rules, root, tree).take_away(pattern, &mut matched, effort);
    matched
}

/// Whether a glob takes the file at `path`, which may be in `tree` or not: whether it would be among the [`taken`] files.
pub fn takes(
    tree: &Tree,
    root: &str,
    rules: &Rules,
    pattern: &Pattern,
    except: &[Pattern],
    path: &str,
    effort: &mut Effort,
) -> bool {
    if !is_visible(path) || !pattern.matches(path, effort) || except.iter().any(|except| except.matches(path, effort)) {
        return false;
    }
    let mut matched = vec![path];
    LeavingOut::new(rules, root, tree).take_away(pattern, &mut matched, effort);
    !matched.is_empty()
}

/// The files that `pattern` matches and none of `except` does, and whether `pattern` matches any.
pub(super) fn matched<'t>(
    tree: &'t Tree,
    pattern: &Pattern,
    except: &[Pattern],
    effort: &mut Effort,
) -> (Vec<&'t str>, bool) {
    let mut is_matched = false;
    let mut is_chosen = |path: &str| {
        let matches = pattern.matches(path, effort);
        is_matched |= matches;
        matches && !except.iter().any(|except| except.matches(path, effort)) && effort.spend(MATCH_EFFORT)
    };
    let found = tree.with_prefix(pattern.literal_prefix()).iter();
    let files = found.filter(|found| found.kind == Kind::File && is_visible(&found.path) && is_chosen(&found.path));
    let files = files.map(|found| &*found.path).collect();
    (files, is_matched)
}
