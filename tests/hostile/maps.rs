//! Maps: broken ones, liars, and such as ask for what is not there.

use papack_queries::diagnostic::Code::{MapInvalid, MapTile, MapTileset, MapUnsupported};

use crate::case::{Case, Fault, case, error};
use crate::ground::{A, Ground};

const MAP: &str = "assets/a/map.tmx";

/// A map over the picture of the workspace.
fn map(inside: &str) -> String {
    format!(
        r#"<map orientation="orthogonal" width="2" height="1" tilewidth="8" tileheight="8">
        <tileset firstgid="1" name="t" tilewidth="8" tileheight="8" tilecount="1" columns="1"><image source="../pic/pic.png"/></tileset>
        {inside}</map>"#
    )
}

fn layer(data: &str) -> String {
    map(&format!("<layer name=\"l\" width=\"2\" height=\"1\"><data {data}</data></layer>"))
}

fn of(name: &str, text: impl Into<Vec<u8>>, faults: impl Into<Vec<Fault>>) -> Case {
    let text = text.into();
    let spoil = move |ground: &Ground| {
        ground.list(r#"{"file": "map.tmx"}"#);
        ground.edit(A, "DATA/raw_v1", "DATA/tilemap_v1");
        ground.write(MAP, &text);
    };
    case(format!("map: {name}"), spoil, faults)
}

pub fn cases() -> Vec<Case> {
    let invalid = |says: &str| [error(MapInvalid, MAP, "", says)];
    let unsupported = |says: &str| [error(MapUnsupported, MAP, "", says)];
    let expanding =
        (0..20).map(|n| format!("<!ENTITY e{} \"&e{n};&e{n};&e{n};&e{n};\">", n + 1)).collect::<Vec<_>>().concat();
    vec![
        of("empty", "", invalid("no map of Tiled")),
        of("binary", vec![0xff; 5000], invalid("no map of Tiled")),
        of("not UTF-8", b"<map \xff>".as_slice(), invalid("not UTF-8")),
        of("an element without end", "<map orientation=\"orthogonal\">", invalid("ends within an element")),
        of("100,000 levels", format!("<map>{}", "<g>".repeat(100_000)), unsupported("more than 64 others")),
        // Each takes a hundred bytes until there are too many.
        Case {
            memory: 10,
            ..of(
                "a million elements",
                format!("<map>{}</map>", "<a/>".repeat(1_000_000)),
                unsupported("262144 elements"),
            )
        },
        of(
            "200,000 attributes",
            format!("<map {}/>", (0..200_000).map(|n| format!("a{n}=\"\" ")).collect::<Vec<_>>().concat()),
            unsupported("256 attributes"),
        ),
        of(
            "a group with a name of 4 MiB and 4,000 layers",
            map(&format!("<group name=\"{}\">{}</group>", "n".repeat(4 << 20), "<objectgroup/>".repeat(4000))),
            unsupported("1024"),
        ),
        of(
            "entities of entities",
            layer("encoding=\"csv\">&e20;")
                .replace("<map ", &format!("<!DOCTYPE map [<!ENTITY e0 \"1,2\">{expanding}]><map ")),
            invalid("none of the five of XML"),
        ),
        of(
            "four billion cells",
            layer("encoding=\"csv\">1,2").replace("width=\"2\" height=\"1\"", "width=\"65536\" height=\"65536\""),
            unsupported("4194304 cells"),
        ),
        of(
            "a negative size",
            layer("encoding=\"csv\">1,2").replace("width=\"2\"", "width=\"-2\""),
            invalid("no such number"),
        ),
        of(
            "100,000 levels of JSON",
            format!("{{\"layers\":{}", "[".repeat(100_000)),
            invalid("no map or tileset of Tiled"),
        ),
        of("a tile that is not there", layer("encoding=\"csv\">1,2"), [error(MapTile, MAP, "", "cell (1, 0): tile 1")]),
        of(
            "a picture outside",
            layer("encoding=\"csv\">1,0").replace("../pic/pic.png", "../../../outside/secret.txt"),
            [error(MapTileset, MAP, "", "it does not lie below assets/")],
        ),
        of(
            "itself",
            layer("encoding=\"csv\">1,0").replace("../pic/pic.png", "map.tmx"),
            [error(MapTileset, MAP, "", "is not of the format TILES/indexed_v1")],
        ),
    ]
}
