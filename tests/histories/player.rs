//! Plays a history on a workspace, and holds every pack and check against those of a clean copy.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use papack_engine::{Cancel, CheckRequest, Event, EventKind, Levels, ManageRequest, PackRequest, Session, Task};
use serde_json::{Value, json};

use crate::deed::{Deed, Moment, Size, Step, Then, Who};
use crate::doing::{self, Done};
use crate::space::{TestSpace, beside};
use crate::tree::{Times, Tree};
use crate::writing::Writing;

pub const CACHE: &str = "assets/.prometeu/cache";
pub const BUILD: &str = "build";

/// How many packs may fail one after the other, before the inputs go back to the last ones that were good.
const PATIENCE: usize = 2;

/// What does not belong together, in words.
pub type Outcome = Result<(), String>;

/// A workspace, and what the player knows of its past.
pub struct Player {
    pub space: TestSpace,
    /// The session that lives on.
    pub session: Option<Session>,
    /// The cache that was remembered.
    pub kept_cache: Option<Tree>,
    /// Where `build/` is while it is out of the way.
    pub aside: TestSpace,
    /// The outputs of every success that changed them, the latest last.
    pub generations: Vec<Tree>,
    /// The files that programs are in the midst of writing.
    pub writings: Vec<Writing>,
    /// A folder outside, that nothing may be written to.
    pub elsewhere: TestSpace,
    /// `assets/` without the cache, when the last pack succeeded.
    good: Option<Tree>,
    failures: usize,
    /// What was done so far.
    log: Vec<String>,
    /// The last clean pack, with the inputs that it was of.
    clean: Option<Clean>,
}

/// What a clean pack gives.
#[derive(Clone)]
struct Clean {
    inputs: Tree,
    verdict: Value,
    build: Tree,
}

impl Player {
    pub fn of(space: TestSpace) -> Self {
        Self {
            space,
            session: None,
            kept_cache: None,
            aside: TestSpace::empty(),
            generations: Vec::new(),
            writings: Vec::new(),
            elsewhere: TestSpace::empty(),
            good: None,
            failures: 0,
            log: Vec::new(),
            clean: None,
        }
    }

    /// Plays all `steps`. An error tells the whole history up to it.
    pub fn play(&mut self, steps: &[Step]) -> Outcome {
        let outcome = self.play_on(steps);
        outcome.map_err(|fault| format!("{fault}\n\nafter this history:\n  {}", self.log.join("\n  ")))
    }

    fn play_on(&mut self, steps: &[Step]) -> Outcome {
        self.begin()?;
        for step in steps {
            for deed in &step.deeds {
                self.perform(deed);
            }
            match &step.then {
                Then::Pack(who) => self.pack(*who)?,
                Then::Rehash => self.rehash()?,
                Then::Check(who) => self.check(*who)?,
                Then::Kill(micros) => self.kill(Duration::from_micros(*micros)),
                Then::Meanwhile { moment, file, seed, way } => {
                    let (file, seed, way) = (*file, *seed, *way);
                    self.pack_while(*moment, |space| doing::edit(space, file, seed, Size::Same, way))?;
                }
            }
            if self.failures > PATIENCE && self.go_back() {
                self.log.push("inputs as at the last success".to_owned());
            }
        }
        self.pack(Who::Session)?;
        self.pack(Who::Process)
    }

    /// The first pack of a workspace, which must succeed.
    pub fn begin(&mut self) -> Outcome {
        self.log.push("a new workspace".to_owned());
        self.pack(Who::Process)?;
        if self.good.is_some() { Ok(()) } else { Err("the workspace that was made up does not pack".to_owned()) }
    }

    /// Does it, and tells whether there was something to do it to.
    pub fn perform(&mut self, deed: &Deed) -> bool {
        let done = deed.perform(self);
        let is_done = done.is_some();
        self.log.push(done.unwrap_or_else(|| "nothing".to_owned()));
        is_done
    }

    /// Whether the last pack did.
    pub fn succeeds(&self) -> bool {
        self.failures == 0
    }

    /// Makes the inputs what they were when the last pack succeeded. Tells whether there is such a time.
    pub fn go_back(&mut self) -> bool {
        self.failures = 0;
        let assets = self.space.path().join("assets");
        self.good.as_ref().inspect(|good| good.check_out(&assets, ".prometeu/cache")).is_some()
    }

    fn session(&mut self) -> &mut Session {
        self.session.get_or_insert_with(|| self.space.session())
    }

    /// Calls a service that changes documents. It may refuse.
    pub fn manage(&mut self, task: Task) -> String {
        let shown = format!("{task:?}");
        let request = ManageRequest {
            task,
            dry_run: false,
            no_wait: false,
            levels: Levels::default(),
            cancel: Cancel::default(),
        };
        format!("{shown}: {:?}", self.session().manage(&request, &|_| {}).status)
    }

    fn build(&self) -> Tree {
        Tree::of(&self.space.path().join(BUILD))
    }

    /// The inputs: everything below `assets/` but the cache.
    fn inputs(&self) -> Tree {
        Tree::of(&self.space.path().join("assets")).without(".prometeu/cache")
    }

    /// The result of the binary for these arguments.
    fn run(&self, arguments: &[&str]) -> Value {
        let run = self.space.run(&[arguments, &["--message-format", "json"]].concat());
        run.lines().pop().unwrap_or_else(|| panic!("no result: {}", run.stderr))
    }

    /// Packs in a process that trusts no stamp.
    fn rehash(&mut self) -> Outcome {
        let (clean, before) = (self.clean(), self.build());
        let result = self.run(&["pack", "--rehash"]);
        self.judge("pack --rehash", &result, &clean, &before)
    }

    fn result_of_pack(&mut self, who: Who) -> Result<Value, String> {
        match who {
            Who::Process => self.planned_pack(),
            Who::Session => Ok(json!(self.session().pack(&PackRequest::default(), &|_| {}))),
        }
    }

    /// Packs in a process, which must do for each asset what the plan told, and for the same reasons.
    fn planned_pack(&self) -> Result<Value, String> {
        // What is completed first may hold bytes that the plan does not see.
        let is_cut_short = self.build().0.contains_key(".staging/journal.json");
        self.space.keep_session();
        let before = Tree::of(self.space.path());
        let plan = self.run(&["plan"]);
        if Tree::of(self.space.path()) != before {
            return Err("the plan wrote something".to_owned());
        }
        let result = self.run(&["pack", "--explain"]);
        // Where a session may die in between, who packs need not know what who planned knew.
        let is_comparable = !is_cut_short && !beside::is_killed();
        let is_kept = |(planned, done): (&Value, &Value)| {
            planned == done || (is_doubtful(&before, planned) && planned["asset_id"] == done["asset_id"])
        };
        let (planned, done) = (plan["assets"].as_array(), result["explained"].as_array());
        let are_kept = match (planned, done) {
            (Some(planned), Some(done)) => planned.len() == done.len() && planned.iter().zip(done).all(is_kept),
            _ => planned == done,
        };
        if is_comparable && plan["status"] == "SUCCESS" && !are_kept {
            return Err(format!("planned was\n  {}\ndone was\n  {}", plan["assets"], result["explained"]));
        }
        Ok(result)
    }

    /// What a clean pack of the inputs gives, in another folder.
    fn clean(&mut self) -> Clean {
        let inputs = self.inputs();
        if let Some(clean) = self.clean.as_ref().filter(|clean| clean.inputs.is_like(&inputs)) {
            return clean.clone();
        }
        let copy = TestSpace::empty();
        inputs.lay(&copy.path().join("assets"), Times::New);
        let result = copy.session().pack(&PackRequest::default(), &|_| {});
        let clean = Clean { inputs, verdict: verdict(&json!(result)), build: Tree::of(&copy.path().join(BUILD)) };
        self.clean.insert(clean).clone()
    }

    /// Packs, which must give what a clean pack gives; and once more, which must do nothing.
    pub fn pack(&mut self, who: Who) -> Outcome {
        let clean = self.clean();
        let before = self.build();
        let result = self.result_of_pack(who)?;
        self.judge(&format!("pack by {who:?}"), &result, &clean, &before)?;
        if result["status"] == "SUCCESS" { self.pack_again(who, &clean) } else { Ok(()) }
    }

    /// Packs where nothing changed.
    fn pack_again(&mut self, who: Who, clean: &Clean) -> Outcome {
        let before = self.build();
        let result = self.result_of_pack(who)?;
        if verdict(&result) != clean.verdict || result["up_to_date"] != true {
            return Err(format!("nothing changed, but the next pack by {who:?} says {result}"));
        }
        if self.build() != before {
            return Err(format!("nothing changed, but the next pack by {who:?} wrote outputs"));
        }
        // What is in the place of the cache is left alone, and a process keeps nothing.
        let is_folder = fs::symlink_metadata(self.space.path().join(CACHE)).is_ok_and(|cache| cache.is_dir());
        // What a session that was killed had in memory, and found damaged in the cache, is derived again.
        let is_kept = is_folder && !beside::is_killed();
        if (is_kept || who == Who::Session) && result["derived_asset_count"] != 0 {
            return Err(format!("nothing changed, but the next pack by {who:?} derived: {result}"));
        }
        Ok(())
    }

    /// Packs in the living session. Once that comes to `moment`, `deed` is done: too late for this pack, not for the
    /// next.
    pub fn pack_while(&mut self, moment: Moment, deed: impl FnOnce(&TestSpace) -> Done + Send) -> Outcome {
        let clean = self.clean();
        let before = self.build();
        let (result, done) = self.disturbed(moment, deed);
        self.judge(&format!("pack by Session, and at {moment:?} {done}"), &result, &clean, &before)
    }

    /// Packs in the living session, and does `deed` once that comes to `moment`. Returns the result, and what was done.
    pub fn disturbed(&mut self, moment: Moment, deed: impl FnOnce(&TestSpace) -> Done + Send) -> (Value, String) {
        let mut session = self.session.take().unwrap_or_else(|| self.space.session());
        let waiting = Mutex::new((Some(deed), None));
        let result = session.pack(&PackRequest::default(), &|event| {
            let mut waiting = waiting.lock().unwrap();
            if let Some(deed) = waiting.0.take_if(|_| moment.is(event)) {
                waiting.1 = deed(&self.space);
            }
        });
        self.session = Some(session);
        (json!(result), waiting.into_inner().unwrap().1.unwrap_or_else(|| "nothing".to_owned()))
    }

    /// Holds a pack against a clean one of the same inputs, and against the outputs as they were `before`.
    fn judge(&mut self, what: &str, result: &Value, clean: &Clean, before: &Tree) -> Outcome {
        self.log.push(format!("{what}: {}", result["status"]));
        let found = verdict(result);
        if found != clean.verdict {
            return Err(format!("the pack says\n  {found}\na clean one says\n  {}", clean.verdict));
        }
        let build = self.build();
        if result["status"] == "SUCCESS" {
            differing(&build.contents(), &clean.build.contents())?;
            if self.generations.last().is_none_or(|last| last.contents() != build.contents()) {
                self.generations.push(build);
            }
            self.good = Some(clean.inputs.clone());
            self.failures = 0;
        } else {
            self.failures += 1;
            // One that was cut short is completed first, whatever the gate says.
            let is_cut_short = before.0.contains_key(".staging/journal.json");
            if !is_cut_short && build.without(".staging") != before.clone().without(".staging") {
                return Err("a pack without success changed the outputs".to_owned());
            }
        }
        self.nothing_elsewhere()
    }

    /// Checks, which must say what a check of a clean copy says, and write nothing but the cache.
    pub fn check(&mut self, who: Who) -> Outcome {
        let before = Tree::of(self.space.path()).without(CACHE);
        let copy = TestSpace::empty();
        self.inputs().lay(&copy.path().join("assets"), Times::New);
        let request = CheckRequest::default();
        let clean = verdict(&json!(copy.session().check(&request, &|_| {})));
        let found = match who {
            Who::Process => self.run(&["check"]),
            Who::Session => json!(self.session().check(&request, &|_| {})),
        };
        self.log.push(format!("check by {who:?}: {}", found["status"]));
        let found = verdict(&found);
        if found != clean {
            return Err(format!("the check says\n  {found}\none of a clean copy says\n  {clean}"));
        }
        if Tree::of(self.space.path()).without(CACHE) != before {
            return Err("the check wrote something".to_owned());
        }
        self.nothing_elsewhere()
    }

    /// Packs in a process that is killed after this time.
    pub fn kill(&mut self, after: Duration) {
        let mut packing = self.space.command(&["pack"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        packing.kill().unwrap();
        let status = packing.wait().unwrap();
        if beside::is_wanted() {
            // A session is told of the death, and keeps what it has derived by then. A plan does not wait for that.
            std::thread::sleep(Duration::from_millis(300));
        }
        self.log.push(format!("a pack killed after {after:?}: {status}"));
    }

    fn nothing_elsewhere(&self) -> Outcome {
        if fs::read_dir(self.elsewhere.path()).unwrap().next().is_some() {
            return Err("something was written outside of the workspace".to_owned());
        }
        Ok(())
    }
}

impl Moment {
    fn is(self, event: &Event) -> bool {
        matches!(
            (self, &event.kind),
            (Self::SnapshotFrozen, EventKind::SnapshotFrozen { .. })
                | (Self::GateFinished, EventKind::GateFinished { .. })
                | (Self::Assembled, EventKind::Assembled { .. })
                | (Self::Staged, EventKind::Staged)
                | (Self::Promoted, EventKind::Promoted { .. })
        )
    }
}

/// What is told of the past only: an earlier promotion, a cache that is of no use, or a lane that was left. A process that
/// another test starts at that moment holds it a little longer.
const OF_THE_PAST: [&str; 4] = ["PROMOTION_COMPLETED", "PROMOTION_DROPPED", "CACHE_DROPPED", "LANE_BUSY"];

/// What two results must agree in.
fn verdict(result: &Value) -> Value {
    let is_past = |found: &Value| OF_THE_PAST.iter().any(|code| found["code"] == *code);
    let diagnostics: Vec<_> =
        result["diagnostics"].as_array().unwrap().iter().filter(|found| !is_past(found)).collect();
    json!({
        "status": result["status"],
        "execution_started": result["execution_started"],
        "packed_asset_count": result["packed_asset_count"],
        "checked_asset_count": result["checked_asset_count"],
        "payload_bytes": result["payload_bytes"],
        "companions": result["companions"],
        "diagnostics": diagnostics,
    })
}

/// Tells the first file that is not as it should be.
fn differing(found: &BTreeMap<&str, &[u8]>, wanted: &BTreeMap<&str, &[u8]>) -> Outcome {
    for name in found.keys().chain(wanted.keys()) {
        match (found.get(name), wanted.get(name)) {
            (Some(found), Some(wanted)) if found != wanted => {
                let at = found.iter().zip(*wanted).take_while(|(found, wanted)| found == wanted).count();
                let sizes = format!("{} bytes, a clean one {}", found.len(), wanted.len());
                return Err(format!("build/{name} differs from a clean one from byte {at} on; it has {sizes}"));
            }
            (Some(_), None) => return Err(format!("build/{name} does not belong there")),
            (None, _) => return Err(format!("build/{name} is not there")),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a plan is to derive a map. Only a pack finds out whether its tiles are where they were.
fn is_doubtful(before: &Tree, planned: &Value) -> bool {
    let name = planned["asset_name"].to_string();
    let is_map = |text: &str| text.contains("DATA/tilemap_v1") && text.contains(&name);
    let mut texts = before.contents().into_iter().filter(|(path, _)| path.ends_with("asset.json"));
    planned["outcome"] == "DERIVED" && texts.any(|(_, text)| is_map(&String::from_utf8_lossy(text)))
}
