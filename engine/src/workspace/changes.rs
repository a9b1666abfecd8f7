//! What may have changed since the session's last operation ended.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

/// Where something may have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Changes {
    /// Anywhere.
    #[default]
    Anything,
    /// At these paths below the workspace. Each stands for itself and all below it.
    Paths(BTreeSet<Utf8PathBuf>),
}

impl Changes {
    /// With more paths than this, anything may have changed.
    const MAX_PATHS: usize = 10_000;

    /// Nothing changed.
    pub(crate) fn none() -> Self {
        Self::Paths(BTreeSet::new())
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Self::Paths(paths) if paths.is_empty())
    }

    /// Adds a path.
    pub(crate) fn add(&mut self, path: Utf8PathBuf) {
        if let Self::Paths(paths) = self {
            paths.insert(path);
            if paths.len() > Self::MAX_PATHS {
                *self = Self::Anything;
            }
        }
    }

    /// Adds all of `other`.
    pub(crate) fn join(&mut self, other: Self) {
        match other {
            Self::Anything => *self = Self::Anything,
            Self::Paths(paths) => paths.into_iter().for_each(|path| self.add(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_paths_are_anything_and_nothing_takes_that_back() {
        let mut changes = Changes::none();
        assert!(changes.is_none());
        let path = |number: usize| Utf8PathBuf::from(format!("assets/{number}"));
        (0..Changes::MAX_PATHS).for_each(|number| changes.add(path(number)));
        changes.add(path(0));
        assert!(matches!(&changes, Changes::Paths(paths) if paths.len() == Changes::MAX_PATHS));
        let mut more = Changes::none();
        more.add(path(Changes::MAX_PATHS));
        changes.join(more.clone());
        assert_eq!(changes, Changes::Anything);
        changes.join(more.clone());
        assert_eq!(changes, Changes::Anything);
        more.join(Changes::Anything);
        assert_eq!(more, Changes::Anything);
    }
}
