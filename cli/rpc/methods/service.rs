//! What the methods have in common: the levels of diagnostics, and how parameters become an operation.

use papack_engine::{Cancel, Code, Level, Levels, Observer, Session, Status};
use papack_queries::schema::settings;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::message::{Failure, Params};

/// An operation that is ready to run.
pub type Operation = Box<dyn FnOnce(&mut Session, &Cancel, &Observer<'_>) -> Outcome + Send>;

/// How an operation ended.
pub struct Outcome {
    pub status: Status,
    /// Its result, as JSON.
    pub result: String,
}

/// How severe the caller takes diagnostics to be, and what sets that to be ended.
pub struct Call {
    pub levels: Levels,
    pub cancel: Cancel,
}

/// The parameters of a method, and the service that they go to.
pub trait Service: DeserializeOwned + Send + 'static {
    /// Takes the levels of diagnostics out of the parameters.
    fn levels(&mut self) -> ChosenLevels;

    /// Refuses parameters that do not go together.
    fn expect_valid(&self) -> Result<(), Failure>;

    /// Calls the service.
    fn run(self, session: &mut Session, call: Call, observer: &Observer<'_>) -> Outcome;
}

/// Makes an operation of the parameters of `S`.
pub fn operation<S: Service>(params: Params<'_>) -> Result<Operation, Failure> {
    let mut service: S = params.read()?;
    let levels = service.levels().read()?;
    service.expect_valid()?;
    Ok(Box::new(move |session, cancel, observer| {
        service.run(session, Call { levels, cancel: cancel.clone() }, observer)
    }))
}

/// The levels of diagnostics as parameters give them.
pub struct ChosenLevels {
    pub deny_warnings: bool,
    pub deny: Vec<CodeName>,
    pub warn: Vec<CodeName>,
    pub allow: Vec<CodeName>,
}

impl ChosenLevels {
    fn read(self) -> Result<Levels, Failure> {
        let mut levels = Levels::new(self.deny_warnings);
        for (level, codes) in [(Level::Deny, self.deny), (Level::Warn, self.warn), (Level::Allow, self.allow)] {
            for CodeName(code) in codes {
                levels.set(code, level).map_err(|other| {
                    Failure::bad_params(format!("{code} is given both in `{}` and in `{}`", other.word(), level.word()))
                })?;
            }
        }
        Ok(levels)
    }
}

/// The code of a diagnostic.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct CodeName(Code);

impl TryFrom<String> for CodeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        settings::code(&name).map(Self).map_err(|help| format!("there is no code {name:?} ({help})"))
    }
}

/// Declares the parameters of a method, besides the levels that all of them take; what they must keep to; and the
/// call of the service that they go to.
macro_rules! service {
    (
        $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* }
        $(if |$valid:ident| $condition:expr)?
        => |$it:pat_param, $session:ident, $call:ident, $observer:ident| $run:expr
    ) => {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$attribute])* $field: $kind,)*
            #[serde(default)]
            deny_warnings: bool,
            #[serde(default)]
            deny: Vec<$crate::rpc::methods::service::CodeName>,
            #[serde(default)]
            warn: Vec<$crate::rpc::methods::service::CodeName>,
            #[serde(default)]
            allow: Vec<$crate::rpc::methods::service::CodeName>,
        }

        impl $crate::rpc::methods::service::Service for $name {
            fn levels(&mut self) -> $crate::rpc::methods::service::ChosenLevels {
                $crate::rpc::methods::service::ChosenLevels {
                    deny_warnings: self.deny_warnings,
                    deny: std::mem::take(&mut self.deny),
                    warn: std::mem::take(&mut self.warn),
                    allow: std::mem::take(&mut self.allow),
                }
            }

            fn expect_valid(&self) -> Result<(), $crate::rpc::message::Failure> {
                $(
                    let $valid = self;
                    $condition?;
                )?
                Ok(())
            }

            fn run(
                self,
                $session: &mut papack_engine::Session,
                $call: $crate::rpc::methods::service::Call,
                $observer: &papack_engine::Observer<'_>,
            ) -> $crate::rpc::methods::service::Outcome {
                let $it = self;
                let result = $run;
                let json = $crate::render::json::result(&result);
                $crate::rpc::methods::service::Outcome { status: result.status, result: json }
            }
        }
    };
}
pub(super) use service;
