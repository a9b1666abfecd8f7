//! `papack serve`.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use rayon::ThreadPoolBuilder;

use super::shared::{locate, open, refuse_for};
use crate::args::ServeArgs;
use crate::exit_code::{CANCELLED, PROTOCOL, WRITE_FAILED};
use crate::render::{self, RefusalStatus};
use crate::serve::{End, Server, Socket};
use crate::served::Host;
use crate::signals;

/// Serves other programs, until they are gone or a signal comes.
pub fn run(args: &ServeArgs) -> ExitCode {
    let folder = match locate(&args.workspace) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    // From now on the server looks for signals, so that the socket goes with it.
    signals::cancel();
    // Made before there are other threads.
    let socket = match args.socket.as_deref().map(bind).transpose() {
        Ok(socket) => socket,
        Err(code) => return code,
    };
    let session = match open(&folder) {
        Ok(session) => Arc::new(Mutex::new(session)),
        Err(code) => return code,
    };
    let no_threads = |error: &dyn std::fmt::Display| {
        let message = format!("no thread can be started: {error}");
        refuse_for(RefusalStatus::NoThread, &message, "end other programs, or give a lower --jobs")
    };
    // The operations and the watch use the same threads, each from a thread of its own.
    let jobs = args.jobs.jobs.map_or(0, usize::from);
    if let Err(error) = ThreadPoolBuilder::new().num_threads(jobs).build_global() {
        return no_threads(&error);
    }
    if io::stdin().is_terminal() {
        let place = args.socket.as_ref().map_or("standard input".into(), |path| path.to_string_lossy());
        render::eprint_notice(&render::one_line(&format!("Serving programs at {place}; Ctrl-C ends it")));
    }
    let workspace = folder.canonicalize().unwrap_or(folder);
    let _host = Host::start_following(&session, args.jobs.jobs);
    let end = Server::new(session, workspace).and_then(|server| serve(server, socket.as_ref()));
    match end {
        Ok(end) => exit_code(&end),
        Err(error) => no_threads(&error),
    }
}

fn bind(path: &Path) -> Result<Socket, ExitCode> {
    Socket::bind(path).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        refuse_for(RefusalStatus::PathUnusable, &message, "name a place for a new socket, in a folder that is there")
    })
}

fn serve(server: Server, socket: Option<&Socket>) -> io::Result<End> {
    match socket {
        None => server.serve_standard_streams(),
        Some(socket) => server.serve_socket(socket.listener()?),
    }
}

fn exit_code(end: &End) -> ExitCode {
    match end {
        End::ClientGone | End::Signal { was_busy: false } => ExitCode::SUCCESS,
        End::Signal { was_busy: true } => ExitCode::from(CANCELLED),
        End::Broken(why) => {
            let help = "send Content-Length: N, an empty line, and N bytes of JSON; see docs/spec/serve.md";
            render::print_error(&format!("what came from standard input is no message: {why}"), help);
            ExitCode::from(PROTOCOL)
        }
        End::Stuck => {
            render::print_error("nobody takes what is sent", "read standard output while operations run");
            ExitCode::from(WRITE_FAILED)
        }
    }
}
