//! `papack lsp`.

use std::process::ExitCode;

use super::shared::refuse_for;
use crate::exit_code::{CANCELLED, PROTOCOL, WRITE_FAILED};
use crate::lsp::{End, serve};
use crate::render::RefusalStatus;
use crate::{render, signals};

/// Serves an editor, until it is gone or a signal comes.
pub fn run() -> ExitCode {
    // From now on the server looks for signals.
    signals::cancel();
    match serve() {
        Ok(end) => exit_code(&end),
        Err(error) => {
            let message = format!("no thread can be started: {error}");
            refuse_for(RefusalStatus::NoThread, &message, "end other programs")
        }
    }
}

fn exit_code(end: &End) -> ExitCode {
    match end {
        End::ClientGone { was_announced: true } | End::Signal { was_busy: false } => ExitCode::SUCCESS,
        End::ClientGone { was_announced: false } => ExitCode::from(PROTOCOL),
        End::Signal { was_busy: true } => ExitCode::from(CANCELLED),
        End::Broken(why) => {
            let help = "have an editor start papack lsp; see docs/spec/lsp.md";
            render::print_error(&format!("what came from standard input is no message: {why}"), help);
            ExitCode::from(PROTOCOL)
        }
        End::Stuck => {
            render::print_error("nobody takes what is sent", "read standard output");
            ExitCode::from(WRITE_FAILED)
        }
        End::Defect => {
            render::print_error("the thread that looks at the workspace is gone", "start papack lsp again");
            ExitCode::from(WRITE_FAILED)
        }
    }
}
