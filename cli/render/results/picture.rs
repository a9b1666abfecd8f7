//! A picture of tiles, drawn in half blocks, and what conversions took from it.

use anstyle::{Ansi256Color, Color, RgbColor, Style};
use papack_engine::AssetPicture;
use papack_queries::formats::tiles::{self, Shown};

use crate::output::Target;
use crate::render::columns::terminal_width;
use crate::render::print::one_line;
use crate::render::settings::{has_colors, has_true_color, limit};

/// How many pixels wide a picture is drawn where there is no terminal, but colour.
const WIDTH: usize = 80;

/// How many rows of text are drawn without --verbose.
const MAX_LINES: usize = 32;

/// The picture, its palettes and losses, for people. Where there are no colours, it is not drawn.
pub fn lines(picture: &AssetPicture) -> Vec<String> {
    let mut lines = if has_colors(Target::Stdout) { drawn(picture) } else { undrawn(picture) };
    let losses = picture
        .losses
        .iter()
        .map(|loss| format!("  {}: {} ({})", one_line(&loss.path), one_line(&loss.message), one_line(&loss.code)));
    lines.extend(losses);
    lines
}

/// The palettes as text.
fn undrawn(picture: &AssetPicture) -> Vec<String> {
    let palettes = picture.palettes.iter().enumerate();
    palettes.map(|(at, palette)| format!("  palette {at}: {}", palette.join(" "))).collect()
}

/// The picture, two pixels to a character, and its palettes.
fn drawn(picture: &AssetPicture) -> Vec<String> {
    let (metadata, payload) = &picture.sheet;
    let width = terminal_width().unwrap_or(WIDTH);
    let most = limit(MAX_LINES);
    let height = u32::try_from(most.saturating_mul(2)).unwrap_or(u32::MAX);
    let rows = tiles::drawing(metadata, payload, u32::try_from(width).unwrap_or(u32::MAX), height).unwrap_or_default();
    let mut lines: Vec<_> =
        rows.chunks(2).map(|pair| halves(&pair[0], pair.get(1).map_or(&[], Vec::as_slice))).collect();
    if lines.len() == most {
        lines.push(format!("  the first {most} lines; --verbose draws all"));
    }
    for number in 0..picture.palettes.len() {
        let colours = tiles::palettes(metadata, payload).and_then(|palettes| palettes.into_iter().nth(number));
        let squares = colours.into_iter().flatten().skip(1).map(|colour| painted(Some(colour), Some(colour)).repeat(2));
        lines.push(format!("  palette {number}: {}", squares.collect::<String>()));
    }
    lines
}

/// Two rows of pixels as one line.
fn halves(above: &[Shown], below: &[Shown]) -> String {
    let below = below.iter().copied().chain(std::iter::repeat(None));
    above.iter().zip(below).map(|(above, below)| painted(*above, below)).collect()
}

/// One character whose halves have these colours.
fn painted(above: Shown, below: Shown) -> String {
    let (style, block) = match (above, below) {
        (None, None) => return " ".to_owned(),
        (Some(above), None) => (Style::new().fg_color(Some(color(above))), '▀'),
        (None, Some(below)) => (Style::new().fg_color(Some(color(below))), '▄'),
        (Some(above), Some(below)) => (Style::new().fg_color(Some(color(above))).bg_color(Some(color(below))), '▀'),
    };
    format!("{style}{block}{style:#}")
}

/// The colour as the terminal has it: of 24 bits, or the nearest of its cube of 6 × 6 × 6.
fn color([r, g, b]: [u8; 3]) -> Color {
    if has_true_color() {
        return RgbColor(r, g, b).into();
    }
    // The steps of the cube are 0, 95, 135, 175, 215 and 255.
    let step = |part: u8| if part < 48 { 0 } else { (part.max(75) - 35) / 40 };
    Ansi256Color(16 + 36 * step(r) + 6 * step(g) + step(b)).into()
}
