//! Glob patterns of manifests, and the natural order that people expect of numbered files.

use std::cmp::Ordering;

/// A pattern over paths below an asset root.
///
/// `*` and `?` match within a component, `?` exactly one Unicode scalar value; `**` is a whole component and
/// matches any number of them, at the end at least one. Nothing else is special.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(String);

/// How much work may still be spent on matching, in steps of about a nanosecond.
///
/// A star costs time in proportion to the product of the lengths, and a manifest has room for many patterns: without
/// a bound, a few hundred kilobytes of them keep a machine busy for hours.
#[derive(Debug)]
pub struct Effort(u64);

impl Effort {
    /// An effort of `steps`.
    pub fn new(steps: u64) -> Self {
        Self(steps)
    }

    /// Spends `steps`. Whether there were as many left.
    pub fn spend(&mut self, steps: u64) -> bool {
        let enough = self.0 >= steps;
        self.0 = self.0.saturating_sub(steps);
        enough
    }

    /// The steps that are left.
    pub fn left(&self) -> u64 {
        self.0
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0 == 0
    }
}

impl Pattern {
    /// A pattern of text that [`check_pattern`](crate::path::check_pattern) accepted.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The pattern's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The leading components that have no wildcard, with a `/` behind: every match begins so.
    pub fn literal_prefix(&self) -> &str {
        let wildcard = self.0.find(['*', '?']).unwrap_or(self.0.len());
        let end = self.0[..wildcard].rfind('/').map_or(0, |slash| slash + 1);
        &self.0[..end]
    }

    /// What every match has as its name: the text behind the last `/`, wildcards included.
    pub fn last_component(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, last)| last)
    }

    /// Whether the pattern matches `path`. Without effort left, it does not.
    pub fn matches(&self, path: &str, effort: &mut Effort) -> bool {
        // At the end, `**` is every file at any depth: one component at least.
        let (pattern, path) = match self.0.strip_suffix("**").filter(|front| front.is_empty() || front.ends_with('/')) {
            Some(_) => match path.rfind('/') {
                Some(slash) => (self.0.as_str(), &path[..slash]),
                // The file's name is the one component; what comes before `**` must match none.
                None => return self.0.split('/').all(|component| component == "**"),
            },
            None => (self.0.as_str(), path),
        };
        matches_folders(pattern, path, effort)
    }
}

/// The first component of a path, and what follows it.
fn split_first(path: Option<&str>) -> Option<(&str, Option<&str>)> {
    let path = path?;
    Some(match path.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    })
}

/// Matches component by component. Only the last `**` is tried again, with one component more each time.
fn matches_folders(pattern: &str, path: &str, effort: &mut Effort) -> bool {
    let (mut pattern, mut path) = (Some(pattern), Some(path));
    let mut retry = None;
    while effort.spend(1) {
        match (split_first(pattern), split_first(path)) {
            (None, None) => return true,
            (Some(("**", rest)), _) => {
                retry = Some((rest, path));
                pattern = rest;
            }
            (Some((component, rest)), Some((name, names))) if matches_component(component, name, effort) => {
                (pattern, path) = (rest, names);
            }
            _ => match retry {
                Some((after, Some(from))) => {
                    let from = split_first(Some(from)).and_then(|(_, rest)| rest);
                    retry = Some((after, from));
                    (pattern, path) = (after, from);
                }
                _ => return false,
            },
        }
    }
    false
}

/// Matches within a component. Only the last `*` is tried again, with one character more each time.
fn matches_component(pattern: &str, name: &str, effort: &mut Effort) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    let mut retry = None;
    while effort.spend(1) {
        let (mut after, mut rest) = (pattern.clone(), name.clone());
        match (after.next(), rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                retry = Some((after.clone(), name.clone()));
                pattern = after;
            }
            (Some(p), Some(c)) if p == '?' || p == c => (pattern, name) = (after, rest),
            _ => {
                let Some((after, from)) = &mut retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                (pattern, name) = (after.clone(), from.clone());
            }
        }
    }
    false
}

/// Orders names as people do: runs of digits by their value, everything else by bytes.
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (digits_a, rest_a) = split_digits(a);
                let (digits_b, rest_b) = split_digits(b);
                // Without leading zeros, the longer number is the larger one.
                let order = digits_a.len().cmp(&digits_b.len()).then_with(|| digits_a.cmp(digits_b));
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

/// The number at the start of `text` without its leading zeros, and what follows it.
fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let zeros = text[..end].iter().position(|byte| *byte != b'0').unwrap_or(end);
    (&text[zeros..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, path, expected) in [
            ("a.png", "a.png", true),
            ("*.png", "a.png", true),
            ("*.png", "d/a.png", false),
            ("d/*", "d/a", true),
            ("d/*", "d/e/a", false),
            ("?.png", "é.png", true),
            ("?.png", "ab.png", false),
            ("**", "a", true),
            ("**", "d/e/a", true),
            ("d/**", "d/a", true),
            ("d/**", "d/e/a", true),
            ("d/**", "d", false),
            ("**/a", "a", true),
            ("**/a", "d/e/a", true),
            ("d/**/a", "d/a", true),
            ("d/**/a", "d/e/f/a", true),
            ("d/**/a", "e/a", false),
            ("**/*.wav", "s/x.wav", true),
            ("**/d/**", "a/d/b", true),
            ("**/d/**", "a/d", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("[a]", "a", false),
        ] {
            let matched = Pattern::new(pattern.into()).matches(path, &mut Effort::new(1000));
            assert_eq!(matched, expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn effort_is_bounded() {
        let pattern = Pattern::new(format!("*{}b", "a*".repeat(60)));
        let mut effort = Effort::new(10_000);
        for _ in 0..1000 {
            assert!(!pattern.matches(&"a".repeat(250), &mut effort));
        }
        assert!(effort.is_spent());
    }

    #[test]
    fn literal_prefix_ends_at_a_folder() {
        for (pattern, prefix) in [("a/b/*.png", "a/b/"), ("a/b", "a/"), ("*", ""), ("a/**/b", "a/"), ("ab?/c", "")] {
            assert_eq!(Pattern::new(pattern.into()).literal_prefix(), prefix);
        }
    }

    #[test]
    fn digits_order_as_numbers() {
        for (a, b) in [("2", "10"), ("a2b", "a10"), ("a02", "a3"), ("a", "b"), ("a", "a1"), ("1/9", "1/10")] {
            assert_eq!(natural_order(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(natural_order(b, a), Ordering::Greater, "{b} {a}");
        }
        assert_eq!(natural_order("a01", "a1"), Ordering::Equal);
    }
}
