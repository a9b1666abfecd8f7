//! `SOUNDS/pcm_v1`: sounds become interleaved 16-bit samples.
//!
//! `container` tells which kind of file it is. `riff` finds the chunks of a WAVE with `walk`, `fmt`, `pcm` and `smpl` read
//! them, and `aiff` reads an AIFF; `uncompressed` takes their samples. `compressed` has FLAC, Ogg and MP3 decoded. On the
//! way to the payload, `convert` makes of the samples what the manifest asks for (`options`). `wave` makes a file of a
//! sample again; `foretell` tells the size of a payload.

mod aiff;
mod compressed;
mod container;
mod convert;
pub(crate) mod fmt;
mod foretell;
mod metadata;
pub(crate) mod options;
mod pcm;
mod riff;
mod smpl;
mod uncompressed;
mod unfinished;
mod walk;
mod wave;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

pub(super) use self::compressed::DECODERS;
pub use self::compressed::is_guarded;
use self::container::Container;
use self::convert::Stop;
pub(super) use self::foretell::foretell;
use self::metadata::sample_name;
pub use self::metadata::{Loops, Metadata, Sample, Sound};
pub use self::options::{Level, Options};
pub use self::smpl::Loop;
pub(super) use self::smpl::UNUSABLE_LOOP_HELP;
pub(super) use self::uncompressed::find_loop;
pub use self::wave::WaveFile;
use super::faults::Faults;
use super::payload::{self, whole};
use super::source::Source;
use crate::content::{ContentId, ContentStore, Outcome};
use crate::diagnostic::{Code, Data, Diagnostic, Unit};

/// Converts the frames of every source and puts them one after the other.
///
/// All sources are read to their end even when one is faulty, so that one run reports everything.
///
/// # Errors
///
/// When `content` fails, and when the work is cancelled.
pub fn derive(options: Options, sources: &[Source<'_>], content: &dyn ContentStore) -> io::Result<Outcome> {
    let mut names = HashMap::with_capacity(sources.len());
    let mut samples = Vec::with_capacity(sources.len());
    let mut payload = Vec::new();
    let mut diagnostics = Vec::new();
    for source in sources {
        let mut faults = Faults::new(source.path);
        let name = sample_name(source.path);
        claim(name, source, &mut names, &mut faults);
        let bytes = read(source.content, content)?;
        let offset = payload.len() as u64;
        if let Some(sound) = append(&bytes, options, &mut payload, content, &mut faults) {
            samples.push(Sample { name: Cow::Borrowed(name), offset, sound });
        }
        diagnostics.extend(faults.into_diagnostics());
    }
    let payload = if diagnostics.iter().any(Diagnostic::is_error) {
        None
    } else {
        Some(whole(content, &payload, payload::metadata(&Metadata { samples }))?)
    };
    Ok(Outcome { payload, diagnostics })
}

/// Takes `name` for `source`; the first file that asks for a name keeps it.
fn claim<'a>(
    name: &'a str,
    source: &'a Source<'a>,
    names: &mut HashMap<&'a str, &'a Source<'a>>,
    faults: &mut Faults<'_>,
) {
    match names.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(source);
        }
        Entry::Occupied(entry) => {
            let owner = entry.get();
            faults.push(
                Diagnostic::error(
                    Code::SoundsNameTaken,
                    format!("the sample name `{name}` is already taken by `{}` of the same asset", owner.path),
                )
                .with_help("rename one of the files: a sample is named after its file, without folder and extension")
                .with_data(Data::value(name))
                .with_related(format!("takes the name `{name}` first"), Some(owner.path.to_owned())),
            );
        }
    }
}

/// Appends the frames of one file to `payload`; `None` when they cannot be read, or the work is cancelled.
fn append(
    bytes: &[u8],
    options: Options,
    payload: &mut Vec<u8>,
    content: &dyn ContentStore,
    faults: &mut Faults<'_>,
) -> Option<Sound> {
    let start = payload.len();
    let appended = match Container::of(bytes) {
        Some(Container::Compressed(compression)) => {
            compressed::append(compression, bytes, options, payload, content, faults)
        }
        Some(Container::Aiff) => {
            let pcm = aiff::read(bytes, faults)?;
            uncompressed::append(pcm, None, options, payload, content, faults).map(Some)
        }
        None => {
            let (pcm, points) = uncompressed::read_wave(bytes, options.loops, faults)?;
            uncompressed::append(pcm, points, options, payload, content, faults).map(Some)
        }
    };
    appended.unwrap_or_else(|stop| {
        payload.truncate(start);
        if stop == Stop::Cancelled {
            return None;
        }
        let most = convert::MOST_BYTES;
        let message = format!("the samples of the asset take more than {most} bytes, this sound included");
        let help = "shorten the sound, split the asset, or lower \"sample_rate\" in \"output.metadata\"";
        let data = Data::limit(None, 0, most as u64, Unit::Bytes);
        faults.push(Diagnostic::error(Code::SoundsTooLong, message).with_help(help).with_data(data));
        None
    })
}

/// Whether a file that begins with `head` is a sound that is read, and no WAVE.
pub(super) fn is_other_sound(head: &[u8]) -> bool {
    Container::of(head).is_some()
}

/// Reads `id`. Of a file that is no sound, no more than its beginning is read.
fn read(id: ContentId, content: &dyn ContentStore) -> io::Result<Vec<u8>> {
    let mut head = [0; Container::HEAD];
    let size = usize::try_from(id.size).map_or(head.len(), |size| size.min(head.len()));
    content.read_at(id, 0, &mut head[..size])?;
    if Container::of(&head[..size]).is_some() { content.read(id) } else { riff::WAVE.read(id, content) }
}
