#!/usr/bin/env python3
"""How near papack's reduced colours are to a picture, beside Pillow's and libimagequant's.

Usage: reduction.py PAPACK [--colors N] [PNG…]

Each picture is reduced to N colours (15 by default) by `papack pack` with "colors" in a workspace of its own, by Pillow
(median cut, and median cut adjusted by k-means), and by pngquant, which is libimagequant, where it is installed; none of
them dithers. The figure is the mean squared error of a channel over all pixels, of 255² at most. The console has RGB565, so
colours are rounded to that, of all alike. Without PNG files, pictures are made: the published table is of those.

It needs Python with Pillow and numpy; it is run by hand. Nothing in it depends on time or chance.
"""

import argparse
import io
import json
import pathlib
import shutil
import subprocess
import tempfile

import numpy
from PIL import Image


def made():
    """Pictures that show what is difficult, each as RGB of 128 × 128 pixels."""
    y, x = numpy.mgrid[0:128, 0:128].astype(float)
    random = numpy.random.RandomState(18)

    def picture(*channels):
        stacked = numpy.stack([numpy.broadcast_to(channel, x.shape) for channel in channels], -1)
        return Image.fromarray(numpy.clip(stacked.round(), 0, 255).astype("uint8"))

    def smooth(steps):
        noise = random.rand(128, 128)
        for _ in range(steps):
            noise = sum(numpy.roll(noise, by, axis) for axis in (0, 1) for by in (-1, 0, 1)) / 6
        return (noise - noise.min()) / (noise.max() - noise.min())

    sun = numpy.exp(-((x - 90) ** 2 + (y - 40) ** 2) / 400)
    yield "sky", picture(40 + y * 1.2 + sun * 120, 60 + y * 0.9 + sun * 100, 160 - y * 0.5 + sun * 20)
    yield "gradient", picture(x * 2, y * 2, 128)
    yield "hues", picture(*(127 + 127 * numpy.sin(x / 20 + y / 45 + turn) for turn in (0, 2.1, 4.2)))
    height = smooth(40)
    yield "terrain", picture(90 + 150 * height, 110 + 110 * height ** 2, 60 + 120 * (height - 0.3).clip(0) ** 2)
    yield "rocks", picture(*(60 + 120 * smooth(6) + tint for tint in (20, 0, -20)))
    figure = numpy.where((x - 64) ** 2 + (y - 64) ** 2 < 900, 1.0, 0.0)
    yield "few pixels of red", picture(30 + 80 * smooth(20) + 140 * figure * (x > 84), 90 + 60 * smooth(20) * (1 - figure), 40)
    yield "grey", picture(*([255 * smooth(12)] * 3))
    yield "noise", picture(*(random.rand(128, 128) * 255 for _ in range(3)))


def rounded(pixels):
    """Colours as RGB565 keeps them."""
    most = numpy.array([31, 63, 31])
    return (((pixels.astype(int) * most + 127) // 255) * 255 + most // 2) // most


def papacked(papack, pictures, colors):
    """Each picture as papack reduces it."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        entries = []
        for number, (_, picture) in enumerate(pictures, 1):
            uuid = f"00000000-0000-4000-8000-{number:012}"
            asset = root / "assets" / str(number)
            asset.mkdir(parents=True)
            picture.save(asset / "picture.png")
            metadata = {"tile_size": 8, "pad": "BOTTOM_RIGHT", "colors": colors}
            output = {"format": "TILES/indexed_v1", "metadata": metadata}
            manifest = {"schema_version": 2, "asset_uuid": uuid, "name": str(number), "output": output}
            (asset / "asset.json").write_text(json.dumps(manifest | {"artifacts": [{"file": "picture.png"}]}))
            entries.append({"asset_id": number, "asset_uuid": uuid, "root": str(number), "included_in_build": True})
        (root / "assets/.prometeu").mkdir()
        registry = {"schema_version": 2, "next_asset_id": len(entries) + 1, "assets": entries}
        (root / "assets/.prometeu/index.json").write_text(json.dumps(registry))
        subprocess.run([papack, "pack", "--workspace", folder], check=True, capture_output=True)
        subprocess.run([papack, "extract", "--decode", "--workspace", folder, "--to", root / "out"], check=True, capture_output=True)
        for number, (_, picture) in enumerate(pictures, 1):
            [png] = (root / "out").glob(f"{number}-*/*.png")
            yield Image.open(png).convert("RGB").crop((0, 0, *picture.size))


def pillow(picture, colors, rounds):
    return picture.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=rounds, dither=Image.Dither.NONE).convert("RGB")


def libimagequant(picture, colors):
    if not shutil.which("pngquant"):
        return None
    png = io.BytesIO()
    picture.save(png, "PNG")
    command = ["pngquant", "--nofs", "--speed", "1", str(colors), "-"]
    return Image.open(io.BytesIO(subprocess.run(command, input=png.getvalue(), check=True, capture_output=True).stdout)).convert("RGB")


def error(picture, reduced):
    if reduced is None:
        return float("nan")
    difference = numpy.asarray(picture).astype(int) - rounded(numpy.asarray(reduced))
    return float((difference ** 2).mean())


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("papack")
    arguments.add_argument("--colors", type=int, default=15)
    arguments.add_argument("pictures", nargs="*", type=pathlib.Path)
    given = arguments.parse_args()
    pictures = [(path.name, Image.open(path).convert("RGB")) for path in given.pictures] or list(made())
    reduced = list(papacked(given.papack, pictures, given.colors))
    print("| picture | papack | Pillow, median cut | Pillow, with k-means | libimagequant |")
    print("| --- | ---: | ---: | ---: | ---: |")
    sums = numpy.zeros(4)
    for (name, picture), ours in zip(pictures, reduced):
        others = [pillow(picture, given.colors, 0), pillow(picture, given.colors, 32), libimagequant(picture, given.colors)]
        errors = [error(picture, other) for other in [ours, *others]]
        sums += errors
        print(f"| {name} | " + " | ".join(f"{found:.1f}" for found in errors) + " |")
    print("| mean | " + " | ".join(f"{found / len(pictures):.1f}" for found in sums) + " |")


main()
