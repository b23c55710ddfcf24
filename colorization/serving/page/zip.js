// Several files as one zip, stored as they are: pictures are compressed already. Format: PKWARE's APPNOTE 6.3.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// Names that are all different: a second "a.jpg" becomes "a-2.jpg".
export function different(names) {
  const taken = new Set();
  return names.map((name) => {
    const dot = name.lastIndexOf(".");
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    let unique = name;
    for (let count = 2; taken.has(unique); count++) unique = `${stem}-${count}${ending}`;
    taken.add(unique);
    return unique;
  });
}

// files: [{name, bytes: Uint8Array}], together below 4 GB. Returns a Blob.
export function zip(files) {
  const names = different(files.map((file) => file.name)).map((name) => new TextEncoder().encode(name));
  const parts = [], directory = [];
  let offset = 0;
  files.forEach(({ bytes }, i) => {
    const name = names[i];
    // version 2.0, names in UTF-8, stored, 1980-01-01
    const shared = [[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0]];
    const header = record([[4, 0x04034b50], ...shared]);
    directory.push(record([[4, 0x02014b50], [2, 20], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), name);
    parts.push(header, name, bytes);
    offset += header.length + name.length + bytes.length;
  });
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

// Little-endian numbers: [bytes, value] each.
function record(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}
