//! The rules of the ignore file: patterns in the syntax of `.gitignore`, relative to `assets/`.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::diagnostic::{Code, Data, Diagnostic, Severity, Span, Unit, command_word};
use crate::json::conflict_in;
use crate::signature::{LfsPointer, Signature};

/// The ignore file's name in `assets/`.
pub const IGNORE_NAME: &str = ".papackignore";

/// The ignore file's path below the workspace.
pub const IGNORE_PATH: &str = "assets/.papackignore";

/// Bytes that an ignore file may have. Those that people write have some hundred; and the matcher takes memory and time
/// in proportion to the patterns: 65 MB and 0.1 s for the worst of this size, once for all databases of an operation.
pub const MAX_SIZE: usize = 64 * 1024;

/// How many patterns an ignore file may have.
pub const MAX_LINES: usize = 1000;

/// The rules of an ignore file.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The patterns as they are written, without comments.
    lines: Vec<String>,
    /// How many bytes they have together.
    size: usize,
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
        Self { lines: Vec::new(), size: 0, matcher: Gitignore::empty() }
    }
}

impl Rules {
    /// The rules in the `bytes` of an ignore file.
    ///
    /// # Errors
    ///
    /// When they are too many, too many bytes, no UTF-8, or one is no pattern, and when the file is none that a person
    /// wrote: nearly any text is a pattern, so what stands in its place would be taken for patterns that match nothing.
    /// The diagnostic has its place.
    pub fn parse(bytes: &[u8]) -> Result<Self, Diagnostic> {
        if bytes.len() > MAX_SIZE {
            return Err(too_large());
        }
        if let Some(fault) = foreign_fault(bytes) {
            return Err(fault);
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
                let data = Data::limit(None, 0, MAX_LINES as u64, Unit::Patterns);
                let fault = fault(message, "use fewer patterns with more stars").with_data(data);
                return Err(placed(text, line, number, fault));
            }
            builder.add_line(None, &without_alternatives(line)).map_err(|error| {
                let message = format!("{line:?} is no pattern: {}", reason(&error));
                let help = "write it as in a .gitignore; \\ before a character makes it stand for itself";
                placed(text, line, number, fault(message, help).with_data(Data::value(line)))
            })?;
            lines.push(line.to_owned());
        }
        let matcher = builder
            .build()
            .map_err(|error| fault(format!("the patterns are too large together: {}", reason(&error)), "use fewer"))?;
        let size = lines.iter().map(String::len).sum();
        Ok(Self { lines, size, matcher })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many patterns there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// The steps that matching a path of this many bytes takes at most, about a nanosecond each.
    pub(super) fn effort(&self, path: usize) -> u64 {
        (self.size * path / 8) as u64
    }
}

/// What `bytes` are instead of patterns; `None` where they are text without NUL bytes, or no UTF-8.
fn foreign_fault(bytes: &[u8]) -> Option<Diagnostic> {
    let span = Span::in_bytes(0..bytes.len().min(1));
    if let Some(pointer) = LfsPointer::of(bytes) {
        return Some(Diagnostic { span: Some(span), ..pointer.fault().at(IGNORE_PATH) });
    }
    if let Some(fault) = conflict_in(bytes, Severity::Error) {
        return Some(fault.at(IGNORE_PATH));
    }
    let restore =
        || format!("take it back from version control (git restore {}) or from a backup", command_word(IGNORE_PATH));
    let found = Signature::of(bytes).filter(|found| !found.is_plain_text() && !bytes.is_empty());
    if let Some(found) = found {
        let help = if found.is_utf16() { "save the file as UTF-8".to_owned() } else { restore() };
        let message = format!("the file has no patterns: it is {}", found.name);
        return Some(Diagnostic { span: Some(span), ..fault(message, &help) });
    }
    let at = bytes.iter().position(|byte| *byte == 0)?;
    let line = bytes[..at].split(|byte| *byte == b'\n').count();
    Some(fault(format!("line {line} has a NUL byte, which no text has"), &restore()))
}

/// The fault of a file with too many bytes, of which nothing is read.
pub(crate) fn too_large() -> Diagnostic {
    let data = Data::limit(None, 0, MAX_SIZE as u64, Unit::Bytes);
    fault(format!("the file is larger than {MAX_SIZE} bytes"), "use fewer patterns with more stars").with_data(data)
}

fn fault(message: String, help: &str) -> Diagnostic {
    Diagnostic::error(Code::IgnoreInvalid, message).with_help(help).at(IGNORE_PATH)
}

/// `fault`, at the `line` of `text` with this number.
fn placed(text: &str, line: &str, number: usize, mut fault: Diagnostic) -> Diagnostic {
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    fault.span = Some(Span {
        start,
        end: start + line.len(),
        line: number,
        column: 1,
        end_line: number,
        end_column: line.chars().count() + 1,
    });
    fault
}

/// The lines with patterns, and their numbers from 1. A byte-order mark before the first is passed over, as git does.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    (1..).zip(lines).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// `line` with a `\` before each brace: the matcher takes braces for alternatives, which git does not have. In a class
/// they are characters as any other, and so is a `\`.
fn without_alternatives(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                escaped.push(c);
                escaped.extend(rest.next());
            }
            '[' => {
                let length = class_length(rest.as_str());
                let (class, after) = rest.as_str().split_at(length);
                escaped.push(c);
                escaped.push_str(class);
                rest = after.chars();
            }
            '{' | '}' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// How many bytes of `rest`, which follows a `[`, belong to its class, with the `]`; all of them where there is none. A
/// `]` that comes first, behind the mark of a negation if any, is one of the characters.
fn class_length(rest: &str) -> usize {
    let members = rest.strip_prefix(['!', '^']).unwrap_or(rest);
    let others = members.strip_prefix(']').unwrap_or(members);
    let end = others.find(']').map_or(others.len(), |at| at + 1);
    rest.len() - others.len() + end
}

/// What the matcher says is wrong, without the pattern, which the message has already.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}
