//! What cels are drawn on.

#![expect(clippy::cast_sign_loss, reason = "an overlap begins where both of its parts do, or behind that")]

use super::sprite::Rectangle;

/// The pixels of a part of the sprite, row by row from the top.
pub(super) struct Canvas<P> {
    bounds: Rectangle,
    /// Columns and rows of `bounds` that are on the sprite; the others stay as they were.
    columns: std::ops::Range<i64>,
    rows: std::ops::Range<i64>,
    pub(super) pixels: Vec<P>,
}

impl<P: Copy> Canvas<P> {
    /// A canvas of `bounds`, whose size was checked, for a sprite of the size of `sprite`.
    pub(super) fn new(bounds: Rectangle, sprite: Rectangle, fill: P) -> Self {
        let overlap = |start: i32, length: u32, limit: u32| {
            let start = i64::from(start);
            start.max(0)..(start + i64::from(length)).min(limit.into()).max(start.max(0))
        };
        Self {
            bounds,
            columns: overlap(bounds.x, bounds.width, sprite.width),
            rows: overlap(bounds.y, bounds.height, sprite.height),
            pixels: vec![fill; bounds.width as usize * bounds.height as usize],
        }
    }

    /// How many pixels of `area` are on the canvas.
    pub(super) fn shared(&self, area: Rectangle) -> u64 {
        let (columns, rows) = self.overlap(area);
        let length = |range: std::ops::Range<i64>| u64::try_from(range.end - range.start).unwrap_or(0);
        length(columns) * length(rows)
    }

    /// Has `paint` change each pixel of `area` that is on the canvas; it is given the column and row within `area`.
    pub(super) fn paint(&mut self, area: Rectangle, mut paint: impl FnMut(usize, usize, &mut P)) {
        let (columns, rows) = self.overlap(area);
        if columns.is_empty() {
            return;
        }
        let left = i64::from(self.bounds.x);
        for y in rows {
            let start = (y - i64::from(self.bounds.y)) as usize * self.bounds.width as usize;
            let line = start + (columns.start - left) as usize..start + (columns.end - left) as usize;
            let Some(line) = self.pixels.get_mut(line) else { return };
            let (u, v) = ((columns.start - i64::from(area.x)) as usize, (y - i64::from(area.y)) as usize);
            for (at, pixel) in line.iter_mut().enumerate() {
                paint(u + at, v, pixel);
            }
        }
    }

    fn overlap(&self, area: Rectangle) -> (std::ops::Range<i64>, std::ops::Range<i64>) {
        let cut = |range: &std::ops::Range<i64>, start: i32, length: u32| {
            let start = i64::from(start);
            let first = range.start.max(start);
            first..range.end.min(start + i64::from(length)).max(first)
        };
        (cut(&self.columns, area.x, area.width), cut(&self.rows, area.y, area.height))
    }
}
