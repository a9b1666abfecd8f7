//! Registries merged by git itself, in real repositories, with `papack merge-registry` as the driver.

use std::fs;
use std::process::Command;

use crate::space::{Run, TestSpace, entry};
use crate::{json, registry};

const INDEX: &str = "assets/.prometeu/index.json";

/// A workspace in a repository of its own, whose registry is merged by papack.
struct Repository {
    space: TestSpace,
}

impl Repository {
    /// A repository on branch `main` with the assets 1 `one` and 2 `two`; `None` where there is no git.
    fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("skipped: there is no git on this machine");
            return None;
        }
        let space = TestSpace::with_assets(&[("one", &[("f", "1")]), ("two", &[("f", "2")])]);
        let repository = Self { space };
        repository.done(&["init", "--quiet", "--initial-branch", "main"]);
        let driver = format!("'{}' merge-registry %O %A %B", env!("CARGO_BIN_EXE_papack"));
        repository.done(&["config", "merge.papack-registry.driver", &driver]);
        repository.space.write(".gitattributes", format!("{INDEX} merge=papack-registry\n"));
        repository.commit("base");
        Some(repository)
    }

    fn git(&self, arguments: &[&str]) -> Run {
        let mut git = Command::new("git");
        git.current_dir(self.space.path()).args(arguments).env("NO_COLOR", "1");
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_EDITOR", "true");
        for role in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{role}_NAME"), "a").env(format!("GIT_{role}_EMAIL"), "a@example.org");
        }
        Run::of(git)
    }

    /// Runs git, which must succeed.
    #[track_caller]
    fn done(&self, arguments: &[&str]) {
        let run = self.git(arguments);
        assert_eq!(run.code, 0, "git {arguments:?}: {}{}", run.stdout, run.stderr);
    }

    /// Runs git, which must stop at a conflict in the registry, and returns what it said.
    #[track_caller]
    fn conflicts(&self, arguments: &[&str]) -> String {
        let run = self.git(arguments);
        assert_eq!(run.code, 1, "git {arguments:?}: {}{}", run.stdout, run.stderr);
        let unmerged = self.git(&["diff", "--name-only", "--diff-filter=U"]).stdout;
        assert_eq!(unmerged, format!("{INDEX}\n"), "{}{}", run.stdout, run.stderr);
        run.stderr
    }

    #[track_caller]
    fn commit(&self, message: &str) {
        self.done(&["add", "--all"]);
        self.done(&["commit", "--quiet", "--message", message]);
    }

    #[track_caller]
    fn papack(&self, arguments: &[&str]) {
        let run = self.space.run(arguments);
        assert_eq!(run.code, 0, "papack {arguments:?}: {}{}", run.stdout, run.stderr);
    }

    /// Registers a new asset and commits that.
    #[track_caller]
    fn add(&self, root: &str) {
        self.register(root);
        self.commit(root);
    }

    #[track_caller]
    fn register(&self, root: &str) {
        self.space.write(&format!("assets/{root}/f"), root);
        self.space.write(
            &format!("assets/{root}/asset.json"),
            format!(
                r#"{{ "schema_version": 2, "name": "{root}", "artifacts": [{{ "file": "f" }}],
                "output": {{ "format": "DATA/raw_v1" }} }}"#
            ),
        );
        self.papack(&["add", root]);
    }

    /// Begins `branch` at `main`.
    #[track_caller]
    fn branch(&self, branch: &str) {
        self.done(&["switch", "--quiet", "--create", branch, "main"]);
    }

    /// The assets in the registry, which must be in its one form, and the counter.
    #[track_caller]
    fn assets(&self) -> String {
        let registry = registry(&self.space);
        let assets = registry.entries.iter().map(|it| format!("{}:{}", it.asset_id, it.root)).collect::<Vec<_>>();
        format!("{}; next {}", assets.join(", "), registry.next_asset_id.unwrap())
    }

    fn replace_in_registry(&self, from: &str, to: &str) {
        let text = String::from_utf8(self.space.read(INDEX)).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        self.space.write(INDEX, text.replacen(from, to, 1));
    }
}

/// What git must not leave behind, and papack neither.
#[track_caller]
fn assert_no_litter(repository: &Repository) {
    let names = fs::read_dir(repository.space.path()).unwrap().map(|name| name.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, [".git", ".gitattributes", "assets"]);
}

#[test]
fn one_id_for_two_assets_is_a_conflict_that_keeps_both() {
    let Some(repository) = Repository::new() else { return };
    repository.branch("theirs");
    repository.add("four");
    repository.done(&["switch", "--quiet", "main"]);
    repository.add("three");
    let said = repository.conflicts(&["merge", "theirs"]);
    insta::assert_snapshot!(said, @r#"
    error[MERGE_CONFLICT]: ours gives asset_id 1000 to "three", theirs to "four", and games may know both by it; the latter gets the next id, 1001
    --> assets/.prometeu/index.json
     = note: in asset 1000
     = help: to accept that: git add assets/.prometeu/index.json. If games know "four" as asset 1000: papack doctor --renumber three --give-to four, and then git add

    error: the registries were merged, but somebody has to look at the conflicts above
      help: what is above names what settles each; to accept all as it is now: git add assets/.prometeu/index.json
    "#);
    assert_eq!(repository.assets(), "1:one, 2:two, 1000:three, 1001:four; next 1002");
    assert_eq!(json(&repository.space, &["check"]).0, 0);
    assert_no_litter(&repository);
    repository.commit("merged");
    // Nobody is asked again.
    repository.done(&["switch", "--quiet", "theirs"]);
    repository.done(&["merge", "--quiet", "main"]);
    assert_eq!(repository.assets(), "1:one, 2:two, 1000:three, 1001:four; next 1002");
}

/// The command that the help names gives the id to the other asset, and git goes on.
#[test]
fn one_id_for_two_assets_can_be_settled_the_other_way() {
    let Some(repository) = Repository::new() else { return };
    repository.branch("theirs");
    repository.add("fo ur");
    repository.done(&["switch", "--quiet", "main"]);
    repository.add("three");
    let said = repository.conflicts(&["merge", "theirs"]);
    let (_, command) = said.split_once("as asset 1000: papack ").unwrap();
    let (command, _) = command.split_once(", and then git add").unwrap();
    assert_eq!(command, "doctor --renumber three --give-to 'fo ur'");
    let script = format!("'{}' {command} && git add {INDEX}", env!("CARGO_BIN_EXE_papack"));
    let mut shell = Command::new("sh");
    shell.current_dir(repository.space.path()).args(["-c", &script]);
    let run = Run::of(shell);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(repository.assets(), "1:one, 2:two, 1000:fo ur, 1002:three; next 1003");
    assert_no_litter(&repository);
    repository.commit("merged");
    assert_eq!(json(&repository.space, &["check"]).0, 0);
}

#[test]
fn additions_moves_switches_and_removals_of_both_sides_go_together() {
    let Some(repository) = Repository::new() else { return };
    repository.branch("theirs");
    repository.replace_in_registry("\"next_asset_id\": 1000", "\"next_asset_id\": 1005");
    repository.add("four");
    repository.replace_in_registry(
        "\"root\": \"two\", \"included_in_build\": true",
        "\"root\": \"two\", \"included_in_build\": false",
    );
    repository.commit("switch two off");
    repository.done(&["switch", "--quiet", "main"]);
    repository.papack(&["mv", "two", "zwei"]);
    repository.replace_in_registry(&format!("{},\n    ", entry(1, "one")), "");
    repository.done(&["rm", "-r", "--quiet", "assets/one"]);
    repository.commit("move two, remove one");
    let run = repository.git(&["merge", "--quiet", "theirs"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "nothing is said where there is nothing to decide");
    assert_eq!(repository.assets(), "2:zwei, 1005:four; next 1006");
    assert!(!registry(&repository.space).entries[0].included_in_build);
    assert_eq!(json(&repository.space, &["check"]).0, 0);
    assert_no_litter(&repository);
}

#[test]
fn a_rebase_stops_once_and_goes_on() {
    let Some(repository) = Repository::new() else { return };
    repository.branch("topic");
    repository.add("three");
    repository.papack(&["mv", "three", "drei"]);
    repository.commit("move three");
    repository.done(&["switch", "--quiet", "main"]);
    repository.add("four");
    repository.done(&["switch", "--quiet", "topic"]);
    let said = repository.conflicts(&["rebase", "main"]);
    assert!(said.contains("ours gives asset_id 1000 to \"four\", theirs to \"three\""), "{said}");
    repository.done(&["add", INDEX]);
    repository.done(&["rebase", "--continue"]);
    assert_eq!(repository.assets(), "1:one, 2:two, 1000:four, 1001:drei; next 1002");
    assert_eq!(json(&repository.space, &["check"]).0, 0);
}

#[test]
fn a_cherry_pick_takes_what_one_commit_changed() {
    let Some(repository) = Repository::new() else { return };
    repository.branch("theirs");
    repository.add("three");
    repository.add("four");
    repository.done(&["switch", "--quiet", "main"]);
    repository.papack(&["mv", "two", "zwei"]);
    repository.commit("move two");
    repository.done(&["cherry-pick", "theirs"]);
    assert_eq!(repository.assets(), "1:one, 2:zwei, 1001:four; next 1002");
    // In whatever order; that the counter is past the id is worth a word, and stops nothing.
    let run = repository.git(&["cherry-pick", "theirs~1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("warning[MERGE_CONFLICT]: theirs gave asset_id 1000 to \"three\""), "{}", run.stderr);
    assert_eq!(repository.assets(), "1:one, 2:zwei, 1000:three, 1001:four; next 1002");
}

#[test]
fn unrelated_histories_have_no_base() {
    let Some(repository) = Repository::new() else { return };
    repository.done(&["checkout", "--quiet", "--orphan", "other"]);
    repository.replace_in_registry(&entry(1, "one"), &entry(5, "one").replace("00005", "00001"));
    repository.commit("another beginning");
    let said = repository.conflicts(&["merge", "--allow-unrelated-histories", "main"]);
    assert!(said.contains("ours has \"one\" as asset 5, theirs has it as asset 1; ours is kept"), "{said}");
    assert_eq!(repository.assets(), "2:two, 5:one; next 1000");
}

#[test]
fn a_side_that_is_no_registry_leaves_ours_as_it_was() {
    let Some(repository) = Repository::new() else { return };
    repository.branch("theirs");
    repository.replace_in_registry("\"schema_version\": 2", "\"schema_version\": 3");
    repository.commit("from the future");
    repository.done(&["switch", "--quiet", "main"]);
    repository.add("three");
    let before = repository.space.read(INDEX);
    let said = repository.conflicts(&["merge", "theirs"]);
    insta::assert_snapshot!(said, @r"
    error[SCHEMA_VERSION]: theirs: schema version 3 of the registry is not supported: this papack reads 1 to 2
    --> assets/.prometeu/index.json:2:21
     = help: update papack, or save the document with the version that this papack reads

    error: the registries were not merged, ours is as it was
      help: go back with git merge --abort (or rebase, cherry-pick), repair the side that is named, and begin again
    ");
    assert!(repository.space.read(INDEX) == before);
    assert_no_litter(&repository);
}

#[test]
fn a_conflict_that_git_made_alone_can_be_merged_afterwards() {
    let Some(repository) = Repository::new() else { return };
    repository.done(&["rm", "--quiet", ".gitattributes"]);
    repository.commit("without the driver");
    repository.branch("theirs");
    repository.papack(&["mv", "two", "zwei"]);
    repository.commit("move two");
    repository.done(&["switch", "--quiet", "main"]);
    repository.papack(&["mv", "one", "eins"]);
    repository.commit("move one");
    repository.conflicts(&["merge", "theirs"]);
    let (code, result) = json(&repository.space, &["doctor"]);
    assert_eq!((code, result["diagnostics"][0]["code"].as_str()), (1, Some("CONFLICT_MARKERS")), "{result}");
    repository.space.write(".gitattributes", format!("{INDEX} merge=papack-registry\n"));
    repository.done(&["checkout", "-m", INDEX]);
    assert_eq!(repository.assets(), "1:eins, 2:zwei; next 1000");
    assert_eq!(json(&repository.space, &["doctor"]).0, 0);
}

#[test]
fn the_files_may_be_anywhere_and_are_named_in_any_way() {
    let space = TestSpace::empty();
    let old = r#"{"schema_version": 1, "next_asset_id": 2, "assets": [
        {"asset_id": 1, "asset_uuid": "00000000-0000-4000-8000-000000000001", "root": "one"}]}"#;
    space.write("deep/er/ours", old);
    space.write("theirs", old.replace("\"root\": \"one\"", "\"root\": \"uno\""));
    for base in ["nothing-here", "theirs"] {
        let run = space.run(&["merge-registry", base, "deep/er/ours", "theirs"]);
        let clash = "ours has asset 1 in \"one\", theirs has it in \"uno\"";
        assert_eq!(
            (run.code, run.stderr.contains(clash)),
            (i32::from(base != "theirs"), base != "theirs"),
            "{}",
            run.stderr
        );
        let merged = String::from_utf8(space.read("deep/er/ours")).unwrap();
        assert!(
            merged.starts_with("{\n  \"schema_version\": 2,\n") && merged.contains("\"root\": \"one\""),
            "{merged}"
        );
    }
    for arguments in [["none", "theirs", "nothing"], ["theirs", "deep", "theirs"], ["deep", "theirs", "theirs"]] {
        let run = space.run(&[&["merge-registry"][..], &arguments].concat());
        assert_eq!((run.code, run.stderr.contains("nothing was merged")), (2, true), "{}", run.stderr);
    }
}
