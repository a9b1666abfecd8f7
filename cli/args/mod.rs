//! What the command line understands: each group of the help has a file, with its commands and their arguments.
//!
//! `definition()` gives the whole as one `clap` command, and parsing what `settle` made of the arguments gives `Args`.
//! Nothing here knows a service or prints.

mod after_help;
mod budget;
mod definition;
mod fit;
mod help;
mod leading;
mod levels;
mod list;
mod manage;
mod packs;
mod reference;
mod shared;
mod upkeep;
mod work;

pub use budget::BudgetArgs;
pub use definition::{Args, Command, color_choice, definition, fitted_definition, wants_json};
pub use leading::{Settled, settle};
pub use levels::LevelArgs;
pub use list::{BankName, ListArgs, StateName};
pub use manage::{
    AddArgs, AssetsArgs, FormatName, InitArgs, ManageCommand, MvArgs, NewArgs, PreloadArgs, RenameArgs, RmArgs,
    TilePixels,
};
pub use packs::{ConvertArgs, DiffArgs, ExtractArgs, InspectArgs, PacksCommand, VerifyArgs};
pub use reference::{
    CompleteArgs, CompletingShell, CompletionsArgs, ExplainArgs, ManArgs, ReferenceCommand, SchemaArgs, SchemaName,
};
pub use shared::{GlobalArgs, JobsArgs, ManageArgs, ManageOptions, MessageFormat, OutputArgs, WaitArgs, WorkspaceArgs};
pub use upkeep::{
    CacheAction, CacheArgs, DoctorArgs, MERGE_DRIVER_SETUP, MergeRegistryArgs, MigrateArgs, UpkeepCommand,
};
pub use work::{BuildArgs, CheckArgs, PackArgs, PlanArgs, ServeArgs, StatusArgs, WatchArgs, WorkCommand};
