//! The methods that are operations: parameters become a request, the service is called, and its result is put as
//! `--message-format json` puts it.
//!
//! A new service is a type with its parameters, its [`Service`](service::Service), and a row in [`METHODS`]. Those that
//! look at a workspace and build it are in `work`, those that change its documents in `manage`.

mod manage;
mod service;
mod work;

use super::message::{Failure, Params};
pub use service::Job;
use service::job;

/// Makes an operation of parameters.
pub type Method = fn(Params<'_>) -> Result<Job, Failure>;

/// The methods that are operations. The steps of the Pack Wizard have a name of their own for two of them.
pub const METHODS: &[(&str, Method)] = &[
    ("summary", job::<work::Status>),
    ("status", job::<work::Status>),
    ("list", job::<work::List>),
    ("validate", job::<work::Check>),
    ("check", job::<work::Check>),
    ("plan", job::<work::Plan>),
    ("pack", job::<work::Pack>),
    ("check_outputs", job::<work::CheckOutputs>),
    ("new", job::<manage::New>),
    ("add", job::<manage::Add>),
    ("mv", job::<manage::Move>),
    ("rename", job::<manage::Rename>),
    ("preload", job::<manage::Preload>),
    ("include", job::<manage::Include>),
    ("exclude", job::<manage::Exclude>),
    ("rm", job::<manage::Remove>),
    ("migrate", job::<manage::Migrate>),
    ("doctor", job::<manage::Doctor>),
];
