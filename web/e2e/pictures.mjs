// Files for the browser tests: pictures that are what their names say, and one that every scanner knows.
import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** A picture of noise, which nothing makes smaller: about three bytes a pixel; where told, with the camera that took it. */
export function noise(width, height, camera) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row += 1) {
    randomBytes(width * 3).copy(rows, row * (1 + width * 3) + 1);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits for each of red, green and blue.
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    ...(camera ? [chunk('eXIf', modelOf(camera))] : []),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A TIFF block that says which camera it was (tag 0x110), and nothing else. */
function modelOf(camera) {
  const text = Buffer.from(`${camera}\0`, 'ascii');
  const block = Buffer.alloc(26);
  block.write('MM\0*\0\0\0\x08', 'latin1');
  block.writeUInt16BE(1, 8);
  block.writeUInt16BE(0x110, 10);
  block.writeUInt16BE(2, 12);
  block.writeUInt32BE(text.length, 14);
  block.writeUInt32BE(26, 18);
  return Buffer.concat([block, text]);
}

function chunk(name, data) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name, 'ascii'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** What every scanner takes for malware though it is none (eicar.org). In halves, so that no scanner stops at this file. */
export const infected = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
);

/** Something that is dragged or pasted on a page: these files. */
export function carried(page, files) {
  const told = files.map(({ name, mimeType, buffer }) => [
    name,
    mimeType,
    buffer.toString('base64'),
  ]);
  return page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, type, content] of files) {
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    return transfer;
  }, told);
}
