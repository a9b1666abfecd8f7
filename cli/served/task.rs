//! What a process or a session that serves it does: one of four commands.

use papack_engine::{
    Cancel, CheckRequest, Event, FixRequest, Levels, PackRequest, PlanRequest, Session, Status, StatusRequest,
};
use serde::{Deserialize, Serialize};

use crate::args::LevelArgs;
use crate::render::Printer;

/// A command, with all of its options that are not about how it is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub kind: Kind,
    /// Whether nothing that earlier operations found is believed.
    pub rehash: bool,
    pub levels: LevelArgs,
}

/// Which command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Kind {
    Pack { check: bool, explain: bool, no_wait: bool },
    Check { fix: bool, dry_run: bool, no_wait: bool },
    Plan { exit_code: bool },
    Status,
}

impl Task {
    /// Whether a session may do it for another process: what believes nothing starts over, and documents are changed by
    /// those who were asked to.
    pub fn can_be_served(&self) -> bool {
        !self.rehash && !matches!(self.kind, Kind::Check { fix: true, .. })
    }

    /// Whether it fails where it would have to wait for another operation.
    pub fn waits_for_nobody(&self) -> bool {
        matches!(self.kind, Kind::Pack { no_wait: true, .. } | Kind::Check { no_wait: true, .. })
    }

    /// The same, failing where it would have to wait for another operation.
    pub fn without_waiting(&self) -> Self {
        let mut task = self.clone();
        if let Kind::Pack { no_wait, .. } = &mut task.kind {
            *no_wait = true;
        }
        task
    }

    /// Whether an operation that succeeds has examined all that it was told of. The others work on sessions of their own.
    pub fn examines_all(&self) -> bool {
        matches!(self.kind, Kind::Pack { check: false, .. } | Kind::Check { .. } | Kind::Status)
    }

    /// Does it on `session`, and prints its events and its result. Returns the status that the exit code tells.
    pub fn run(&self, levels: Levels, session: &mut Session, cancel: Cancel, printer: &Printer) -> Status {
        let observer = |event: &Event| printer.event(event);
        let rehash = self.rehash;
        match self.kind {
            Kind::Pack { check, explain, no_wait } => {
                let request = PackRequest { no_wait, rehash, explain, levels, cancel };
                let result =
                    if check { session.check_outputs(&request, &observer) } else { session.pack(&request, &observer) };
                printer.result_of(session, &result);
                result.status
            }
            Kind::Check { fix, dry_run, no_wait } => {
                let check = CheckRequest { levels, rehash, cancel };
                let result = if fix {
                    session.fix(&FixRequest { check, dry_run, no_wait }, &observer)
                } else {
                    session.check(&check, &observer)
                };
                printer.result_of(session, &result);
                result.status
            }
            Kind::Plan { exit_code } => {
                let request = PlanRequest { rehash, compares_outputs: exit_code, levels, cancel };
                let result = session.plan(&request, &observer);
                printer.result_of(session, &result);
                // The exit code tells of a pack, as of one that ends at its gate.
                let has_work = exit_code && result.status == Status::Success && !result.has_nothing_to_do();
                if has_work { Status::GateFailed } else { result.status }
            }
            Kind::Status => {
                let result = session.status(&StatusRequest { levels, cancel }, &observer);
                printer.result_of(session, &result);
                result.status
            }
        }
    }
}
