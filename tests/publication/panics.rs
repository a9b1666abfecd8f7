//! A defect of papack, in a format or anywhere: the operation ends as failed, and the session goes on.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};

use papack_engine::{Event, EventKind, PackRequest, PackResult, Session, Status};

use crate::generations::{edit, expected, pack, published, staging, workspace};
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::memory::MemoryFs;
use crate::space::{entry, manifest};

const INJECTED: &str = "an injected panic";

/// Keeps the panics of these tests from being printed.
fn without_noise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref::<&str>() != Some(&INJECTED) {
                usual(panic);
            }
        }));
    });
}

/// Packs, and gives the events beside the result.
fn observed(session: &mut Session) -> (PackResult, Vec<Event>) {
    let events = Mutex::new(Vec::new());
    let result = session.pack(&PackRequest::default(), &|event| events.lock().unwrap().push(event.clone()));
    (result, events.into_inner().unwrap())
}

/// Sequence without gaps, causes before effects, one terminal event, and nothing told that is not in the result.
fn check_stream(result: &PackResult, events: &[Event]) {
    assert!(events.iter().enumerate().all(|(index, event)| event.sequence == index as u64), "a gap");
    assert!(events.iter().all(|event| event.operation_id == result.operation_id));
    assert!(matches!(events[0].kind, EventKind::OperationStarted));
    let terminal = events.iter().filter(|event| matches!(event.kind, EventKind::OperationFinished { .. })).count();
    assert_eq!(terminal, 1);
    let Some(EventKind::OperationFinished { result: last }) = events.last().map(|event| &event.kind) else {
        panic!("something follows the terminal event");
    };
    let last: &PackResult = last.as_any().downcast_ref().unwrap();
    assert_eq!(last.status, result.status);
    let mut started = HashSet::new();
    let mut told = Vec::new();
    for event in events {
        match &event.kind {
            EventKind::AssetStarted { asset_id } => assert!(started.insert(*asset_id), "started twice"),
            EventKind::AssetFinished { asset_id, .. } => assert!(started.contains(asset_id), "finished, not started"),
            EventKind::Diagnostic { diagnostic } => told.push(diagnostic.clone()),
            _ => {}
        }
    }
    assert_eq!(told, result.diagnostics);
}

/// A sound that is too large for memory: its format reads it through a file handle.
fn with_a_large_sound() -> MemoryFs {
    let fs = workspace();
    let entries = [entry(1, "a"), entry(2, "b"), entry(3, "c")].join(", ");
    let registry = format!(r#"{{"schema_version": 2, "next_asset_id": 4, "assets": [{entries}]}}"#);
    fs.write("assets/.prometeu/index.json", registry);
    let text = manifest(3, "c", r#"{"file": "s.wav"}"#).replace("DATA/raw_v1", "SOUNDS/pcm_v1");
    fs.write("assets/c/asset.json", text);
    let size = (1_u32 << 20) + 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + size).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data");
    wav.extend(size.to_le_bytes());
    wav.resize(wav.len() + size as usize, 5);
    fs.write("assets/c/s.wav", wav);
    fs
}

/// Panics once, at the call number `at` of those that `chosen` picks. Tells whether it was reached.
fn panicking(
    fs: &MemoryFs,
    at: usize,
    chosen: impl Fn(Call<'_>) -> bool + Send + Sync + 'static,
) -> (Session, Arc<AtomicBool>) {
    without_noise();
    let (next, reached) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let hook = {
        let reached = Arc::clone(&reached);
        move |call: Call<'_>| {
            if chosen(call) && next.fetch_add(1, Ordering::Relaxed) == at {
                reached.store(true, Ordering::Relaxed);
                std::panic::panic_any(INJECTED);
            }
            Ok(())
        }
    };
    (hooked::session(HookedFs::new(Arc::new(fs.clone()), hook)), reached)
}

#[test]
fn a_format_that_panics_fails_the_operation_and_not_the_session() {
    let clean = with_a_large_sound();
    assert_eq!(pack(Arc::new(clean.clone())).status, Status::Success);
    let mut met = 0;
    for at in 0.. {
        let fs = with_a_large_sound();
        // The format reads the spool, the staging the cache, and so does its upkeep after the promotion.
        let is_of_content = |call: Call<'_>| {
            let is_cached = call.path.starts_with("assets/.prometeu/cache/payloads");
            call.operation == Operation::Read && (call.path.file_name() == Some("spool") || is_cached)
        };
        let (mut session, reached) = panicking(&fs, at, is_of_content);
        let (result, events) = observed(&mut session);
        check_stream(&result, &events);
        if !reached.load(Ordering::Relaxed) {
            break;
        }
        met += 1;
        assert_eq!((result.status, result.execution_started), (Status::ExecutionFailed, true));
        let internal: Vec<_> =
            result.diagnostics.iter().filter(|diagnostic| diagnostic.code.to_string() == "INTERNAL").collect();
        assert!(internal.len() == 1 && internal[0].message.contains(INJECTED), "{:#?}", result.diagnostics);
        let build = published(&fs);
        assert!((build.is_empty() || build == published(&clean)) && staging(&fs).is_empty(), "read {at}");
        let (result, events) = observed(&mut session);
        check_stream(&result, &events);
        assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
        assert!(published(&fs) == published(&clean));
    }
    assert!(met > 2, "the format and the staging read {met} times");
}

#[test]
fn a_panic_at_any_call_leaves_one_generation_and_a_session_that_works() {
    let (old, new) = (expected(1), expected(2));
    for at in 0.. {
        let fs = workspace();
        assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
        edit(&fs, 2);
        let (mut session, reached) = panicking(&fs, at, |_| true);
        let (result, events) = observed(&mut session);
        check_stream(&result, &events);
        if !reached.load(Ordering::Relaxed) {
            break;
        }
        let build = published(&fs);
        for file in &build {
            assert!(old.contains(file) || new.contains(file), "call {at}: {} is torn", file.0);
        }
        // Within promotion it may have come between two renames: the journal is there then.
        let is_promoting = staging(&fs).contains_key(".staging/journal.json");
        match result.status {
            Status::Success => assert!(build == new, "call {at}"),
            _ => assert!(build == old || build == new || is_promoting, "call {at}: {:#?}", result.diagnostics),
        }
        let (result, events) = observed(&mut session);
        check_stream(&result, &events);
        assert_eq!(result.status, Status::Success, "call {at}: {:#?}", result.diagnostics);
        assert!(published(&fs) == new && staging(&fs).is_empty(), "call {at}");
    }
}
