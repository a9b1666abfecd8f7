//! Whether a pack says truly that execution started: from when it reads artifact files, if it ends before the gate.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use papack_engine::{Cancel, EventKind, PackRequest, Status};

use crate::generations::{edit, pack_until, spoil, workspace};
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::memory::MemoryFs;

/// What happens at a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    Fails(i32),
    Cancels,
}

/// A workspace that was never packed, one that the gate refuses, one of another generation, and one with a promotion that
/// was cut short.
fn starts() -> [MemoryFs; 4] {
    let (fresh, broken, edited, cut) = (workspace(), workspace(), workspace(), workspace());
    spoil(&broken);
    for fs in [&edited, &cut] {
        crate::generations::pack(Arc::new(fs.clone()));
        edit(fs, 2);
    }
    for at in 0.. {
        pack_until(Arc::new(cut.clone()), at);
        if crate::generations::staging(&cut).contains_key(".staging/journal.json") {
            break;
        }
    }
    edit(&cut, 3);
    [fresh, broken, edited, cut]
}

#[test]
fn execution_has_started_when_artifact_files_are_read_or_the_gate_is_passed() {
    let mut counts: BTreeMap<(String, bool), usize> = BTreeMap::new();
    for start in starts() {
        for event in [Event::Fails(5), Event::Fails(13), Event::Cancels] {
            for at in 0.. {
                let fs = MemoryFs::of(start.disk());
                let (next, reads, cancel) =
                    (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)), Cancel::default());
                let hook = {
                    let (next, reads, cancel) = (Arc::clone(&next), Arc::clone(&reads), cancel.clone());
                    move |call: Call<'_>| {
                        if call.operation == Operation::Open
                            && ["assets/a/f", "assets/b/f"].contains(&call.path.as_str())
                        {
                            reads.store(true, Ordering::Relaxed);
                        }
                        match event {
                            _ if next.fetch_add(1, Ordering::Relaxed) != at => Ok(()),
                            Event::Fails(number) => Err(io::Error::from_raw_os_error(number)),
                            Event::Cancels => {
                                cancel.cancel();
                                Ok(())
                            }
                        }
                    }
                };
                let has_passed = AtomicBool::new(false);
                let mut session = hooked::session(HookedFs::new(Arc::new(fs), hook));
                let request = PackRequest { cancel, ..PackRequest::default() };
                let result = session.pack(&request, &|event| {
                    if matches!(event.kind, EventKind::GateFinished { error_count: 0 }) {
                        has_passed.store(true, Ordering::Relaxed);
                    }
                });
                let (has_passed, reads) = (has_passed.into_inner(), reads.load(Ordering::Relaxed));
                let expected = match result.status {
                    Status::Success => true,
                    Status::GateFailed | Status::LaneBusy => false,
                    Status::PublicationFailed => has_passed,
                    Status::ExecutionFailed | Status::Cancelled => has_passed || reads,
                };
                let context = format!("{event:?} at {at}: {:?} {:#?}", result.status, result.diagnostics);
                assert_eq!(result.execution_started, expected, "{context}");
                *counts.entry((format!("{:?}", result.status), result.execution_started)).or_default() += 1;
                if next.load(Ordering::Relaxed) <= at {
                    assert!(at > 30, "only {at} calls");
                    break;
                }
            }
        }
    }
    let both = ["ExecutionFailed", "PublicationFailed", "Cancelled"];
    for status in both {
        for started in [false, true] {
            assert!(counts.contains_key(&(status.to_owned(), started)), "{status} {started} never came: {counts:?}");
        }
    }
}
