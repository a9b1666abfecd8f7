//! How a pixel is put over another one, as Aseprite does it.
//!
//! Numbers are those of Aseprite, which works in integers of 8 bits but for soft light and the modes of hue, saturation,
//! colour and luminosity. These take sums, products, quotients and square roots of binary64, which IEEE 754 has to be
//! rounded in one way only, so that they are the same on every machine.

#![expect(clippy::cast_sign_loss, reason = "channels stay between 0 and 255, as each function has it")]

/// RGBA of 8 bits each, not premultiplied.
type Colour = [u8; 4];

/// How the colours of a layer and of what is below it become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Normal,
    Multiply,
    Screen,
    Overlay,
    Darken,
    Lighten,
    ColourDodge,
    ColourBurn,
    HardLight,
    SoftLight,
    Difference,
    Exclusion,
    Hue,
    Saturation,
    Colour,
    Luminosity,
    Addition,
    Subtract,
    Divide,
}

impl Mode {
    const ALL: [Self; 19] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Darken,
        Self::Lighten,
        Self::ColourDodge,
        Self::ColourBurn,
        Self::HardLight,
        Self::SoftLight,
        Self::Difference,
        Self::Exclusion,
        Self::Hue,
        Self::Saturation,
        Self::Colour,
        Self::Luminosity,
        Self::Addition,
        Self::Subtract,
        Self::Divide,
    ];

    /// The mode that a file writes as `number`.
    pub(super) fn new(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// `source`, of which `opacity` of 255 parts count, over `below`.
    pub(super) fn over(self, below: Colour, source: Colour, opacity: u8) -> Colour {
        if self == Self::Normal || below[3] == 0 {
            return normal(below, source, opacity);
        }
        // Where what is below is half transparent, the mode counts half, and so does normal.
        let plain = normal(below, source, opacity);
        let [r, g, b] = self.mixed([below[0], below[1], below[2]], [source[0], source[1], source[2]]);
        let blended = normal(below, [r, g, b, source[3]], opacity);
        let merged = merge(plain, blended, below[3]);
        let both = part(below[3], part(source[3], opacity));
        merge(merged, blended, both)
    }

    /// The colours of both, as if they were opaque.
    fn mixed(self, below: [u8; 3], source: [u8; 3]) -> [u8; 3] {
        let channels = |mix: fn(u8, u8) -> u8| std::array::from_fn(|at| mix(below[at], source[at]));
        match self {
            Self::Normal => source,
            Self::Multiply => channels(part),
            Self::Screen => channels(screen),
            Self::Overlay => channels(|below, source| hard_light(source, below)),
            Self::Darken => channels(u8::min),
            Self::Lighten => channels(u8::max),
            Self::ColourDodge => channels(colour_dodge),
            Self::ColourBurn => channels(colour_burn),
            Self::HardLight => channels(hard_light),
            Self::SoftLight => channels(soft_light),
            Self::Difference => channels(u8::abs_diff),
            Self::Exclusion => channels(exclusion),
            Self::Hue => {
                let (lower, upper) = (fractions(below), fractions(source));
                bytes(with_luminosity(with_saturation(upper, saturation(lower)), luminosity(lower)))
            }
            Self::Saturation => {
                let (lower, upper) = (fractions(below), fractions(source));
                bytes(with_luminosity(with_saturation(lower, saturation(upper)), luminosity(lower)))
            }
            Self::Colour => bytes(with_luminosity(fractions(source), luminosity(fractions(below)))),
            Self::Luminosity => bytes(with_luminosity(fractions(below), luminosity(fractions(source)))),
            Self::Addition => channels(u8::saturating_add),
            Self::Subtract => channels(u8::saturating_sub),
            Self::Divide => channels(divide),
        }
    }
}

/// `value` × `parts` / 255, rounded to the nearest.
pub(super) fn part(value: u8, parts: u8) -> u8 {
    scaled(value.into(), parts) as u8
}

/// The same for a difference, where what is below zero rounds as Aseprite has it.
fn scaled(value: i32, parts: u8) -> i32 {
    let product = value * i32::from(parts) + 0x80;
    ((product >> 8) + product) >> 8
}

/// `value` × 255 / `by`, rounded to the nearest. `by` is above `value`, so above 0.
fn quotient(value: u8, by: u8) -> u8 {
    ((u32::from(value) * 255 + u32::from(by) / 2) / u32::from(by)) as u8
}

fn normal(below: Colour, source: Colour, opacity: u8) -> Colour {
    if below[3] == 0 {
        return [source[0], source[1], source[2], part(source[3], opacity)];
    }
    if source[3] == 0 {
        return below;
    }
    let alpha = part(source[3], opacity);
    let sum = i32::from(alpha) + i32::from(below[3]) - i32::from(part(below[3], alpha));
    let mix = |at: usize| {
        let (below, source) = (i32::from(below[at]), i32::from(source[at]));
        // Never 0, since what is below is not fully transparent.
        (below + (source - below) * i32::from(alpha) / sum) as u8
    };
    [mix(0), mix(1), mix(2), sum as u8]
}

/// From `first` on, so many of 255 parts of the way to `second`.
fn merge(first: Colour, second: Colour, parts: u8) -> Colour {
    let step = |at: usize| {
        let (first, second) = (i32::from(first[at]), i32::from(second[at]));
        (first + scaled(second - first, parts)) as u8
    };
    let alpha = step(3);
    let [r, g, b] = match (first[3], second[3]) {
        _ if alpha == 0 => [0; 3],
        (0, _) => [second[0], second[1], second[2]],
        (_, 0) => [first[0], first[1], first[2]],
        _ => [step(0), step(1), step(2)],
    };
    [r, g, b, alpha]
}

fn screen(below: u8, source: u8) -> u8 {
    (u16::from(below) + u16::from(source) - u16::from(part(below, source))) as u8
}

fn hard_light(below: u8, source: u8) -> u8 {
    if source < 128 { part(below, source << 1) } else { screen(below, ((u16::from(source) << 1) - 255) as u8) }
}

fn exclusion(below: u8, source: u8) -> u8 {
    (i32::from(below) + i32::from(source) - 2 * i32::from(part(below, source))) as u8
}

fn colour_dodge(below: u8, source: u8) -> u8 {
    let rest = 255 - source;
    match below {
        0 => 0,
        _ if below >= rest => 255,
        _ => quotient(below, rest),
    }
}

fn colour_burn(below: u8, source: u8) -> u8 {
    let rest = 255 - below;
    match below {
        255 => 255,
        _ if rest >= source => 0,
        _ => 255 - quotient(rest, source),
    }
}

fn divide(below: u8, source: u8) -> u8 {
    match below {
        0 => 0,
        _ if below >= source => 255,
        _ => quotient(below, source),
    }
}

fn soft_light(below: u8, source: u8) -> u8 {
    let (below, source) = (f64::from(below) / 255.0, f64::from(source) / 255.0);
    let result = if source <= 0.5 {
        below - (1.0 - 2.0 * source) * below * (1.0 - below)
    } else {
        let lit = if below <= 0.25 { ((16.0 * below - 12.0) * below + 4.0) * below } else { below.sqrt() };
        below + (2.0 * source - 1.0) * (lit - below)
    };
    (result * 255.0 + 0.5) as u8
}

fn fractions(colour: [u8; 3]) -> [f64; 3] {
    colour.map(|channel| f64::from(channel) / 255.0)
}

fn bytes(colour: [f64; 3]) -> [u8; 3] {
    colour.map(|channel| (255.0 * channel) as u8)
}

fn least([r, g, b]: [f64; 3]) -> f64 {
    r.min(g.min(b))
}

fn most([r, g, b]: [f64; 3]) -> f64 {
    r.max(g.max(b))
}

fn luminosity([r, g, b]: [f64; 3]) -> f64 {
    0.3 * r + 0.59 * g + 0.11 * b
}

fn saturation(colour: [f64; 3]) -> f64 {
    most(colour) - least(colour)
}

fn with_saturation(colour: [f64; 3], wanted: f64) -> [f64; 3] {
    let (low, range) = (least(colour), saturation(colour));
    if range > 0.0 { colour.map(|channel| ((channel - low) * wanted) / range) } else { [0.0; 3] }
}

/// The colour with that luminosity, and its channels brought back between 0 and 1.
fn with_luminosity(colour: [f64; 3], wanted: f64) -> [f64; 3] {
    let difference = wanted - luminosity(colour);
    let mut colour = colour.map(|channel| channel + difference);
    let middle = luminosity(colour);
    let (low, high) = (least(colour), most(colour));
    if low < 0.0 {
        colour = colour.map(|channel| middle + ((channel - middle) * middle) / (middle - low));
    }
    if high > 1.0 {
        colour = colour.map(|channel| middle + ((channel - middle) * (1.0 - middle)) / (high - middle));
    }
    colour
}
