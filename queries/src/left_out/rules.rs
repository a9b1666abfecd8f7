//! The rules of the ignore file: patterns in the syntax of `.gitignore`, relative to `assets/`.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::diagnostic::{Code, Diagnostic, Span};

/// The ignore file's name in `assets/`.
pub const IGNORE_NAME: &str = ".papackignore";

/// The ignore file's path below the workspace.
pub const IGNORE_PATH: &str = "assets/.papackignore";

/// Bytes that an ignore file may have. Those that people write have some hundred; and the matcher takes memory and time
/// in proportion to the patterns: 65 MB and 0.1 s for the worst of this size.
pub const MAX_SIZE: usize = 64 * 1024;

/// How many patterns an ignore file may have.
pub const MAX_LINES: usize = 1000;

/// The rules of an ignore file.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The patterns as they are written, without comments.
    lines: Vec<String>,
    pub(super) matcher: Gitignore,
}

/// Rules are equal if their patterns are: an edit of a comment changes none.
impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

impl Default for Rules {
    /// No rules.
    fn default() -> Self {
        Self { lines: Vec::new(), matcher: Gitignore::empty() }
    }
}

impl Rules {
    /// The rules in the `bytes` of an ignore file.
    ///
    /// # Errors
    ///
    /// When they are too many, too many bytes, no UTF-8, or one is no pattern. The diagnostic has its place.
    pub fn parse(bytes: &[u8]) -> Result<Self, Diagnostic> {
        if bytes.len() > MAX_SIZE {
            return Err(too_large());
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.split_at(error.valid_up_to()).0;
            let line = valid.split(|byte| *byte == b'\n').count();
            fault(format!("line {line} is no UTF-8"), "save the file as UTF-8")
        })?;
        let mut builder = GitignoreBuilder::new("");
        // Git takes it for a pattern that matches nothing. It is a slip of the pen.
        builder.allow_unclosed_class(false);
        let mut lines = Vec::new();
        for (number, line) in lines_of(text) {
            if lines.len() == MAX_LINES {
                let message = format!("the file has more than {MAX_LINES} patterns");
                return Err(placed(text, line, number, fault(message, "use fewer patterns with more stars")));
            }
            builder.add_line(None, &without_alternatives(line)).map_err(|error| {
                let message = format!("{line:?} is no pattern: {}", reason(&error));
                let help = "write it as in a .gitignore; \\ before a character makes it stand for itself";
                placed(text, line, number, fault(message, help))
            })?;
            lines.push(line.to_owned());
        }
        let matcher = builder
            .build()
            .map_err(|error| fault(format!("the patterns are too large together: {}", reason(&error)), "use fewer"))?;
        Ok(Self { lines, matcher })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The steps that matching a path of this many bytes takes at most, about a nanosecond each.
    pub(super) fn effort(&self, path: usize) -> u64 {
        let size: usize = self.lines.iter().map(String::len).sum();
        (size * path / 8) as u64
    }
}

/// The fault of a file with too many bytes, of which nothing is read.
pub(crate) fn too_large() -> Diagnostic {
    fault(format!("the file is larger than {MAX_SIZE} bytes"), "use fewer patterns with more stars")
}

fn fault(message: String, help: &str) -> Diagnostic {
    Diagnostic::error(Code::IgnoreInvalid, message).with_help(help).at(IGNORE_PATH)
}

/// `fault`, at the `line` of `text` with this number.
fn placed(text: &str, line: &str, number: usize, mut fault: Diagnostic) -> Diagnostic {
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    fault.span = Some(Span { start, end: start + line.len(), line: number, column: 1 });
    fault
}

/// The lines with patterns, and their numbers from 1. A byte-order mark before the first is passed over, as git does.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    (1..).zip(lines).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// `line` with a `\` before each brace: the matcher takes braces for alternatives, which git does not have.
fn without_alternatives(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut is_after_backslash = false;
    for c in line.chars() {
        if matches!(c, '{' | '}') && !is_after_backslash {
            escaped.push('\\');
        }
        is_after_backslash = c == '\\' && !is_after_backslash;
        escaped.push(c);
    }
    escaped
}

/// What the matcher says is wrong, without the pattern, which the message has already.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}
