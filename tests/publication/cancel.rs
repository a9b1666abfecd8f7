//! Cancellation at every moment: before promotion nothing is published, afterwards everything is.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use papack_engine::{Cancel, PackRequest, Status};

use crate::generations::{edit, expected, pack, published, staging, workspace};
use crate::hooked::{self, Call, HookedFs, Operation};
use crate::space::TestSpace;

#[test]
fn a_pack_that_is_cancelled_at_any_call_publishes_nothing_or_everything() {
    let (old, new) = (expected(1), expected(2));
    let (mut cancelled, mut finished) = (0, 0);
    for at in 0.. {
        let fs = workspace();
        assert_eq!(pack(Arc::new(fs.clone())).status, Status::Success);
        edit(&fs, 2);
        let (next, promoting, cancel) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Cancel::new());
        let hook = {
            let (next, promoting, cancel) = (Arc::clone(&next), Arc::clone(&promoting), cancel.clone());
            move |call: Call<'_>| {
                let now = next.fetch_add(1, Ordering::Relaxed);
                if call.operation == Operation::Create && call.path.file_name() == Some("journal.new") {
                    promoting.store(now, Ordering::Relaxed);
                }
                if now == at {
                    cancel.cancel();
                }
                Ok(())
            }
        };
        let mut session = hooked::session(HookedFs::new(Arc::new(fs.clone()), hook));
        let result = session.pack(&PackRequest { cancel, ..PackRequest::default() }, &|_| {});
        if at >= next.load(Ordering::Relaxed) {
            break;
        }
        let promoting = promoting.load(Ordering::Relaxed);
        match result.status {
            Status::Cancelled => {
                assert!(published(&fs) == old && staging(&fs).is_empty(), "call {at}");
                assert_eq!(promoting, 0, "call {at}: promotion had begun");
                cancelled += 1;
            }
            Status::Success => {
                assert!(published(&fs) == new && at >= promoting && promoting > 0, "call {at}");
                finished += 1;
            }
            other => panic!("call {at}: {other:?}: {:#?}", result.diagnostics),
        }
        assert!(result.diagnostics.iter().all(|diagnostic| !diagnostic.is_error()), "{:#?}", result.diagnostics);
    }
    assert!(cancelled > 50 && finished > 5, "{cancelled} were cancelled, {finished} finished");
}

/// Real signals, sent when an event is seen. The process goes on meanwhile, so it may have begun to promote.
#[test]
fn a_signal_at_any_stage_ends_with_a_true_exit_code() {
    let mut cancelled = 0;
    for signal in ["-INT", "-TERM"] {
        for stage in ["OPERATION_STARTED", "SNAPSHOT_FROZEN", "ASSET_STARTED", "GATE_FINISHED", "ASSEMBLED", "STAGED"] {
            let space = TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])]);
            space.write("assets/a/f", vec![1; 4 << 20]);
            space.pack();
            let old = space.build();
            space.write("assets/a/f", vec![2; 4 << 20]);
            let mut command = space.command(&["pack", "--message-format", "json"]);
            let mut packing = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let mut lines = BufReader::new(packing.stdout.take().unwrap()).lines().map(Result::unwrap);
            let quoted = format!("\"{stage}\"");
            assert!(lines.any(|line| line.contains(&quoted)), "{stage} did not come");
            // It may have ended by now; then there is nobody to send it to.
            drop(Command::new("kill").args([signal, &packing.id().to_string()]).stderr(Stdio::null()).status());
            let last = lines.last().unwrap();
            let code = packing.wait().unwrap().code();
            let build = space.build();
            if last.contains(r#""status":"CANCELLED""#) {
                assert_eq!(code, Some(130), "{signal} at {stage}");
                assert!(build == old, "{signal} at {stage}: build/ changed");
                cancelled += 1;
            } else {
                assert!(last.contains(r#""status":"SUCCESS""#) && code == Some(0), "{signal} at {stage}: {last}");
                assert!(build != old && build.len() == 4, "{signal} at {stage}");
            }
        }
    }
    assert!(cancelled > 0, "no signal came in time");
    println!("{cancelled} of 12 packs were cancelled in time");
}
