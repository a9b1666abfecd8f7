//! Terminals that are stopped or another job's, and what is shown on one: they hold up nothing either.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::blocked::{Blocked, DEADLINE, published, talkative, until, until_free};
use crate::space::TestSpace;

/// A terminal, and the side of it on which the keyboard and the screen are.
pub fn terminal() -> (File, File) {
    let keyboard = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&keyboard).unwrap();
    rustix::pty::unlockpt(&keyboard).unwrap();
    let name = rustix::pty::ptsname(&keyboard, Vec::new()).unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(Path::new(name.to_str().unwrap())).unwrap();
    (File::from(keyboard), terminal)
}

/// Makes a terminal as wide as this many columns.
pub fn resize(terminal: &File, columns: u16) {
    let size = rustix::termios::Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(terminal, size).unwrap();
}

/// A workspace whose pack takes long enough to show how far it is.
fn long() -> TestSpace {
    TestSpace::with_many(2000, |id| id.to_string().into_bytes())
}

#[test]
fn a_terminal_that_is_stopped_holds_nothing_up() {
    let space = long();
    let (mut keyboard, terminal) = terminal();
    // Ctrl-S.
    keyboard.write_all(b"\x13").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let mut command = space.command(&["pack"]);
    command.env("TERM", "xterm").stdout(terminal.try_clone().unwrap()).stderr(terminal);
    let mut pack = Blocked::spawn(command);
    until("it is packed", || published(&space));
    until_free(&space);
    assert_eq!(pack.end("-INT"), Some(130));
}

#[test]
fn progress_is_shown_on_a_terminal_and_cleared() {
    let space = long();
    let (mut keyboard, terminal) = terminal();
    let mut command = space.command(&["pack"]);
    command.env("TERM", "xterm").stdout(terminal.try_clone().unwrap()).stderr(terminal);
    let mut pack = Blocked::spawn(command);
    let mut seen = Vec::new();
    // The terminal of which nobody has the other end any more is an error.
    drop(keyboard.read_to_end(&mut seen));
    assert_eq!(pack.ended(DEADLINE).code(), Some(0));
    let seen = String::from_utf8(seen).unwrap();
    // How far it is when that is first shown depends on the machine.
    assert!(seen.contains("    Deriving ["), "{seen:?}");
    assert!(seen.contains("[=") && seen.contains("/2000 assets"), "{seen:?}");
    let (before, after) = seen.rsplit_once("\r\u{1b}[2K").unwrap();
    assert!(before.contains("assets") && after.trim_start().starts_with("Packed 2000 assets"), "{after:?}");
}

/// Runs `script` in a session of its own, of which `terminal` is the terminal. `$0` is the binary, and jobs are controlled.
fn with_jobs(space: &TestSpace, terminal: File, script: &str) -> Option<Blocked> {
    let papack = space.command(&[]);
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait", "bash", "-c", &format!("set -m; {script}")]).arg(papack.get_program());
    command.current_dir(space.path()).envs(papack.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("TERM", "xterm").stdin(terminal.try_clone().unwrap());
    command.stdout(terminal.try_clone().unwrap()).stderr(terminal);
    match command.spawn() {
        Ok(process) => Some(process.into()),
        Err(error) => {
            eprintln!("skipped: setsid of util-linux: {error}");
            None
        }
    }
}

/// With `stty tostop`, the system stops whoever writes to the terminal of another job.
#[test]
fn a_terminal_of_another_job_holds_nothing_up() {
    for (format, told, result) in [("json", "GLOB", "SUCCESS"), ("human", "GLOB", "Packed 300 assets")] {
        let space = talkative();
        let (mut keyboard, terminal) = terminal();
        let script =
            format!(r#"stty tostop; "$0" pack --message-format {format} & read line; echo "to the front"; fg %1"#);
        let Some(mut shell) = with_jobs(&space, terminal, &script) else { return };
        until("it is packed", || published(&space));
        until_free(&space);
        keyboard.write_all(b"\n").unwrap();
        let mut seen = Vec::new();
        drop(keyboard.read_to_end(&mut seen));
        assert_eq!(shell.ended(DEADLINE).code(), Some(0), "{format}");
        let seen = String::from_utf8(seen).unwrap();
        let (before, after) = seen.split_once("to the front").unwrap();
        assert!(!before.contains(told), "{format}: {before:?}");
        assert!(after.contains(told) && after.contains(result), "{format}: {after:?}");
    }
}

#[test]
fn a_job_that_waits_for_its_terminal_ends_at_one_signal() {
    let space = talkative();
    let (mut keyboard, terminal) = terminal();
    let script = r#"stty tostop; "$0" pack & read line; kill -INT $!; wait $!; echo "code $?""#;
    let Some(mut shell) = with_jobs(&space, terminal, script) else { return };
    until("it is packed", || published(&space));
    until_free(&space);
    keyboard.write_all(b"\n").unwrap();
    let mut seen = Vec::new();
    drop(keyboard.read_to_end(&mut seen));
    shell.ended(DEADLINE);
    let seen = String::from_utf8(seen).unwrap();
    assert!(seen.contains("code 130") && !seen.contains("Packed"), "{seen:?}");
}
