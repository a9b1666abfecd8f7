//! `papack merge-registry`, as version control calls it.

use std::process::ExitCode;

use papack_engine::MergeStatus;

use super::shared::refuse_for;
use crate::args::MergeRegistryArgs;
use crate::render::{self, RefusalStatus};

/// Merges two registries, and prints their conflicts and what else somebody may want to know. Otherwise a clean merge
/// prints nothing.
pub fn run(args: &MergeRegistryArgs) -> ExitCode {
    let result = match papack_engine::merge_registries(&args.base, &args.ours, &args.theirs) {
        Ok(result) => result,
        Err((file, error)) => {
            let message = format!("{file}: {error}");
            return refuse_for(
                RefusalStatus::PathUnusable,
                &message,
                "nothing was merged; name three files that can be read, and the second one written",
            );
        }
    };
    render::print_diagnostics(&result.diagnostics);
    let (message, help) = match result.status {
        MergeStatus::Clean => return ExitCode::SUCCESS,
        MergeStatus::Conflicted => (
            "the registries were merged, but somebody has to look at the conflicts above",
            "what is above names what settles each; to accept all as it is now: git add assets/.prometeu/index.json",
        ),
        MergeStatus::Refused => (
            "the registries were not merged, ours is as it was",
            "go back with git merge --abort (or rebase, cherry-pick), repair the side that is named, and begin again",
        ),
    };
    render::print_error(message, help);
    ExitCode::FAILURE
}
