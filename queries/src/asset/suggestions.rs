//! What the author of an artifact list probably meant, where a file or folder does not exist.

use super::presence::is_visible;
use crate::glob::Effort;
use crate::suggest::{MAX_BYTES, nearest};
use crate::tree::{Kind, Tree};

/// Suggests names of one asset's tree, until the effort for it is spent.
pub(super) struct Suggestions<'a> {
    tree: &'a Tree,
    effort: Effort,
}

impl<'a> Suggestions<'a> {
    /// The limit for the suggestions of one asset: a fraction of a second, or about fifty among ten thousand files.
    const EFFORT: u64 = 1 << 27;

    /// The cost of a comparison besides that of the lengths.
    const COMPARISON: usize = 200;

    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, effort: Effort::new(Self::EFFORT) }
    }

    /// What was meant by the missing file `wanted`, and help: a file of this name in another folder, or the most similar
    /// one.
    pub(super) fn file(&mut self, wanted: &str) -> Option<(&'a str, String)> {
        self.spend(wanted)?;
        let files = self.names(Kind::File);
        if let Some(elsewhere) = files.clone().find(|path| last(path).eq_ignore_ascii_case(last(wanted))) {
            let help = format!("a file of this name is at {elsewhere:?}: write its whole path below the asset's root");
            return Some((elsewhere, help));
        }
        nearest(wanted, files, |path| path, 1).first().map(|path| (*path, format!("did you mean {path:?}?")))
    }

    /// Help where no file is below the folder `wanted`, which is empty for the asset root itself.
    pub(super) fn in_folder(&mut self, wanted: &str, is_there: bool) -> Option<String> {
        self.spend(wanted)?;
        if !is_there {
            let found = nearest(wanted, self.names(Kind::Folder), |path| path, 1);
            let meant = found.first().map(|folder| format!("; did you mean {folder:?}?")).unwrap_or_default();
            return Some(format!("there is no folder {wanted:?}{meant}"));
        }
        let prefix = if wanted.is_empty() { String::new() } else { format!("{wanted}/") };
        let mut below = self.names(Kind::File).filter(|path| path.starts_with(&prefix));
        let place = if wanted.is_empty() { "the asset's folder".to_owned() } else { format!("the folder {wanted:?}") };
        Some(match (below.next(), below.count()) {
            (None, _) => format!("{place} has no files that a pattern can take"),
            (Some(only), 0) => format!("the only file in {place} is {only:?}"),
            (Some(first), more) => format!("{place} has {} files; the first is {first:?}", more + 1),
        })
    }

    fn names(&self, kind: Kind) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let found = self.tree.entries().iter().filter(move |entry| entry.kind == kind && is_visible(&entry.path));
        found.map(|entry| &*entry.path)
    }

    /// Spends what looking at every name takes. Comparing two names takes the product of their lengths.
    fn spend(&mut self, wanted: &str) -> Option<()> {
        let comparison = wanted.len().min(MAX_BYTES).pow(2) + Self::COMPARISON;
        self.effort.spend((self.tree.entries().len() * comparison) as u64).then_some(())
    }
}

/// The last component of a path.
fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TreeEntry;

    #[test]
    fn a_large_asset_has_a_few_suggestions_and_then_none() {
        let entry = |index: usize| TreeEntry { path: format!("f{index:05}.png").into(), kind: Kind::File };
        let tree = Tree::new((0..50_000).map(entry).collect());
        let mut suggestions = Suggestions::new(&tree);
        let helped = (0..100).take_while(|index| suggestions.file(&format!("g{index:05}.png")).is_some()).count();
        assert!((1..20).contains(&helped), "{helped} suggestions");
    }
}
