//! The exit codes of the process. The help of each command says what they mean.

use std::process::ExitCode;

use papack_engine::Status;

/// A client of `papack serve` or `papack lsp` did not keep to the protocol: what it sends cannot be read, or it is gone
/// without a word.
pub const PROTOCOL: u8 = 1;

/// Wrong usage, no workspace, or a file the user named that cannot be read.
pub const USAGE: u8 = 2;

/// Something could not be written, such as standard output.
pub const WRITE_FAILED: u8 = 3;

/// A signal ended the process or cancelled its operation.
pub const CANCELLED: u8 = 130;

/// The exit code of an operation that ended with `status`.
pub fn of_status(status: Status) -> ExitCode {
    ExitCode::from(number_of_status(status))
}

/// The same, as a number.
pub fn number_of_status(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::GateFailed => 1,
        Status::ExecutionFailed => 3,
        Status::PublicationFailed => 4,
        Status::LaneBusy => 5,
        Status::Cancelled => CANCELLED,
    }
}

/// The exit code after one more failure: `code` if that was a failure already, else `failure`.
pub fn first_failure(code: ExitCode, failure: u8) -> ExitCode {
    if code == ExitCode::SUCCESS { ExitCode::from(failure) } else { code }
}
