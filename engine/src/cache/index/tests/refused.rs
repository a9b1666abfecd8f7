//! Wrong records in a cache index that is authenticated, as a defect of papack could write them: a pack that is made
//! from them is not published.

use std::collections::BTreeMap;

use papack_queries::diagnostic::{Code, Span};
use papack_queries::formats::Bank;
use papack_queries::record::{Claim, Record};

use super::*;
use crate::{PackResult, verify};

impl Space {
    /// Changes the record of the asset 1 in the cache index, and authenticates the index again.
    fn forge(&self, change: fn(&mut Record)) {
        let (mut reader, _) = IndexReader::open(&*self.fs(), &user_key()).ok().unwrap();
        let IndexBody { file_index, mut summary, generation } = reader.read_body().unwrap();
        let mut asset = summary.assets.get(1).unwrap().clone();
        change(Arc::make_mut(&mut asset.record));
        summary.assets.insert(1, asset);
        let state = BuildState::restored(file_index, summary);
        let payloads = &generation.as_ref().unwrap().payloads;
        let draft = IndexWriter::begin(&self.fs(), &OperationId::random().unwrap(), &state, payloads).unwrap();
        draft.finish(&user_key(), &state, &[], generation.as_ref()).unwrap();
    }

    fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path().join("build")).unwrap().map(Result::unwrap);
        let read = |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
        entries.map(read).collect()
    }
}

/// The code that the strict reader reports, and the change that makes a record wrong.
type Wrong = (&'static str, fn(&mut Record));

const WRONG: [Wrong; 4] = [
    ("JSON_SYNTAX", |record| record.metadata = Some("{]".into())),
    ("PACK_NOT_CANONICAL", |record| record.metadata = Some("{ }".into())),
    ("FIELD_INVALID", |record| {
        let span = Span::in_bytes(0..0).into();
        record.slot = Some(Box::new(Claim { key: (Bank::Tiles, 200), span }));
    }),
    ("FIELD_INVALID", |record| record.name.as_mut().unwrap().key = "".into()),
];

fn pack(session: &mut Session) -> PackResult {
    session.pack(&PackRequest::default(), &|_| {})
}

#[test]
fn a_pack_that_the_strict_reader_refuses_is_not_published_and_the_next_one_starts_from_the_inputs() {
    let clean = Space::new(3);
    clean.edit(2, "other");
    clean.pack();
    for (number, (code, change)) in WRONG.into_iter().enumerate() {
        let space = Space::new(3);
        space.pack();
        let before = space.outputs();
        space.forge(change);
        space.edit(2, "other");
        let mut session = crate::hooked::session(space.fs());
        let result = pack(&mut session);
        assert_eq!(result.status, Status::ExecutionFailed, "{number}");
        let [fault] = &result.diagnostics[..] else { panic!("{:#?}", result.diagnostics) };
        assert_eq!(fault.code, Code::Internal, "{number}");
        assert!(fault.message.contains(code), "{number}: {}", fault.message);
        assert!(fault.help.as_ref().unwrap().contains("papack pack --rehash"));
        assert!(space.outputs() == before, "{number}: nothing is published");
        assert!(!space.path().exists(), "{number}: the index is gone");
        // The wrong record is gone, both from the session and for the next process.
        let mut next = crate::hooked::session(space.fs());
        let (session, other) = if number % 2 == 0 { (&mut session, &mut next) } else { (&mut next, &mut session) };
        let result = pack(session);
        assert_eq!((result.status, result.derived_asset_count), (Status::Success, 3), "{number}: from the inputs");
        assert_eq!(result.diagnostics, []);
        assert!(space.outputs() == clean.outputs(), "{number}");
        assert!(pack(other).up_to_date, "{number}");
        let verified = verify(&space.folder.path().join("build/assets.pa")).unwrap();
        assert_eq!((verified.status, verified.companions.len()), (crate::Verdict::Valid, 3));
    }
}

/// A wrong record with the right key is detected by a pack that trusts only the inputs.
#[test]
fn a_rehash_believes_no_record() {
    for (number, (_, change)) in WRONG.into_iter().enumerate() {
        let space = Space::new(3);
        space.pack();
        let good = space.outputs();
        space.forge(change);
        let request = PackRequest { rehash: true, ..PackRequest::default() };
        let result = crate::hooked::session(space.fs()).pack(&request, &|_| {});
        assert_eq!((result.status, result.up_to_date, result.derived_asset_count), (Status::Success, true, 3));
        assert_eq!(result.diagnostics, []);
        // What it derived replaced the wrong record.
        space.edit(2, "other");
        let session = space.pack();
        assert_kept(&space, &session, 1);
        space.edit(2, "first");
        space.pack();
        assert!(space.outputs() == good, "{number}");
    }
}
