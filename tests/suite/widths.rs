//! Help fits the terminal, whatever its width: nothing is torn.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::Path;

use rustix::termios::{Winsize, tcsetwinsize};

use crate::space::{Run, TestSpace, commands};

const WIDTHS: [usize; 5] = [40, 60, 80, 100, 120];

/// All helps: the arguments that print each.
fn helps() -> Vec<Vec<String>> {
    let of_commands = commands().into_iter().map(|command| vec![command]).chain([Vec::new()]);
    let both = of_commands.flat_map(|words| ["-h", "--help"].map(|help| [words.clone(), vec![help.into()]].concat()));
    both.collect()
}

fn help(arguments: &[String], width: usize) -> String {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut command = TestSpace::empty().command(&arguments);
    command.current_dir("/").env("COLUMNS", width.to_string());
    Run::of(command).stdout
}

/// The words of a help, whatever line each is on. Commands that are continued have a backslash more.
fn words(help: &str) -> Vec<&str> {
    let mut words: Vec<_> = help.split_whitespace().filter(|word| *word != "\\").collect();
    words.sort_unstable();
    words
}

#[test]
fn no_line_is_longer_than_the_terminal_and_no_word_is_broken() {
    for arguments in helps() {
        let wide = help(&arguments, 1000);
        for width in WIDTHS {
            let narrow = help(&arguments, width);
            for line in narrow.lines() {
                assert!(line.chars().count() <= width, "{arguments:?} at {width}: {line:?}");
            }
            assert_eq!(words(&narrow), words(&wide), "{arguments:?} at {width}");
        }
    }
}

/// What begins a line at any width: headings, commands and exit codes, with what is said of them in a column.
#[test]
fn columns_and_headings_stay_at_every_width() {
    for width in WIDTHS {
        for form in ["-h", "--help"] {
            let shown = help(&[form.into()], width);
            for heading in
                ["Start, and manage assets:", "Look, and build:", "Look into packs:", "Reference:", "Options:"]
            {
                assert!(shown.lines().any(|line| line == heading), "{heading} at {width}: {shown}");
            }
            let (_, groups) = shown.split_once("manage assets:\n").unwrap();
            let (groups, _) = groups.split_once("\nOptions:\n").unwrap();
            for line in groups.lines().filter(|line| line.starts_with("  ")) {
                assert!(
                    line.len() > 18 && line[..18].ends_with("  ") && !line[18..].starts_with(' '),
                    "{line:?} at {width}"
                );
            }
        }
        for command in commands() {
            let shown = help(&[command.clone(), "--help".into()], width);
            let (_, end) = shown.split_once("\nExit codes:\n").unwrap();
            let (codes, examples) = end.split_once("\n\nExamples:\n").unwrap();
            assert!(codes.lines().all(|line| line[..7].ends_with("  ") && !line[7..].starts_with(' ')), "{codes}");
            let is_whole = |line: &str| line.starts_with("  ") && (!line.ends_with('\\') || line.ends_with(" \\"));
            assert!(examples.lines().all(is_whole), "{command} at {width}: {examples}");
        }
    }
}

/// As on a real terminal, which says how wide it is.
#[test]
fn a_terminal_is_asked_how_wide_it_is() {
    for width in [60_u16, 80] {
        let keyboard = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&keyboard).unwrap();
        rustix::pty::unlockpt(&keyboard).unwrap();
        let name = rustix::pty::ptsname(&keyboard, Vec::new()).unwrap();
        let terminal = OpenOptions::new().read(true).write(true).open(Path::new(name.to_str().unwrap())).unwrap();
        tcsetwinsize(&terminal, Winsize { ws_row: 40, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        for arguments in [&["--help"][..], &["pack", "--help"], &["merge-registry", "--help"]] {
            let mut command = TestSpace::empty().command(arguments);
            command.current_dir("/").env("TERM", "xterm").stdout(terminal.try_clone().unwrap());
            assert!(command.status().unwrap().success());
        }
        drop(terminal);
        let mut seen = Vec::new();
        // A terminal of which nobody has the other end any more is an error.
        drop(File::from(keyboard).read_to_end(&mut seen));
        let seen = String::from_utf8(seen).unwrap();
        assert!(seen.contains("Reference:\r\n") && seen.contains("Exit codes:\r\n"), "{seen}");
        let longest = seen.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((usize::from(width) - 6..=usize::from(width)).contains(&longest), "{longest} at {width}: {seen}");
    }
}
