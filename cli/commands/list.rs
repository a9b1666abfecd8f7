//! `papack list`.

use std::process::ExitCode;

use papack_engine::{AssetState, Bank, ListRequest};

use super::shared::{levels, run_in_workspace};
use crate::args::{BankName, ListArgs, StateName};
use crate::signals;

/// Lists the assets of a workspace, or some of them.
pub fn run(args: &ListArgs) -> ExitCode {
    let levels = match levels(&args.levels) {
        Ok(levels) => levels,
        Err(code) => return code,
    };
    let bank = args.bank.map(|bank| match bank {
        BankName::Tiles => Bank::Tiles,
        BankName::Sounds => Bank::Sounds,
        BankName::Data => Bank::Data,
    });
    let state = args.state.map(|state| match state {
        StateName::Ready => AssetState::Ready,
        StateName::Faulty => AssetState::Faulty,
        StateName::Missing => AssetState::Missing,
        StateName::Moved => AssetState::Moved,
    });
    run_in_workspace(&args.workspace, &args.jobs, &args.output, |session, observer| {
        let request = ListRequest { assets: args.assets.clone(), bank, state, levels, cancel: signals::cancel() };
        let result = session.list(&request, observer);
        (result.status, result)
    })
}
