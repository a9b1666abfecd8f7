//! Who is not served, and what comes from strangers.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::host::{Host, is_served, socket};
use crate::space::{CACHE, KEY, Run, TestSpace};

fn ground() -> TestSpace {
    TestSpace::with_assets(&[("a", &[("f", "f")]), ("b", &[("g", "g")])])
}

/// Whether the process that `command` starts does itself what it is asked for: see [`is_served`].
fn is_alone(space: &TestSpace, mut command: Command) -> bool {
    space.write(&format!("{CACHE}/index"), "damaged");
    command.args(["check", "--message-format", "short"]).current_dir(space.path()).env("PAPACK_CACHE_KEY", KEY);
    let run = Run::of(command);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    drop(fs::remove_file(space.path().join(CACHE).join("index")));
    run.stdout.contains("CACHE_DROPPED")
}

#[test]
fn whoever_is_another_does_it_alone() {
    let space = ground();
    let _host = Host::serve(&space);
    let papack = Path::new(env!("CARGO_BIN_EXE_papack"));
    let in_shell = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{script}; exec \"$0\" \"$@\"")]).arg(papack);
        command
    };
    assert!(!is_alone(&space, Command::new(papack)), "the same");
    assert!(!is_alone(&space, in_shell("true")), "the same from a shell");
    // The same program in another file may be another program.
    let copy = space.path().join("other-papack");
    // Copied by a process of its own: one that this process starts meanwhile would have it open for writing.
    assert!(Command::new("cp").arg(papack).arg(&copy).status().unwrap().success());
    assert!(is_alone(&space, Command::new(&copy)), "another program");
    assert!(is_alone(&space, in_shell("umask 077")), "other permissions of new files");
    assert!(is_alone(&space, in_shell("ulimit -f 1000000")), "another limit");
    let mut other = Command::new(papack);
    other.env("PAPACK_X", "1");
    assert!(is_alone(&space, other), "another variable of papack's");
    for option in [&["--alone"][..], &["--jobs", "2"], &["--rehash"]] {
        space.write(&format!("{CACHE}/index"), "damaged");
        let run = space.run(&[&["check", "--message-format", "short"], option].concat());
        // What believes nothing does not look at the index.
        assert_eq!(run.stdout.contains("CACHE_DROPPED"), option != ["--rehash"], "{option:?}: {}", run.stdout);
    }
    assert!(is_served(&space), "afterwards");
}

/// Root asks no session of a user's, and no user asks one of root's.
#[test]
fn users_are_never_served_across() {
    let space = ground();
    if !rustix::process::geteuid().is_root() {
        return eprintln!("skipped: only root can be somebody else");
    }
    const OTHER: u32 = 65534;
    space.pack();
    fs::set_permissions(space.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let as_other = |mut command: Command| {
        command.uid(OTHER).gid(OTHER);
        command
    };
    let papack = Path::new(env!("CARGO_BIN_EXE_papack"));
    if !as_other(Command::new(papack)).arg("--version").status().is_ok_and(|status| status.success()) {
        return eprintln!("skipped: the program is out of reach for others");
    }
    {
        let _host = Host::serve(&space);
        let run = Run::of({
            let mut command = as_other(space.command(&["check"]));
            command.env("PAPACK_CACHE_KEY", KEY);
            command
        });
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let mode = fs::symlink_metadata(socket(&space)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let chown = Command::new("chown").args(["-R", &OTHER.to_string()]).arg(space.path()).status().unwrap();
    assert!(chown.success());
    let _host = {
        let mut host = as_other(space.command(&["serve"]));
        host.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
        let host = Host { process: host.spawn().unwrap() };
        super::host::until("there is a socket", || socket(&space).exists());
        host
    };
    std::thread::sleep(Duration::from_millis(100));
    assert!(is_alone(&space, Command::new(papack)));
}

#[test]
fn one_session_serves_a_workspace() {
    let space = ground();
    let first = Host::serve(&space);
    let served = fs::metadata(socket(&space)).unwrap();
    let mut second = space.command(&["serve"]);
    second.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let second = Host { process: second.spawn().unwrap() };
    std::thread::sleep(Duration::from_millis(200));
    let inode = std::os::unix::fs::MetadataExt::ino;
    assert_eq!(inode(&fs::metadata(socket(&space)).unwrap()), inode(&served));
    drop(second);
    assert!(is_served(&space));
    drop(first);
    space.pack();
}

/// A workspace that took the place of another one is another one, and so is one that took its cache.
#[test]
fn a_session_serves_its_own_workspace() {
    let (space, other) = (ground(), ground());
    other.write("assets/a/f", "of the other one");
    other.pack();
    let _host = Host::serve(&space);
    fs::remove_dir_all(other.path().join(CACHE)).unwrap();
    fs::rename(space.path().join(CACHE), other.path().join(CACHE)).unwrap();
    other.write("assets/a/f", "of the other one, later");
    other.pack();
    let packed = other.read("build/assets.pa");
    let content = b"of the other one, later";
    assert!(packed.windows(content.len()).any(|found| found == content));
}

#[test]
fn what_is_no_message_is_the_end_of_its_connection_only() {
    let space = ground();
    let _host = Host::serve(&space);
    let call = |code: &str| format!("{{\"Call\":{{\"code\":\"{code}\"}}}}");
    let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes();
    let messages = [
        b"\x00\xff garbage".to_vec(),
        b"Content-Length: 99999999999\r\n\r\n".to_vec(),
        b"Content-Length: 1000000\r\n\r\n{".to_vec(),
        vec![b'a'; 100_000],
        framed("\"Go\""),
        framed("\"Cancel\""),
        framed(&"[".repeat(100_000)),
        framed(&call("")),
        framed(&call(&"0".repeat(64))),
        Vec::new(),
    ];
    for message in &messages {
        let mut stream = UnixStream::connect(socket(&space)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The session may have closed it already.
        drop(stream.write_all(message));
        drop(stream.shutdown(std::net::Shutdown::Write));
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
        assert!(rest.is_empty(), "{rest:?}");
    }
    assert!(is_served(&space));
    // Nobody has to be waited for that says nothing, and too many are too many.
    let silent: Vec<_> = (0..40).filter_map(|_| UnixStream::connect(socket(&space)).ok()).collect();
    space.pack();
    drop(silent);
    super::host::until("it serves again", || is_served(&space));
}

#[test]
fn no_path_is_too_long_for_a_socket() {
    let space = ground();
    let deep = space.path().join("a".repeat(120)).join("b".repeat(120));
    fs::create_dir_all(&deep).unwrap();
    fs::rename(space.path().join("assets"), deep.join("assets")).unwrap();
    let socket = deep.join(CACHE).join("serving/socket");
    let mut command = space.command(&["serve"]);
    command.current_dir(&deep).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let _host = Host { process: command.spawn().unwrap() };
    super::host::until("there is a socket", || socket.exists());
    super::host::until("it serves", || {
        fs::write(deep.join(CACHE).join("index"), "damaged").unwrap();
        let mut command = space.command(&["check", "--message-format", "short"]);
        command.current_dir(&deep);
        !Run::of(command).stdout.contains("CACHE_DROPPED")
    });
}
