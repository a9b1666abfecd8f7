//! The progress of an operation, as the client shows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gen_lsp_types::{
    ProgressParams, ProgressToken, WorkDoneProgressBegin, WorkDoneProgressCreateParams, WorkDoneProgressEnd,
    WorkDoneProgressReport,
};
use papack_engine::{Event, EventKind, Status};
use papack_queries::diagnostic::Code;
use serde::Serialize;

use super::client::ToClient;
use crate::rpc::Id;

/// How often the client is told, at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// The progress of one operation.
pub struct Progress {
    to_client: Arc<ToClient>,
    token: ProgressToken,
    /// The request that makes a place for it; none where the client has one.
    pub request: Option<Id>,
    title: String,
    state: Mutex<State>,
}

struct State {
    /// Whether there is a place for it.
    is_wanted: bool,
    is_running: bool,
    /// Whether the client was told that it began.
    has_begun: bool,
    asset_count: usize,
    finished_count: usize,
    last_report: Instant,
}

impl Progress {
    /// The progress of the operation `method`, under a token of the client.
    pub fn under(token: ProgressToken, to_client: &Arc<ToClient>, method: &str) -> Self {
        Self::new(token, None, to_client, method)
    }

    /// The progress of the operation `method`, for which the client is asked to make a place.
    pub fn requested(number: u64, to_client: &Arc<ToClient>, method: &str) -> Self {
        let token = ProgressToken::from(format!("papack {number}"));
        let params = WorkDoneProgressCreateParams { token: token.clone() };
        let request = to_client.request("window/workDoneProgress/create", &params);
        Self::new(token, Some(request), to_client, method)
    }

    fn new(token: ProgressToken, request: Option<Id>, to_client: &Arc<ToClient>, method: &str) -> Self {
        let state = State {
            is_wanted: request.is_none(),
            is_running: false,
            has_begun: false,
            asset_count: 0,
            finished_count: 0,
            last_report: Instant::now(),
        };
        let (to_client, title) = (Arc::clone(to_client), format!("papack {method}"));
        Self { to_client, token, request, title, state: Mutex::new(state) }
    }

    /// Whether this is its token.
    pub fn is(&self, token: &ProgressToken) -> bool {
        self.token == *token
    }

    /// Notes that the client made a place for it.
    pub fn grant(&self) {
        let mut state = self.state();
        state.is_wanted = true;
        self.begin(&mut state);
    }

    /// Tells what an event is of it.
    pub fn event(&self, event: &Event) {
        let mut state = self.state();
        match &event.kind {
            EventKind::OperationStarted => {
                state.is_running = true;
                self.begin(&mut state);
            }
            EventKind::SnapshotFrozen { asset_count, .. } => state.asset_count = *asset_count,
            EventKind::AssetFinished { .. } => {
                state.finished_count += 1;
                if state.last_report.elapsed() >= INTERVAL {
                    let State { asset_count, finished_count, .. } = *state;
                    let percentage = (finished_count * 100).checked_div(asset_count).map_or(0, |part| part.min(100));
                    let message = format!("{finished_count} of {asset_count} assets");
                    self.report(&mut state, message, u32::try_from(percentage).ok());
                }
            }
            EventKind::Diagnostic { diagnostic } if diagnostic.code == Code::LaneBusy => {
                self.report(&mut state, diagnostic.message.clone(), None);
            }
            _ => {}
        }
    }

    /// Tells that the operation ended.
    pub fn end(&self, status: Status) {
        let mut state = self.state();
        state.is_running = false;
        if std::mem::take(&mut state.has_begun) {
            let message = match status {
                Status::Success => None,
                Status::Cancelled => Some("cancelled".to_owned()),
                _ => Some("failed".to_owned()),
            };
            self.send(&WorkDoneProgressEnd { message });
        }
    }

    fn begin(&self, state: &mut State) {
        if state.is_wanted && state.is_running && !state.has_begun {
            state.has_begun = true;
            let title = self.title.clone();
            let percentage = Some(0);
            self.send(&WorkDoneProgressBegin { title, cancellable: Some(true), message: None, percentage });
        }
    }

    fn report(&self, state: &mut State, message: String, percentage: Option<u32>) {
        if state.has_begun {
            state.last_report = Instant::now();
            self.send(&WorkDoneProgressReport { cancellable: None, message: Some(message), percentage });
        }
    }

    fn send(&self, value: &impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.to_client.notify("$/progress", &ProgressParams { token: self.token.clone(), value });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
