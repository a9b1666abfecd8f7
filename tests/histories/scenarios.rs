//! The nastiest stories, one by one.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use papack_engine::fs::RealFs;
use papack_engine::{EventKind, PackRequest};

use crate::deed::{CacheDeed, Deed, Field, Journey, Moment, OutputDeed, RegistryEdit, Size, Way, Who, Writer};
use crate::doing::{edit, flip};
use crate::hooked::{self, HookedFs};
use crate::player::{BUILD, CACHE, Outcome, Player};
use crate::tree::{Times, Tree};
use crate::world::{Asset, Kind, World};

const WAYS: [Way; 4] = [Way::InPlace, Way::InPlaceTimeKept, Way::Renamed, Way::RenamedTimeKept];
const WHO: [Who; 2] = [Who::Process, Who::Session];

/// How many artifact files `begin` makes, two of each kind.
const FILES: usize = 6;

/// A workspace that was packed: an asset of each kind, with a file in its folder and one in `more`. No two are alike.
fn begin() -> Player {
    let assets =
        Kind::ALONE.into_iter().zip(1..).map(|(kind, seed)| Asset { files: vec![seed, seed + 3], ..Asset::of(kind) });
    let mut player = Player::of(World(assets.collect()).write());
    good(player.begin());
    player
}

#[track_caller]
fn good(outcome: Outcome) {
    if let Err(fault) = outcome {
        panic!("{fault}");
    }
}

#[track_caller]
fn perform(player: &mut Player, deed: Deed) {
    assert!(player.perform(&deed), "there was nothing to do: {deed:?}");
}

/// An edit of the file with this number, which keeps its size.
fn edited(file: usize, seed: u8, way: Way) -> Deed {
    Deed::Edit { file, seed, size: Size::Same, way }
}

#[test]
fn an_edit_that_keeps_size_and_modification_time_is_noticed() {
    for who in WHO {
        let mut player = begin();
        let mut before = player.space.build();
        for file in 0..FILES {
            for (seed, way) in (20..).zip(WAYS) {
                perform(&mut player, edited(file, seed, way));
                good(player.pack(who));
                let after = player.space.build();
                assert!(after["assets.pa"] != before["assets.pa"], "the edit was none");
                before = after;
            }
        }
    }
}

#[test]
fn files_and_folders_that_swap_places_are_noticed() {
    for who in WHO {
        let mut player = begin();
        for number in 0..FILES {
            perform(&mut player, Deed::SwapFiles(number, 0));
            good(player.pack(who));
        }
        // Of one kind too.
        perform(&mut player, Deed::NewAsset { kind: Kind::Data, seed: 3 });
        player.space.write("assets/made3/more/f1.bin", [9; 40]);
        good(player.pack(who));
        for _ in 0..2 {
            perform(&mut player, Deed::SwapFolders(0, 2));
            good(player.pack(who));
        }
    }
}

/// Before the clock that stamps files has ticked again.
#[test]
fn edits_right_after_a_pack_are_noticed() {
    let mut player = begin();
    for (round, who) in (0_u8..20).zip(WHO.into_iter().cycle()) {
        let way = WAYS[usize::from(round) / 2 % WAYS.len()];
        perform(&mut player, edited(usize::from(round), round, way));
        perform(&mut player, edited(usize::from(round), round + 1, way));
        good(player.pack(who));
    }
}

/// A file is edited just before it is read, and just afterwards: its stamp is the same both times.
#[test]
fn edits_within_one_tick_of_a_slow_clock_are_noticed() {
    let mut player = begin();
    let fs = Arc::new(RealFs::new(player.space.path()).unwrap());
    let mut session = hooked::session(HookedFs::with_clock(fs, 10_000_000, |_| Ok(())));
    for round in 0_u8..10 {
        let file = usize::from(round) % FILES;
        let write = |seed| drop(edit(&player.space, file, seed, Size::Same, Way::InPlaceTimeKept));
        session.pack(&PackRequest::default(), &|event| match event.kind {
            EventKind::OperationStarted => write(40 + 2 * round),
            EventKind::SnapshotFrozen { .. } => write(41 + 2 * round),
            _ => {}
        });
        player.session = Some(session);
        good(player.pack(Who::Session));
        session = player.session.take().unwrap();
    }
}

/// What a program writes through a mapping of a file leaves the stamp of its beginning, however late it comes.
#[test]
fn what_is_written_bit_by_bit_is_noticed() {
    let writers = [Writer::Calls, Writer::Mapping];
    // The outputs come after the artifact files.
    let files = 0..FILES + 4;
    let all = files.flat_map(|file| writers.map(|writer| (file, writer)));
    for ((seed, (file, writer)), is_killed) in (20..).zip(all).zip([true, false].into_iter().cycle()) {
        let mut player = begin();
        perform(&mut player, Deed::BeginWriting { file, seed, writer });
        for who in WHO {
            good(player.check(who));
            good(player.pack(who));
            perform(&mut player, Deed::GoOnWriting);
        }
        for who in WHO {
            good(player.pack(who));
            good(player.check(who));
        }
        perform(&mut player, Deed::EndWriting { is_killed });
        WHO.into_iter().for_each(|who| good(player.pack(who)));
    }
}

/// Where the system does not tell who writes, a young file is read again until no change can go on any more that has its stamp.
#[test]
fn what_is_written_bit_by_bit_is_noticed_that_does_not_tell_who_writes() {
    for file in 0..FILES {
        let mut player = begin();
        let real = Arc::new(RealFs::new(player.space.path()).unwrap());
        player.session = Some(hooked::session(HookedFs::that_does_not_tell_who_writes(real)));
        perform(&mut player, Deed::BeginWriting { file, seed: 20, writer: Writer::Mapping });
        for _ in 0..3 {
            good(player.check(Who::Session));
            good(player.pack(Who::Session));
            perform(&mut player, Deed::GoOnWriting);
        }
        perform(&mut player, Deed::EndWriting { is_killed: false });
        good(player.pack(Who::Session));
    }
}

#[test]
fn an_edit_while_a_pack_runs_is_noticed_by_the_next_one() {
    let mut player = begin();
    let moments = [Moment::SnapshotFrozen, Moment::GateFinished, Moment::Assembled, Moment::Staged, Moment::Promoted];
    for (seed, way) in [(10, Way::InPlaceTimeKept), (20, Way::RenamedTimeKept)] {
        for (number, moment) in moments.into_iter().enumerate() {
            // So that there is something to publish.
            perform(&mut player, edited(0, seed + number as u8, Way::InPlace));
            good(player.pack_while(moment, |space| edit(space, number, seed + 5, Size::Same, way)));
            good(player.pack(if number % 2 == 0 { Who::Process } else { Who::Session }));
        }
    }
}

#[test]
fn the_cache_of_another_workspace_is_no_harm() {
    for who in WHO {
        for with_build in [true, false] {
            let mut player = begin();
            perform(&mut player, Deed::Cache(CacheDeed::OfTwin));
            if !with_build {
                perform(&mut player, Deed::Output(OutputDeed::DeleteAll));
            }
            good(player.pack(who));
            perform(&mut player, edited(0, 77, Way::InPlaceTimeKept));
            good(player.pack(who));
        }
    }
}

#[test]
fn an_older_cache_is_no_harm() {
    for times in [Times::Kept, Times::New] {
        let mut player = begin();
        perform(&mut player, Deed::Cache(CacheDeed::Keep));
        for file in 0..FILES {
            perform(&mut player, edited(file, 9, Way::InPlaceTimeKept));
        }
        good(player.pack(Who::Process));
        perform(&mut player, Deed::Cache(CacheDeed::Older(times)));
        good(player.pack(Who::Process));
        perform(&mut player, Deed::Cache(CacheDeed::Older(times)));
        perform(&mut player, Deed::Output(OutputDeed::DeleteAll));
        good(player.pack(Who::Process));
    }
}

/// As a build server restores it: each file is another one than the cache knows, of whatever times.
#[test]
fn a_restored_cache_is_no_harm() {
    for journey in [Journey::Copied(Times::Kept), Journey::Copied(Times::New), Journey::Renamed] {
        for with_build in [true, false] {
            for is_edited in [true, false] {
                let mut player = begin();
                perform(&mut player, Deed::Elsewhere { journey, with_build });
                if is_edited {
                    (0..FILES).for_each(|file| perform(&mut player, edited(file, 8, Way::InPlaceTimeKept)));
                }
                good(player.pack(Who::Process));
            }
        }
    }
}

#[test]
fn an_altered_output_of_equal_size_and_modification_time_is_produced_again() {
    for who in WHO {
        let mut player = begin();
        good(player.pack(who));
        for output in 0..4 {
            for (number, way) in WAYS.into_iter().enumerate() {
                perform(&mut player, Deed::Output(OutputDeed::Flip { output, at: number * 7, way }));
                good(player.pack(who));
            }
        }
    }
}

#[test]
fn outputs_of_an_older_generation_are_produced_again() {
    for who in WHO {
        let mut player = begin();
        let mut changes = (20..).map(|seed| edited(0, seed, Way::InPlace));
        for output in 0..4 {
            for way in [Way::InPlaceTimeKept, Way::RenamedTimeKept] {
                perform(&mut player, changes.next().unwrap());
                good(player.pack(who));
                perform(&mut player, Deed::Output(OutputDeed::Older { output, back: 0, way }));
                good(player.pack(who));
            }
        }
        perform(&mut player, Deed::Output(OutputDeed::AllOlder(0)));
        good(player.pack(who));
    }
}

/// Inode, times and sizes are those that were seen before.
#[test]
fn outputs_that_were_moved_away_and_come_back_are_no_harm() {
    for who in WHO {
        let mut player = begin();
        for seed in 20..24 {
            perform(&mut player, Deed::Output(OutputDeed::Aside));
            perform(&mut player, edited(1, seed, Way::InPlaceTimeKept));
            good(player.pack(who));
            perform(&mut player, Deed::Output(OutputDeed::Aside));
            good(player.pack(who));
        }
    }
}

/// A fault that is found again is found in its new place, and one that is repaired is gone.
#[test]
fn faults_are_told_as_a_clean_pack_tells_them() {
    for who in WHO {
        let mut player = begin();
        let faults = [
            Deed::Manifest { asset: 0, field: Field::Broken, way: Way::InPlaceTimeKept },
            Deed::Manifest { asset: 1, field: Field::NameOf(2), way: Way::InPlace },
            Deed::Manifest { asset: 2, field: Field::WhiteSpace, way: Way::Renamed },
            Deed::Edit { file: 3, seed: 1, size: Size::Half, way: Way::InPlaceTimeKept },
            Deed::RemoveFile(5),
            Deed::LinkFile(6),
            Deed::CarryAway(3),
            Deed::Registry(RegistryEdit::SwappedIds(0, 1)),
            Deed::Registry(RegistryEdit::Broken),
        ];
        for fault in faults {
            perform(&mut player, fault.clone());
            good(player.pack(who));
            good(player.check(who));
        }
        assert!(!player.succeeds());
        assert!(player.go_back());
        good(player.pack(who));
        good(player.check(who));
        assert!(player.succeeds());
    }
}

/// Each in turn, and nothing else but inputs is left to make the outputs of.
#[test]
fn every_file_of_a_cache_may_be_damaged() {
    let mut player = begin();
    let count = Tree::of(&player.space.path().join(CACHE)).files().count();
    for file in 0..count {
        let flips = (0..64).map(|number| CacheDeed::Flip { file, at: number * 37, way: WAYS[number % 4] });
        let others = [CacheDeed::Halve(file), CacheDeed::Garbage(file), CacheDeed::Delete(file)];
        let swaps = (0..file).map(|other| CacheDeed::Swap(file, other));
        for (number, deed) in flips.chain(others).chain(swaps).enumerate() {
            // An earlier damage may have left fewer files.
            if player.perform(&Deed::Cache(deed)) {
                if number % 2 == 0 {
                    perform(&mut player, Deed::Output(OutputDeed::DeleteAll));
                }
                good(player.pack(Who::Process));
            }
        }
    }
}

#[test]
fn what_is_in_the_place_of_the_cache_is_no_harm() {
    for who in WHO {
        for deed in [CacheDeed::IsFile, CacheDeed::IsLink] {
            let mut player = begin();
            perform(&mut player, Deed::Cache(deed));
            good(player.pack(who));
            perform(&mut player, edited(0, 5, Way::InPlaceTimeKept));
            good(player.pack(who));
            good(player.check(who));
            perform(&mut player, Deed::Cache(CacheDeed::DeleteAll));
            good(player.pack(who));
        }
    }
}

#[test]
fn what_a_killed_pack_leaves_is_no_harm() {
    let mut player = begin();
    for round in 0..12_u8 {
        for file in 0..FILES {
            perform(&mut player, edited(file, round, Way::InPlaceTimeKept));
        }
        player.kill(Duration::from_micros(u64::from(round) * 4000));
        perform(&mut player, edited(usize::from(round), round + 1, Way::InPlaceTimeKept));
        good(player.pack(Who::Process));
    }
}

/// Somebody writes to `assets.pa` as soon as it is published, before the session looks at it again. That may cost a
/// pack, but nothing wrong is published, and the session does not stay deceived.
#[test]
fn an_output_that_is_altered_at_once_is_produced_again() {
    for way in WAYS {
        let mut player = begin();
        perform(&mut player, edited(0, 6, Way::InPlace));
        let path = player.space.path().join(BUILD).join("assets.pa");
        let (_, done) = player.disturbed(Moment::Promoted, |_| flip(&path, 5, way).map(|at| format!("flipped {at}")));
        assert!(done.starts_with("flipped"), "{done}");
        let deceived = player.space.build();
        if player.pack(Who::Session).is_err() {
            assert!(
                player.space.build() == deceived,
                "{way:?}: something was published, and not what a clean pack gives"
            );
            good(player.pack(Who::Session));
        }
    }
}

/// A payload that no memory holds as a whole, and one that is not there at all.
#[test]
fn payloads_of_any_size_outlive_edits_of_others() {
    for who in WHO {
        let mut player = begin();
        let large: Vec<u8> = (0..3 << 20).map(|at: u32| (at / 4096) as u8).collect();
        player.space.write("assets/a1/f0.bin", &large);
        player.space.write("assets/a1/more/f1.bin", "");
        good(player.pack(who));
        for seed in 30..34 {
            perform(&mut player, edited(FILES - 1, seed, Way::InPlaceTimeKept));
            good(player.pack(who));
        }
        fs::remove_dir_all(player.space.path().join(BUILD)).unwrap();
        good(player.pack(who));
    }
}
