//! A registry of which nothing can be read.

use papack_queries::diagnostic::Diagnostic;
use papack_queries::schema::REGISTRY_PATH;

/// The errors of the registry among `diagnostics`.
pub fn registry_errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|found| found.is_error() && found.path.as_deref() == Some(REGISTRY_PATH))
}
