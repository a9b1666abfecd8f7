//! How much memory the codebooks of a Vorbis stream take. The decoder makes their tables before it decodes anything, and a
//! few bytes can ask for gigabytes.

/// Values that the tables of all codebooks may have. Those of encoders have some 100,000.
pub(super) const MOST_VALUES: u64 = 1 << 22;

/// Size of the identification header, which precedes the setup header in what the decoder is given.
const IDENTIFICATION: usize = 30;

/// Size of what the setup header begins with.
const SIGNATURE: usize = 7;

const SYNC: u64 = 0x56_4342;

/// How many values the tables of all codebooks in `headers` have. Where the headers are not as they should be, as many as
/// were found before.
pub(super) fn values(headers: &[u8]) -> u64 {
    let setup = headers.get(IDENTIFICATION + SIGNATURE..).unwrap_or_default();
    let mut bits = Bits { bytes: setup, at: 0 };
    let mut values = 0;
    let count = bits.take(8).map_or(0, |count| count + 1);
    for _ in 0..count {
        let Some(found) = codebook(&mut bits) else { break };
        values += found;
    }
    values
}

/// Goes through a codebook, and returns how many values its table has. One that has too many by itself need not be whole.
fn codebook(bits: &mut Bits<'_>) -> Option<u64> {
    if bits.take(24)? != SYNC {
        return None;
    }
    let (dimensions, entries) = (bits.take(16)?, bits.take(24)?);
    let size = dimensions.max(1) * entries;
    if size > MOST_VALUES {
        return Some(size);
    }
    let is_ordered = bits.take(1)? == 1;
    if is_ordered {
        bits.take(5)?;
        let mut done = 0;
        while done < entries {
            let width = u64::BITS - (entries - done).leading_zeros();
            done += bits.take(width)?;
        }
    } else if bits.take(1)? == 1 {
        for _ in 0..entries {
            if bits.take(1)? == 1 {
                bits.take(5)?;
            }
        }
    } else {
        bits.skip(entries * 5)?;
    }
    let lookup = bits.take(4)?;
    if lookup == 1 || lookup == 2 {
        bits.skip(64)?;
        let width = bits.take(4)? + 1;
        bits.take(1)?;
        let numbers = if lookup == 1 { root(entries, dimensions) } else { size };
        bits.skip(numbers * width)?;
    }
    Some(size)
}

/// The largest number whose power `exponent` is at most `value`.
fn root(value: u64, exponent: u64) -> u64 {
    let exponent = u32::try_from(exponent).unwrap_or(u32::MAX).max(1);
    let fits = |root: u64| root.checked_pow(exponent).is_some_and(|power| power <= value);
    let (mut low, mut high) = (0, value + 1);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    low
}

/// Bits of bytes, the lowest of each first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    /// The next `count` bits, at most 64, as a number.
    fn take(&mut self, count: u32) -> Option<u64> {
        let mut number = 0;
        for bit in 0..count {
            let byte = *self.bytes.get(usize::try_from(self.at / 8).ok()?)?;
            number |= u64::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(number)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= self.bytes.len() as u64 * 8).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers with these fields of the given widths behind the signature.
    fn headers(fields: &[(u64, u32)]) -> Vec<u8> {
        let bits: Vec<bool> =
            fields.iter().flat_map(|(value, width)| (0..*width).map(move |bit| value >> bit & 1 == 1)).collect();
        let byte = |bits: &[bool]| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << at);
        let mut headers = vec![0; IDENTIFICATION + SIGNATURE];
        headers.extend(bits.chunks(8).map(byte));
        headers
    }

    #[test]
    fn the_values_of_all_codebooks_are_counted() {
        // All entries of one length in a few bits, and one number for all.
        let short = |dimensions, entries: u64| {
            vec![
                (SYNC, 24),
                (dimensions, 16),
                (entries, 24),
                (1, 1),
                (16, 5),
                (entries, u64::BITS - entries.leading_zeros()),
                (1, 4),
                (0, 64),
                (0, 4),
                (0, 1),
                (0, root(entries, dimensions) as u32),
            ]
        };
        let dense =
            vec![(SYNC, 24), (2, 16), (4, 24), (0, 1), (0, 1), (0, 20), (2, 4), (0, 64), (1, 4), (0, 1), (0, 16)];
        let sparse = vec![(SYNC, 24), (1, 16), (3, 24), (0, 1), (1, 1), (1, 6), (0, 1), (1, 6), (0, 4)];
        let all = [vec![(2, 8)], dense.clone(), sparse.clone(), short(3, 9)].concat();
        assert_eq!(values(&headers(&all)), 8 + 3 + 27);
        assert_eq!(values(&headers(&[vec![(1, 8)], dense, vec![(0, 24)]].concat())), 8);
        let many = [vec![(255, 8)], vec![short(32, 128 << 10); 256].concat()].concat();
        assert!(headers(&many).len() < 8192);
        assert!(values(&headers(&many)) > MOST_VALUES);
        for end in 0..200 {
            values(&headers(&all)[..end.min(headers(&all).len())]);
        }
    }

    #[test]
    fn roots_are_exact() {
        for (value, exponent, expected) in
            [(0, 1, 0), (1, 5, 1), (8, 3, 2), (26, 3, 2), (27, 3, 3), (1 << 24, 1, 1 << 24), (9, 40_000, 1), (9, 0, 9)]
        {
            assert_eq!(root(value, exponent), expected, "{value} {exponent}");
        }
    }
}
