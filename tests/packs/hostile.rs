//! Packs that keep every rule of the envelope, and would do harm if their names were believed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use papack_engine::{OpenFile, Status};
use papack_queries::diagnostic::Code;
use papack_queries::extraction::Extraction;
use papack_queries::path;
use proptest::prelude::*;
use serde_json::json;

use crate::extract_all;
use crate::made::{self, data, sounds};
use crate::space::files_below;

#[test]
fn asset_names_cannot_lead_anywhere() {
    let long = "x".repeat(128);
    let wide = "\u{1f600}\u{10ffff}".repeat(64);
    let names = [
        ("../../../etc/passwd", "1-.._.._.._etc_passwd"),
        ("/etc/passwd", "2-_etc_passwd"),
        ("..", "3"),
        ("C:\\x", "4-C__x"),
        ("CON", "5-CON"),
        ("nul.txt", "6-nul.txt"),
        ("a\u{202e}gnp", "7-a_gnp"),
        ("...x...", "8-...x"),
        ("héllo wörld", "9-héllo wörld"),
        ("HÉLLO WÖRLD", "10-HÉLLO WÖRLD"),
        (&long, &format!("11-{}", "x".repeat(96))),
        (&wide, &format!("12-{}", "_".repeat(96))),
        ("-rf *", "13--rf _"),
        ("`id`;$(id)", "14-_id____id_"),
        ("~", "15-_"),
    ];
    let assets: Vec<_> = names.iter().zip(1..).map(|((name, _), id)| data(id, name, &[("f", name)])).collect();
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    made::write(&folder.path().join("p.pa"), &assets, &[]);
    let result = extract_all(&folder.path().join("p.pa"), &inner, false);
    assert_eq!(result.status, Status::Success, "{:#?}", result.diagnostics);
    for ((name, place), asset) in names.iter().zip(&result.assets) {
        assert_eq!(asset.files, [format!("{place}/f")]);
        assert_eq!(fs::read_to_string(inner.join(place).join("f")).unwrap(), *name);
    }
    assert_eq!(files_below(folder.path()).len(), 1 + names.len());
}

/// The names of the files of a pack with one asset, and the code of the fault.
#[test]
fn file_names_that_cannot_be_used_are_refused_before_anything_is_written() {
    let long = "é".repeat(128);
    let cases: &[(&[&str], Code, &str)] = &[
        (&["ok", "../up"], Code::PathInvalid, "\"..\" component"),
        (&["/etc/x"], Code::PathInvalid, "absolute"),
        (&["a\\b"], Code::PathInvalid, "components are separated"),
        (&["a\u{7}b"], Code::PathInvalid, "control character"),
        (&["aux.png"], Code::PathInvalid, "device name"),
        (&["x/./y"], Code::PathInvalid, "\".\" component"),
        (&["a", "b", "a"], Code::PackMetadata, "occurs twice"),
        (&["a", "b", "A"], Code::PathAmbiguous, "\"a\" and \"A\" differ only in case"),
        (&["x/Folder/b", "y", "x/folder/a"], Code::PathAmbiguous, "differ only in case"),
        (&["é/b", "É/a"], Code::PathAmbiguous, "differ only in case"),
        (&["dir/file", "dir"], Code::PackMetadata, "\"dir\" cannot be a file and a folder"),
        (&["a/b", "a/b/c", "a-b"], Code::PackMetadata, "\"a/b\" cannot be a file and a folder"),
        (&[&long], Code::PathInvalid, "has 256 bytes; the name of a file can have 255"),
    ];
    for (names, code, message) in cases {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = names.iter().map(|name| (*name, "content")).collect();
        made::write(&folder.path().join("p.pa"), &[data(1, "good", &[("g", "g")]), data(4, "x", &files)], &[]);
        for decode in [false, true] {
            let result = extract_all(&folder.path().join("p.pa"), &folder.path().join("out"), decode);
            assert_eq!(result.status, Status::GateFailed, "{names:?}");
            let is_it =
                |fault: &papack_queries::diagnostic::Diagnostic| fault.code == *code && fault.message.contains(message);
            assert!(result.diagnostics.iter().any(is_it), "{names:?}: {:#?}", result.diagnostics);
            assert_eq!(files_below(folder.path()).len(), 1);
            assert!(!folder.path().join("out").exists());
        }
    }
}

#[test]
fn names_that_only_begin_alike_are_no_twins() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a/b/c", "a/b-c", "a/bc", "ab/c", "a-b", "aß", "ass", "x/a", "y/A"];
    let files: Vec<_> = names.iter().map(|name| (*name, *name)).collect();
    made::write(&folder.path().join("p.pa"), &[data(1, "x", &files)], &[]);
    let result = extract_all(&folder.path().join("p.pa"), &folder.path().join("out"), false);
    assert_eq!((result.status, result.file_count), (Status::Success, names.len()), "{:#?}", result.diagnostics);
    for name in names {
        assert_eq!(fs::read_to_string(folder.path().join("out/1-x").join(name)).unwrap(), name);
    }
}

#[test]
fn links_in_the_folder_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    made::write(&folder.path().join("p.pa"), &[data(1, "x", &[("f", "f")]), sounds(2, "s", &[("a", &[1])])], &[]);
    for (link, target) in
        [("1-x", "../outside"), ("2-s.bin", "../outside/new"), ("1-x", "nowhere"), ("2-s.bin", "/dev/null")]
    {
        let out = folder.path().join("out");
        fs::create_dir(&out).unwrap();
        symlink(target, out.join(link)).unwrap();
        let result = extract_all(&folder.path().join("p.pa"), &out, false);
        let [fault] = &result.diagnostics[..] else { panic!("{:#?}", result.diagnostics) };
        assert_eq!((result.status, fault.code), (Status::GateFailed, Code::OutputBlocked));
        assert!(fault.message.starts_with("a symbolic link is in the way"), "{fault:?}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
        fs::remove_dir_all(&out).unwrap();
    }
    // The folder itself is the user's, and may be named through one.
    symlink("outside", folder.path().join("link")).unwrap();
    assert_eq!(extract_all(&folder.path().join("p.pa"), &folder.path().join("link"), false).status, Status::Success);
    assert_eq!(fs::read(outside.join("1-x/f")).unwrap(), b"f");
}

#[test]
fn a_sample_too_long_for_a_wave_file_is_refused_without_taking_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.pa");
    let frames = 3_u64 << 30;
    let mut made = sounds(1, "long", &[("x", &[])]);
    made.metadata["samples"][0]["frames"] = json!(frames);
    let header = made::bytes(&[made], &[]);
    // The payload is a hole of 6 GiB.
    let text = String::from_utf8(header[32..].to_vec()).unwrap();
    let text = text.replace(r#""decoded_size":0"#, &format!(r#""decoded_size":{}"#, 2 * frames));
    let text = text.replace(r#""size":0"#, &format!(r#""size":{}"#, 2 * frames));
    let prelude = papack_queries::envelope::Prelude { header_len: u32::try_from(text.len()).unwrap() };
    fs::write(&file, [&prelude.to_bytes(), text.as_bytes()].concat()).unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_len(prelude.payload_offset() + 2 * frames).unwrap();
    let result = extract_all(&file, &folder.path().join("out"), true);
    let [fault] = &result.diagnostics[..] else { panic!("{:#?}", result.diagnostics) };
    assert_eq!((result.status, fault.code, fault.asset_id), (Status::GateFailed, Code::OutputTooLarge, Some(1)));
    assert!(!folder.path().join("out").exists());
}

fn place_of(file: &Path, id: u32, decode: bool) -> String {
    let reader = OpenFile::reader(file).unwrap();
    let asset = reader.asset(id).unwrap();
    let described = reader.described(asset).unwrap();
    Extraction::plan(asset, &described, decode).unwrap().place
}

/// Names, few of which are refused: of long ones that may hold anything, most are not in NFC.
const NAME: &str = "\\PC{1,16}|[!-~ßÄ中]{1,128}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever an asset is called, its place is one harmless name, and no other asset's.
    #[test]
    fn places_are_harmless_and_unique(name in NAME, other in NAME, ids in (1_u32..1000, 1_u32..1000)) {
        let (low, high) = (ids.0.min(ids.1), ids.0.max(ids.1) + 1);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.pa");
        made::write(&file, &[data(low, &name, &[("f", "")]), sounds(high, &other, &[("s", &[])])], &[]);
        prop_assume!(OpenFile::reader(&file).is_ok());
        for decode in [false, true] {
            let places = [place_of(&file, low, decode), place_of(&file, high, decode)];
            for place in &places {
                prop_assert_eq!(path::check(place), Ok(()));
                prop_assert!(!place.contains('/') && place.len() < 128, "{}", place);
            }
            prop_assert_ne!(path::folded(&places[0]), path::folded(&places[1]));
        }
    }
}
