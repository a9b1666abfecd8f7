//! `papack inspect`.

use std::process::ExitCode;

use papack_queries::diagnostic::Diagnostic;

use super::shared::{NamedPack, refuse, refuse_file};
use crate::args::InspectArgs;
use crate::render;

/// Shows the contents of a pack, and what is wrong with it.
pub fn run(args: &InspectArgs) -> ExitCode {
    let named = match NamedPack::new(args.pack.as_deref(), &args.assets, &args.workspace) {
        Ok(named) => named,
        Err(code) => return code,
    };
    if args.image && named.assets.is_empty() {
        return refuse("--image needs an ASSET", "name the tile assets whose picture is to be shown");
    }
    let mut inspection = match papack_engine::inspect(&named.file, &named.assets, args.image) {
        Ok(inspection) => inspection,
        Err(error) => return refuse_file(&named.file, &error),
    };
    named.explain(&mut inspection.diagnostics);
    render::show(args.output.message_format, &inspection);
    ExitCode::from(u8::from(inspection.diagnostics.iter().any(Diagnostic::is_error)))
}
