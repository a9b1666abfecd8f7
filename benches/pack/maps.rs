//! Maps of Tiled over one bank of tiles.

use std::fmt::Write as _;
use std::hint::black_box;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::noise::Noise;

/// Cells in a row and in a column.
const EDGE: usize = 64;

/// The picture with the tiles, as seen from a map, and its size in pixels.
pub const PICTURE: &str = "../a00000/sheet.png";
pub const PICTURE_EDGE: u32 = 256;

/// A map of one layer, as CSV, whose cells are any tiles or empty.
pub fn map(noise: &mut Noise) -> String {
    let tiles = (PICTURE_EDGE / 16).pow(2);
    let size = format!(r#"width="{EDGE}" height="{EDGE}""#);
    let tile = r#"tilewidth="16" tileheight="16""#;
    let mut map = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" orientation="orthogonal" renderorder="right-down" {size} {tile} infinite="0">
 <tileset firstgid="1" name="bank" {tile} tilecount="{tiles}" columns="16">
  <image source="{PICTURE}" width="{PICTURE_EDGE}" height="{PICTURE_EDGE}"/>
 </tileset>
 <layer id="1" name="ground" {size}>
  <data encoding="csv">
"#
    );
    for y in 0..EDGE {
        for x in 0..EDGE {
            let end = if x + 1 < EDGE || y + 1 == EDGE { "" } else { "\n" };
            let comma = if x + 1 == EDGE && y + 1 == EDGE { "" } else { "," };
            write!(map, "{}{comma}{end}", noise.next() % (tiles + 1)).unwrap();
        }
    }
    map.push_str("\n</data>\n </layer>\n</map>\n");
    map
}

/// Takes `file` apart, and looks at every attribute and text of it.
pub fn parse(file: &[u8]) {
    let mut reader = Reader::from_str(std::str::from_utf8(file).unwrap());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    black_box(attribute.unwrap().unescape_value().unwrap());
                }
            }
            Event::Text(text) => drop(black_box(text.decode().unwrap())),
            Event::Eof => break,
            _ => {}
        }
    }
}
