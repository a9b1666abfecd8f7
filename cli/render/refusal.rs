//! Commands that could not start: people read why on standard error, and programs get a result, as of every outcome.

use std::sync::OnceLock;

use serde::Serialize;

use super::json;
use super::print::{eprint_line, print_data, print_error};

static HAS_JSON: OnceLock<bool> = OnceLock::new();

/// Why a command did not start.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefusalStatus {
    /// The arguments are wrong, or do not go together.
    UsageError,
    /// There is no workspace where it was looked for.
    NoWorkspace,
    /// The workspace has no pack yet.
    NoPack,
    /// A file or folder cannot be read, entered or written.
    PathUnusable,
    /// The system gives no thread.
    NoThread,
}

/// The result of a command that did not start.
#[derive(Serialize)]
struct Refusal<'a> {
    schema_version: u32,
    status: RefusalStatus,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Sets whether a result is printed for programs. Must be called before anything is refused.
pub fn set_refusals(has_json: bool) {
    HAS_JSON.get_or_init(|| has_json);
}

/// Prints why the command does not start, and what to do. Both may contain text from outside.
pub fn print_refusal(status: RefusalStatus, message: &str, help: &str) {
    print_error(message, help);
    print_result(status, message, Some(help));
}

/// Prints that the arguments are wrong, as `clap` words it: `text` for people, of which programs get the parts.
pub(super) fn print_wrong_usage(text: &str, plain: &str) {
    eprint_line(text);
    let plain = plain.strip_prefix("error: ").unwrap_or(plain);
    let (message, help) =
        plain.split_once("\n\n").map_or((plain, None), |(message, help)| (message, Some(help.trim())));
    print_result(RefusalStatus::UsageError, message, help);
}

fn print_result(status: RefusalStatus, message: &str, help: Option<&str>) {
    if HAS_JSON.get().is_some_and(|has_json| *has_json) {
        print_data(json::result(&Refusal { schema_version: 1, status, message, help }));
    }
}
