//! What papack says about itself: help, completions, manual pages. All are made from one definition; these tests compare
//! them with each other.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::space::{KEY, TestSpace, commands};

/// The long options that `papack COMMAND --help` names, in their order.
pub fn options(command: &str) -> Vec<String> {
    let help = TestSpace::empty().run(&[command, "--help"]).stdout;
    let names = help.lines().map(str::trim_start).filter(|line| line.starts_with('-') && !line.starts_with("- "));
    let names = names.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
    names.map(ToOwned::to_owned).collect()
}

#[test]
fn help_teaches() {
    insta::assert_snapshot!(TestSpace::empty().run(&["--help"]).stdout, @r#"
    The asset packer of the PROMETEU fantasy console.

    papack turns the assets of a workspace into one deterministic binary, build/assets.pa, and its JSON
    companions.

    Usage: papack [OPTIONS] <COMMAND>

    Start, and manage assets:
      init            Make a workspace, empty or with a few assets to try
      new             Write the asset.json of a new asset, and register it
      add             Register assets that are there, so that they are packed
      mv              Move an asset to another folder, and keep its id
      rename          Give an asset another name
      preload         Say into which slot of its bank an asset is preloaded
      include         Include assets in the build
      exclude         Exclude assets from the build
      rm              Take assets out of the registry; their files stay unless told

    Look, and build:
      status          Show what the workspace holds, and what a pack would do next
      list            List the assets, with their banks, sizes, slots and states
      check           Check the whole workspace, and pack nothing
      budget          Show how much of each budget is used
      plan            Show what a pack would derive and reuse, and why
      pack            Pack the workspace into build/assets.pa
      watch           Pack now, and again whenever something changes
      lsp             Serve an editor, as a language server
      serve           Serve editors and other programs, over JSON-RPC

    Look into packs:
      verify          Verify that a pack is sound, or that packing is reproducible
      inspect         Show what is in an assets.pa
      extract         Write what is in an assets.pa to files
      convert         Write what pictures and sounds become in a pack to files
      diff            Show what changed between two assets.pa

    Upkeep and teamwork:
      doctor          Tell what is wrong with registry and identities, and mend it
      migrate         Rewrite documents of an older version
      cache           Show how much the cache holds, prune it, or clear it
      merge-registry  Merge the registries of two branches, for version control

    Reference:
      explain         Explain what a diagnostic code means, and how to mend it
      schema          Print the JSON Schema of a document, for editors and programs
      completions     Print the script that lets a shell complete commands
      man             Print the manual page, or write the pages of all commands

    Options:
      -C <DIR>
              Change to DIR first; all other paths count from there

          --workspace <DIR>
              The workspace [default: the nearest folder, from the current one upwards, that has a
              registry]
              
              Many commands take it, but not all

      -j, --jobs <N>
              How many threads to use [default: one for each processor]
              
              Many commands take it, but not all

          --message-format <FORMAT>
              How to print what is found and done
              
              Many commands take it, but not all

              Possible values:
              - human:  For people: excerpts of the source, and colour where there is a terminal
              - short:  For people in a hurry: one line for each diagnostic
              - json:   For programs: one JSON object a line on standard output, the result last
              - github: For GitHub: annotations of a pull request
              - sarif:  For code scanning: a log in SARIF 2.1.0
              - junit:  For CI that shows reports of tests: JUnit's XML
              
              [default: human]

          --no-wait
              Fail at once (exit code 5) when another operation holds the workspace, instead of waiting
              for it
              
              Many commands take it, but not all

      -q, --quiet
              Print nothing but errors

      -v, --verbose
              Print all notices, and what became of each asset and each output

          --color <WHEN>
              When to use colours
              
              [default: auto]
              [possible values: auto, always, never]

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    A first session:
      mkdir game && cd game
      papack init                                 # an empty workspace
      mkdir assets/hero                           # put hero.png there
      papack new hero                             # a manifest, and an id
      papack preload hero --next                  # load it at the start
      papack pack                                 # makes build/assets.pa
      papack verify                               # is it sound?
      papack inspect                              # what is in it?

    Where to go from here:
      papack COMMAND --help   what a command does, with examples and exit codes
      papack explain CODE     what a message means, and how to mend it
      papack status           what is in a workspace, and what to do next
    "#);
}

#[test]
fn the_short_help_fits_a_screen() {
    let space = TestSpace::empty();
    let of_command = commands().into_iter().map(|command| (vec![command, "-h".into()], 40));
    for (arguments, most) in of_command.chain([(vec!["-h".into()], 52)]) {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut command = space.command(&arguments);
        command.env("COLUMNS", "80");
        let help = crate::space::Run::of(command).stdout;
        assert!(help.lines().count() <= most, "{arguments:?}: {} lines", help.lines().count());
    }
    let help = space.run(&["-h"]).stdout;
    let wide = help.lines().find(|line| line.starts_with("  ") && !line.contains("--") && line.len() > 80);
    assert_eq!(wide, None);
}

/// The manual has a page for each command, and knows nothing of groups.
#[test]
fn every_command_is_in_one_group() {
    let space = TestSpace::empty();
    assert_eq!(space.run(&["man", "--to", "pages/man1"]).code, 0);
    let pages = fs::read_dir(space.path().join("pages/man1")).unwrap();
    let names = pages.map(|page| page.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<_> =
        names.filter_map(|name| Some(name.strip_prefix("papack-")?.strip_suffix(".1")?.to_owned())).collect();
    let in_groups = commands();
    assert_eq!(in_groups.len(), pages.len(), "{in_groups:?} and {pages:?}");
    assert_eq!(in_groups.into_iter().collect::<BTreeSet<_>>(), pages);
}

#[test]
fn every_command_ends_its_help_with_exit_codes_and_examples() {
    let space = TestSpace::empty();
    for command in commands() {
        let help = space.run(&[&command, "--help"]).stdout;
        assert_eq!(help, space.run(&["help", &command]).stdout);
        assert!(help.contains(&format!("Usage: papack {command}")), "{help}");
        let (_, end) = help.split_once("\nExit codes:\n").unwrap_or_else(|| panic!("{command}: no exit codes"));
        let (codes, examples) = end.split_once("\n\nExamples:\n").unwrap_or_else(|| panic!("{command}: no examples"));
        let codes: Vec<u8> = codes.lines().map(|line| line[2..7].trim().parse().unwrap()).collect();
        assert!(codes.is_sorted() && codes.starts_with(&[0]) && codes.contains(&2), "{command}: {codes:?}");
        let examples: Vec<_> = examples.lines().collect();
        assert!((1..=3).contains(&examples.len()), "{command}: {examples:?}");
        assert!(examples.iter().all(|line| line.contains(&format!("papack {command}"))), "{command}: {examples:?}");
    }
}

/// Options that several commands have come in one order, and mean the same.
#[test]
fn shared_options_are_the_same_everywhere() {
    let order = [
        "--dry-run",
        "--no-wait",
        "--deny-warnings",
        "--deny",
        "--warn",
        "--allow",
        "--workspace",
        "--rehash",
        "--timings",
        "--alone",
        "--jobs",
        "--message-format",
        "--quiet",
        "--verbose",
        "--color",
        "--help",
    ];
    let space = TestSpace::empty();
    let mut said = std::collections::BTreeMap::new();
    for command in commands() {
        let found = options(&command);
        let places: Vec<_> = found.iter().map(|option| order.iter().position(|shared| shared == option)).collect();
        assert!(places.is_sorted(), "{command}: {found:?}");
        let help = space.run(&[&command, "--help"]).stdout;
        for option in order {
            let is_here = |line: &str| {
                let names = line.trim_start();
                let long = names.split_once(", ").map_or(names, |(_, long)| long);
                names.starts_with('-') && long.split(' ').next() == Some(option)
            };
            if let Some(at) = help.lines().position(is_here) {
                let text: Vec<_> = help.lines().skip(at).take_while(|line| !line.is_empty()).map(str::trim).collect();
                let first = said.entry(option).or_insert_with(|| text.join("\n"));
                assert_eq!(*first, text.join("\n"), "{command} {option}");
            }
        }
    }
    assert_eq!(said.len(), order.len(), "{said:?}");
}

#[test]
fn the_session_in_the_help_works() {
    let help = TestSpace::empty().run(&["--help"]).stdout;
    let (_, session) = help.split_once("A first session:\n").unwrap();
    let lines: Vec<_> = session.lines().take_while(|line| !line.is_empty()).collect();
    assert!(lines.len() > 5, "{session}");
    let space = TestSpace::empty();
    let mut picture = png::Encoder::new(fs::File::create(space.path().join("hero.png")).unwrap(), 16, 16);
    picture.set_color(png::ColorType::Rgb);
    picture.write_header().unwrap().write_image_data(&[0x80; 16 * 16 * 3]).unwrap();
    let script = lines.join("\n").replace("# put hero.png there", "; cp ../hero.png assets/hero/");
    let folder = Path::new(env!("CARGO_BIN_EXE_papack")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-ec", &script]).current_dir(space.path()).env("PATH", path).env("PAPACK_CACHE_KEY", KEY);
    let output = shell.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !said.contains("warning"), "{said}");
    assert!(said.contains("Valid") && space.path().join("game/build/assets.pa").exists(), "{said}");
}

/// The scripts that are made from the definition alone. Those of the other shells ask papack: see `completing`.
#[test]
fn shells_complete_every_command_and_option() {
    let space = TestSpace::empty();
    for shell in ["elvish", "powershell"] {
        let run = space.run(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        for command in commands() {
            assert!(run.stdout.contains(&command), "{shell}: {command}");
            for option in options(&command) {
                assert!(run.stdout.contains(&option), "{shell}: {command} {option}");
            }
        }
    }
}

#[test]
fn the_manual_has_every_command_and_option() {
    let space = TestSpace::empty();
    assert_eq!(space.run(&["man", "--to", "man1"]).code, 0);
    let page = |name: &str| String::from_utf8(space.read(&format!("man1/{name}.1"))).unwrap().replace("\\-", "-");
    let main = page("papack");
    for command in commands() {
        assert!(main.contains(&format!("papack-{command}(1)")), "{command}: {main}");
        let own = page(&format!("papack-{command}"));
        assert!(own.contains("Exit codes:") && own.contains("Examples:"), "{own}");
        for option in options(&command) {
            assert!(own.contains(&option), "{command} {option}");
        }
    }
    assert!(space.run(&["man"]).stdout.replace("\\-", "-") == main, "one page, printed or written");
}

#[test]
fn pages_that_cannot_be_written_are_told() {
    let space = TestSpace::empty();
    space.write("man1", "a file");
    let run = space.run(&["man", "--to", "man1"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.starts_with("error: man1: "), "{}", run.stderr);
}

#[test]
fn a_page_takes_the_place_of_a_page_and_of_nothing_else() {
    let space = TestSpace::empty();
    let (page, other) = (space.path().join("papack-pack.1"), space.path().join("other"));
    for make in [
        &|| symlink(&other, &page).unwrap(),
        &|| assert!(Command::new("mkfifo").arg(&page).status().unwrap().success()),
        &|| fs::create_dir(&page).unwrap(),
    ] as [&dyn Fn(); 3]
    {
        fs::write(&other, "precious").unwrap();
        make();
        let mut command = Command::new("timeout");
        command.args(["10", env!("CARGO_BIN_EXE_papack"), "man", "--to", "."]).current_dir(space.path());
        let run = crate::space::Run::of(command);
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{}", run.stderr);
        assert!(run.stderr.starts_with("error: ./papack-pack.1: not a regular file\n"), "{}", run.stderr);
        assert_eq!(fs::read(&other).unwrap(), b"precious");
        fs::remove_file(&page).or_else(|_| fs::remove_dir(&page)).unwrap();
    }
    // Who has the earlier page open goes on reading that.
    space.write("papack-pack.1", "earlier");
    fs::remove_file(&other).unwrap();
    fs::hard_link(&page, &other).unwrap();
    assert_eq!(space.run(&["man", "--to", "."]).code, 0);
    assert_eq!(fs::read(&other).unwrap(), b"earlier");
    let names = fs::read_dir(space.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|name| name == "other" || name.ends_with(".1")));
    assert!(fs::read(&page).unwrap().len() > 500);
}

#[test]
fn manual_pages_render_without_warnings() {
    let space = TestSpace::empty();
    assert_eq!(space.run(&["man", "--to", "."]).code, 0);
    for page in fs::read_dir(space.path()).unwrap() {
        let page = page.unwrap().path();
        let mut groff = Command::new("groff");
        groff.args(["-man", "-Tutf8", "-ww"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Ok(mut groff) = groff.spawn() else {
            eprintln!("skipped: there is no groff");
            return;
        };
        groff.stdin.take().unwrap().write_all(&fs::read(&page).unwrap()).unwrap();
        let output = groff.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.display());
        assert!(output.stdout.len() > 500, "{}", page.display());
    }
}

#[test]
fn wrong_usage_is_told_without_tips_that_fail() {
    let space = TestSpace::empty();
    for (arguments, told) in [
        (&["new"][..], "<ROOT|--all>"),
        (&["add"], "<ROOT|--all>"),
        (
            &["new", "x", "--format", "tile"],
            "[possible values: tiles, sounds, data, maps]\n\n  tip: a similar value exists: 'tiles'",
        ),
        (&["preload", "x", "--slot", "-1"], "invalid value '-1' for '--slot <N>': a slot is a number from 0 to 15"),
        (&["preload", "x", "--slot", "three"], "'three' for '--slot <N>': a slot is a number from 0 to 15"),
        (&["preload", "x", "--slot", "16"], "a slot is a number from 0 to 15"),
        (&["preload", "x", "--nexx"], "tip: a similar argument exists: '--next'"),
        (&["preload", "x", "-z"], "unexpected argument '-z' found\n\nUsage: "),
        (&["extract", "x"], "Usage: papack extract [OPTIONS] --to <DIR> [PACK] [ASSET]..."),
    ] {
        let run = space.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("as a value, use"), "{arguments:?}: {}", run.stderr);
    }
    let help = |option: &str| space.run(&["pack", option]).stdout;
    assert!(help("-h").contains("more such options are in --help") && !help("--help").contains("more such options"));
}
