//! The socket, and several clients at it.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, DEADLINE, PROMPT, ended, signal};
use crate::space::TestSpace;

/// Waits until somebody listens at `path`.
#[track_caller]
pub fn until_there(path: &Path) {
    let deadline = Instant::now() + DEADLINE;
    while UnixStream::connect(path).is_err() {
        assert!(Instant::now() < deadline, "no socket came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A server at the socket `socket` in its workspace.
struct Server {
    space: TestSpace,
    process: Child,
}

impl Server {
    fn start() -> Self {
        let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
        let process = space.command(&["serve", "--socket", "socket"]).stdin(Stdio::null()).spawn().unwrap();
        let server = Self { space, process };
        until_there(&server.socket());
        server
    }

    fn socket(&self) -> std::path::PathBuf {
        self.space.path().join("socket")
    }

    fn end(&mut self, name: &str) -> i32 {
        signal(&self.process, name);
        ended(&mut self.process, PROMPT)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn clients_share_a_session_and_each_has_its_own_results() {
    let mut server = Server::start();
    let (mut one, mut other) = (Client::connect(&server.socket()), Client::connect(&server.socket()));
    let asked = [one.ask("pack", json!({})), one.ask("plan", json!({}))];
    let of_other = [other.ask("status", json!({})), other.ask("pack", json!({}))];
    let results = [one.result(&asked[0]), one.result(&asked[1])];
    let of_other = [other.result(&of_other[0]), other.result(&of_other[1])];
    assert!(results.iter().chain(&of_other).all(|result| result["status"] == "SUCCESS"));
    // Whoever packed later found everything done.
    assert_eq!([&results[0], &of_other[1]].iter().filter(|result| result["up_to_date"] == true).count(), 1);
    for (client, results) in [(&one, &results), (&other, &of_other)] {
        let told = client.told("event");
        let is_own = |event: &Value| results.iter().any(|result| result["operation_id"] == event["operation_id"]);
        assert!(!told.is_empty() && told.iter().all(is_own));
    }
    // One goes, and the other one stays.
    one.request("shutdown", json!({}));
    one.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(one.next(), None);
    assert_eq!(other.request("plan", json!({}))["status"], "SUCCESS");
    assert_eq!(server.end("-TERM"), 0);
    assert_eq!(other.next(), None);
    assert!(!server.socket().exists());
}

#[test]
fn a_client_that_goes_takes_its_operations_along() {
    let mut server = Server::start();
    let lane = File::open(server.space.path().join("assets/.prometeu")).unwrap();
    lane.lock().unwrap();
    let mut going = Client::connect(&server.socket());
    let mut staying = Client::connect(&server.socket());
    going.ask("pack", json!({}));
    going.ask("pack", json!({}));
    going.until("the notice", |_, params| params["code"] == "LANE_BUSY");
    let check = staying.ask("check", json!({}));
    // The other client's operations are nobody else's to cancel.
    let operation_id = going.told("started")[0]["operation_id"].clone();
    assert_eq!(staying.request("cancel", json!({ "operation_id": operation_id })), json!({ "cancelled": false }));
    going.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(staying.result(&check)["status"], "SUCCESS");
    // A signal ends what waits for the lane.
    let pack = staying.ask("pack", json!({}));
    staying.until("the notice", |_, params| params["code"] == "LANE_BUSY");
    assert_eq!(server.end("-INT"), 130);
    assert_eq!(staying.result(&pack)["status"], "CANCELLED");
    assert_eq!(staying.next(), None);
}

#[test]
fn a_client_that_breaks_the_protocol_goes_alone() {
    let server = Server::start();
    let mut other = Client::connect(&server.socket());
    let mut broken = Client::connect(&server.socket());
    broken.send_bytes(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(broken.next().unwrap()["error"]["code"], -32700);
    assert_eq!(broken.next(), None);
    let mut dead = Command::new("true").spawn().unwrap();
    dead.wait().unwrap();
    let mut mistaken = Client::connect_bare(&server.socket());
    mistaken.request("initialize", json!({ "protocol_version": 1, "process_id": dead.id() }));
    assert_eq!(mistaken.next(), None);
    assert_eq!(other.request("plan", json!({}))["status"], "SUCCESS");
}

#[test]
fn there_are_at_most_64_clients() {
    let server = Server::start();
    // Those that looked whether it is there have to be gone.
    std::thread::sleep(Duration::from_millis(300));
    let mut clients: Vec<_> = (0..64).map(|_| Client::connect(&server.socket())).collect();
    let mut late = Client::connect_bare(&server.socket());
    assert_eq!(late.next().unwrap()["error"]["code"], -32000);
    assert_eq!(late.next(), None);
    clients[0].send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(clients[0].next(), None);
    Client::connect(&server.socket()).request("plan", json!({}));
}

#[test]
fn the_socket_is_the_users_own() {
    let server = Server::start();
    let metadata = fs::symlink_metadata(server.socket()).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

/// Connects as another user, who was let at the socket by mistake.
#[test]
fn another_user_is_not_served() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can be another user");
        return;
    }
    let server = Server::start();
    fs::set_permissions(server.space.path(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(server.socket(), Permissions::from_mode(0o666)).unwrap();
    let script = "import os,socket,sys\nos.setuid(65534)\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(20)\n\
                  s.connect(sys.argv[1])\nm=b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"plan\"}'\n\
                  try:\n s.sendall(b'Content-Length: %d\\r\\n\\r\\n'%len(m)+m)\n print(s.recv(100))\n\
                  except (BrokenPipeError,ConnectionResetError):\n print(b'')\n";
    let Ok(output) = Command::new("python3").args(["-c", script]).arg(server.socket()).output() else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, "b''\n", "{}", String::from_utf8_lossy(&output.stderr));
    // The user is served still.
    assert_eq!(Client::connect(&server.socket()).request("plan", json!({}))["status"], "SUCCESS");
}

/// What is at PATH before, and whether a server takes its place.
#[test]
fn what_is_there_already_stays_unless_it_is_a_dead_socket() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let path = space.path().join("socket");
    let serve = || {
        let run = space.run(&["serve", "--socket", "socket"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        run.stderr
    };
    fs::write(&path, "precious").unwrap();
    assert!(serve().contains("there is something else already"));
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(serve().contains("there is something else already"));
    fs::remove_dir(&path).unwrap();
    symlink("elsewhere", &path).unwrap();
    assert!(serve().contains("there is something else already"));
    fs::remove_file(&path).unwrap();
    let listener = UnixListener::bind(&path).unwrap();
    assert!(serve().contains("another program listens there"));
    // Nobody answers, but somebody listens.
    let waiting: Vec<_> = (0..300).map_while(|_| connect_at_once(&path)).collect();
    assert!(serve().contains("another program listens there"));
    drop((waiting, listener));
    assert!(path.exists());
    let mut process = space.command(&["serve", "--socket", "socket"]).stdin(Stdio::null()).spawn().unwrap();
    until_there(&path);
    assert!(serve().contains("another program listens there"));
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(path.exists(), "killed, it leaves the socket behind");
    let mut process = space.command(&["serve", "--socket", "socket"]).stdin(Stdio::null()).spawn().unwrap();
    until_there(&path);
    // Somebody puts something else in its place, which is not removed.
    fs::remove_file(&path).unwrap();
    fs::write(&path, "precious").unwrap();
    signal(&process, "-TERM");
    assert_eq!(ended(&mut process, PROMPT), 0);
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    let long = format!("{}/socket", "long".repeat(40));
    for (path, why) in
        [("none/socket", "No such file"), (long.as_str(), "No such file"), (&"x".repeat(120), "too long for a socket")]
    {
        let run = space.run(&["serve", "--socket", path]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(why) && run.stderr.contains("help: name a place"), "{}", run.stderr);
    }
}

/// A connection, if it is not to be waited for.
fn connect_at_once(path: &Path) -> Option<std::os::fd::OwnedFd> {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap();
    connect(&socket, &SocketAddrUnix::new(path).unwrap()).ok().map(|()| socket)
}

/// Of servers that begin at once at a dead socket, one serves.
#[test]
fn one_of_many_takes_the_place_of_a_dead_socket() {
    let space = TestSpace::with_assets(&[("a", &[("f", "f")])]);
    let path = space.path().join("socket");
    for _ in 0..5 {
        drop(UnixListener::bind(&path).unwrap());
        let start = || {
            let mut command = space.command(&["serve", "--socket", "socket"]);
            command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let mut servers: Vec<_> = (0..6).map(|_| start()).collect();
        until_there(&path);
        let deadline = Instant::now() + DEADLINE;
        while servers.iter_mut().map(|server| usize::from(server.try_wait().unwrap().is_none())).sum::<usize>() > 1 {
            assert!(Instant::now() < deadline, "several serve");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(Client::connect(&path).request("plan", json!({}))["status"], "SUCCESS");
        for server in &mut servers {
            if server.try_wait().unwrap().is_none() {
                signal(server, "-TERM");
                assert_eq!(ended(server, PROMPT), 0);
            }
        }
        assert!(!path.exists());
    }
}

/// A connection of which only one half is closed is at its end.
#[test]
fn a_half_closed_connection_ends() {
    let server = Server::start();
    let mut stream = UnixStream::connect(server.socket()).unwrap();
    stream.set_read_timeout(Some(PROMPT)).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    match stream.read(&mut [0]) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}
