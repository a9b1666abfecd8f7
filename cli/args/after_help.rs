//! The end of the long help of each command: its exit codes, and examples.

/// Exit codes of the commands that write to a workspace, besides those of success and of a faulty workspace.
pub const WRITE_EXIT_CODES: &[(u8, &str)] = &[
    (2, "wrong usage or no workspace"),
    (3, "a file could not be read or written"),
    (4, "an earlier promotion could not be completed"),
    (5, "another operation holds the workspace (--no-wait)"),
    (130, "cancelled"),
];

/// The text below the options of a command.
pub fn after_help(exit_codes: &[&[(u8, &str)]], examples: &[&str]) -> String {
    let mut text = "Exit codes:".to_owned();
    for (code, meaning) in exit_codes.concat() {
        text += &format!("\n  {code:<3}  {meaning}");
    }
    text += "\n\nExamples:";
    for example in examples {
        text += &format!("\n  {example}");
    }
    text
}
