//! `papack pack`.

use std::collections::HashMap;
use std::process::ExitCode;

use papack_engine::{Cancel, PackRequest, Status};

use crate::args::PackArgs;
use crate::{render, threads, workspace};

/// Packs, and says how it went.
pub fn run(args: &PackArgs) -> ExitCode {
    let (workspace, mut session) = match workspace::open(&args.workspace) {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    let request = PackRequest { no_wait: args.no_wait, cancel: cancel_on_signal() };
    let printer = render::Printer::for_workspace(args.output.message_format, &workspace);
    let result = threads(args.jobs).install(|| session.pack(&request, &|event| printer.event(event)));
    let texts = if result.diagnostics.is_empty() { HashMap::new() } else { session.texts() };
    printer.result(&result, |path| texts.get(path).copied());
    drop(texts);
    // The process ends here: giving back its memory piece by piece would only make the user wait.
    std::mem::forget(session);
    ExitCode::from(exit_code(result.status))
}

/// A flag that SIGINT and SIGTERM set. A second signal ends the process at once, which no output minds.
fn cancel_on_signal() -> Cancel {
    let cancel = Cancel::new();
    let flag = cancel.clone();
    let installed = ctrlc::set_handler(move || {
        if flag.cancel() {
            std::process::exit(i32::from(exit_code(Status::Cancelled)));
        }
    });
    // Without a handler a signal ends the process, which is safe at any moment.
    drop(installed);
    cancel
}

fn exit_code(status: Status) -> u8 {
    match status {
        Status::Success => 0,
        Status::GateFailed => 1,
        Status::ExecutionFailed => 3,
        Status::PublicationFailed => 4,
        Status::LaneBusy => 5,
        Status::Cancelled => 130,
    }
}
