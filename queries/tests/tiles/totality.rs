//! Any bytes give a payload or an error.

use proptest::collection::vec;
use proptest::prelude::*;

use super::derive;
use super::encoder::assemble;
use super::pixels::image;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_an_answer(bytes in vec(any::<u8>(), 0..200), signed in any::<bool>()) {
        let start: &[u8] = if signed { b"\x89PNG\r\n\x1a\n" } else { b"" };
        prop_assert!(!derive(&[start, &bytes].concat()).errors().is_empty());
    }

    #[test]
    fn a_truncated_file_is_an_error(image in image(), cut in any::<prop::sample::Index>()) {
        let file = image.encode();
        prop_assert!(!derive(&file[..cut.index(file.len())]).errors().is_empty());
    }

    /// Everything in these files is covered by a checksum or is one. A `tRNS` would be let out of that by a bit
    /// that makes it another ancillary chunk.
    #[test]
    fn a_flipped_bit_is_an_error(mut image in image(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        image.transparency = None;
        let mut file = image.encode();
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        prop_assert!(!derive(&file).errors().is_empty());
    }

    /// Damage behind right checksums reaches the inner parts.
    #[test]
    fn damaged_chunks_have_an_answer(
        image in image(),
        damage in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
        tail in vec(any::<u8>(), 0..4),
        moved in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
    ) {
        let mut chunks = image.chunks();
        for (chunk, at, value) in damage {
            let index = chunk.index(chunks.len());
            let data = &mut chunks[index].data;
            if !data.is_empty() {
                let at = at.index(data.len());
                data[at] = value;
            }
        }
        chunks[1].data.extend(tail);
        if let Some((from, to)) = moved {
            let chunk = chunks.remove(from.index(chunks.len()));
            chunks.insert(to.index(chunks.len() + 1), chunk);
        }
        // That there is a payload or an error is asserted for every derivation.
        derive(&assemble(&chunks));
    }
}
