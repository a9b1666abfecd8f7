//! Which severity a diagnostic is told with: what the caller and the settings of the workspace make of it.

use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Diagnostic, Severity};

/// The levels of an operation. Where the caller gives a code a level, the settings say nothing about that code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// Those of the caller.
    pub(crate) asked: Levels,
    /// Those of the settings of the workspace.
    pub(crate) settings: Levels,
}

impl Policy {
    /// The severity that `found` is told with; none where it is not told.
    pub(crate) fn severity(&self, found: &Diagnostic) -> Option<Severity> {
        let asked = self.asked.of(found.code);
        let level = asked.or_else(|| self.settings.of(found.code));
        let severity = level.map_or(Some(found.severity), |level| level.severity(found.severity))?;
        let denies_warnings = self.asked.deny_warnings || self.settings.deny_warnings && asked.is_none();
        Some(if severity == Severity::Warning && denies_warnings { Severity::Error } else { severity })
    }

    /// `found` as it is told; none where it is not. One that is made an error says so, and who did it.
    pub(crate) fn told(&self, found: Diagnostic) -> Option<Diagnostic> {
        let severity = self.severity(&found)?;
        if severity != Severity::Error || found.is_error() {
            let found_severity = (severity != found.severity).then_some(found.severity);
            return Some(Diagnostic { severity, found_severity, ..found });
        }
        let kind = if found.severity == Severity::Warning { "a warning" } else { "a notice" };
        // Without its settings, the caller would have denied it, too; or else it is the settings that do.
        let by_caller = Self { asked: self.asked.clone(), ..Self::default() }.severity(&found) == Some(Severity::Error);
        let denier = match found.severity {
            _ if !by_caller => "papack.toml makes",
            Severity::Warning => "--deny or --deny-warnings makes",
            _ => "--deny makes",
        };
        let denied = found.with_related(format!("by itself this is {kind}; {denier} it an error"), None);
        Some(Diagnostic { severity, found_severity: Some(denied.severity), ..denied })
    }
}

/// Tells `diagnostics`, which were found without an operation, with the `levels` of the caller. Returns how many are
/// not told.
pub(crate) fn apply(levels: &Levels, diagnostics: &mut Vec<Diagnostic>) -> usize {
    let policy = Policy { asked: levels.clone(), ..Policy::default() };
    let found_count = diagnostics.len();
    *diagnostics = std::mem::take(diagnostics).into_iter().filter_map(|found| policy.told(found)).collect();
    found_count - diagnostics.len()
}

#[cfg(test)]
mod tests {
    use papack_queries::diagnostic::Code;
    use papack_queries::diagnostic::levels::Level;

    use super::*;

    /// Levels in words: a code with its level, or the warnings.
    fn levels(words: &[(&str, Level)], deny_warnings: bool) -> Levels {
        let mut levels = Levels::new(deny_warnings);
        words.iter().for_each(|(code, level)| levels.set(Code::named(code).unwrap(), *level).unwrap());
        levels
    }

    #[test]
    fn the_caller_comes_before_the_settings_and_an_error_stays_one() {
        use Level::{Allow, Deny, Warn};
        use Severity::{Error, Info, Warning};
        let none = || levels(&[], false);
        let glob = |level| levels(&[("GLOB_ORDER", level)], false);
        let all = || levels(&[], true);
        for (asked, settings, found, told) in [
            (none(), none(), Info, Some(Info)),
            (none(), none(), Warning, Some(Warning)),
            (glob(Deny), none(), Info, Some(Error)),
            (glob(Deny), none(), Warning, Some(Error)),
            (glob(Warn), none(), Info, Some(Warning)),
            (glob(Allow), none(), Warning, None),
            (glob(Allow), all(), Error, Some(Error)),
            (none(), glob(Allow), Info, None),
            (none(), glob(Deny), Info, Some(Error)),
            (none(), all(), Warning, Some(Error)),
            (none(), all(), Info, Some(Info)),
            // A level that the caller gives to a code stands against all that the settings say.
            (glob(Warn), glob(Deny), Info, Some(Warning)),
            (glob(Warn), all(), Warning, Some(Warning)),
            (glob(Allow), glob(Deny), Warning, None),
            (glob(Deny), glob(Allow), Warning, Some(Error)),
            // What the caller says of all warnings goes for those that are warnings by then.
            (all(), glob(Warn), Info, Some(Error)),
            (all(), glob(Allow), Warning, None),
            (levels(&[("GLOB_ORDER", Warn)], true), none(), Info, Some(Error)),
            (levels(&[("GLOB_ORDER", Allow)], true), none(), Warning, None),
        ] {
            let policy = Policy { asked, settings };
            let found = Diagnostic::new(found, Code::GlobOrder, "");
            assert_eq!(policy.severity(&found), told, "{policy:?} {found:?}");
            let other = Diagnostic::info(Code::CacheKey, "");
            assert_eq!(policy.severity(&other), Some(Info), "{policy:?}");
        }
    }

    #[test]
    fn what_is_denied_says_by_whom() {
        let denied = |policy: &Policy| {
            let told = policy.told(Diagnostic::warning(Code::GlobOrder, "")).unwrap();
            told.related.into_iter().map(|related| related.message).collect::<Vec<_>>()
        };
        let settings = Policy { settings: levels(&[], true), ..Policy::default() };
        assert_eq!(denied(&settings), ["by itself this is a warning; papack.toml makes it an error"]);
        let asked = Policy { asked: levels(&[("GLOB_ORDER", Level::Deny)], false), ..settings };
        assert_eq!(denied(&asked), ["by itself this is a warning; --deny or --deny-warnings makes it an error"]);
        assert!(denied(&Policy::default()).is_empty());
    }

    #[test]
    fn what_is_not_told_is_counted() {
        let found = || vec![Diagnostic::warning(Code::GlobOrder, "a"), Diagnostic::info(Code::CacheKey, "b")];
        let mut told = found();
        assert_eq!(apply(&levels(&[("GLOB_ORDER", Level::Allow), ("cache-key", Level::Deny)], false), &mut told), 1);
        let note = "by itself this is a notice; --deny makes it an error";
        let denied = Diagnostic::error(Code::CacheKey, "b").with_related(note, None);
        assert_eq!(told, [Diagnostic { found_severity: Some(Severity::Info), ..denied }]);
        let mut told = found();
        assert_eq!((apply(&Levels::default(), &mut told), told), (0, found()));
    }
}
