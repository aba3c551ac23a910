// Decodes a CollectorPayload: a bare struct in Thrift's binary protocol, as the raw streams hold it.

const STRING = 11, I64 = 10, LIST = 15;
const FIELDS = {
  100: ['ipAddress', STRING], 200: ['timestamp', I64], 210: ['encoding', STRING], 220: ['collector', STRING],
  300: ['userAgent', STRING], 310: ['refererUri', STRING], 320: ['path', STRING], 330: ['querystring', STRING],
  340: ['body', STRING], 350: ['headers', LIST], 360: ['contentType', STRING], 400: ['hostname', STRING],
  410: ['networkUserId', STRING], 31337: ['schema', STRING],
};

/** Throws on an unknown field, a wrong type, a wrong order, a missing end or anything after it. */
export function decodeCollectorPayload(bytes) {
  const payload = {};
  let at = 0, previous = 0;
  const take = (count) => {
    if (count < 0 || at + count > bytes.length) throw new Error(`the payload ends inside a value at byte ${at}`);
    return bytes.subarray(at, (at += count));
  };
  const text = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(take(4).readInt32BE()));
  const list = () => {
    if (take(1)[0] !== STRING) throw new Error('a list does not hold strings');
    return Array.from({ length: take(4).readInt32BE() }, text);
  };
  for (;;) {
    const type = take(1)[0];
    if (type === 0) break;
    const id = take(2).readInt16BE();
    const [name, expected] = FIELDS[id] ?? [];
    if (!name) throw new Error(`unknown field ${id}`);
    if (type !== expected) throw new Error(`field ${name} has type ${type}, not ${expected}`);
    if (id <= previous) throw new Error(`field ${name} comes after field ${previous}`);
    previous = id;
    payload[name] = type === STRING ? text() : type === LIST ? list() : Number(take(8).readBigInt64BE());
  }
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes follow the end of the payload`);
  return payload;
}
