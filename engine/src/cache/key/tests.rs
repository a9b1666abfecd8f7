use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use papack_queries::diagnostic::Severity;

use super::*;

const DIGITS: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

/// Looks for the key with these environment variables.
fn look(variables: &[(&str, &Path)]) -> Result<UserKey, Diagnostic> {
    let variable = |name: &str| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.as_os_str().to_owned())
    };
    find(variable, in_file)
}

/// The path of the file with the key.
#[track_caller]
fn file(found: Result<UserKey, Diagnostic>) -> PathBuf {
    let KeySource::File { path } = found.unwrap().source else { panic!("no file") };
    path.into()
}

/// The severity and message of the diagnostic that there is no key.
#[track_caller]
fn why(found: Result<UserKey, Diagnostic>) -> (Severity, String) {
    let Err(diagnostic) = found else { panic!("there is a key") };
    assert_eq!(diagnostic.code, Code::CacheKey);
    assert!(diagnostic.help.unwrap().contains(KEY_HELP));
    (diagnostic.severity, diagnostic.message)
}

#[test]
fn the_environment_comes_first() {
    let home = tempfile::tempdir().unwrap();
    let key = look(&[(VARIABLE, Path::new(DIGITS)), ("HOME", home.path())]).unwrap();
    assert_eq!(key.secret, std::array::from_fn(|at| at as u8));
    assert_eq!(key.source, KeySource::Environment);
    for wrong in [&DIGITS[1..], "yes", &format!("{DIGITS}\n"), &format!("{DIGITS}00"), &DIGITS.replace('A', "g")] {
        let (severity, message) = why(look(&[(VARIABLE, Path::new(wrong)), ("HOME", home.path())]));
        assert_eq!(severity, Severity::Warning, "{wrong:?}");
        assert!(message.contains(VARIABLE) && !message.contains(wrong.trim_end()), "{message}");
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    // CI without the secret sets the variable to nothing.
    let key = look(&[(VARIABLE, Path::new("")), ("HOME", home.path())]).unwrap();
    assert!(matches!(key.source, KeySource::File { .. }));
}

#[test]
fn the_first_process_makes_the_file_for_all() {
    for (data, path) in [("XDG_DATA_HOME", "deep/papack/cache.key"), ("HOME", "deep/.local/share/papack/cache.key")] {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("deep");
        let variables = [("XDG_DATA_HOME", Path::new("relative")), (data, &deep)];
        let variables = if data == "HOME" { &variables[..] } else { &variables[1..] };
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let looking: Vec<_> = (0..8).map(|_| scope.spawn(|| look(variables).unwrap().secret)).collect();
            looking.into_iter().map(|looking| looking.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0] && *secret != [0; 32]));
        let path = folder.path().join(path);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", Digest(secrets[0])));
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        let made = path.parent().unwrap().ancestors().take_while(|parent| *parent != folder.path());
        made.for_each(|made| assert_eq!(mode(made), 0o700, "{}", made.display()));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "drafts are gone");
        assert_eq!(file(look(variables)), path);
    }
}

#[test]
fn a_file_that_may_not_be_secret_is_not_used_and_stays() {
    type Spoil = fn(&Path);
    let spoilt: [(&str, Spoil); 9] = [
        ("others than its owner may read or write it", |path| open_to(path, 0o640)),
        ("others than its owner may read or write it", |path| open_to(path, 0o604)),
        ("others than its owner may read or write it", |path| open_to(path, 0o620)),
        ("it is a symbolic link", |path| {
            fs::rename(path, path.with_extension("moved")).unwrap();
            symlink(path.with_extension("moved"), path).unwrap();
        }),
        ("it is a symbolic link", |path| {
            fs::remove_file(path).unwrap();
            symlink("/nowhere", path).unwrap();
        }),
        ("it is no regular file", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("it does not have 64 hexadecimal digits", |path| fs::write(path, &DIGITS[1..]).unwrap()),
        ("it does not have 64 hexadecimal digits", |path| fs::write(path, "").unwrap()),
        ("it is too large", |path| fs::write(path, format!("{DIGITS}\n\n")).unwrap()),
    ];
    for (reason, spoil) in spoilt {
        let home = tempfile::tempdir().unwrap();
        let variables = [("XDG_DATA_HOME", home.path())];
        let path = file(look(&variables));
        spoil(&path);
        let before = (fs::symlink_metadata(&path).unwrap().modified().unwrap(), fs::read(&path).ok());
        let (severity, message) = why(look(&variables));
        assert_eq!(severity, Severity::Info);
        assert!(message.contains(reason) && message.contains(path.to_str().unwrap()), "{message}");
        assert_eq!((fs::symlink_metadata(&path).unwrap().modified().unwrap(), fs::read(&path).ok()), before);
        // The advice in the help works.
        fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).unwrap();
        assert!(look(&variables).is_ok());
    }
}

fn open_to(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_file_of_another_user_is_not_used() {
    let home = tempfile::tempdir().unwrap();
    let variables = [("XDG_DATA_HOME", home.path())];
    let path = file(look(&variables));
    // Only the superuser can give a file away.
    if std::os::unix::fs::chown(&path, Some(65534), None).is_ok() {
        assert!(why(look(&variables)).1.contains("it belongs to another user"));
    } else {
        eprintln!("skipped: the tests do not run as root");
    }
}

#[test]
fn without_a_place_there_is_no_key() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for (variables, reason) in [
        (&[][..], "neither XDG_DATA_HOME nor HOME"),
        (&[("HOME", Path::new("")), ("XDG_DATA_HOME", Path::new("."))], "neither XDG_DATA_HOME nor HOME"),
        (&[("HOME", file.path())], "cannot be had"),
    ] {
        let (severity, message) = why(look(variables));
        assert_eq!(severity, Severity::Info);
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn what_is_authenticated_for_one_purpose_is_not_for_another() {
    let codes: Vec<_> = [[1; 32], [2; 32]]
        .into_iter()
        .flat_map(|secret| {
            let code = move |purpose| UserKey::new(secret).authenticator(purpose).update(b"bytes").finalize();
            [code(Purpose::Index), code(Purpose::Segment)]
        })
        .chain([blake3::hash(b"bytes")])
        .collect();
    assert!((1..codes.len()).all(|at| !codes[..at].contains(&codes[at])));
}
