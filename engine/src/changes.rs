//! What may have changed since an operation looked.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

/// What may have changed since the session's last operation ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Changes {
    /// Anything: nobody watched.
    #[default]
    Anything,
    /// Nothing but these, by their paths below the workspace. A path stands for itself and all below it.
    Paths(BTreeSet<Utf8PathBuf>),
}
