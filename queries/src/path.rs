//! The rules that every path in a document obeys, on every operating system.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Longest path, in bytes of UTF-8.
pub const MAX_BYTES: usize = 1024;

/// Most components of a path.
pub const MAX_COMPONENTS: usize = 64;

/// Checks a path: `/`-separated, relative, NFC, and valid on every operating system.
///
/// # Errors
///
/// The first rule that the path breaks, in words.
pub fn check(path: &str) -> Result<(), String> {
    check_with(path, "<>\"|?*")
}

/// Checks a glob pattern: the rules of paths, but `*` and `?` are allowed.
///
/// # Errors
///
/// The first rule that the pattern breaks, in words.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    check_with(pattern, "<>\"|")?;
    match pattern.split('/').find(|component| component.contains("**") && *component != "**") {
        Some(component) => Err(format!("\"**\" stands for whole components, not for a part of {component:?}")),
        None => Ok(()),
    }
}

fn check_with(path: &str, refused: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("the path is empty".into());
    }
    if path.len() > MAX_BYTES {
        return Err(format!("the path has {} bytes, at most {MAX_BYTES} are allowed", path.len()));
    }
    if path.starts_with('/') {
        return Err("the path is absolute; it must be relative".into());
    }
    if path.contains('\\') {
        return Err("the path has a \"\\\"; components are separated by \"/\"".into());
    }
    if let Some(c) = path.chars().find(|c| c.is_control()) {
        return Err(format!("the path has the control character U+{:04X}", u32::from(c)));
    }
    if let Some(c) = path.chars().find(|c| *c == ':' || refused.contains(*c)) {
        return Err(format!("the path has a {c:?}, which not every operating system allows"));
    }
    if !is_nfc(path) {
        return Err("the path is not in Unicode normalization form C".into());
    }
    let components = path.split('/').count();
    if components > MAX_COMPONENTS {
        return Err(format!("the path has {components} components, at most {MAX_COMPONENTS} are allowed"));
    }
    path.split('/').try_for_each(check_component)
}

fn check_component(component: &str) -> Result<(), String> {
    match component {
        "" => Err("the path has an empty component".into()),
        "." | ".." => Err(format!("the path has a {component:?} component")),
        _ if component.ends_with([' ', '.']) => Err(format!("the component {component:?} ends in a space or a dot")),
        _ if is_device_name(component) => Err(format!("the component {component:?} is a device name on Windows")),
        _ => Ok(()),
    }
}

/// Whether Windows takes the part before the first dot for a device.
fn is_device_name(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or(component).as_bytes();
    let (name, names): (_, &[&[u8]]) = match stem {
        [name @ .., b'0'..=b'9'] => (name, &[b"COM", b"LPT"]),
        _ => (stem, &[b"CON", b"PRN", b"AUX", b"NUL"]),
    };
    names.iter().any(|device| device.eq_ignore_ascii_case(name))
}

/// What two names share that some file system takes for the same: equal but for case and Unicode normalization.
pub fn folded(name: &str) -> Cow<'_, str> {
    if !name.is_ascii() {
        return Cow::Owned(name.nfc().map(folded_char).nfc().collect());
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(name.to_ascii_lowercase());
    }
    Cow::Borrowed(name)
}

/// Simple case folding: one character for one. What differs in more than case, as ß and ss do, stays different.
fn folded_char(c: char) -> char {
    let single = |mut chars: Box<dyn Iterator<Item = char>>| chars.next().filter(|_| chars.next().is_none());
    let lower = |c: char| single(Box::new(c.to_lowercase())).unwrap_or(c);
    match c {
        // The dotless i is a letter of its own, although its upper case is that of i.
        'ı' => c,
        // By way of upper case, which final sigma and long s share with their kin.
        _ => single(Box::new(c.to_uppercase())).map_or_else(|| lower(c), lower),
    }
}

/// The path that `relative` names as seen from the file at `file`; both are below the same folder, and so is the result, in which
/// no `.` or `..` is left. None where it would lead out of that folder, or is no relative path.
pub fn beside(file: &str, relative: &str) -> Option<String> {
    let mut components: Vec<&str> = file.split('/').collect();
    components.pop();
    for component in relative.split('/') {
        match component {
            "" => return None,
            "." => {}
            ".." => drop(components.pop()?),
            name if name.contains(['\\', ':']) => return None,
            name => components.push(name),
        }
    }
    Some(components.join("/"))
}
