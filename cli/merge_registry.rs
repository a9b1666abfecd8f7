//! `papack merge-registry`, as version control calls it.

use std::process::ExitCode;

use papack_engine::MergeStatus;

use crate::args::MergeRegistryArgs;
use crate::{complain, refuse, render};

/// How git is told to merge registries with papack: a line of `.gitattributes`, and a command that every clone needs
/// once.
pub const HOW_TO_ENABLE: &str = "\
echo 'assets/.prometeu/index.json merge=papack-registry' >> .gitattributes
git config merge.papack-registry.name 'papack registry'
git config merge.papack-registry.driver 'papack merge-registry %O %A %B'";

/// Merges, and says where the sides contradict each other. Where they do not, there is nothing to say.
pub fn run(args: &MergeRegistryArgs) -> ExitCode {
    let result = match papack_engine::merge_registries(&args.base, &args.ours, &args.theirs) {
        Ok(result) => result,
        Err((file, error)) => {
            let message = format!("{file}: {error}");
            return refuse(
                &message,
                "nothing was merged; name three files that can be read, and the second one written",
            );
        }
    };
    render::for_people(&result.diagnostics);
    let (message, help) = match result.status {
        MergeStatus::Clean => return ExitCode::SUCCESS,
        MergeStatus::Conflicted => (
            "the registries were merged, but for the conflicts above",
            "look at them, then: git add assets/.prometeu/index.json",
        ),
        MergeStatus::Refused => (
            "the registries were not merged, ours is as it was",
            "go back with git merge --abort (or rebase, cherry-pick), repair the side that is named, and begin again",
        ),
    };
    complain(message, help);
    ExitCode::FAILURE
}
