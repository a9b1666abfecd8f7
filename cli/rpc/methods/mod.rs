//! The methods that are operations: parameters become a request, the service is called, and its result is put as
//! `--message-format json` puts it.
//!
//! A new service is a type with its parameters, its [`Service`](service::Service), and a row in [`METHODS`]. Those that
//! look at a workspace and build it are in `work`, those that change its documents in `manage`.

mod manage;
mod service;
mod work;

use super::message::{Failure, Params};
use service::operation;
pub use service::{Operation, Outcome};

/// A method that is an operation.
pub struct Method {
    pub name: &'static str,
    /// Whether it may change the documents of the workspace.
    pub changes_documents: bool,
    /// Makes an operation of parameters.
    pub read: fn(Params<'_>) -> Result<Operation, Failure>,
}

impl Method {
    const fn looks(name: &'static str, read: fn(Params<'_>) -> Result<Operation, Failure>) -> Self {
        Self { name, changes_documents: false, read }
    }

    const fn changes(name: &'static str, read: fn(Params<'_>) -> Result<Operation, Failure>) -> Self {
        Self { name, changes_documents: true, read }
    }

    /// The method with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }
}

/// The methods that are operations. The steps of the Pack Wizard have a name of their own for two of them.
pub const METHODS: &[Method] = &[
    Method::looks("summary", operation::<work::Status>),
    Method::looks("status", operation::<work::Status>),
    Method::looks("list", operation::<work::List>),
    Method::looks("validate", operation::<work::Check>),
    Method::looks("check", operation::<work::Check>),
    Method::looks("plan", operation::<work::Plan>),
    Method::looks("pack", operation::<work::Pack>),
    Method::looks("check_outputs", operation::<work::CheckOutputs>),
    Method::changes("new", operation::<manage::New>),
    Method::changes("add", operation::<manage::Add>),
    Method::changes("mv", operation::<manage::Move>),
    Method::changes("rename", operation::<manage::Rename>),
    Method::changes("preload", operation::<manage::Preload>),
    Method::changes("include", operation::<manage::Include>),
    Method::changes("exclude", operation::<manage::Exclude>),
    Method::changes("rm", operation::<manage::Remove>),
    Method::changes("migrate", operation::<manage::Migrate>),
    Method::changes("doctor", operation::<manage::Doctor>),
];
