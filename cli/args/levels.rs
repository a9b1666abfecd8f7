//! Options that say how severe warnings and notices are.

use papack_queries::diagnostic::Code;
use papack_queries::diagnostic::levels::{Level, Levels};
use papack_queries::schema::settings;
use serde::{Deserialize, Serialize};

/// How severe warnings and notices are. Settings in papack.toml say the same for everybody; what is said here of a code
/// comes before them.
#[derive(Debug, Clone, Default, clap::Args, Serialize, Deserialize)]
pub struct LevelArgs {
    /// Take every warning for an error
    #[arg(
        long,
        help = "Take every warning for an error; more such options are in --help",
        long_help = "Take every warning for an error"
    )]
    pub deny_warnings: bool,

    /// Take warnings and notices of CODE for errors
    ///
    /// This option, --warn and --allow may be repeated. They come before papack.toml. An error stays one.
    #[arg(long, value_name = "CODE", value_parser = code, hide_short_help = true)]
    pub deny: Vec<Code>,

    /// Take warnings and notices of CODE for warnings
    #[arg(long, value_name = "CODE", value_parser = code, hide_short_help = true)]
    pub warn: Vec<Code>,

    /// Do not tell warnings and notices of CODE
    ///
    /// They are counted.
    #[arg(long, value_name = "CODE", value_parser = code, hide_short_help = true)]
    pub allow: Vec<Code>,
}

impl LevelArgs {
    /// The levels that they give.
    ///
    /// # Errors
    ///
    /// A code that they give two levels, with these.
    pub fn levels(&self) -> Result<Levels, (Code, Level, Level)> {
        let mut levels = Levels::new(self.deny_warnings);
        for (level, codes) in [(Level::Deny, &self.deny), (Level::Warn, &self.warn), (Level::Allow, &self.allow)] {
            for &code in codes {
                levels.set(code, level).map_err(|other| (code, other, level))?;
            }
        }
        Ok(levels)
    }
}

/// Parses the name of a code.
fn code(name: &str) -> Result<Code, String> {
    if name.contains([',', ' ']) {
        return Err("the option takes one code, and is repeated for more: --allow IO --allow LEFTOVER".into());
    }
    settings::code(name).map_err(|help| format!("there is no such code; {help}"))
}
