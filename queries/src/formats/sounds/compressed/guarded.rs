//! Code of others that may panic.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is where a panic is expected and becomes a diagnostic, so that a hook need not tell of it.
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// What `decode` gives; `None` where it panics. What it was at work on has to be thrown away then.
///
/// Mutated files have the Vorbis decoder index and divide as it should not, within seconds of fuzzing. Without `unsafe` in
/// it, that ends in a panic and in nothing worse. It must not end a pack of ten thousand files.
pub(super) fn run<T>(decode: impl FnOnce() -> T) -> Option<T> {
    let was_guarded = IS_GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(decode));
    IS_GUARDED.set(was_guarded);
    result.ok()
}
