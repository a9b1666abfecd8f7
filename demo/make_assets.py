#!/usr/bin/env python3
"""Draws every picture and synthesizes every sound of the demo game "Glimmer Point".

    python3 demo/make_assets.py

Plain Python 3, standard library only, no clock and no randomness: the same pixels and samples every time.
(The bytes of a PNG may still differ between versions of zlib; the pixels do not.)

Sprites are ASCII grids, one character a pixel. Scenery is drawn by small functions that share one palette.
"""

import hashlib
import math
import struct
import zlib
from pathlib import Path

ASSETS = Path(__file__).resolve().parent / "assets"

# ---------------------------------------------------------------------------------------------------------
# Palette: one letter a colour. Every pair stays distinct after the reduction to RGB565.
# ---------------------------------------------------------------------------------------------------------

PALETTE = {
    "k": (0x10, 0x0C, 0x20),  # ink
    "n": (0x1C, 0x1C, 0x44),  # night navy
    "i": (0x34, 0x30, 0x6C),  # indigo
    "u": (0x64, 0x40, 0x7C),  # dusk purple
    "R": (0xAC, 0x58, 0x7C),  # dusk rose
    "P": (0xEC, 0x94, 0x7C),  # peach
    "b": (0x2C, 0x54, 0x8C),  # water blue
    "s": (0x54, 0x94, 0xBC),  # sky blue
    "a": (0xA4, 0xDC, 0xE4),  # foam
    "w": (0xF8, 0xF4, 0xDC),  # cream
    "c": (0xBC, 0xB4, 0xBC),  # pale grey
    "m": (0x84, 0x7C, 0x94),  # stone
    "M": (0x54, 0x4C, 0x6C),  # dark stone
    "g": (0x1C, 0x48, 0x44),  # pine
    "l": (0x3C, 0x7C, 0x4C),  # leaf
    "y": (0x8C, 0xBC, 0x54),  # lime
    "d": (0x44, 0x28, 0x38),  # dark earth
    "e": (0x74, 0x48, 0x44),  # earth
    "t": (0xB4, 0x80, 0x5C),  # tan
    "r": (0xCC, 0x44, 0x3C),  # red
    "D": (0x7C, 0x28, 0x40),  # wine
    "o": (0xF0, 0x8C, 0x3C),  # orange
    "f": (0xFC, 0xD8, 0x64),  # firefly
    "p": (0xF4, 0xB8, 0x9C),  # skin
    "T": (0x3C, 0xC4, 0xA4),  # teal glow
    "V": (0xE4, 0x74, 0xA4),  # pink glow
}

CLEAR = "."
BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))


# ---------------------------------------------------------------------------------------------------------
# PNG writer: any colour type and depth, plain or interlaced
# ---------------------------------------------------------------------------------------------------------

GREY, RGB, INDEXED, RGBA = 0, 2, 3, 6
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pack_row(pixels, depth):
    """One row of samples, packed from the most significant bit on."""
    samples = [v for p in pixels for v in (p if isinstance(p, tuple) else (p,))]
    if depth == 8:
        return bytes(samples)
    out, acc, bits = bytearray(), 0, 0
    for v in samples:
        acc, bits = acc << depth | v, bits + depth
        if bits == 8:
            out.append(acc)
            acc, bits = 0, 0
    if bits:
        out.append(acc << (8 - bits))
    return bytes(out)


def filtered(rows, step):
    """Rows with their filter bytes: None, Sub or Up, whichever leaves the smallest differences."""
    out, above = b"", bytes(len(rows[0]))
    for row in rows:
        left = bytes(step) + row
        options = [
            bytes([0]) + row,
            bytes([1]) + bytes((v - l) & 255 for v, l in zip(row, left)),
            bytes([2]) + bytes((v - u) & 255 for v, u in zip(row, above)),
        ]
        out += min(options, key=lambda o: sum(min(v, 256 - v) for v in o[1:]))
        above = row
    return out


def write_png(path, rows, kind, depth=8, palette=None, trns=None, interlaced=False):
    height, width = len(rows), len(rows[0])
    step = max(1, {GREY: 1, RGB: 3, INDEXED: 1, RGBA: 4}[kind] * depth // 8)
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    data = b""
    for x0, y0, dx, dy in passes:
        part = [pack_row(row[x0::dx], depth) for row in rows[y0::dy] if row[x0::dx]]
        if part:
            data += filtered(part, step)
    png = b"\x89PNG\r\n\x1a\n"
    png += chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced)))
    if palette:
        png += chunk(b"PLTE", b"".join(bytes(c) for c in palette))
    if trns is not None:
        png += chunk(b"tRNS", trns)
    png += chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
    save(path, png)


def save(path, data):
    target = ASSETS / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    print(f"{len(data):7d}  {path}")


def save_rgba(path, grid):
    colours = {CLEAR: (0, 0, 0, 0), **{k: (*v, 255) for k, v in PALETTE.items()}}
    write_png(path, [[colours[c] for c in row] for row in grid], RGBA)


def save_rgb(path, grid):
    write_png(path, [[PALETTE[c] for c in row] for row in grid], RGB)


def save_indexed(path, grid, letters, depth=4, interlaced=False):
    """Palette entries in the order of `letters`; a leading "." is a transparent entry 0."""
    index = {c: i for i, c in enumerate(letters)}
    colours = [PALETTE.get(c, (0, 0, 0)) for c in letters]
    trns = b"\x00" if letters[0] == CLEAR else None
    write_png(path, [[index[c] for c in row] for row in grid], INDEXED, depth, colours, trns, interlaced)


# ---------------------------------------------------------------------------------------------------------
# Canvas: a list of lists of palette letters
# ---------------------------------------------------------------------------------------------------------


def art(text, width=None):
    """An ASCII grid; every row must be equally long."""
    rows = [list(line) for line in text.split()]
    assert all(len(r) == (width or len(rows[0])) for r in rows), text
    return rows


def canvas(width, height, fill=CLEAR):
    return [[fill] * width for _ in range(height)]


def blit(dst, src, x, y, swap=None):
    for j, row in enumerate(src):
        for i, c in enumerate(row):
            if c != CLEAR and 0 <= y + j < len(dst) and 0 <= x + i < len(dst[0]):
                dst[y + j][x + i] = (swap or {}).get(c, c)


def dots(seed):
    """Endless small integers for scattering stars and pebbles: a fixed sequence, not randomness."""
    while True:
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        yield seed >> 12


def dither(x, y, level):
    """Whole part of `level`, or one more where the 4 by 4 Bayer pattern says so."""
    base = math.floor(level)
    return base + ((level - base) * 16 > BAYER[y & 3][x & 3] + 0.5)


# ---------------------------------------------------------------------------------------------------------
# ui/font: ASCII 32 to 127, eight glyphs a band, 5 by 8 pixels in an 8 by 8 cell
# ---------------------------------------------------------------------------------------------------------

FONT = """
..... ..#.. .#.#. .#.#. ..#.. ##..# .##.. ..#..
..... ..#.. .#.#. .#.#. .#### ##..# #..#. ..#..
..... ..#.. ..... ##### #.#.. ...#. #.#.. .....
..... ..#.. ..... .#.#. .###. ..#.. .#... .....
..... ..#.. ..... ##### ..#.# .#... #.#.# .....
..... ..... ..... .#.#. ####. #..## #..#. .....
..... ..#.. ..... .#.#. ..#.. #..## .##.# .....
..... ..... ..... ..... ..... ..... ..... .....

...#. .#... ..... ..... ..... ..... ..... ....#
..#.. ..#.. ..#.. ..#.. ..... ..... ..... ....#
.#... ...#. #.#.# ..#.. ..... ..... ..... ...#.
.#... ...#. .###. ##### ..... .###. ..... ..#..
.#... ...#. #.#.# ..#.. ..... ..... ..... .#...
..#.. ..#.. ..#.. ..#.. ..##. ..... .##.. #....
...#. .#... ..... ..... ..##. ..... .##.. #....
..... ..... ..... ..... ..#.. ..... ..... .....

.###. ..#.. .###. .###. ...#. ##### ..##. #####
#...# .##.. #...# #...# ..##. #.... .#... ....#
#..## ..#.. ....# ....# .#.#. ####. #.... ...#.
#.#.# ..#.. ..##. ..##. #..#. ....# ####. ..#..
##..# ..#.. .#... ....# ##### ....# #...# ..#..
#...# ..#.. #.... #...# ...#. #...# #...# ..#..
.###. .###. ##### .###. ...#. .###. .###. ..#..
..... ..... ..... ..... ..... ..... ..... .....

.###. .###. ..... ..... ...#. ..... .#... .###.
#...# #...# .##.. .##.. ..#.. ..... ..#.. #...#
#...# #...# .##.. .##.. .#... ##### ...#. ....#
.###. .#### ..... ..... #.... ..... ....# ..##.
#...# ....# .##.. .##.. .#... ##### ...#. ..#..
#...# ...#. .##.. .##.. ..#.. ..... ..#.. .....
.###. .##.. ..... ..#.. ...#. ..... .#... ..#..
..... ..... ..... .#... ..... ..... ..... .....

.###. .###. ####. .###. ####. ##### ##### .###.
#...# #...# #...# #...# #...# #.... #.... #...#
#.### #...# #...# #.... #...# #.... #.... #....
#.#.# ##### ####. #.... #...# ####. ####. #.###
#.### #...# #...# #.... #...# #.... #.... #...#
#.... #...# #...# #...# #...# #.... #.... #...#
.###. #...# ####. .###. ####. ##### #.... .###.
..... ..... ..... ..... ..... ..... ..... .....

#...# .###. ..### #...# #.... #...# #...# .###.
#...# ..#.. ...#. #..#. #.... ##.## ##..# #...#
#...# ..#.. ...#. #.#.. #.... #.#.# #.#.# #...#
##### ..#.. ...#. ##... #.... #.#.# #.#.# #...#
#...# ..#.. ...#. #.#.. #.... #...# #..## #...#
#...# ..#.. #..#. #..#. #.... #...# #...# #...#
#...# .###. .##.. #...# ##### #...# #...# .###.
..... ..... ..... ..... ..... ..... ..... .....

####. .###. ####. .###. ##### #...# #...# #...#
#...# #...# #...# #...# ..#.. #...# #...# #...#
#...# #...# #...# #.... ..#.. #...# #...# #...#
####. #...# ####. .###. ..#.. #...# #...# #.#.#
#.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.#
#.... #..#. #..#. #...# ..#.. #...# .#.#. ##.##
#.... .##.# #...# .###. ..#.. .###. ..#.. #...#
..... ..... ..... ..... ..... ..... ..... .....

#...# #...# ##### .###. #.... .###. ..#.. .....
#...# #...# ....# .#... #.... ...#. .#.#. .....
.#.#. .#.#. ...#. .#... .#... ...#. #...# .....
..#.. ..#.. ..#.. .#... ..#.. ...#. ..... .....
.#.#. ..#.. .#... .#... ...#. ...#. ..... .....
#...# ..#.. #.... .#... ....# ...#. ..... .....
#...# ..#.. ##### .###. ....# .###. ..... .....
..... ..... ..... ..... ..... ..... ..... #####

.#... ..... #.... ..... ....# ..... ..##. .....
..#.. ..... #.... ..... ....# ..... .#... .....
...#. .###. ####. .###. .#### .###. ####. .####
..... ....# #...# #.... #...# #...# .#... #...#
..... .#### #...# #.... #...# ##### .#... #...#
..... #...# #...# #...# #...# #.... .#... .####
..... .#### ####. .###. .#### .###. .#... ....#
..... ..... ..... ..... ..... ..... ..... .###.

#.... ..#.. ...#. #.... .##.. ..... ..... .....
#.... ..... ..... #.... ..#.. ..... ..... .....
####. .##.. ..##. #..#. ..#.. ##.#. ####. .###.
#...# ..#.. ...#. #.#.. ..#.. #.#.# #...# #...#
#...# ..#.. ...#. ##... ..#.. #.#.# #...# #...#
#...# ..#.. ...#. #.#.. ..#.. #...# #...# #...#
#...# .###. #..#. #..#. .###. #...# #...# .###.
..... ..... .##.. ..... ..... ..... ..... .....

..... ..... ..... ..... .#... ..... ..... .....
..... ..... ..... ..... .#... ..... ..... .....
####. .#### #.##. .#### ####. #...# #...# #...#
#...# #...# ##..# #.... .#... #...# #...# #.#.#
#...# #...# #.... .###. .#... #...# #...# #.#.#
####. .#### #.... ....# .#..# #...# .#.#. #.#.#
#.... ....# #.... ####. ..##. .#### ..#.. .#.#.
#.... ....# ..... ..... ..... ..... ..... .....

..... ..... ..... ...## ..#.. ##... ..... ..#..
..... ..... ..... ..#.. ..#.. ..#.. ..... #.#.#
#...# #...# ##### ..#.. ..#.. ..#.. .#... .###.
.#.#. #...# ...#. .##.. ..#.. ..##. #.#.# #####
..#.. #...# ..#.. ..#.. ..#.. ..#.. ...#. .###.
.#.#. .#### .#... ..#.. ..#.. ..#.. ..... #.#.#
#...# ....# ##### ...## ..#.. ##... ..... ..#..
..... .###. ..... ..... ..... ..... ..... .....
"""


def read_font():
    glyphs = []
    for band in FONT.strip().split("\n\n"):
        rows = [line.split() for line in band.split("\n")]
        assert len(rows) == 8 and all(len(r) == 8 for r in rows)
        glyphs += [[row[i] for row in rows] for i in range(8)]
    return {chr(32 + i): g for i, g in enumerate(glyphs)}


GLYPHS = read_font()


def write_text(dst, text, x, y, colour, shadow=None):
    for i, ch in enumerate(text):
        for j, row in enumerate(GLYPHS[ch]):
            for k, bit in enumerate(row):
                if bit == "#":
                    if shadow:
                        dst[y + j + 1][x + i * 6 + k + 1] = shadow
        for j, row in enumerate(GLYPHS[ch]):
            for k, bit in enumerate(row):
                if bit == "#":
                    dst[y + j][x + i * 6 + k] = colour


def draw_font():
    sheet = [[0] * 128 for _ in range(48)]
    for n, glyph in enumerate(GLYPHS.values()):
        for j, row in enumerate(glyph):
            for i, bit in enumerate(row):
                sheet[n // 16 * 8 + j][n % 16 * 8 + 1 + i] = int(bit == "#")
    # One bit a pixel; grey sample 0 is the transparent one.
    write_png("ui/font/font.png", sheet, GREY, depth=1, trns=b"\x00\x00")


# ---------------------------------------------------------------------------------------------------------
# ui/hud: icons and a window frame, 8 px tiles
# ---------------------------------------------------------------------------------------------------------

ICONS = """
.kk.kk.. .kk.kk.. .kk.kk.. ..kkkk.. ..kkkk.. ..kkk... ...kk... k.......
krrkrrk. krrkMMk. kMMkMMk. ..kttk.. ..kttk.. .kfofk.. ..kffk.. kk......
krwrrrk. krwrMMk. kMmMMMk. .kaaaak. .kaaaak. .kokok.. ..kffk.. kwk.....
krrrrrk. krrrMMk. kMMMMMk. kaaaaaak kafaaaak .kfook.. kkkffkkk kwwk....
.krrrk.. .krrMk.. .kMMMk.. kawaaaak kawafaak ..kok... kfffwffk kwwwk...
..krk... ..krk... ..kMk... kaaaaaak kaafaaak ..kook.. .kffffk. kwwwwk..
...k.... ...k.... ...k.... kaaaaaak kafaafak ..kok... kffkkffk kwwkkk..
........ ........ ........ .kkkkkk. .kkkkkk. ..kookk. kkk..kkk kkkwk...
"""

FRAME = """
..kkkkkkkkkkkkkkkkkkkk..
.kmmmmmmmmmmmmmmmmmmmmk.
kmckkkkkkkkkkkkkkkkkkcmk
kmkkiiiiiiiiiiiiiiiikkmk
kmkiinnnnnnnnnnnnnniikmk
kmkinnnnnnnnnnnnnnnnikmk
kmkinnnnnnnnnnnnnnnnikmk
kmkinnnnnnnnnnnnnnnnikmk
"""

BUTTONS = """
..kkkkkkkkkkkk.. ..kkkkkkkkkkkk.. ..kkkk.. ........
.kffffffffffffk. .kmmmmmmmmmmmmk. .kffffk. ..kkkk..
kfoooooooooooook kmMMMMMMMMMMMMMk kffwwffk .kMMMMk.
kfoooooooooooook kmMMMMMMMMMMMMMk kfwwwwfk kMmMMMMk
kooooooooooooook kMMMMMMMMMMMMMMk kffwwffk kMMMMMMk
kooooooooooooook kMMMMMMMMMMMMMMk koffffok .kMMMMk.
.kddddddddddddk. .kkkkkkkkkkkkkk. .kooook. ..kkkk..
..kkkkkkkkkkkk.. ..kkkkkkkkkkkk.. ..kkkk.. ........
"""


def draw_hud():
    icons = [list("".join(line.split())) for line in ICONS.split("\n") if line]
    save_indexed("ui/hud/icons.png", icons, ".kwrMmafot")

    top = art(FRAME, 24)
    middle = [top[7]] * 8
    window = canvas(64, 24)
    blit(window, top, 0, 0)
    blit(window, middle, 0, 8)
    blit(window, top[::-1], 0, 16)
    for n, row in enumerate(BUTTONS.strip().split("\n")):
        cells = "".join(row.split())
        blit(window, [list(cells[:32])], 24, n)
        blit(window, [list(cells[32:])], 24, 8 + n)
    # Divider rule, an arrow that says "more", and a tick box.
    blit(window, art("kkkkkkkk cccccccc MMMMMMMM kkkkkkkk"), 24, 18)
    blit(window, art("kkkkkkk kwwwwwk .kwwwk. ..kwk.. ...k..."), 40, 17)
    blit(window, art("kkkkkkkk kmmmmmmk kmnnnnyk kmnnnyyk kmynyynk kmyyynnk kmmymmmk kkkkkkkk"), 48, 16)
    save_indexed("ui/hud/window frame.png", window, ".knimMcwfoyd")


# ---------------------------------------------------------------------------------------------------------
# world/terrain: 16 px tiles, three files of four columns
# ---------------------------------------------------------------------------------------------------------


def earth_tile(seed):
    """Soil with a few pebbles: two tones and a highlight, set in rows so that it tiles in all directions."""
    tile = canvas(16, 16, "e")
    scatter = dots(seed)
    for y in range(1, 16, 4):
        for x in range(0, 16, 8):
            px = x + next(scatter) % 8
            py = y + next(scatter) % 3
            shape = next(scatter) % 3
            for dx, dy, c in (
                ((0, 0, "d"), (1, 0, "d")),
                ((0, 0, "t"), (1, 0, "t"), (0, 1, "d"), (1, 1, "d"), (2, 1, "d")),
                ((0, 0, "d"), (1, 0, "d"), (1, 1, "d"), (2, 1, "d")),
            )[shape]:
                tile[(py + dy) % 16][(px + dx) % 16] = c
    return tile


GRASS = """
..y..........y..
.yy..y..y...yy.y
yyylyyy.yyyyylyy
lylllylylyllllyl
lllgllllllgllgll
glgg.glgllg.g.lg
.g....g.gg....g.
"""


def grass_tile(seed, left=False, right=False):
    tile = earth_tile(seed)
    for y in range(3):
        tile[y] = [CLEAR] * 16
    grass = art(GRASS, 16)
    for x in range(16):  # a shadow under the blades
        for y in range(6, -1, -1):
            if grass[y][x] != CLEAR:
                tile[y + 1][x] = "d"
                break
    blit(tile, grass, 0, 0)
    for edge, x0, step in ((left, 0, 1), (right, 15, -1)):
        if edge:
            for y in range(16):
                if y < 2:
                    tile[y][x0] = CLEAR
                else:
                    tile[y][x0] = "y" if y == 2 else "l" if y < 5 else "g" if y < 7 else "d"
                tile[y][x0 + step] = "l" if 2 < y < 4 else "d" if y > 6 and y % 5 < 2 else tile[y][x0 + step]
    return tile


PROPS = """
................ ................ ................ ......kkkk......
................ ................ ................ .....kMMMMk.....
................ ................ ................ ....kMMMMMMk....
................ ................ ................ .....kffffk.....
................ ................ .....kkkkkk..... .....kfwwfk.....
................ ................ ...kkllllllkk... .....kfwwfk.....
.....VV......... ................ ..kllyyyllyyllk. .....kffffk.....
....VfwV........ .kkk........kkk. .kllyylllllylllk .....kMMMMk.....
.....VV...w..... .ktk........ktk. .klylllVlllllllk ......kkkk......
......l..wfw.... kktkkkkkkkkkktkk kllllylllllllVlk .......kM.......
...l..l...w..... ttttttttttttttte kllllllllylllllk .......kM.......
...ll.l...l...l. kktekkkkkkkkktek klVllglllllllglk .......kM.......
....l.l.l.l..ll. .kte........kte. klllglllglVlllgk .......kM.......
.l..lyl.l.l..l.. kktekkkkkkkkktek kgllllglllllglgk .......kM.......
.ly.lyl.lyl.yl.l eeteeeeeeeeeetee .kglgglglglgggk. .......kM.......
ylylylylylylylyl kktekkkkkkkkktek ..kgggggggggkk.. ......kkMM......
"""


def draw_meadow():
    sheet = canvas(64, 48)
    tops = [grass_tile(3, left=True), grass_tile(5), grass_tile(9, right=True), grass_tile(12, True, True)]
    for i, tile in enumerate(tops):
        blit(sheet, tile, i * 16, 0)
    plain, roots, bones, dark = earth_tile(21), earth_tile(22), earth_tile(23), earth_tile(24)
    blit(roots, art(".t...... .tt...t. ..t..tt. ..tttt.. ...t.... ..tt.... ..t....."), 4, 2)
    blit(bones, art("ddd.ddd. dwwdwwd. dwwwwcd. .dwcdd.. .dwcd... .dwcdd.. dwwwwcd. dwcdwcd. ddd.ddd."), 5, 4)
    for y in range(16):
        for x in range(16):
            if dither(x, y, y / 9 - 0.4) > 0:
                dark[y][x] = {"t": "e", "e": "d", "d": "d"}[dark[y][x]]
    for i, tile in enumerate((plain, roots, bones, dark)):
        blit(sheet, tile, i * 16, 16)
    for j, line in enumerate(PROPS.strip().split("\n")):
        for i, cell in enumerate(line.split()):
            blit(sheet, [list(cell[:16])], i * 16, 32 + j)
    save_rgba("world/terrain/tiles/01-meadow.png", sheet)


def brick_tile(worn=()):
    tile = canvas(16, 16, "m")
    for course in range(4):
        y0, shift = course * 4, course % 2 * 4
        for y in range(4):
            for x in range(16):
                col = (x + shift) % 8
                if y == 3 or col == 7:
                    tile[y0 + y][x] = "k" if y == 3 and col == 7 else "M"
                elif y == 0 or col == 0:
                    tile[y0 + y][x] = "c" if y == 0 and col < 5 else "m"
    for x, y in worn:
        tile[y][x] = "k"
    return tile


WINDOW = """
....kkkkkkkk....
...kMMMMMMMMk...
..kMfffkkfffMk..
..kMfwfkkfwfMk..
..kMfffkkfffMk..
..kMfffkkfffMk..
..kMkkkkkkkkMk..
..kMfffkkfffMk..
..kMoffkkoffMk..
..kMoookkoooMk..
..kMMMMMMMMMMk..
.kcccccccccccck.
.kkkkkkkkkkkkkk.
"""

DOOR = """
.....kkkkkk.....
...kkttttttkk...
..kttetttettek..
..kteetetteteek.
.ktteettetteeek.
.ktettetteteeek.
.kteetetteteeek.
.ktteettettkfek.
.kteettteetfoek.
.ktteettetteeek.
.kteetetteteeek.
.ktettetteteeek.
.ktteettetteeek.
.kkkkkkkkkkkkkk.
.kMMMMMMMMMMMMk.
kccccccccccccccc
"""

STAIRS = "kkkkkkkkkkkkkkkk cccccccccccccccc mmmmmmmmmmmmmmmm MMMMMMMMMMMMMMMM"


def draw_lighthouse_walls():
    sheet = canvas(64, 32, "k")
    crack = [(9, 1), (8, 2), (8, 4), (7, 5), (7, 6), (6, 8), (6, 9), (7, 10), (5, 12), (11, 5), (10, 6)]
    window, door, mossy, ladder = brick_tile(), brick_tile(), brick_tile(), brick_tile()
    blit(window, art(WINDOW, 16), 0, 1)
    blit(door, art(DOOR, 16), 0, 0)
    for x in range(16):
        drop = (3, 5, 4, 2, 2, 6, 7, 4, 3, 2, 4, 5, 8, 5, 3, 2)[x]
        for y in range(drop):
            mossy[y][x] = "y" if y == 0 else "g" if y == drop - 1 else "l"
    for y in range(16):
        for x in (3, 4, 11, 12):
            ladder[y][x] = "t" if x in (3, 11) else "e"
        if y % 4 == 1:
            ladder[y][3:13] = list("tttttttttt")
            ladder[y + 1][3:13] = list("kkkkkkkkkk")
    inside = canvas(16, 16, "d")
    for y in range(16):
        for x in range(16):
            if y % 8 == 7 or (x + y // 8 * 8) % 16 == 15:
                inside[y][x] = "k"
    platform = [row[:] for row in inside]
    blit(platform, art(STAIRS, 16), 0, 0)
    blit(platform, art("kkkkkkkkkkkkkkkk .kMMk......kMMk. ..kMMk....kMMk.. ...kkk....kkk..."), 0, 4)
    tiles = (brick_tile(), brick_tile(crack), mossy, window, door, ladder, platform, inside)
    for n, tile in enumerate(tiles):
        blit(sheet, tile, n % 4 * 16, n // 4 * 16)
    save_rgb("world/terrain/tiles/02-lighthouse.png", sheet)


def draw_water():
    """Four frames of a rolling surface above four of deep water; two bits a pixel, interlaced."""
    sheet = canvas(64, 32, "b")
    for frame in range(4):
        for x in range(16):
            phase = 2 * math.pi * (x / 16 + frame / 4)
            crest = round(4 + 1.6 * math.sin(phase))
            for y in range(16):
                sheet[y][frame * 16 + x] = (
                    CLEAR if y < crest else "a" if y == crest else "s" if y < crest + 3 else "b"
                )
            if math.cos(phase) > 0.3:  # foam on the slope that faces the wind
                sheet[crest + 1][frame * 16 + x] = "a"
        for row, (y, start, length) in enumerate(((10, 2, 4), (13, 10, 5), (18, 5, 6), (23, 12, 4), (28, 1, 5))):
            for i in range(length):
                x = (start + i + (frame * 4 if row % 2 else -frame * 4)) % 16
                sheet[y][frame * 16 + x] = "s"
    save_indexed("world/terrain/tiles/03-water.png", sheet, ".bsa", depth=2, interlaced=True)


# ---------------------------------------------------------------------------------------------------------
# world/moon: phases and clouds in sixteen greys, 16 px tiles
# ---------------------------------------------------------------------------------------------------------


def draw_moon():
    moon = [[0] * 64 for _ in range(16)]
    craters = ((5, 5, 1.8), (10, 8, 1.5), (6, 11, 1.2), (10, 4, 1.0))
    for phase in range(4):
        for y in range(16):
            for x in range(16):
                dx, dy = x - 7.5, y - 7.5
                if dx * dx + dy * dy > 49:
                    continue
                edge = math.sqrt(49 - dy * dy) * (1, 0.45, -0.1, -0.7)[phase]
                lit = dx <= edge
                shade = 15 if dx + dy < 2 else 13 if dx + dy < 7 else 11
                if any((x - cx) ** 2 + (y - cy) ** 2 <= r * r for cx, cy, r in craters):
                    shade -= 3
                moon[y][phase * 16 + x] = shade if lit else 3
    write_png("world/moon/moon.png", moon, GREY, depth=4, trns=b"\x00\x00")

    clouds = [[0] * 64 for _ in range(32)]
    banks = (((10, 4), (18, 7), (27, 9), (36, 5), (50, 4), (55, 3)), ((9, 3), (19, 5), (30, 7), (39, 10), (50, 6)))
    for bank, puffs in enumerate(banks):
        inside = lambda x, y: y < 14 and any((x - cx) ** 2 + (1.2 * (y - 14)) ** 2 < (r + 2.9) ** 2 for cx, r in puffs)
        for y in range(14):
            for x in range(64):
                if inside(x, y):
                    rim = next(d for d in range(1, 20) if not inside(x - d // 2, y - d))
                    level = 3.4 - rim * 0.35 if rim > 1 else 4
                    clouds[bank * 16 + y][x] = (4, 6, 8, 11, 14)[max(0, min(4, dither(x, y, level)))]
    write_png("world/moon/clouds.png", clouds, GREY, depth=4, trns=b"\x00\x00", interlaced=True)


# ---------------------------------------------------------------------------------------------------------
# actors/keeper: the lighthouse keeper, 16 px, one file a frame
# ---------------------------------------------------------------------------------------------------------

HEAD = """
.....kkkkk......
....kfffffk.....
...kffwffook....
...kfffffook....
..kkffffoookkk..
.kooooooooooook.
..kkwppkpkpkkk..
...kwppppppk....
...kwwwwwwk.....
"""

BLINK = {6: "..kkwpppppppkk..", 7: "...kwppkpkpk...."}

BODY = """
..kkfwwwwofk....
.kffffwwoofkkk..
.kfkffffoofffpk.
.kpkfffoookkMMk.
..kkffoook.kwfk.
...kffooookkffk.
............kk..
"""

BODY_UP = """
..kkfwwwwofkfpk.
.kffffwwooffkMMk
.kfkffffookkkwfk
.kpkfffoook.kffk
..kkffoookk..kk.
...kffooook.....
"""

LEGS = {
    "stand": "...kMkkkMk...... ...kkkkkkkk.....",
    "step-a": "..kMMk.kMMk..... ..kkk...kkkk....",
    "step-b": "....kMMk........ ....kkkkk.......",
    "step-c": "..kMkkMMk....... .kkk.kkkk.......",
    "jump": "..kMMk.kMMk..... ..kk....kk......",
    "fall": "...kMk.kMk...... ....kk..kk......",
}


def keeper(legs="stand", body=BODY, bob=0, blink=False):
    frame = canvas(16, 16)
    head = art(HEAD, 16)
    if blink:
        for y, row in BLINK.items():
            head[y] = list(row)
    blit(frame, art(LEGS[legs], 16), 0, 14)
    blit(frame, art(body, 16), 0, 8 + bob)
    blit(frame, head[max(0, -bob):], 0, max(0, bob))
    return frame


KEEPER_COLOURS = ".kwfopM"


def draw_keeper():
    frames = {
        "idle/1": keeper(),
        "idle/2": keeper(bob=1),
        "idle/3": keeper(blink=True),
        "walk/1": keeper("step-a", bob=1),
        "walk/2": keeper("step-b"),
        "walk/3": keeper("step-c", bob=1),
        "walk/4": keeper("step-b"),
        "jump/1": keeper("stand", bob=1),
        "jump/2": keeper("jump", BODY_UP),
        "jump/3": keeper("fall", BODY_UP),
    }
    for name, frame in frames.items():
        save_indexed(f"actors/keeper/{name}.png", frame, KEEPER_COLOURS)
    # A working sketch that sits beside the frames; the manifest leaves it out.
    sketch = [["k" if c == "k" else "." for c in row] for row in keeper("jump", BODY_UP)]
    save_indexed("actors/keeper/jump/wave-sketch.png", sketch, ".k", depth=1)


# ---------------------------------------------------------------------------------------------------------
# actors/fireflies: 8 px, four frames of glow, one file a colour
# ---------------------------------------------------------------------------------------------------------

FIREFLY = """
........ ........ #......# ........
.c....c. ........ .c....c. ........
.cc..cc. ccc..ccc .cc..cc. ccc..ccc
..ckkc.. ..ckkc.. #.ckkc.# ..ckkc..
...kk... ...kk... ...kk... ...kk...
...##... ..#ww#.. .##ww##. ..#ww#..
...##... ..#ww#.. ..#ww#.. ..####..
........ ...##... #..##..# ........
"""


def draw_fireflies():
    for name, glow in (("amber", "f"), ("rose", "V"), ("teal", "T")):
        rows = [list("".join(line.split())) for line in FIREFLY.strip().split("\n")]
        save_rgba(f"actors/fireflies/{name}.png", [[glow if c == "#" else c for c in row] for row in rows])


# ---------------------------------------------------------------------------------------------------------
# actors/lamp: 16 px, an Aseprite sprite of six frames in two layers, of which the light is added to the lamp
# ---------------------------------------------------------------------------------------------------------

LAMP = """
................
......kkkk......
.....kMMMMk.....
....kMMMMMMk....
...kkkkkkkkkk...
....kebeebek....
....kebeebek....
....kebeebek....
....kebeebek....
....kebeebek....
...kkkkkkkkkk...
...kmmmmmmmmk...
....kMmMMmMk....
....kMmMMmMk....
...kkkkkkkkkk...
................
"""

# How bright the lamp is in each frame, and for how many milliseconds.
LAMP_FRAMES = ((0, 400), (1, 90), (2, 90), (3, 240), (2, 90), (1, 90))


def ase_text(text):
    return struct.pack("<H", len(text)) + text.encode()


def ase_chunk(kind, content):
    return struct.pack("<IH", len(content) + 6, kind) + content


def ase_layer(name, mode):
    return ase_chunk(0x2004, struct.pack("<6HB3x", 1, 0, 0, 0, 0, mode, 255) + ase_text(name))


def ase_cel(layer, x, y, rows):
    head = struct.pack("<HhhBHh5xHH", layer, x, y, 255, 2, 0, len(rows[0]), len(rows))
    return ase_chunk(0x2005, head + zlib.compress(b"".join(bytes(c) for row in rows for c in row), 9))


def ase_tags(tags):
    entries = b"".join(struct.pack("<HHBH6x4x", first, last, way, 0) + ase_text(name) for name, first, last, way in tags)
    return ase_chunk(0x2018, struct.pack("<H8x", len(tags)) + entries)


def draw_lamp():
    colours = {CLEAR: (0, 0, 0, 0), **{k: (*v, 255) for k, v in PALETTE.items()}}
    lamp = [[colours[c] for c in line] for line in LAMP.strip().split("\n")]
    frames = b""
    for number, (light, duration) in enumerate(LAMP_FRAMES):
        chunks = []
        if number == 0:
            chunks += [ase_layer("lamp", 0), ase_layer("light", 16), ase_tags([("dark", 0, 0, 0), ("flash", 1, 5, 0)])]
        # The second and later frames have the lamp of the first.
        link = ase_chunk(0x2005, struct.pack("<HhhBHh5xH", 0, 0, 0, 255, 1, 0, 0))
        chunks.append(ase_cel(0, 0, 0, lamp) if number == 0 else link)
        if light:
            chunks.append(ase_cel(1, 5, 5, [[(40 * light, 32 * light, 8 * light, 255)] * 6] * 5))
        body = b"".join(chunks)
        frames += struct.pack("<IHHH2xI", len(body) + 16, 0xF1FA, len(chunks), duration, len(chunks)) + body
    head = struct.pack("<IHHHHHIH8xB3xHBB", len(frames) + 128, 0xA5E0, len(LAMP_FRAMES), 16, 16, 32, 1, 100, 0, 0, 1, 1)
    save("actors/lamp/lamp.aseprite", head.ljust(128, b"\0") + frames)


# ---------------------------------------------------------------------------------------------------------
# wip/storm crow: not in the build yet
# ---------------------------------------------------------------------------------------------------------

CROW = """
................ ................ ..kkk...........
................ ................ ...kkkk.........
......kkk....... .......kkk...... ....kkkkk.......
.....kkwkk...... ......kkwkk..... .....kkkkk.kkk..
.....kkkkkcc.... ......kkkkkcc... ......kkkkkkwkk.
....kkkkkc...... .k...kkkkkc..... ......kkkkkkkkcc
...kkkkkk....... .kk.kkkkkk...... ..kkkkkkkkkkkc..
..kkkkkkk....... ..kkkkkkkk...... .kkkkkkkkkkkk...
.kkMMkkkk....... ..kkkkkkkk...... kkkk.kkkkkkk....
.kMMMMkkk....... ..kkMMMkkk...... .....kkkkk......
kkMMMkkk........ .kkkMMkkk....... ......kkkkk.....
kkkkkkk......... .kkkkkkk........ .......kkkk.....
kkk.c.c......... kkk..c.c........ ........kkk.....
kk..c.c......... kk...c.c........ .........kk.....
...cc.cc........ ....cc.cc....... ................
................ ................ ................
"""


def draw_crow():
    shade = {".": 0, "k": 1, "M": 2, "c": 3, "w": 3}
    rows = ["".join(line.split()) for line in CROW.strip().split("\n")]
    write_png("wip/storm crow/crow.png", [[shade[c] for c in r] for r in rows], GREY, depth=2, trns=b"\x00\x00")


# ---------------------------------------------------------------------------------------------------------
# screens/title: 256 by 192 in fifteen colours, 32 px tiles
# ---------------------------------------------------------------------------------------------------------

TITLE_COLOURS = ".kniuRPglewcrDfo"


def doubled(bits):
    """Twice as large with smoothed corners (the Scale2x rule)."""
    h, w = len(bits), len(bits[0])
    at = lambda x, y: bits[y][x] if 0 <= x < w and 0 <= y < h else 0
    out = [[0] * (2 * w) for _ in range(2 * h)]
    for y in range(h):
        for x in range(w):
            p, a, b, c, d = at(x, y), at(x, y - 1), at(x + 1, y), at(x - 1, y), at(x, y + 1)
            out[2 * y][2 * x] = a if c == a != d and a != b else p
            out[2 * y][2 * x + 1] = b if a == b != c and b != d else p
            out[2 * y + 1][2 * x] = c if d == c != b and c != a else p
            out[2 * y + 1][2 * x + 1] = d if b == d != a and d != c else p
    return out


def write_logo(dst, text, x, y):
    """Large letters that fade from cream to rose, in an ink outline with a drop shadow."""
    bits = [[0] * (6 * len(text) + 1) for _ in range(9)]
    for i, ch in enumerate(text):
        for j, row in enumerate(GLYPHS[ch]):
            for k, bit in enumerate(row):
                bits[j + 1][1 + i * 6 + k] = int(bit == "#")
    bits = doubled(doubled(bits))
    on = [(i, j) for j, row in enumerate(bits) for i, bit in enumerate(row) if bit]
    for i, j in on:
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (-1, -1), (1, -1), (-1, 1)):
            dst[y + j + dy][x + i + dx] = "k"
    for i, j in on:
        dst[y + j][x + i] = "wfPR"[min(3, max(0, dither(i, j, (j - 7) / 8)))]


def draw_title():
    width, height, horizon = 256, 192, 138
    sky = "kniuRP"
    lamp_x, lamp_y = 206, 89
    img = canvas(width, height, "k")

    # Sky: a dithered dusk, brightened inside the two beams of the lamp.
    for y in range(horizon):
        for x in range(width):
            level = 5.2 * (y / horizon) ** 1.6
            along, across = lamp_x - x, y - lamp_y - 0.06 * (lamp_x - x)
            reach = 0.13 if along > 0 else 0.16
            if abs(across) < 2 + abs(along) * reach and abs(along) > 6:
                fade = max(0.0, 1 - abs(along) / 250)
                core = 1 - abs(across) / (2 + abs(along) * reach)
                glow = fade * (0.55 + 0.9 * core)
                if glow * 16 > BAYER[y & 3][x & 3] + 17 - 7 * fade:
                    img[y][x] = "f"
                    continue
                level += 1.5 * glow
            img[y][x] = sky[max(0, min(5, dither(x, y, level)))]

    # Stars, thinning out towards the horizon.
    scatter = dots(2024)
    for n in range(160):
        x, y = next(scatter) % width, next(scatter) % 100
        if next(scatter) % 100 > y and img[y][x] in "kni" and not (x < 184 and 8 < y < 78):
            img[y][x] = "w" if n % 3 == 0 else "c" if n % 3 == 1 else "u"
            if n % 17 == 0 and 0 < x < width - 1 and y > 0:
                for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    img[y + dy][x + dx] = "u"

    # Moon.
    mx, my, r = 42, 108, 12
    for y in range(my - r, my + r + 1):
        for x in range(mx - r, mx + r + 1):
            d2 = (x - mx) ** 2 + (y - my) ** 2
            if d2 <= r * r + 3:
                crater = any((x - mx - cx) ** 2 + (y - my - cy) ** 2 <= cr for cx, cy, cr in
                             ((-4, -3, 9), (4, 2, 6), (-2, 6, 4), (5, -6, 3)))
                dark = (x - mx) + (y - my) > 9
                img[y][x] = "P" if dark and crater else "c" if crater or dark else "w"

    # Clouds: flat-bottomed heaps with a lit rim.
    for cx, base, heaps in ((62, 127, ((-18, 5), (-6, 9), (8, 7), (20, 4))),
                            (142, 122, ((-22, 4), (-10, 7), (2, 10), (16, 6), (26, 3)))):
        for y in range(base - 14, base):
            for x in range(cx - 36, cx + 40):
                inside = lambda px, py: any((px - cx - hx) ** 2 + ((py - base) * 1.2) ** 2 <= (hr + 2) ** 2
                                            for hx, hr in heaps)
                if 0 <= x < width and inside(x, y):
                    img[y][x] = "P" if not inside(x, y - 1) else "R" if not inside(x + 1, y - 3) else "u"

    # Far islands.
    for x in range(width):
        rise = 5 * math.sin(x / 17) + 3 * math.sin(x / 7 + 1) - 1
        for y in range(int(horizon - max(0, rise)), horizon):
            img[y][x] = "i"

    # Sea: dark bands, a trail of moonlight, broken glints.
    sea = "Ruin"
    for y in range(horizon, height):
        t = (y - horizon) / (height - horizon)
        for x in range(width):
            img[y][x] = sea[max(0, min(3, dither(x, y, 0.5 + 3.6 * t ** 0.7)))]
    for y in range(horizon, height - 14):
        row = y - horizon
        for n in range(1 + row // 9):
            length = 2 + next(scatter) % (3 + row // 6)
            x = next(scatter) % width
            for i in range(length):
                if x + i < width and row % 3 == 1:
                    img[y][x + i] = "R" if row < 22 else "u"
        spread = 5 + row * 0.35
        for n in range(4):
            x = mx + (next(scatter) % 1000 / 500 - 1) * spread
            length = 2 + next(scatter) % 6
            for i in range(length):
                img[y][int(x + i - length / 2)] = "w" if row % 2 == 0 and n < 2 else "P"

    # Headland: grass on top, rock below.
    for x in range(130, width):
        top = 152 - round(2 * math.sin((x - 150) / 13)) if x > 164 else 152 + round(((164 - x) / 34) ** 1.4 * 34)
        for y in range(top, height):
            depth = y - top
            if depth < 2:
                img[y][x] = "l"
            elif depth < 4 + x * 7 % 3:
                img[y][x] = "g"
            else:
                course = (y + x // 19) // 7  # rough blocks of stone, each lit from the upper left
                across, down = (x + course * 23 % 17) % 17, (y + x // 19) % 7
                if down == 6 or across == 16:
                    img[y][x] = "k"
                else:
                    light = 2.1 - depth / 22 + (0.8 if down == 0 or across == 0 else 0) - (0.5 if across > 12 else 0)
                    img[y][x] = "niDe"[max(0, min(3, dither(x, y, light)))]
        if x * 5 % 7 < 2:
            img[top - 1][x] = "l"
        if x * 5 % 11 == 3:
            img[top - 2][x] = img[top - 1][x] = "l"

    # Cottage.
    for y in range(138, 155):
        for x in range(224, 249):
            img[y][x] = "w" if x < 240 else "c"
    for y in range(128, 139):
        half = 6 + (y - 128) * 0.85
        for x in range(int(236 - half), int(237 + half)):
            if x < width:
                img[y][x] = "k" if y == 138 else "r" if (y % 3 or x % 4) and x < 236 + half * 0.5 else "D"
    for y in range(122, 131):
        for x in range(242, 246):
            img[y][x] = "k" if y == 122 else "c"
    for y in range(142, 149):
        for x in range(228, 235):
            img[y][x] = "k" if y in (142, 148) or x in (228, 231, 234) or y == 145 else "f"
    for y in range(143, 155):
        for x in range(239, 245):
            img[y][x] = "k" if y == 143 or x in (239, 244) else "D"

    # Lighthouse: tower, gallery, lamp room, dome.
    for y in range(101, 155):
        half = 8 + (y - 101) * 6 / 54
        for x in range(int(lamp_x - half), int(lamp_x + half) + 1):
            side = (x - lamp_x) / half
            band = int((y - 101 + 2.5 * (1 - side * side)) // 11) % 2
            light, dark = ("r", "D") if band else ("w", "c")
            img[y][x] = "k" if abs(side) > 0.97 else dark if dither(x, y, side * 2.4 - 0.2) > 0 else light
    for x0, y0 in ((204, 115), (205, 129)):
        for y in range(y0, y0 + 6):
            for x in range(x0, x0 + 4):
                img[y][x] = "f" if 0 < x - x0 < 3 and 0 < y - y0 < 5 else "k"
    for y in range(143, 155):
        for x in range(202, 210):
            if not (y == 143 and x in (202, 209)):
                img[y][x] = "k" if x in (202, 209) or y < 145 else "e"
    for x in range(lamp_x - 12, lamp_x + 13):  # gallery with its railing
        for y, c in ((96, "k" if x % 4 == 2 else None), (97, "k"), (98, "k" if x % 4 == 2 else None),
                     (99, "c"), (100, "k"), (101, "k" if abs(x - lamp_x) < 11 else None)):
            if c:
                img[y][x] = c
    for y in range(83, 97):
        for x in range(lamp_x - 7, lamp_x + 8):
            d = math.hypot(x - lamp_x, y - lamp_y)
            glow = "w" if d < 4 else "f"
            img[y][x] = "k" if x - lamp_x in (-7, 0, 7) and d > 4 or x - lamp_x in (-7, 7) else glow
    for y in range(74, 84):
        half = 9 * math.sqrt(max(0, 1 - ((84 - y) / 10.5) ** 2)) + 0.5
        for x in range(int(lamp_x - half), int(lamp_x + half) + 1):
            img[y][x] = "D" if x > lamp_x + half * 0.3 else "r" if x > lamp_x - half * 0.6 else "P"
    for x in range(lamp_x - 10, lamp_x + 11):
        img[83][x] = "k"
    for y in range(69, 75):
        img[y][lamp_x] = "k"
    img[68][lamp_x] = "f"

    # The keeper, out for a walk.
    blit(img, keeper(), 176, 137, {"p": "P", "M": "u"})

    # Meadow in front, in silhouette, with lit tips.
    for x in range(width):
        hill = 184 - 5 * math.sin(x / 40 + 0.6) - 2 * math.sin(x / 11)
        blade = (0, 3, 1, 5, 2, 0, 4, 1, 2, 6, 1, 3, 0, 2)[x * 3 % 14]
        for y in range(int(hill) - blade, height):
            img[y][x] = "l" if y == int(hill) - blade and blade > 2 else "g" if y < hill + 1 + x % 3 else "k"

    # Fireflies over the grass.
    for n, (x, y) in enumerate(((18, 160), (43, 171), (70, 163), (101, 173), (128, 160), (150, 174), (170, 166),
                                (12, 178), (222, 170), (246, 176), (60, 180), (196, 178))):
        big = n % 3 == 0
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            img[y + dy][x + dx] = "f" if big else "P"
        if big:
            for dx, dy in ((-2, 0), (2, 0), (0, -2), (0, 2), (-1, -1), (1, -1), (-1, 1), (1, 1)):
                img[y + dy][x + dx] = "P"
        img[y][x] = "w"

    write_logo(img, "GLIMMER", 12, 8)
    write_logo(img, "POINT", 12, 42)
    write_text(img, "PRESS START", 76, 158, "w", "k")
    assert set(sum(img, [])) <= set(TITLE_COLOURS)
    save_indexed("screens/title/title.png", img, TITLE_COLOURS)


# ---------------------------------------------------------------------------------------------------------
# WAV writer and a very small synthesizer
# ---------------------------------------------------------------------------------------------------------


def write_wav(path, channels, rate, bits, loop=None):
    """`channels`: one list of floats in [-1, 1] each. `loop`: first and last frame, both played."""
    body = bytearray()
    for frame in zip(*channels):
        for v in frame:
            v = max(-1.0, min(1.0, v))
            body += bytes([round(128 + v * 127)]) if bits == 8 else struct.pack("<h", round(v * 32767))
    align = len(channels) * bits // 8
    parts = [(b"fmt ", struct.pack("<HHIIHH", 1, len(channels), rate, rate * align, align, bits)), (b"data", body)]
    if loop:
        header = struct.pack("<9I", 0, 0, 1_000_000_000 // rate, 60, 0, 0, 0, 1, 0)
        parts.append((b"smpl", header + struct.pack("<6I", 0, 0, loop[0], loop[1], 0, 0)))
    riff = b"WAVE"
    for kind, data in parts:
        riff += kind + struct.pack("<I", len(data)) + bytes(data) + b"\0" * (len(data) % 2)
    save(path, b"RIFF" + struct.pack("<I", len(riff)) + riff)


def crc(data, bits, polynomial):
    """The checksum of `data` as FLAC has it, of so many bits."""
    value = 0
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value >> (bits - 1) else 0)) & ((1 << bits) - 1)
    return value


def write_flac(path, samples, rate):
    """`samples`: floats in [-1, 1] of one channel. Frames of a fixed predictor of order 2, with 16 bits."""
    values = [round(max(-1.0, min(1.0, v)) * 32767) for v in samples]
    size, stream = 4096, b""
    for number in range(0, (len(values) + size - 1) // size):
        block = values[number * size:(number + 1) * size]
        header = bytes([0xFF, 0xF8, 0x70, 0x08, number]) + struct.pack(">H", len(block) - 1)
        header += bytes([crc(header, 8, 0x07)])
        rest = [block[n] - 2 * block[n - 1] + block[n - 2] for n in range(2, len(block))]
        folded = [2 * v if v >= 0 else -2 * v - 1 for v in rest]
        width = min(range(15), key=lambda k: sum((v >> k) + 1 + k for v in folded))
        bits = "0" + "001010" + "0" + "".join(format(v & 0xFFFF, "016b") for v in block[:2])
        bits += "00" + "0000" + format(width, "04b")
        for v in folded:
            bits += "0" * (v >> width) + "1" + (format(v & ((1 << width) - 1), f"0{width}b") if width else "")
        bits += "0" * (-len(bits) % 8)
        frame = header + int(bits, 2).to_bytes(len(bits) // 8, "big")
        stream += frame + struct.pack(">H", crc(frame, 16, 0x8005))
    info = struct.pack(">HH", size, size) + bytes(6)
    info += ((rate << 44) | (15 << 36) | len(values)).to_bytes(8, "big")
    info += hashlib.md5(struct.pack(f"<{len(values)}h", *values)).digest()
    save(path, b"fLaC" + bytes([0x80]) + len(info).to_bytes(3, "big") + info + stream)


def note(name):
    """Frequency of "A4", "C#5", …"""
    step = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}[name[0]] + ("#" in name) - ("b" in name)
    return 440.0 * 2 ** (step / 12 + int(name[-1]) - 4)


def pulse(phase, duty=0.5):
    return 1.0 if phase % 1 < duty else -1.0


def triangle(phase):
    return 4 * abs(phase % 1 - 0.5) - 1


def bell(phase):
    return 0.7 * math.sin(2 * math.pi * phase) + 0.3 * math.sin(8 * math.pi * phase)


def sweep(rate, seconds, pitch, voice, level):
    """A voice whose pitch and loudness are functions of the time from 0 to 1."""
    out, phase, count = [], 0.0, int(rate * seconds)
    for n in range(count):
        t = n / count
        phase += pitch(t) / rate
        out.append(voice(phase) * level(t))
    return out


def noise(seed):
    """A 15-bit shift register, as in the old sound chips."""
    reg = seed
    while True:
        bit = (reg ^ (reg >> 1)) & 1
        reg = reg >> 1 | bit << 14
        yield 1.0 if reg & 1 else -1.0


def arpeggio(rate, names, seconds, voice=bell, decay=5.0):
    out = [0.0] * int(rate * (seconds * len(names) + 0.18))
    for i, name in enumerate(names):
        start = int(rate * seconds * i)
        for n in range(len(out) - start):
            t = n / rate
            out[start + n] += 0.5 * voice(note(name) * t) * math.exp(-decay * t * 4) * min(1, n / 30)
    tail = int(rate * 0.05)
    for n in range(tail):
        out[-1 - n] *= n / tail
    return out


def play_keeper():
    rate = 11025
    jump = sweep(rate, 0.19, lambda t: 220 + 520 * t, lambda p: pulse(p, 0.25), lambda t: 0.5 * (1 - t) ** 0.7)
    hiss = noise(0x1234)
    land = sweep(rate, 0.13, lambda t: 150 - 90 * t, lambda p: 0.6 * triangle(p) + 0.4 * next(hiss),
                 lambda t: 0.7 * (1 - t) ** 2)
    step = sweep(rate, 0.05, lambda t: 90, lambda p: 0.3 * triangle(p) + 0.5 * next(hiss),
                 lambda t: 0.5 * (1 - t) ** 3)
    for name, samples in (("jump", jump), ("land", land), ("step", step)):
        write_wav(f"sfx/keeper/{name}.wav", [samples], rate, 8)
    whistle = sweep(rate, 0.3, lambda t: 1200 + 500 * math.sin(math.pi * t), triangle,
                    lambda t: 0.5 * min(1, 12 * t, 6 * (1 - t)))
    write_flac("sfx/keeper/whistle.flac", whistle, rate)


def play_pickups():
    write_wav("sfx/pickups/firefly.wav", [arpeggio(22050, ("E5", "A5", "C#6"), 0.055)], 22050, 16)
    write_wav("sfx/pickups/oil.wav",
              [arpeggio(22050, ("A3", "E4"), 0.08, lambda p: triangle(p + 0.1 * math.sin(p)))], 22050, 16)
    chord = ("D4", "F#4", "A4", "D5", "F#5", "A5")
    left = arpeggio(11025, chord, 0.07, decay=1.6)
    late = int(11025 * 0.03)
    right = [0.0] * late + left[:-late]
    write_wav("sfx/pickups/lamp lit.wav", [left, [0.85 * v for v in right]], 11025, 16)


def play_music():
    """A night waltz of four bars. The lead-in is the fourth bar, so the loop meets its own echo."""
    rate, beat = 11025, 2940
    bars = (  # bass, two soft chord notes, melody: (beat, length, note)
        ("D3", ("A3", "F4"), ((0, 1, "A4"), (1, 1, "D5"), (2, 1, "E5"))),
        ("Bb2", ("F3", "D4"), ((0, 2, "F5"), (2, 1, "D5"))),
        ("G2", ("D3", "Bb3"), ((0, 1, "E5"), (1, 1, "D5"), (2, 1, "Bb4"))),
        ("A2", ("E3", "C#4"), ((0, 2, "A4"), (2, 0.5, "C#5"), (2.5, 0.5, "E5"))),
    )
    order = (3, 0, 1, 2, 3)
    bar = 3 * beat
    total = bar * len(order)
    lead, band = [0.0] * total, [0.0] * total

    def play(track, start, length, freq, voice, level, decay):
        for n in range(min(length, total - start)):
            t = n / rate
            edge = min(1, n / 40, (length - n) / 200)
            track[start + n] += level * edge * math.exp(-decay * t) * voice(freq * t)

    for k, index in enumerate(order):
        bass, chord, melody = bars[index]
        play(band, k * bar, 2 * beat, note(bass), triangle, 0.34, 1.6)
        for b in (1, 2):
            for name in chord:
                play(band, k * bar + b * beat, beat, note(name), lambda p: pulse(p, 0.5), 0.055, 7)
        for b, length, name in melody:
            play(lead, k * bar + int(b * beat), int(length * beat), note(name), bell, 0.38, 2.2)

    echo = int(1.5 * beat)
    heard = lambda n, delay: lead[n - delay] if n >= delay else 0.0
    left = [0.9 * lead[n] + band[n] + 0.12 * heard(n, echo) for n in range(total)]
    right = [0.6 * lead[n] + band[n] + 0.34 * heard(n, echo) for n in range(total)]
    write_wav("music/night waltz/night-waltz.wav", [left, right], rate, 8, loop=(bar, total - 1))


def play_surf():
    """One slow wave, twice low-passed noise; the end fades into the beginning so that it can loop."""
    rate, count, fade = 8000, 20000, 4000
    hiss, raw, a, b = noise(0x5EA), [], 0.0, 0.0
    for n in range(count + fade):
        swell = 0.5 - 0.5 * math.cos(2 * math.pi * n / count)
        a += (0.06 + 0.3 * swell) * (next(hiss) - a)
        b += 0.4 * (a - b)
        raw.append(b * (0.15 + 0.6 * swell))
    out = [raw[n + fade] for n in range(count)]
    for n in range(fade):
        mix = n / fade
        out[count - fade + n] = out[count - fade + n] * math.sqrt(1 - mix) + raw[n] * math.sqrt(mix)
    write_wav("ambience/surf/surf.wav", [out], rate, 16, loop=(0, count - 1))


# ---------------------------------------------------------------------------------------------------------
# tables/collision: one byte a terrain tile; bit 0 solid from above, 1 solid, 2 ladder, 3 water, 4 harmful
# ---------------------------------------------------------------------------------------------------------


def write_tables():
    meadow = [3, 3, 3, 3] + [2, 2, 2, 2] + [0, 1, 0, 0]
    lighthouse = [2, 2, 2, 0] + [0, 4, 1, 0]
    water = [8] * 4 + [8 | 16] * 4
    save("tables/collision/flags.bin", bytes(meadow + lighthouse + water))
    arc = [round(-1 * (4.2 - 0.22 * n) * 256) for n in range(32)]  # jump speeds a frame, 8.8 fixed point
    save("tables/collision/jump-arc.bin", struct.pack("<32h", *arc))


def main():
    for step in (draw_font, draw_hud, draw_meadow, draw_lighthouse_walls, draw_water, draw_moon, draw_keeper,
                 draw_fireflies, draw_lamp, draw_crow, draw_title, play_keeper, play_pickups, play_music, play_surf,
                 write_tables):
        step()


if __name__ == "__main__":
    main()
