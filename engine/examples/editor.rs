//! A small editor: it shows faults with their places, packs, and packs again whenever something is saved.
//!
//! ```text
//! cargo run -p papack-engine --example editor -- demo          checks and packs once
//! cargo run -p papack-engine --example editor -- demo watch    and again at every save, until Enter
//! ```

use std::path::Path;
use std::sync::Mutex;

use papack_engine::{
    Cancel, CheckRequest, Diagnostic, Event, EventKind, PackRequest, PackResult, Session, Severity, WatchEvent,
    WatchObserver, WatchRequest, watch,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder of a workspace")?;
    let mut session = Session::open(Path::new(&folder))?;

    // All faults of the workspace, each at its place.
    let checked = session.check(&CheckRequest::default(), &|_| {});
    checked.diagnostics.iter().for_each(show);

    // Another thread may cancel: a pack publishes everything or nothing.
    let request = PackRequest { cancel: Cancel::new(), ..PackRequest::default() };
    let packed = session.pack(&request, &|event| {
        if let EventKind::AssetFinished { asset_id, outcome } = &event.kind {
            println!("asset {asset_id}: {outcome:?}");
        }
    });
    println!("{:?}, {} derived, {} reused", packed.status, packed.derived_asset_count, packed.reused_asset_count);

    if arguments.next().as_deref() == Some("watch") {
        watch_until_enter(&Mutex::new(session))?;
    }
    Ok(())
}

/// Packs at every save. The session is free between two builds, so the editor goes on asking it.
fn watch_until_enter(session: &Mutex<Session>) -> std::io::Result<()> {
    let request = WatchRequest::default();
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(session, &request, &Shown));
        std::io::stdin().read_line(&mut String::new())?;
        let checked = session.lock().map(|mut session| session.check(&CheckRequest::default(), &|_| {}).status);
        println!("while it watched, a check gave {checked:?}");
        request.cancel.cancel();
        let end = watching.join().map_err(|_| std::io::Error::other("the watch panicked"))??;
        println!("the watch ended: {end:?}");
        Ok(())
    })
}

/// Shows what a watch does.
struct Shown;

impl WatchObserver for Shown {
    fn watch(&self, event: &WatchEvent) {
        println!("{event:?}");
    }

    fn build(&self, _: &Event) {}

    fn built(&self, result: &PackResult, _: &Session) {
        result.diagnostics.iter().for_each(show);
        println!("{:?} in {} ms", result.status, result.elapsed_ms);
    }
}

/// Shows a diagnostic as compilers do: its place, how much it matters, what it is, and what helps.
fn show(found: &Diagnostic) {
    let place = found.path.as_deref().unwrap_or("the workspace");
    let span = found.span.map(|span| format!(":{}:{}", span.line, span.column)).unwrap_or_default();
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    println!("{place}{span}: {severity}: {} [{}]", found.message, found.code);
    found.help.iter().for_each(|help| println!("    help: {help}"));
}
