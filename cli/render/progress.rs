//! A line on standard error, where that is a terminal, for work that takes long enough to be waited for.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use papack_engine::EventKind;

use crate::output;

/// How far an operation is.
pub struct Progress {
    state: Mutex<State>,
}

struct State {
    /// When the next line is shown; none where none ever is.
    due: Option<Instant>,
    doing: &'static str,
    done: usize,
    total: usize,
}

impl Progress {
    /// What is done before that needs no line.
    const DELAY: Duration = Duration::from_millis(300);

    /// How long a line is shown at least.
    const REST: Duration = Duration::from_millis(100);

    /// A line that shows itself once there is something to wait for, on a terminal that can clear a line.
    pub fn new() -> Self {
        let is_seen = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self::due(is_seen.then(|| Instant::now() + Self::DELAY))
    }

    /// A line that is never seen.
    pub fn hidden() -> Self {
        Self::due(None)
    }

    fn due(due: Option<Instant>) -> Self {
        Self { state: Mutex::new(State { due, doing: "", done: 0, total: 0 }) }
    }

    /// Follows the operation.
    pub fn event(&self, event: &EventKind) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match event {
            EventKind::SnapshotFrozen { asset_count, .. } => {
                (state.doing, state.done, state.total) = ("Deriving", 0, *asset_count);
            }
            EventKind::AssetFinished { .. } => state.done += 1,
            EventKind::Assembled { .. } => state.doing = "Finishing",
            _ => return,
        }
        if state.due.is_some_and(|due| now >= due) {
            state.due = Some(now + Self::REST);
            output::show_progress(Some(state.line()));
        }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).due = None;
        output::show_progress(None);
    }
}

impl State {
    /// `Deriving [===>      ] 3/10 assets`, as far as there is room.
    fn line(&self) -> String {
        const WIDTH: usize = 30;
        let filled = (self.done * WIDTH).checked_div(self.total).unwrap_or(WIDTH).min(WIDTH);
        let bar = if filled < WIDTH { format!("{}>", "=".repeat(filled)) } else { "=".repeat(WIDTH) };
        let line = format!("{:>12} [{bar:WIDTH$}] {}/{} assets", self.doing, self.done, self.total);
        // A line that breaks cannot be cleared. All of it is ASCII.
        let columns = terminal_size::terminal_size().map_or(usize::MAX, |(width, _)| usize::from(width.0));
        line.chars().take(columns.saturating_sub(1)).collect()
    }
}
