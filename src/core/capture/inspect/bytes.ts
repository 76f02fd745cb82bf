// Reading numbers and text out of packet bytes. Reads beyond the end give 0, never an exception; callers check lengths first.

/** The byte at `at`, 0 beyond the end. */
export function u8(data: Uint8Array, at: number): number {
  return data[at] ?? 0;
}

/** Big-endian 16 bits. */
export function u16(data: Uint8Array, at: number): number {
  return (u8(data, at) << 8) | u8(data, at + 1);
}

/** Big-endian 24 bits. */
export function u24(data: Uint8Array, at: number): number {
  return (u8(data, at) << 16) | u16(data, at + 1);
}

/** Big-endian 32 bits, unsigned. */
export function u32(data: Uint8Array, at: number): number {
  return u16(data, at) * 0x1_0000 + u16(data, at + 2);
}

/** Whether the ASCII bytes of `text` stand at `at`, all of them before `to`. */
export function startsWith(data: Uint8Array, at: number, to: number, text: string): boolean {
  if (to - at < text.length) return false;
  for (let index = 0; index < text.length; index++) if (data[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Offset of `byte` in [from, to), or -1. */
export function findByte(data: Uint8Array, byte: number, from: number, to: number): number {
  for (let at = from; at < to; at++) if (data[at] === byte) return at;
  return -1;
}

const BACKSLASH = 0x5c;

/**
 * Bytes as printable ASCII; a byte outside 0x20 to 0x7e, the backslash, and the byte `also`, are written \xNN. So text that
 * came off the wire can neither steer a terminal nor be mistaken for other text.
 */
export function wireText(data: Uint8Array, from: number, to: number, also = BACKSLASH): string {
  let text = '';
  for (let at = from; at < to; at++) {
    const byte = u8(data, at);
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== BACKSLASH && byte !== also;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

const UTF8 = new TextDecoder();

/**
 * `wireText` for a reader: bytes above ASCII as UTF-8, with U+FFFD for what is none, as capture tools show them. Different bytes may look
 * the same, so this is for tables, never for comparing.
 */
export function readableText(wire: string): string {
  return wire.replace(/(?:\\x[89a-f][0-9a-f])+/g, (run) =>
    UTF8.decode(Uint8Array.from(run.slice(2).split('\\x'), (hex) => Number.parseInt(hex, 16))),
  );
}

/** Without one final dot, which stands for the root of the name tree. */
export function withoutFinalDot(name: string): string {
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name;
}
