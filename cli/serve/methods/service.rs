//! What the methods have in common: the levels of diagnostics, and how parameters become an operation.

use papack_engine::{Cancel, Code, Level, Levels, Observer, Session};
use papack_queries::schema::settings;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::message::{Failure, Params};

/// An operation that is ready to run. It gives its result as JSON.
pub type Job = Box<dyn FnOnce(&mut Session, &Cancel, &Observer<'_>) -> String + Send>;

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
    fn run(self, session: &mut Session, call: Call, observer: &Observer<'_>) -> String;
}

/// Makes an operation of the parameters of `S`.
pub fn job<S: Service>(params: Params<'_>) -> Result<Job, Failure> {
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
        settings::code(&name).map(Self).map_err(|help| format!("there is no code {name:?}; {help}"))
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
            deny: Vec<$crate::serve::methods::service::CodeName>,
            #[serde(default)]
            warn: Vec<$crate::serve::methods::service::CodeName>,
            #[serde(default)]
            allow: Vec<$crate::serve::methods::service::CodeName>,
        }

        impl $crate::serve::methods::service::Service for $name {
            fn levels(&mut self) -> $crate::serve::methods::service::ChosenLevels {
                $crate::serve::methods::service::ChosenLevels {
                    deny_warnings: self.deny_warnings,
                    deny: std::mem::take(&mut self.deny),
                    warn: std::mem::take(&mut self.warn),
                    allow: std::mem::take(&mut self.allow),
                }
            }

            fn expect_valid(&self) -> Result<(), $crate::serve::message::Failure> {
                $(
                    let $valid = self;
                    $condition?;
                )?
                Ok(())
            }

            fn run(
                self,
                $session: &mut papack_engine::Session,
                $call: $crate::serve::methods::service::Call,
                $observer: &papack_engine::Observer<'_>,
            ) -> String {
                let $it = self;
                $crate::render::json::result(&$run)
            }
        }
    };
}
pub(super) use service;
