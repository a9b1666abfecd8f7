//! The colours of a palette file: an indexed PNG, or a palette of GIMP, JASC or RIFF, or a list of hexadecimal colours.
//! Which it is, its bytes tell.

use super::super::png::ColourType;
use super::super::png::chunks;
use crate::diagnostic::{Code, Data, Diagnostic};
use crate::formats::faults::Faults;
use crate::signature::{LfsPointer, Signature};

/// The most colours of a palette file.
const MOST: usize = 256;

/// Largest palette file that is no PNG, in bytes.
const MAX_SIZE: usize = 64 * 1024;

const GIMP: &[u8] = b"GIMP Palette";
const JASC: &[u8] = b"JASC-PAL";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The colours of the palette file of these `bytes`, in its order; transparent ones are left out. None where it is no
/// palette, which is among `faults` then.
pub(in super::super) fn imposed(bytes: &[u8], faults: &mut Faults<'_>) -> Option<Vec<[u8; 3]>> {
    let colours = if chunks::is_png(bytes) {
        let png = chunks::parse(bytes, faults).filter(|_| !faults.has_error())?;
        match (png.header.colour, png.palette) {
            (ColourType::Indexed, Some(palette)) => Ok(opaque(palette, png.transparency.unwrap_or_default())),
            _ => Err("the picture is not indexed, so it has no palette".to_owned()),
        }
    } else if let Some(pointer) = LfsPointer::of(bytes) {
        faults.push(pointer.fault());
        return None;
    } else {
        colours(bytes)
    };
    match colours.and_then(counted) {
        Ok(colours) => Some(colours),
        Err(fault) => {
            let help = "\"palette\": \"FIRST_FILE\" takes the first artifact file as the palette: an indexed PNG, a GIMP \
                        palette (.gpl), a JASC or RIFF palette (.pal), or a list of colours such as ff00ff (.hex)";
            let data = Data::bytes(0, bytes.len());
            faults.push(Diagnostic::error(Code::PaletteInvalid, fault).with_help(help).with_data(data));
            None
        }
    }
}

fn counted(colours: Vec<[u8; 3]>) -> Result<Vec<[u8; 3]>, String> {
    match colours.len() {
        1..=MOST => Ok(colours),
        count => Err(format!("the palette has {count} colours; 1 to {MOST} are allowed")),
    }
}

/// The colours of the entries that `alphas` do not make transparent.
fn opaque(palette: &[u8], alphas: &[u8]) -> Vec<[u8; 3]> {
    let alphas = alphas.iter().chain(std::iter::repeat(&255));
    palette.as_chunks().0.iter().zip(alphas).filter(|(_, alpha)| **alpha != 0).map(|(colour, _)| *colour).collect()
}

/// The colours of a palette that is no picture.
fn colours(bytes: &[u8]) -> Result<Vec<[u8; 3]>, String> {
    if bytes.len() > MAX_SIZE {
        return Err(format!("the palette file has {} bytes; at most {MAX_SIZE} are read", bytes.len()));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"PAL ") {
        return riff(bytes);
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let lines = Lines { text };
    if text.starts_with(GIMP) {
        lines.gimp()
    } else if text.starts_with(JASC) {
        lines.jasc()
    } else {
        match Signature::of(bytes).filter(|_| !lines.begin_with_a_colour()) {
            Some(found) => Err(format!("the file is no palette: it is {}", found.name)),
            None => lines.hexadecimal(),
        }
    }
}

/// A palette of a RIFF file: a version, the number of colours, and four bytes for each.
fn riff(bytes: &[u8]) -> Result<Vec<[u8; 3]>, String> {
    const HEAD: usize = 24;
    let cut = || format!("the RIFF palette is cut off after {} bytes", bytes.len());
    let head = bytes.get(12..HEAD).ok_or_else(cut)?;
    if !head.starts_with(b"data") {
        return Err("the RIFF palette does not begin with its data chunk (byte 12)".to_owned());
    }
    let count = usize::from(u16::from_le_bytes([head[10], head[11]]));
    let entries = bytes.get(HEAD..HEAD + 4 * count).ok_or_else(cut)?;
    Ok(entries.as_chunks().0.iter().map(|&[r, g, b, _]| [r, g, b]).collect())
}

/// The lines of a palette that is text.
struct Lines<'b> {
    text: &'b [u8],
}

impl<'b> Lines<'b> {
    /// The lines with their numbers, from 1, without white space around them. Names may be in any encoding.
    fn numbered(&self) -> impl Iterator<Item = (usize, &'b [u8])> {
        (1..).zip(self.text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii))
    }

    fn gimp(&self) -> Result<Vec<[u8; 3]>, String> {
        let is_said = |line: &[u8]| line.is_empty() || line.starts_with(b"#") || is_field(line);
        let lines = self.numbered().skip(1).filter(|(_, line)| !is_said(line));
        lines
            .map(|(number, line)| decimal(line).ok_or_else(|| no_colour(number, line, "three numbers up to 255")))
            .collect()
    }

    fn jasc(&self) -> Result<Vec<[u8; 3]>, String> {
        let mut lines = self.numbered().skip(1).filter(|(_, line)| !line.is_empty());
        let (_, version) = lines.next().unwrap_or_default();
        if version != b"0100" {
            return Err(format!("the JASC palette is of version `{}`, not 0100 (line 2)", version.escape_ascii()));
        }
        let (_, count) = lines.next().unwrap_or_default();
        let count: Option<usize> = std::str::from_utf8(count).ok().and_then(|count| count.parse().ok());
        let colour = |(number, line)| decimal(line).ok_or_else(|| no_colour(number, line, "three numbers up to 255"));
        let colours = lines.map(colour).collect::<Result<Vec<_>, _>>()?;
        match count {
            Some(count) if count == colours.len() => Ok(colours),
            Some(count) => {
                Err(format!("the JASC palette has {} colours, where its line 3 says {count}", colours.len()))
            }
            None => Err("the JASC palette does not say how many colours it has (line 3)".to_owned()),
        }
    }

    fn begin_with_a_colour(&self) -> bool {
        self.numbered().find(|(_, line)| !line.is_empty()).is_some_and(|(_, line)| digits(line).is_some())
    }

    fn hexadecimal(&self) -> Result<Vec<[u8; 3]>, String> {
        let lines = self.numbered().filter(|(_, line)| !line.is_empty());
        lines
            .map(|(number, line)| digits(line).ok_or_else(|| no_colour(number, line, "six hexadecimal digits")))
            .collect()
    }
}

/// Whether a line of a GIMP palette has a name and a value, as `Name: Sky` has.
fn is_field(line: &[u8]) -> bool {
    let name = line.iter().position(|byte| *byte == b':').map(|at| &line[..at]);
    name.is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_alphabetic))
}

/// The colour of a line that begins with three decimal numbers.
fn decimal(line: &[u8]) -> Option<[u8; 3]> {
    let mut numbers = line.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
    let mut next = || std::str::from_utf8(numbers.next()?).ok()?.parse().ok();
    Some([next()?, next()?, next()?])
}

/// The colour of a line of six hexadecimal digits, which may begin with `#`.
fn digits(line: &[u8]) -> Option<[u8; 3]> {
    let digits = line.strip_prefix(b"#").unwrap_or(line);
    let is_colour = digits.len() == 6 && digits.iter().all(u8::is_ascii_hexdigit);
    let [_, r, g, b] =
        u32::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| is_colour)?, 16).ok()?.to_be_bytes();
    Some([r, g, b])
}

fn no_colour(number: usize, line: &[u8], expected: &str) -> String {
    /// How much of a line is shown, in bytes.
    const SHOWN: usize = 40;
    let shown = line.get(..SHOWN).unwrap_or(line).escape_ascii();
    format!("line {number} of the palette is no colour: `{shown}`; a colour is {expected}")
}
