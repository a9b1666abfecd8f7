//! Records that are wrong although papack wrote them, as a defect might have it: what is made of them is not published.

use std::collections::BTreeMap;

use papack_queries::diagnostic::{Code, Span};
use papack_queries::formats::Bank;
use papack_queries::record::{Claim, Record};

use super::*;
use crate::{PackResult, verify};

impl Space {
    /// Changes the record of the asset 1 in the index, which is authenticated as before.
    fn forge(&self, change: fn(&mut Record)) {
        let Ok((mut opened, Head { seen, .. })) = IndexReader::open(&*self.fs(), &user_key()) else {
            panic!("no index")
        };
        let IndexBody { mut summary, generation } = opened.rest().unwrap();
        let asset = summary.assets.get_mut(&1).unwrap();
        change(Arc::make_mut(&mut asset.record));
        let known = BuildState::restored(seen, summary);
        let payloads = &generation.as_ref().unwrap().payloads;
        let draft = IndexWriter::begin(&self.fs(), &OperationId::random().unwrap(), &known, payloads).unwrap();
        draft.finish(&user_key(), &known, &[], generation.as_ref()).unwrap();
    }

    fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path().join("build")).unwrap().map(Result::unwrap);
        let read = |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
        entries.map(read).collect()
    }
}

/// What the reader says of a pack with a record that is wrong, and how it is made so.
type Wrong = (&'static str, fn(&mut Record));

const WRONG: [Wrong; 4] = [
    ("JSON_SYNTAX", |record| record.metadata = Some("{]".into())),
    ("PACK_NOT_CANONICAL", |record| record.metadata = Some("{ }".into())),
    ("FIELD_INVALID", |record| {
        let span = Span { start: 0, end: 0, line: 1, column: 1 };
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
        // Nothing is left of what was wrong, neither in the session nor for the next process.
        let mut next = crate::hooked::session(space.fs());
        let (session, rest) = if number % 2 == 0 { (&mut session, &mut next) } else { (&mut next, &mut session) };
        let result = pack(session);
        assert_eq!((result.status, result.derived_asset_count), (Status::Success, 3), "{number}: from the inputs");
        assert_eq!(result.diagnostics, []);
        assert!(space.outputs() == clean.outputs(), "{number}");
        assert!(pack(rest).up_to_date, "{number}");
        let verified = verify(&space.folder.path().join("build/assets.pa")).unwrap();
        assert_eq!((verified.status, verified.companions.len()), (crate::Verdict::Valid, 3));
    }
}

/// What is wrong in the cache with the right key is found out by a pack that believes nothing but the inputs.
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
        // What it learned took the place of what was wrong.
        space.edit(2, "other");
        let session = space.pack();
        assert_kept(&space, &session, 1);
        space.edit(2, "first");
        space.pack();
        assert!(space.outputs() == good, "{number}");
    }
}
