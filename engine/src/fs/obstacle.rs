//! Obstacles: what keeps a staged file from its place, and what to do about it.

use std::io;

use camino::Utf8Path;

/// Why a file cannot be renamed to its place.
pub(crate) struct Obstacle {
    /// Why, as the end of a sentence.
    pub(crate) reason: String,
    /// What to do about it.
    pub(crate) help: String,
}

impl Obstacle {
    /// What `error` says about a rename from the folder `staged` to `place`.
    pub(crate) fn of(error: &io::Error, staged: &Utf8Path, place: &Utf8Path) -> Self {
        let folder = place.parent().filter(|folder| *folder != "").unwrap_or(Utf8Path::new("."));
        let (reason, help) = match error.kind() {
            io::ErrorKind::CrossesDevices => (
                format!("{staged}/ is on another mount than {folder}/, and a rename does not leave its mount"),
                format!("unmount {staged}/, or mount all of {folder}/"),
            ),
            io::ErrorKind::ResourceBusy => (
                "another file is mounted over it".to_owned(),
                format!("unmount it; if it is to lie elsewhere, mount the folder {folder}/"),
            ),
            io::ErrorKind::ReadOnlyFilesystem => {
                ("its file system is read-only".to_owned(), format!("mount {folder}/ for writing"))
            }
            io::ErrorKind::PermissionDenied => (
                format!("this user may not replace it ({error})"),
                format!(
                    "look at its owner, at the permissions and the sticky bit of {folder}/ (ls -la), and at the \
                     attributes of both (lsattr): nothing may be immutable or append-only"
                ),
            ),
            _ => (error.to_string(), "mend what the operating system tells".to_owned()),
        };
        Self { reason, help }
    }
}
