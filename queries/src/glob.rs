//! Glob patterns of manifests, and the natural order that people expect of numbered files.

use std::cmp::Ordering;

/// A pattern over paths below an asset root.
///
/// `*` and `?` match within a component, `?` exactly one Unicode scalar value; `**` is a whole component and
/// matches any number of them, at the end at least one. Nothing else is special.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(String);

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

    /// Whether the pattern matches `path`.
    pub fn matches(&self, path: &str) -> bool {
        let pattern: Vec<&str> = self.0.split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        // At the end, `**` is every file at any depth: one component at least.
        match pattern.split_last() {
            Some((&"**", front)) => path.split_last().is_some_and(|(_, folders)| {
                let front: Vec<&str> = front.iter().copied().chain(["**"]).collect();
                matches(&front, folders, |c| *c == "**", |p, c| matches_component(p, c))
            }),
            _ => matches(&pattern, &path, |c| *c == "**", |p, c| matches_component(p, c)),
        }
    }
}

fn matches_component(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    matches(&pattern, &name, |c| *c == '*', |p, c| *p == '?' || p == c)
}

/// Matches `items` against `pattern`, in which a star stands for any number of items.
///
/// Only the last star met is ever tried again with one item more, so the time is bounded by the product of the
/// lengths: no pattern makes this exponential.
fn matches<T>(pattern: &[T], items: &[T], is_star: impl Fn(&T) -> bool, equals: impl Fn(&T, &T) -> bool) -> bool {
    let (mut p, mut i) = (0, 0);
    let mut retry = None;
    while i < items.len() {
        match pattern.get(p) {
            Some(star) if is_star(star) => {
                retry = Some((p + 1, i));
                p += 1;
            }
            Some(item) if equals(item, &items[i]) => {
                p += 1;
                i += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    retry = Some((after_star, from + 1));
                    (p, i) = (after_star, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(is_star)
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
            assert_eq!(Pattern::new(pattern.into()).matches(path), expected, "{pattern} on {path}");
        }
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
