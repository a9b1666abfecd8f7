//! `papack budget`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use papack_engine::{Baseline, BudgetRequest, UnusableBaseline, baseline_at, baseline_of};

use super::shared::{levels, locate, refuse_for, run_in_folder};
use crate::args::BudgetArgs;
use crate::render::{BudgetReport, RefusalStatus};
use crate::signals;

/// Shows how much of each budget is used.
pub fn run(args: &BudgetArgs) -> ExitCode {
    let levels = match levels(&args.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    let folder = match locate(&args.workspace) {
        Ok(folder) => folder,
        Err(code) => return code,
    };
    let against = match args.against.as_deref().map(|named| baseline(named, &folder)).transpose() {
        Ok(against) => against,
        Err(UnusableBaseline { message, help }) => {
            return refuse_for(RefusalStatus::PathUnusable, &message, &help);
        }
    };
    run_in_folder(&folder, &args.jobs, &args.output, |session, observer| {
        let request = BudgetRequest { against, levels, cancel: signals::cancel() };
        let result = session.budget(&request, observer);
        (result.status, BudgetReport { result, is_markdown: args.markdown })
    })
}

/// The pack that `named` means: a file if it ends in `.pa` or is one, else a revision of the repository of the workspace in
/// `folder`.
fn baseline(named: &Path, folder: &Path) -> Result<Baseline, UnusableBaseline> {
    let text = named.to_string_lossy();
    if text.ends_with(".pa") || fs::metadata(named).is_ok_and(|found| found.is_file()) {
        return baseline_of(named);
    }
    baseline_at(folder, &text)
}
