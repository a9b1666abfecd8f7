//! Sizes as people write them: `200`, `64 KiB`, `1.5MiB`.

/// What a text must be to be a size, for messages.
pub const EXPECTED: &str =
    "a size is a whole number of bytes below 2^53, or one with B, KiB, MiB or GiB, such as \"1.5 MiB\"";

/// How many digits may stand behind the point. Nobody needs more.
const MAX_DECIMALS: usize = 9;

/// The number of bytes that `text` is: decimal digits, with a fraction if there is a unit, and a space or none before that. A
/// unit is `B`, `KiB` (1,024 bytes), `MiB` or `GiB`, in any case. It is exact: where that is no whole number of bytes, or does
/// not fit, there is none.
pub fn parse(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.strip_prefix(' ').filter(|unit| !unit.is_empty()).unwrap_or(unit);
    let factor: u128 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, (1..=MAX_DECIMALS).contains(&fraction.len()).then_some(fraction)?),
        None => (number, ""),
    };
    let whole = u128::from(whole.parse::<u64>().ok()?);
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let parts = if fraction.is_empty() { 0 } else { u128::from(fraction.parse::<u64>().ok()?) };
    // Of 64 bits and twice 30 at most, for the unit and for the fraction: that is no overflow.
    let scaled = (whole * scale + parts) * factor;
    if scaled.is_multiple_of(scale) { u64::try_from(scaled / scale).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact_or_none() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("200", Some(200)),
            ("007 B", Some(7)),
            ("64 KiB", Some(65_536)),
            ("64kib", Some(65_536)),
            ("1.5 MiB", Some(1_572_864)),
            ("0.000000000 GiB", Some(0)),
            ("0.001953125KiB", Some(2)),
            ("2.0", Some(2)),
            ("18446744073709551615", Some(u64::MAX)),
            ("17179869183 GiB", Some(18_446_744_072_635_809_792)),
            ("17179869184 GiB", None),
            ("18446744073709551616", None),
            ("18446744073709551615.999999999 GiB", None),
            ("0.1 KiB", None),
            ("1.5", None),
            ("1.0000000000 KiB", None),
            ("", None),
            (" ", None),
            ("KiB", None),
            ("1.", None),
            (".5 KiB", None),
            ("1..5 KiB", None),
            ("1.5.5 KiB", None),
            ("1  KiB", None),
            ("1 ", None),
            (" 1", None),
            ("1 KB", None),
            ("1 K", None),
            ("1e3", None),
            ("+1", None),
            ("-1", None),
            ("1_000", None),
            ("１", None),
        ] {
            assert_eq!(parse(text), bytes, "{text:?}");
        }
    }
}
