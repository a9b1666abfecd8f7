// Compiles docs/spec/assets_pa.ksy to JavaScript and parses packs with the result.
//
//     node parse.js [--payloads] PACK...
//
// For each pack that parses, one line of JSON on standard output; for each that does not, one line with the reason
// on standard error. The exit status is 0 when all packs parse, 1 when one is refused, 2 when nothing could be
// tried. With --payloads the line also holds the bytes of each asset of the header's table, in hex.
//
// The JavaScript runtime works on memory, so a pack is read whole here. Runtimes that work on files (Python, Java,
// C++) read from the payload region only what is asked for.

"use strict";

const fs = require("fs");
const path = require("path");
const yaml = require("js-yaml");
const KaitaiStream = require("kaitai-struct/KaitaiStream");
const compiler = require("kaitai-struct-compiler");

const KSY = path.join(__dirname, "..", "..", "docs", "spec", "assets_pa.ksy");

/** The compiled parser's class. */
async function compile() {
  const ksy = yaml.load(fs.readFileSync(KSY, "utf8"));
  const files = await compiler.compile("javascript", ksy, null, false);
  const compiled = {};
  new Function("exports", "require", files["AssetsPa.js"])(compiled, require);
  return compiled.AssetsPa;
}

/** What the parser says of one pack. */
function parse(AssetsPa, stream, withPayloads) {
  const pack = new AssetsPa(stream);
  const seen = {
    // Where the parser stopped by itself. Taken first: what follows may move the stream.
    bytes_read: stream.pos,
    magic: Buffer.from(pack.magic).toString("latin1"),
    schema_version: pack.schemaVersion,
    header_len: pack.headerLen,
    payload_offset: pack.payloadOffset,
    flags: pack.flags,
    reserved: pack.reserved,
    header: pack.header,
    payload_size: pack.payloadSize,
  };
  if (withPayloads) {
    seen.payload_region_len = pack.payloadRegion.length;
    seen.payloads = JSON.parse(pack.header).asset_table.map((entry) => {
      const payload = new AssetsPa.Payload(stream, pack, pack, entry.offset, entry.size);
      return { asset_id: entry.asset_id, hex: Buffer.from(payload.data).toString("hex") };
    });
  }
  return seen;
}

async function main(args) {
  const packs = args.filter((arg) => arg !== "--payloads");
  const withPayloads = packs.length < args.length;
  if (packs.length === 0) {
    throw new Error("usage: node parse.js [--payloads] PACK...");
  }
  const AssetsPa = await compile();
  let refused = false;
  for (const pack of packs) {
    const bytes = fs.readFileSync(pack);
    // A Buffer may be a window into a larger ArrayBuffer.
    const stream = new KaitaiStream(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    try {
      console.log(JSON.stringify({ file: pack, ...parse(AssetsPa, stream, withPayloads) }));
    } catch (error) {
      refused = true;
      // The error does not say which field it is about. A constraint is checked right after its field is read, so
      // where the stream stands tells it.
      console.error(`${pack}: ${error.name} after byte ${stream.pos}: ${error.message}`);
    }
  }
  return refused ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    console.error(String(error));
    process.exitCode = 2;
  },
);
