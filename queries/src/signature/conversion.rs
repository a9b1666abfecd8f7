//! How another program makes a picture or a sound of a file.

use crate::diagnostic::command_word;

/// A command that makes a file that papack reads of one that it does not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Conversion {
    /// What is to be done, and why: it stands before the command.
    pub(super) task: &'static str,
    /// The command. `<from>` stands for the file, `<to>` for the one that is made, and `<frames>` for several of them.
    pub(super) command: &'static str,
    /// What stands behind it.
    pub(super) note: &'static str,
    /// The extension by which programs know such a file.
    pub(super) extension: &'static str,
    /// The extension of what is made.
    pub(super) made: &'static str,
}

impl Conversion {
    /// The advice to convert the file at `path`: one sentence. A file that has the extension of what is to be made is
    /// renamed first, since a program cannot write what it reads; so is one that has none, by which programs would know it.
    pub(super) fn advice(&self, path: &str) -> String {
        let Self { task, command, note, extension, made } = self;
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let (stem, found) = match name.rsplit_once('.') {
            Some((stem, found)) if !stem.is_empty() => (stem, found),
            _ => (name, ""),
        };
        let has_made = found.eq_ignore_ascii_case(made);
        let is_renamed = has_made || found.is_empty();
        let from = word(&if is_renamed { format!("{stem}.{extension}") } else { name.to_owned() });
        let to = word(&if has_made { name.to_owned() } else { format!("{stem}.{made}") });
        let frames = word(&format!("{}%03d.{made}", stem.replace('%', "%%")));
        let rename = if is_renamed { format!("mv {} {from} && ", word(name)) } else { String::new() };
        // No path of an artifact has a `<`, so nothing in a name is taken for a placeholder.
        let command = command.replace("<from>", &from).replace("<to>", &to).replace("<frames>", &frames);
        format!("{task}, as by `{rename}{command}` in its folder{note}")
    }
}

/// `name` as one word of a command, which no program takes for an option.
fn word(name: &str) -> String {
    let path = if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
    command_word(&path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_the_name_of_the_file() {
        let conversion = Conversion {
            task: "make it",
            command: "tool <from> <to> <frames>",
            note: "; so it is",
            extension: "ogg",
            made: "wav",
        };
        for (path, expected) in [
            ("song.ogg", "tool song.ogg song.wav song%03d.wav"),
            ("a/b/song.mp3", "tool song.mp3 song.wav song%03d.wav"),
            ("a/song.wav", "mv song.wav song.ogg && tool song.ogg song.wav song%03d.wav"),
            ("song.WAV", "mv song.WAV song.ogg && tool song.ogg song.WAV song%03d.wav"),
            ("song", "mv song song.ogg && tool song.ogg song.wav song%03d.wav"),
            (".wav", "mv .wav .wav.ogg && tool .wav.ogg .wav.wav .wav%03d.wav"),
            ("my song.ogg", "tool 'my song.ogg' 'my song.wav' 'my song%03d.wav'"),
            ("it's.ogg", r"tool 'it'\''s.ogg' 'it'\''s.wav' 'it'\''s%03d.wav'"),
            ("-x.ogg", "tool ./-x.ogg ./-x.wav ./-x%03d.wav"),
            ("50%.ogg", "tool 50%.ogg 50%.wav 50%%%03d.wav"),
        ] {
            assert_eq!(
                conversion.advice(path),
                format!("make it, as by `{expected}` in its folder; so it is"),
                "{path}"
            );
        }
    }
}
