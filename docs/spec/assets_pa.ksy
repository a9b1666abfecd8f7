# Kaitai Struct (https://kaitai.io) compiles this file to a parser in a dozen languages. The prose that rules is
# artifacts.md beside it; a test holds this file to real packs.
#
# What a compiled parser does: it reads the prelude and the header, checks every value that the envelope fixes,
# and refuses a file that differs. What it does not do: Kaitai does not parse JSON, so the header comes out as
# text. To read an asset,
#
#   1. parse `header` with a JSON parser,
#   2. find the entry of `asset_table` with the `asset_id` (or the `asset_name`) in question,
#   3. read `size` bytes at `payload_offset + offset` of the file: type `payload` below does that.
#
# Check `offset + size <= payload_size` before you trust an entry. Nothing in the payload region is read until it
# is asked for: opening a pack costs its prelude and its header, whatever its payloads weigh, unless the runtime
# wants the whole file in memory, as the one for JavaScript does.
#
# Compiler 0.11 writes Rust whose sums are 32 bits wide, so that packs of 2 GiB or more may not open. Its Nim
# back end does not take this file.
#
# The magic and the widths and order of the prelude's fields are assumptions until the runtime's own
# specification is at hand.

meta:
  id: assets_pa
  title: Asset pack, envelope version 1 (assets.pa)
  application: papack
  file-extension: pa
  license: MIT OR Apache-2.0
  ks-version: '0.9'
  endian: le
  encoding: UTF-8

doc: |
  A pack of game assets: a prelude of 32 bytes, a header of canonical JSON that lists the assets, and a payload
  region with their bytes to the end of the file. All integers are unsigned and little-endian. No part is padded
  or aligned, and the envelope holds no checksum.
doc-ref: docs/spec/artifacts.md

seq:
  - id: magic
    contents: ASPA
    doc: Four bytes at 0, always `ASPA` in ASCII (41 53 50 41). They tell the file's type.

  - id: schema_version
    type: u4
    valid: 1
    doc: Version of the envelope at 4, a count with no unit, always 1. This file describes no other.

  - id: header_len
    type: u4
    valid:
      # A length is held against the file before anything is read by it. Here and below, `as<u8>` keeps a sum or
      # a difference 64 bits wide and unsigned in languages where it would otherwise have 32 bits.
      expr: 32 + _.as<u8> <= _io.size.as<u8>
    doc: |
      Length of `header` at 8, in bytes. At least 31, which is the header of a pack with no assets; never more
      than what the file holds after the prelude.

  - id: payload_offset
    type: u8
    valid: 32 + header_len.as<u8>
    doc: |
      Where the payload region starts, at 12, in bytes from the start of the file. Always 32 + `header_len`: the
      region follows the header at once.

  - id: flags
    type: u4
    valid: 0
    doc: Bit set at 20, always 0. Version 1 defines no flag.

  - id: reserved
    type: u8
    valid: 0
    doc: Eight bytes at 24, always 0. Version 1 gives them no meaning.

  - id: header
    type: str
    size: header_len
    encoding: UTF-8
    doc: |
      The header at 32, `header_len` bytes of JSON text in UTF-8. It is canonical (RFC 8785, integers only,
      within 2^53 - 1 of zero): no white space, keys sorted at every depth, no byte-order mark, nothing after the
      closing brace. Its two keys are

        asset_table  array, one object for each asset, ascending by asset_id
        preload      array, one object for each asset to load at start, ascending by asset_id

      An entry of `asset_table` has exactly these keys:

        asset_id      integer   identity that never changes between packs
        asset_name    string    logical name
        bank_type     string    bank to load it into: TILES, SOUNDS or DATA
        codec         string    how the payload is encoded: NONE is as it stands
        decoded_size  integer   bytes once the codec is undone; equal to size for NONE
        metadata      object    what the asset's format promotes, and the game's own `user`
        offset        integer   bytes from the start of the payload region to the payload
        size          integer   bytes of the payload as stored

      An entry of `preload` has `asset_id`, which the table holds, and `slot`, the slot of the asset's bank.

      This description takes the text as it is: whether it is JSON, canonical and consistent is for the reader to
      check. Some languages replace bytes that are not UTF-8 without an error.

instances:
  payload_size:
    value: (_io.size.as<u8> - payload_offset).as<u8>
    doc: |
      Length of the payload region, in bytes: from `payload_offset` to the end of the file. It equals the sum of
      `size` over `asset_table`, and is 0 for a pack with no assets. Reads nothing.

  payload_region:
    pos: payload_offset
    size-eos: true
    doc: |
      The whole payload region, as bytes: the payloads in ascending `asset_id`, each right after the one before,
      the last one ending the file. Read only when asked for, and then whole: for one asset, use type `payload`.

types:
  payload:
    doc: |
      One payload, read by itself. The header's JSON knows where payloads are and Kaitai does not read it, so
      your code creates this type, with the pack's stream as its stream, the pack as its parent and root, and the
      entry's numbers. In JavaScript:

        const entry = JSON.parse(pack.header).asset_table[0];
        const payload = new AssetsPa.Payload(pack._io, pack, pack, entry.offset, entry.size);
        payload.data;

      In Python: `AssetsPa.Payload(entry["offset"], entry["size"], pack._io, pack, pack).data`.
    params:
      - id: offset
        type: u8
        doc: The entry's `offset`, in bytes from the start of the payload region.
      - id: size
        type: u8
        doc: The entry's `size`, in bytes.
    instances:
      data:
        io: _root._io
        pos: _root.payload_offset + offset
        size: size
        doc: The payload as stored, `size` bytes. An error if it does not lie within the file.
