//! The progress line on standard error, where that is a terminal, for operations that take a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use papack_engine::EventKind;

use super::settings::{shows_progress, terminal_columns};
use crate::output;

/// The progress of one operation.
pub struct Progress {
    /// None where nothing is shown, so that events cost nothing.
    state: Option<Mutex<State>>,
}

struct State {
    /// When the line may be shown next; `None` if not any more.
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
        let state = || State { next_update: Some(Instant::now() + Self::DELAY), verb: "", done: 0, total: 0 };
        Self { state: shows_progress().then(|| Mutex::new(state())) }
    }

    /// Shows no progress.
    pub fn hidden() -> Self {
        Self { state: None }
    }

    /// Counts `event`. Returns the line that is to be shown, if it is time.
    pub fn event(&self, event: &EventKind) -> Option<String> {
        let mut state = self.state.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            EventKind::SnapshotFrozen { asset_count, .. } => {
                (state.verb, state.done, state.total) = ("Deriving", 0, *asset_count);
            }
            EventKind::AssetFinished { .. } => state.done += 1,
            EventKind::Assembled { .. } => state.verb = "Finishing",
            _ => return None,
        }
        let now = Instant::now();
        if state.next_update.is_none_or(|time| now < time) {
            return None;
        }
        state.next_update = Some(now + Self::UPDATE_INTERVAL);
        Some(state.line())
    }

    /// Removes the line.
    pub fn finish(&self) {
        if let Some(state) = &self.state {
            state.lock().unwrap_or_else(PoisonError::into_inner).next_update = None;
        }
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
