//! The settings of the workspace, which every operation that judges it reads anew: they change no output, so nothing of
//! them is remembered.

use std::sync::Arc;

use camino::Utf8Path;
use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::inputs::FileFault;
use papack_queries::schema::settings::{self, SETTINGS_NAME, Settings};

use super::state::Session;
use crate::operation::{Cancel, Ended, Observer, Operation, Policy, Status, Stop};
use crate::workspace::{ReadError, read_text};

impl Session {
    /// As [`run`](Self::run), telling diagnostics with the severities that `levels` and the settings make of them. What
    /// is wrong with the settings is reported first, and no gate is passed after that.
    pub(crate) fn run_judged<'o>(
        &mut self,
        levels: &Levels,
        cancel: &Cancel,
        observer: &'o Observer<'o>,
        body: impl FnOnce(&mut Self, &mut Operation<'o>) -> Result<(), Stop>,
    ) -> Ended<'o> {
        self.run(cancel, observer, |session, operation| {
            let (Settings { levels: settings, budgets }, faults) = session.read_settings(operation)?;
            operation.set_policy(Policy { asked: levels.clone(), settings });
            operation.set_budgets(budgets);
            operation.deny(faults);
            body(session, operation)
        })
    }

    /// Reads the settings. Of a file with faults no setting counts.
    fn read_settings(&mut self, operation: &mut Operation<'_>) -> Result<(Settings, Vec<Diagnostic>), Stop> {
        let fs = Arc::clone(self.fs());
        match read_text(&*fs, Utf8Path::new(SETTINGS_NAME), settings::MAX_SIZE) {
            Ok(text) => match settings::parse(&text) {
                Ok(settings) if settings.budgets.is_empty() => Ok((settings, Vec::new())),
                read => {
                    // Diagnostics may point into it.
                    self.core_mut().set_text(SETTINGS_NAME, text);
                    Ok(match read {
                        Ok(settings) => (settings, Vec::new()),
                        Err(faults) => (Settings::default(), faults),
                    })
                }
            },
            Err(ReadError::Refused(FileFault::Missing)) => Ok((Settings::default(), Vec::new())),
            Err(ReadError::Refused(fault)) => {
                let Diagnostic { message, .. } = fault.diagnostic(SETTINGS_NAME);
                let help = "put a regular file there that papack may read, or nothing";
                let fault = Diagnostic::error(Code::SettingsInvalid, message).at(SETTINGS_NAME).with_help(help);
                Ok((Settings::default(), vec![fault]))
            }
            Err(ReadError::Failed(fault)) => Err(operation.fail(Status::ExecutionFailed, *fault)),
        }
    }
}
