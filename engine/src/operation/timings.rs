//! Where the time of operations goes: spans of steps, outputs and assets, as events in the Chrome trace format.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Measures where the time of operations goes. The default measures nothing. Clones share their spans.
#[derive(Debug, Clone, Default)]
pub struct Timings(Option<Arc<Recorder>>);

#[derive(Debug)]
struct Recorder {
    started: Instant,
    spans: Mutex<Vec<MeasuredSpan>>,
}

/// A span that ended.
#[derive(Debug, Clone, Copy)]
struct MeasuredSpan {
    subject: Subject,
    thread: usize,
    start: Duration,
    duration: Duration,
}

/// What a span measures.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Step(&'static str),
    Output(&'static str),
    Asset(u32),
}

/// A span that ends when this is dropped.
#[must_use]
pub(crate) struct Span(Option<OpenSpan>);

struct OpenSpan {
    recorder: Arc<Recorder>,
    subject: Subject,
    start: Instant,
}

impl Timings {
    /// Measures from now on.
    pub fn recording() -> Self {
        Self(Some(Arc::new(Recorder { started: Instant::now(), spans: Mutex::default() })))
    }

    /// Begins a step of an operation.
    pub(crate) fn step(&self, name: &'static str) -> Span {
        self.begin(Subject::Step(name))
    }

    /// Begins to write an output.
    pub(crate) fn output(&self, name: &'static str) -> Span {
        self.begin(Subject::Output(name))
    }

    /// Begins to derive the payload of an asset.
    pub(crate) fn asset(&self, asset_id: u32) -> Span {
        self.begin(Subject::Asset(asset_id))
    }

    fn begin(&self, subject: Subject) -> Span {
        let open =
            |recorder: &Arc<Recorder>| OpenSpan { recorder: Arc::clone(recorder), subject, start: Instant::now() };
        Span(self.0.as_ref().map(open))
    }

    /// Writes the spans that ended: a JSON array of complete events, in the order in which they began.
    ///
    /// # Errors
    ///
    /// Those of `writer`.
    pub fn write(&self, writer: &mut dyn io::Write) -> io::Result<()> {
        let mut spans = match &self.0 {
            Some(recorder) => recorder.spans.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            None => Vec::new(),
        };
        // An outer span comes before the spans in it: it began earlier, or at the same moment and took longer.
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.duration)));
        writer.write_all(b"[")?;
        for (index, span) in spans.iter().enumerate() {
            writer.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *writer, &TraceEvent::of(span)).map_err(io::Error::from)?;
        }
        writer.write_all(b"\n]\n")
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(OpenSpan { recorder, subject, start }) = self.0.take() else { return };
        let duration = start.elapsed();
        // Threads of the pool are numbered from 1. All other threads are 0.
        let thread = rayon::current_thread_index().map_or(0, |index| index + 1);
        let span = MeasuredSpan { subject, thread, start: start.duration_since(recorder.started), duration };
        recorder.spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }
}

/// A complete event of the Chrome trace format. Times are in microseconds.
#[derive(Serialize)]
struct TraceEvent {
    name: &'static str,
    cat: &'static str,
    ph: &'static str,
    ts: f64,
    dur: f64,
    pid: u32,
    tid: usize,
    args: Args,
}

#[derive(Serialize)]
struct Args {
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<u32>,
}

impl TraceEvent {
    fn of(span: &MeasuredSpan) -> Self {
        let (name, cat, asset_id) = match span.subject {
            Subject::Step(name) => (name, "step", None),
            Subject::Output(name) => (name, "output", None),
            Subject::Asset(asset_id) => ("asset", "asset", Some(asset_id)),
        };
        let microseconds = |time: Duration| time.as_secs_f64() * 1e6;
        let (ts, dur) = (microseconds(span.start), microseconds(span.duration));
        Self { name, cat, ph: "X", ts, dur, pid: std::process::id(), tid: span.thread, args: Args { asset_id } }
    }
}
