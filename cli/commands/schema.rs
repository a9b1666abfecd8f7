//! `papack schema`.

use std::process::ExitCode;

use clap::ValueEnum;
use papack_queries::schema::shape::{ASSET_SCHEMA, INDEX_SCHEMA};

use crate::args::{SchemaArgs, SchemaName};
use crate::render;

/// Prints the schema that the arguments name, or a list of all.
pub fn run(args: &SchemaArgs) -> ExitCode {
    match args.name {
        Some(name) => render::print_line(schema(name).trim_end()),
        None => list().for_each(|line| render::print_line(&line)),
    }
    ExitCode::SUCCESS
}

/// The schema, from `docs/schemas`.
fn schema(name: SchemaName) -> &'static str {
    match name {
        SchemaName::Asset => ASSET_SCHEMA,
        SchemaName::Index => INDEX_SCHEMA,
        SchemaName::Settings => include_str!("../../docs/schemas/settings.schema.json"),
        SchemaName::Diagnostic => include_str!("../../docs/schemas/diagnostic.schema.json"),
        SchemaName::Event => include_str!("../../docs/schemas/event.schema.json"),
        SchemaName::Plan => include_str!("../../docs/schemas/plan.schema.json"),
        SchemaName::Pack => include_str!("../../docs/schemas/pack.schema.json"),
        SchemaName::Watch => include_str!("../../docs/schemas/watch.schema.json"),
        SchemaName::Serve => include_str!("../../docs/schemas/serve.schema.json"),
        SchemaName::Check => include_str!("../../docs/schemas/check.schema.json"),
        SchemaName::Status => include_str!("../../docs/schemas/status.schema.json"),
        SchemaName::List => include_str!("../../docs/schemas/list.schema.json"),
        SchemaName::Budget => include_str!("../../docs/schemas/budget.schema.json"),
        SchemaName::Manage => include_str!("../../docs/schemas/manage.schema.json"),
        SchemaName::Cache => include_str!("../../docs/schemas/cache.schema.json"),
        SchemaName::Verify => include_str!("../../docs/schemas/verify.schema.json"),
        SchemaName::Reproduce => include_str!("../../docs/schemas/reproduce.schema.json"),
        SchemaName::Inspect => include_str!("../../docs/schemas/inspect.schema.json"),
        SchemaName::Extract => include_str!("../../docs/schemas/extract.schema.json"),
        SchemaName::Convert => include_str!("../../docs/schemas/convert.schema.json"),
        SchemaName::Diff => include_str!("../../docs/schemas/diff.schema.json"),
        SchemaName::Refusal => include_str!("../../docs/schemas/refusal.schema.json"),
    }
}

/// A line for each schema: its name, and what it describes.
fn list() -> impl Iterator<Item = String> {
    let values = SchemaName::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    values.map(|value| {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{:<11} {help}", value.get_name())
    })
}
