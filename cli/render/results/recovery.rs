//! Lines about a promotion that was cut short.

use anstyle::Style;

use crate::render::styles::{TITLE, verb_line};

/// The line that `outputs` were made final, in the `style` of what was done; none if there are none.
pub fn recovered(style: Style, outputs: &[&str]) -> Option<String> {
    let text = format!("{}, by completing a promotion that was cut short", outputs.join(", "));
    (!outputs.is_empty()).then(|| verb_line(style, "Recovered", &text))
}

/// The line that the next pack makes `outputs` final first; none if there are none.
pub fn recovers(outputs: &[&str]) -> Option<String> {
    let text = format!("first completes the promotion that was cut short: {}", outputs.join(", "));
    (!outputs.is_empty()).then(|| verb_line(TITLE, "Next pack", &text))
}
