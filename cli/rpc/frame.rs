//! The framing of messages, as the Language Server Protocol has it: `Content-Length: N`, an empty line, N bytes.
//!
//! Nothing that a header claims is believed before it is known to be within bounds.

use std::io::{self, BufRead, Read};

/// How many bytes the header of a message may have.
const MAX_HEADER: u64 = 4096;

/// What comes next from a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message, which may be anything.
    Message(Vec<u8>),
    /// What cannot be a frame, so that it is not known where the next one begins. The text says why.
    Broken(String),
    /// There is nothing more, or only a part of a frame.
    End,
}

/// Reads the next frame, with a message of at most `max_size` bytes. An error of `input` is its end: whoever was there is
/// gone.
pub fn read(input: &mut impl BufRead, max_size: usize) -> Frame {
    let length = match read_header(input, max_size) {
        Ok(Header::Length(length)) => length,
        Ok(Header::Broken(why)) => return Frame::Broken(why),
        Ok(Header::End) | Err(_) => return Frame::End,
    };
    let mut message = Vec::new();
    match input.take(length as u64).read_to_end(&mut message) {
        Ok(read) if read == length => Frame::Message(message),
        Ok(_) | Err(_) => Frame::End,
    }
}

/// `message` with its header.
pub fn write(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    let mut frame = format!("Content-Length: {}\r\n\r\n", message.len()).into_bytes();
    frame.extend_from_slice(message);
    frame
}

enum Header {
    Length(usize),
    Broken(String),
    End,
}

/// Reads a header, with the empty line that ends it.
fn read_header(input: &mut impl BufRead, max_size: usize) -> io::Result<Header> {
    let mut header = input.take(MAX_HEADER);
    let mut length = None;
    loop {
        let mut line = Vec::new();
        header.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            let is_too_long = header.limit() == 0;
            let why = format!("a header has more than {MAX_HEADER} bytes");
            return Ok(if is_too_long { Header::Broken(why) } else { Header::End });
        }
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Ok(Header::Broken("a line of a header does not end with CR and LF".into()));
        };
        if line.is_empty() {
            return Ok(length.map_or_else(|| Header::Broken("a header has no Content-Length".into()), Header::Length));
        }
        match field(line, max_size) {
            Ok(None) => {}
            Ok(Some(_)) if length.is_some() => {
                return Ok(Header::Broken("a header has Content-Length more than once".into()));
            }
            Ok(Some(value)) => length = Some(value),
            Err(why) => return Ok(Header::Broken(why)),
        }
    }
}

/// The length that a line of a header gives; none if it is about something else.
fn field(line: &[u8], max_size: usize) -> Result<Option<usize>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "a header is no text".to_owned())?;
    let (name, value) = text.split_once(':').ok_or("a line of a header has no colon")?;
    if !name.eq_ignore_ascii_case("Content-Length") {
        return Ok(None);
    }
    let value = value.trim_matches([' ', '\t']);
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err("a Content-Length is no number of bytes".into());
    }
    let length = value.parse().ok().filter(|length| *length <= max_size);
    length.map(Some).ok_or_else(|| format!("a message may have at most {max_size} bytes"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const MAX_SIZE: usize = 1024 * 1024;

    fn read(input: &mut impl BufRead) -> Frame {
        super::read(input, MAX_SIZE)
    }

    fn broken(why: &str) -> Frame {
        Frame::Broken(why.into())
    }

    #[test]
    fn frames_are_read_one_after_the_other() {
        let text = b"content-length:  2\t\r\nContent-Type: x; charset=utf-8\r\n\r\n{}Content-Length: 0\r\n\r\nrest";
        let mut input = &text[..];
        assert_eq!(read(&mut input), Frame::Message(b"{}".to_vec()));
        assert_eq!(read(&mut input), Frame::Message(Vec::new()));
        assert_eq!(read(&mut input), Frame::End);
    }

    #[test]
    fn what_is_no_frame_is_refused_with_its_reason() {
        let too_long = "a message may have at most 1048576 bytes";
        for (text, why) in [
            ("Content-Length: 1048577\r\n\r\n", too_long),
            ("Content-Length: 99999999999999999999999999\r\n\r\n", too_long),
            ("Content-Length: -1\r\n\r\n", "a Content-Length is no number of bytes"),
            ("Content-Length: +1\r\n\r\n", "a Content-Length is no number of bytes"),
            ("Content-Length: 1e3\r\n\r\n", "a Content-Length is no number of bytes"),
            ("Content-Length:\r\n\r\n", "a Content-Length is no number of bytes"),
            ("Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "a header has Content-Length more than once"),
            ("Content-Type: x\r\n\r\n{}", "a header has no Content-Length"),
            ("\r\n", "a header has no Content-Length"),
            ("Content-Length: 2\n\n{}", "a line of a header does not end with CR and LF"),
            ("{}\r\n", "a line of a header has no colon"),
        ] {
            assert_eq!(read(&mut text.as_bytes()), broken(why), "{text:?}");
        }
        assert_eq!(read(&mut &b"\xff: 1\r\n"[..]), broken("a header is no text"));
        let endless = std::io::repeat(b'x');
        assert_eq!(read(&mut io::BufReader::new(endless)), broken("a header has more than 4096 bytes"));
        let lines = b"a: b\r\n".repeat(1000);
        assert_eq!(read(&mut &lines[..]), broken("a header has more than 4096 bytes"));
    }

    #[test]
    fn what_ends_early_is_the_end() {
        let whole = write("{\"a\":1}");
        for end in 0..whole.len() {
            assert_eq!(read(&mut &whole[..end]), Frame::End, "{end}");
        }
        assert_eq!(read(&mut &whole[..]), Frame::Message(b"{\"a\":1}".to_vec()));
        // A length that nothing follows takes no memory.
        let claimed = format!("Content-Length: {MAX_SIZE}\r\n\r\n");
        assert_eq!(read(&mut io::BufReader::new(claimed.as_bytes().chain(io::empty()))), Frame::End);
    }
}
