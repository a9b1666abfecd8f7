//! The names of files that nobody meant: what systems, editors, art programs, browsers and sync services leave behind.
//!
//! `docs/spec/inputs.md` has the list. ASCII letters count in either case, on every operating system.

/// Whole names, in lower case: views of folders that Windows keeps.
const NAMES: [&str; 4] = ["thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"];

/// Ends of names, in lower case: backups, swap files, and downloads that are not complete.
const ENDS: [&str; 9] = ["~", ".tmp", ".temp", ".bak", ".orig", ".rej", ".swp", ".swo", ".crdownload"];

/// What sync services write in brackets when two machines changed one file, in lower case.
const CONFLICTS: [&str; 3] = ["conflicted copy", "case conflict", "in konflikt stehende kopie"];

/// What Finder appends to the name of a copy beside the original, in lower case. A number may follow.
const FINDER_COPIES: [&str; 2] = [" copy", " kopie"];

/// What other programs append, in lower case. A number may follow in brackets.
const COPIES: [&str; 4] = [" - copy", " - kopie", " (copy)", " (another copy)"];

/// Whether `component`, the last one of a pattern, names files that nobody meant: it is itself such a name, as `*.bak`.
pub fn names_unmeant(component: &str) -> bool {
    is_unmeant(component) || original(component).is_some()
}

/// Whether a file with this name is one that nobody meant, whatever lies beside it.
pub(super) fn is_unmeant(name: &str) -> bool {
    let name = &*name.to_ascii_lowercase();
    let is_lock = name.starts_with("~$");
    let is_recovery = name.len() > 2 && name.starts_with('#') && name.ends_with('#');
    NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || is_lock
        || is_recovery
        || is_blender_backup(name)
        || is_conflict(name)
}

/// `*.blend1`, `*.blend2` and so on.
fn is_blender_backup(name: &str) -> bool {
    name.rsplit_once(".blend").is_some_and(|(_, number)| is_number(number))
}

/// Whether a sync service wrote the file beside another one because both had changed.
fn is_conflict(name: &str) -> bool {
    let is_in_brackets = |phrase: &&str| {
        let parts = name.split_once(" (").and_then(|(_, rest)| rest.split_once(*phrase));
        parts.is_some_and(|(_, after)| after.contains(')'))
    };
    name.contains(".sync-conflict-") || CONFLICTS.iter().any(is_in_brackets) || is_dated_conflict(name)
}

/// `*_conflict-20260401-101500*`
fn is_dated_conflict(name: &str) -> bool {
    let Some((_, rest)) = name.split_once("_conflict-") else { return false };
    let bytes = rest.as_bytes();
    bytes.len() >= 15 && is_digits(&bytes[..8]) && bytes[8] == b'-' && is_digits(&bytes[9..15])
}

/// The name of the file of which one with this name is a copy, as browsers and file managers name copies. It is one
/// only where the original lies beside it: who renames many files at once on Windows gets `walk (1).png` too.
pub(super) fn original(name: &str) -> Option<String> {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, _)) => (stem, &name[stem.len()..]),
        None => (name, ""),
    };
    // As many bytes as the stem: only ASCII letters change.
    let lower = &*stem.to_ascii_lowercase();
    let unnumbered = lower
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .filter(|(_, number)| is_number(number))
        .map(|(rest, _)| rest);
    let marked = unnumbered.unwrap_or(lower);
    let uncopied = COPIES.iter().find_map(|copy| marked.strip_suffix(copy));
    let marked = lower.rsplit_once(' ').filter(|(_, number)| is_number(number)).map_or(lower, |(rest, _)| rest);
    let by_finder = || FINDER_COPIES.iter().find_map(|copy| marked.strip_suffix(copy));
    let length = uncopied.or_else(by_finder).or(unnumbered).map(str::len).filter(|length| *length > 0)?;
    Some(format!("{}{extension}", &stem[..length]))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && is_digits(text.as_bytes())
}

fn is_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_meant() {
        for name in [
            "Thumbs.db",
            "THUMBS.DB",
            "Desktop.ini",
            "a.png~",
            "#a.png#",
            "a.TMP",
            "a.bak",
            "a.png.orig",
            "~$a.docx",
            "hero.kra~",
            "hero.blend1",
            "hero.blend32",
            "a.sync-conflict-20260401-101500-ABCDEFG.png",
            "a (Ann's conflicted copy 2026-04-01).png",
            "a (conflicted copy 2026-04-01 101500).png",
            "a (Case Conflict 1).png",
            "a (Anns in Konflikt stehende Kopie 2026-04-01).png",
            "a_conflict-20260401-101500.png",
        ] {
            assert!(is_unmeant(name) && names_unmeant(name), "{name}");
        }
        for pattern in ["*.bak", "*~", "#*#", "* (1).png", "* - Copy.*", "* copy.png", "* copy 2.*"] {
            assert!(names_unmeant(pattern), "{pattern}");
        }
    }

    #[test]
    fn names_that_somebody_may_have_meant() {
        for name in [
            "*",
            "*.png",
            "**",
            "a.png",
            "tmp",
            "bak.png",
            "##",
            "#a",
            "hero.blend",
            "hero.blendx",
            "Thumbs.db.png",
            "a_conflict-2026.png",
            "a_conflict-20260401-10150é.png",
        ] {
            assert!(!is_unmeant(name) && !names_unmeant(name), "{name}");
        }
        assert!(!is_unmeant("walk (1).png") && !is_unmeant("conflicted copy.png"));
    }

    #[test]
    fn copies_have_an_original() {
        for (name, expected) in [
            ("a (1).png", Some("a.png")),
            ("a (12).png", Some("a.png")),
            ("é (1)", Some("é")),
            ("a - Copy.png", Some("a.png")),
            ("a - Copy (2).png", Some("a.png")),
            ("a - Kopie.PNG", Some("a.PNG")),
            ("a (copy).png", Some("a.png")),
            ("a (another copy).png", Some("a.png")),
            ("a copy.png", Some("a.png")),
            ("a copy 2.png", Some("a.png")),
            ("a copy copy.png", Some("a copy.png")),
            ("a Kopie 12.png", Some("a.png")),
            ("a copy", Some("a")),
            ("a copy b.png", None),
            ("acopy.png", None),
            ("a 2.png", None),
            (" copy.png", None),
            ("copy.png", None),
            ("a ().png", None),
            ("a (x).png", None),
            ("a(1).png", None),
            (" (1).png", None),
            (" - Copy.png", None),
            ("a.png", None),
            ("", None),
        ] {
            assert_eq!(original(name).as_deref(), expected, "{name}");
        }
    }
}
