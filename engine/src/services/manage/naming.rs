//! How callers may name roots and files: as the registry does, or as a shell completes their paths.

use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::discovery::Walk;
use papack_queries::tree::Kind;

use crate::workspace::layout::{ASSETS, below_assets};

/// The paths that `named` may mean, relative to `assets/`, in the order in which they are tried: `named` itself,
/// `named` from the folder `here`, and `named` from the workspace.
pub(in crate::services) fn candidates(here: Option<&str>, named: &str) -> Vec<String> {
    let named = trimmed(named);
    let is_plain = !matches!(named.split('/').next(), Some("." | ".."));
    let below = |path: String| below_assets(&path).map(str::to_owned);
    let from_here = here.and_then(|here| below(resolved(here, named)?));
    let from_workspace = if is_plain { below(named.to_owned()) } else { None };
    is_plain.then(|| named.to_owned()).into_iter().chain(from_here).chain(from_workspace).collect()
}

/// `named` without the `/` that a shell appends to a folder.
pub(in crate::services) fn trimmed(named: &str) -> &str {
    named.trim_end_matches('/')
}

/// `path`, which starts from the folder `here`, relative to the workspace; `None` if it leads out of the workspace.
fn resolved(here: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut components: Vec<_> = here.split('/').filter(|component| !component.is_empty()).collect();
    for component in path.split('/') {
        match component {
            "." => {}
            ".." => drop(components.pop()?),
            name => components.push(name),
        }
    }
    Some(components.join("/"))
}

/// The root that `named` means: the first candidate whose folder exists, or else the first whose parent folder exists,
/// or else the first that does not begin in a folder `assets/assets` that does not exist: a shell completes paths so.
/// If there is none, returns `named`, for the error message.
pub(super) fn root(walk: &Walk, here: Option<&str>, named: &str) -> String {
    let candidates = candidates(here, named);
    let is_there = |root: &&String| is_kind(walk, root, Kind::Folder);
    let has_place =
        |root: &&String| root.rsplit_once('/').is_none_or(|(parent, _)| is_kind(walk, parent, Kind::Folder));
    let begins_well = |root: &&String| below_assets(root).is_none() || is_kind(walk, ASSETS, Kind::Folder);
    let found = candidates.iter().find(is_there).or_else(|| candidates.iter().find(has_place));
    let found = found.or_else(|| candidates.iter().find(begins_well));
    found.cloned().unwrap_or_else(|| trimmed(named).to_owned())
}

/// The file that `named` means, relative to `root`. If it means no file, returns `named`, for the error message.
///
/// # Errors
///
/// When it means a file that is not below `root`.
pub(super) fn file(walk: &Walk, here: Option<&str>, root: &str, named: &str) -> Result<String, Diagnostic> {
    if is_kind(walk, &format!("{root}/{named}"), Kind::File) {
        return Ok(named.to_owned());
    }
    let is_file = |path: &String| is_kind(walk, path, Kind::File);
    let Some(path) = candidates(here, named).into_iter().find(is_file) else { return Ok(named.to_owned()) };
    match path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')) {
        Some(file) => Ok(file.to_owned()),
        None => {
            let fault = Diagnostic::error(Code::PathInvalid, format!("the file is not below {ASSETS}/{root}"));
            Err(fault.at(format!("{ASSETS}/{path}")).with_help("an asset takes files of its own folder: move it there"))
        }
    }
}

fn is_kind(walk: &Walk, path: &str, kind: Kind) -> bool {
    let entries = walk.tree.entries();
    entries.binary_search_by(|entry| (*entry.path).cmp(path)).is_ok_and(|found| entries[found].kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_mean_what_a_shell_completes() {
        for (here, named, expected) in [
            (Some(""), "ui/font", &["ui/font"][..]),
            (Some(""), "ui/font//", &["ui/font"]),
            (Some(""), "assets/ui", &["assets/ui", "ui", "ui"]),
            (Some(""), "./assets/ui/", &["ui"]),
            (Some("assets"), "ui", &["ui", "ui"]),
            (Some("assets/ui"), "font", &["font", "ui/font"]),
            (Some("assets/ui"), "../sfx", &["sfx"]),
            (Some("assets/ui"), ".", &["ui"]),
            (Some("src"), "../assets/ui", &["ui"]),
            (Some("src"), "../../assets/ui", &[]),
            (Some("src"), "x", &["x"]),
            (Some(""), "assets", &["assets"]),
            (Some(""), "assetsx/ui", &["assetsx/ui"]),
            (Some(""), "/assets/ui", &["/assets/ui"]),
            (None, "assets/ui", &["assets/ui", "ui"]),
            (None, "./ui", &[]),
        ] {
            assert_eq!(candidates(here, named), expected, "{named} from {here:?}");
        }
    }
}
