//! `papack complete`, which the scripts of `papack completions` call: what may stand in the place of the last word.
//!
//! What is printed goes into a command line, so nothing with control characters is. The shells quote the rest, and run
//! nothing of it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter, complete};
use papack_engine::{NamedAsset, NamedFolders, find_workspace, named_assets, named_folders};
use papack_queries::diagnostic::Code;
use papack_queries::schema::manifest::SLOTS;

use crate::args::{CompleteArgs, CompletingShell, definition};
use crate::render;

/// How long manifests are read for their names: a person waits.
const TIME: Duration = Duration::from_millis(250);

/// Prints a line for each candidate: the word, and behind a tab what it is.
pub fn run(args: &CompleteArgs) -> ExitCode {
    let line = Arc::new(CommandLine::of(args.shell, &args.words));
    let mut text = String::new();
    for candidate in candidates(&line) {
        let value = candidate.get_value().to_string_lossy();
        let Some(value) = value.strip_prefix(&*line.kept).filter(|value| line.can_take(value)) else { continue };
        let help = candidate.get_help().map(|help| render::one_line(&help.to_string())).unwrap_or_default();
        text += &format!("{value}\t{help}\n");
    }
    render::print_bytes(text.as_bytes());
    ExitCode::SUCCESS
}

/// The command line up to the cursor.
struct CommandLine {
    shell: CompletingShell,
    /// The words as papack would get them; the last one is to be completed.
    words: Vec<String>,
    /// The start of the last word that the shell keeps, and wants no candidate to repeat.
    kept: String,
}

impl CommandLine {
    fn of(shell: CompletingShell, words: &[OsString]) -> Self {
        let mut words: Vec<_> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let mut kept = String::new();
        match shell {
            // Its script unquotes them.
            CompletingShell::Zsh => {}
            CompletingShell::Fish => words.iter_mut().rev().take(1).for_each(|last| *last = unquoted(last)),
            CompletingShell::Bash => {
                words.iter_mut().for_each(|word| *word = unquoted(word));
                (words, kept) = joined(words);
            }
        }
        Self { shell, words, kept }
    }

    /// Whether `value` can be a word of this shell's. bash parts words at `=` and `:`, and takes what is behind them for
    /// the whole.
    fn can_take(&self, value: &str) -> bool {
        let is_parted = self.shell == CompletingShell::Bash && value.contains(['=', ':']);
        !is_parted && !value.is_empty() && !value.contains(render::is_unprintable)
    }

    /// The values of the option `name`, behind it or after `=`.
    fn values(&self, name: &str) -> Vec<PathBuf> {
        // The last word is not complete yet.
        let words = self.words.split_last().map_or(&[][..], |(_, words)| words);
        let behind = words.windows(2).filter(|pair| pair[0] == name).map(|pair| PathBuf::from(&pair[1]));
        let within = words.iter().filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        behind.chain(within.map(PathBuf::from)).collect()
    }

    /// The folder from which the command counts paths.
    fn folder(&self) -> Option<PathBuf> {
        let mut folder = std::env::current_dir().ok()?;
        folder.extend(self.values("-C"));
        Some(folder)
    }

    /// The workspace that the command would work on, where there is one.
    fn workspace(&self) -> Option<PathBuf> {
        let folder = self.folder()?;
        match self.values("--workspace").pop() {
            Some(named) => Some(folder.join(named)),
            None => find_workspace(&folder).ok().flatten().map(ToOwned::to_owned),
        }
    }

    /// The assets of the workspace; none where there is no workspace.
    fn assets(&self) -> Vec<NamedAsset> {
        self.workspace().map(|workspace| named_assets(&workspace, TIME)).unwrap_or_default()
    }

    /// The folders below `assets/`; none where there is no workspace.
    fn folders(&self) -> NamedFolders {
        self.workspace().map(|workspace| named_folders(&workspace)).unwrap_or_default()
    }

    /// The words between `command` and the one that is to be completed.
    fn arguments_of(&self, command: &str) -> &[String] {
        let start = self.words.iter().position(|word| word == command).map_or(self.words.len(), |at| at + 1);
        self.words.get(start..self.words.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The assets of the workspace that the arguments of `command` do not name yet.
    fn other_assets(&self, command: &str) -> Vec<NamedAsset> {
        let named = self.arguments_of(command);
        let mut assets = self.assets();
        assets.retain(|asset| !named.iter().any(|word| is_named(asset, word)));
        assets
    }

    /// Paths from the folder of the command: of folders, and of files too where `with_files`.
    fn paths(&self, typed: &str, with_files: bool) -> Vec<CompletionCandidate> {
        let Some(folder) = self.folder() else { return Vec::new() };
        let paths = if with_files { PathCompleter::any() } else { PathCompleter::dir() };
        let mut found = paths.current_dir(folder).complete(OsStr::new(typed));
        found.retain(|candidate| candidate.get_value() != "." && !candidate.is_hide_set());
        found
    }
}

/// `word` without its quotes, of which the last one may not be closed yet. Nothing in it is expanded.
fn unquoted(word: &str) -> String {
    let (mut plain, mut quote) = (String::new(), None);
    let mut characters = word.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '\\') => plain.extend(characters.next()),
            (Some('"'), '\\') => plain.extend(characters.next_if(|next| "\"\\$`".contains(*next)).or(Some('\\'))),
            _ => plain.push(c),
        }
    }
    plain
}

/// `words` with `--option`, `=` and a value as one, where bash has three. Also returns what bash keeps of the last one.
fn joined(words: Vec<String>) -> (Vec<String>, String) {
    let (mut all, mut kept) = (Vec::<String>::new(), String::new());
    for word in words {
        match all.last_mut().filter(|last| last.starts_with("--")) {
            Some(option) if word == "=" && !option.contains('=') => {
                option.push('=');
                kept.clone_from(option);
            }
            Some(option) if option.ends_with('=') => {
                kept.clone_from(option);
                *option += &word;
            }
            _ => {
                kept.clear();
                all.push(word);
            }
        }
    }
    (all, kept)
}

/// What may stand in the place of the last word. Where that cannot be told, nothing.
fn candidates(line: &Arc<CommandLine>) -> Vec<CompletionCandidate> {
    let Some(index) = line.words.len().checked_sub(1) else { return Vec::new() };
    let words = line.words.iter().map(OsString::from).collect();
    complete(&mut definition_for(line), words, index, line.folder().as_deref()).unwrap_or_default()
}

/// The definition of the command line, with what only a look at the workspace can tell.
fn definition_for(line: &Arc<CommandLine>) -> Command {
    definition().mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        command.mut_args(|arg| with_candidates(arg, &name, line))
    })
}

/// `arg` of the command `command` with its candidates.
fn with_candidates(arg: Arg, command: &str, line: &Arc<CommandLine>) -> Arg {
    let value = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default();
    let line = Arc::clone(line);
    let command = command.to_owned();
    match (arg.get_id().as_str(), value.as_str()) {
        (_, "PACK") => arg.add(completer(move |typed| {
            [names(&line.assets()), line.paths(typed, true)].into_iter().flatten().collect()
        })),
        (_, "ROOT") => arg.add(completer(move |typed| {
            [folders(&line, &command), line.paths(typed, false)].into_iter().flatten().collect()
        })),
        (_, "ASSET") if ["inspect", "extract"].contains(&&*command) => {
            arg.add(completer(move |_| names(&line.other_assets(&command))))
        }
        ("slot", _) => arg.add(completer(move |_| slots(&line))),
        // These may be all that is right in a broken registry; an id or a name could mean two.
        ("renumber" | "give_to", _) => arg.add(completer(move |_| roots(&line.assets()))),
        (_, "ASSET" | "PATTERN") => arg.add(completer(move |_| names_and_roots(&line.other_assets(&command)))),
        (_, "CODE") => arg.add(completer(codes)),
        _ => arg,
    }
}

/// Those of the candidates that begin with what is typed of the word.
fn completer(candidates: impl Fn(&str) -> Vec<CompletionCandidate> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let mut found = candidates(&typed);
        found.retain(|candidate| candidate.get_value().to_string_lossy().starts_with(&*typed));
        found
    })
}

fn candidate(value: impl Into<OsString>, help: String) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.into()))
}

fn roots(assets: &[NamedAsset]) -> Vec<CompletionCandidate> {
    assets.iter().map(|asset| candidate(&*asset.entry.root, described(asset))).collect()
}

/// The names of the assets that are packed.
fn names(assets: &[NamedAsset]) -> Vec<CompletionCandidate> {
    let packed = assets.iter().filter(|asset| asset.entry.included_in_build);
    let named = packed.filter_map(|asset| Some((asset.name.as_deref()?, asset)));
    let named = named.filter(|(name, _)| !name.starts_with('-'));
    named.map(|(name, asset)| candidate(name, described(asset))).collect()
}

/// The folders below `assets/` that `command` may be meant for, but for those that its arguments name.
fn folders(line: &CommandLine, command: &str) -> Vec<CompletionCandidate> {
    let NamedFolders { waiting, unregistered, outside } = line.folders();
    let (folders, help) = match command {
        "new" => (waiting, "in no asset"),
        "add" => (unregistered, "not registered"),
        _ => (outside, "a folder"),
    };
    let named = line.arguments_of(command);
    let others = folders.into_iter().filter(|folder| !folder.starts_with('-') && !named.contains(folder));
    others.map(|folder| candidate(folder, help.to_owned())).collect()
}

/// Whether `word` is the id, the root or the name of `asset`.
fn is_named(asset: &NamedAsset, word: &str) -> bool {
    asset.name.as_deref() == Some(word) || *asset.entry.root == *word || asset.entry.asset_id.to_string() == *word
}

/// Names and roots in one order, each once. One that looks like an option is none of these.
fn names_and_roots(assets: &[NamedAsset]) -> Vec<CompletionCandidate> {
    let mut all = BTreeMap::new();
    for asset in assets {
        for word in asset.name.as_deref().into_iter().chain([&*asset.entry.root]) {
            all.entry(word).or_insert_with(|| described(asset));
        }
    }
    let all = all.into_iter().filter(|(word, _)| !word.starts_with('-'));
    all.map(|(word, help)| candidate(word, help)).collect()
}

fn described(asset: &NamedAsset) -> String {
    let NamedAsset { entry, bank, .. } = asset;
    let bank = bank.map(|bank| format!(", {}", bank.name())).unwrap_or_default();
    let excluded = if entry.included_in_build { "" } else { ", excluded" };
    format!("asset {} in {}{bank}{excluded}", entry.asset_id, entry.root)
}

/// The slots, those first that are free in the bank of an asset that is named on the command line.
fn slots(line: &CommandLine) -> Vec<CompletionCandidate> {
    let assets = line.assets();
    let asset = line.words.iter().find_map(|word| assets.iter().find(|asset| is_named(asset, word)));
    let bank = asset.and_then(|asset| asset.bank);
    let owner = |slot: u8| {
        let packed = assets.iter().filter(|asset| asset.entry.included_in_build && bank.is_some());
        packed.filter(|asset| asset.bank == bank).find(|asset| asset.preload_slot == Some(slot))
    };
    let (free, taken): (Vec<_>, Vec<_>) = (0..SLOTS).partition(|slot| owner(*slot).is_none());
    let free = free.into_iter().map(|slot| candidate(slot.to_string(), "free".to_owned()));
    let taken = taken.into_iter().map(|slot| {
        let owner = owner(slot).map(|owner| owner.name.as_deref().unwrap_or(&owner.entry.root)).unwrap_or_default();
        candidate(slot.to_string(), format!("taken by {owner}"))
    });
    if bank.is_some() {
        free.chain(taken).collect()
    } else {
        (0..SLOTS).map(|slot| CompletionCandidate::new(slot.to_string())).collect()
    }
}

/// The codes, in lower case where `typed` is.
fn codes(typed: &str) -> Vec<CompletionCandidate> {
    let is_lower = typed.contains(char::is_lowercase);
    let spelled = |code: String| if is_lower { code.to_lowercase() } else { code };
    Code::ALL.iter().map(|code| CompletionCandidate::new(spelled(code.to_string()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_quotes_and_nothing_is_expanded() {
        for (word, plain) in [
            ("hero", "hero"),
            (r"night\ waltz", "night waltz"),
            ("\"night wal", "night wal"),
            ("'it'\\''s", "it's"),
            (r#""a\"b\c\$d""#, r#"a"b\c$d"#),
            ("$(x)`y`", "$(x)`y`"),
            ("\\", ""),
            ("", ""),
        ] {
            assert_eq!(unquoted(word), plain, "{word}");
        }
    }

    #[test]
    fn options_and_values_that_bash_parted_are_one() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (line, expected, kept) in [
            ("papack preload hero --slot = 3", "papack preload hero --slot=3", "--slot="),
            ("papack preload hero --slot =", "papack preload hero --slot=", "--slot="),
            ("papack preload --slot = 3 he", "papack preload --slot=3 he", ""),
            ("papack preload he", "papack preload he", ""),
            ("papack = x", "papack = x", ""),
        ] {
            assert_eq!(joined(words(line)), (words(expected), kept.to_owned()), "{line}");
        }
    }
}
