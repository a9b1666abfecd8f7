//! `papack inspect`.

use std::process::ExitCode;

use papack_queries::diagnostic::Diagnostic;

use super::shared::refuse_file;
use crate::args::InspectArgs;
use crate::render;

/// Shows the contents of a pack, and what is wrong with it.
pub fn run(args: &InspectArgs) -> ExitCode {
    let inspection = match papack_engine::inspect(&args.file, &args.assets) {
        Ok(inspection) => inspection,
        Err(error) => return refuse_file(&args.file, &error),
    };
    render::show(args.output.message_format, &inspection);
    ExitCode::from(u8::from(inspection.diagnostics.iter().any(Diagnostic::is_error)))
}
