//! The progress line on standard error, where that is a terminal, for operations that take a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use papack_engine::EventKind;

use super::settings::{shows_progress, terminal_columns};
use crate::output;

/// The progress of one operation.
pub struct Progress {
    state: Mutex<State>,
}

struct State {
    /// When the line may be shown next; `None` if never.
    next_update: Option<Instant>,
    verb: &'static str,
    done: usize,
    total: usize,
}

impl Progress {
    /// Shorter operations show no progress.
    const DELAY: Duration = Duration::from_millis(300);

    /// The shortest time between two updates.
    const UPDATE_INTERVAL: Duration = Duration::from_millis(100);

    /// Shows progress if standard error is a terminal that can clear a line.
    pub fn new() -> Self {
        Self::starting_at(shows_progress().then(|| Instant::now() + Self::DELAY))
    }

    /// Shows no progress.
    pub fn hidden() -> Self {
        Self::starting_at(None)
    }

    fn starting_at(next_update: Option<Instant>) -> Self {
        Self { state: Mutex::new(State { next_update, verb: "", done: 0, total: 0 }) }
    }

    /// Counts `event`. Returns the line that is to be shown, if it is time.
    pub fn event(&self, event: &EventKind) -> Option<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let next_update = state.next_update?;
        match event {
            EventKind::SnapshotFrozen { asset_count, .. } => {
                (state.verb, state.done, state.total) = ("Deriving", 0, *asset_count);
            }
            EventKind::AssetFinished { .. } => state.done += 1,
            EventKind::Assembled { .. } => state.verb = "Finishing",
            _ => return None,
        }
        let now = Instant::now();
        (now >= next_update).then(|| {
            state.next_update = Some(now + Self::UPDATE_INTERVAL);
            state.line()
        })
    }

    /// Removes the line.
    pub fn finish(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).next_update = None;
        output::show_progress(None);
    }
}

impl State {
    /// `Deriving [===>      ] 3/10 assets`, cut to the width of the terminal.
    fn line(&self) -> String {
        const WIDTH: usize = 30;
        let filled = (self.done * WIDTH).checked_div(self.total).unwrap_or(WIDTH).min(WIDTH);
        let bar = if filled < WIDTH { format!("{}>", "=".repeat(filled)) } else { "=".repeat(WIDTH) };
        let line = format!("{:>12} [{bar:WIDTH$}] {}/{} assets", self.verb, self.done, self.total);
        // A wrapped line cannot be cleared. The text is ASCII, so each character takes one column.
        let columns = terminal_columns().unwrap_or(usize::MAX);
        line.chars().take(columns.saturating_sub(1)).collect()
    }
}
