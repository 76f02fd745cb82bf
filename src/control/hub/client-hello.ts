// Reads the server name out of the first bytes of a connection, before TLS sees them. Knows just enough of RFC 8446 for that, and not what the name means.

/** `more`: not there yet. `none`: this is no ClientHello with one host name, and never will be. */
export type HelloReading = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'more' | 'none' };

/** Bytes of a ClientHello with its records: a hybrid key share takes 1.5 kB, so this is generous. */
export const HELLO_BYTES_MAX = 8 * 1024;

const RECORD_HANDSHAKE = 22;
const MESSAGE_CLIENT_HELLO = 1;
const EXTENSION_SERVER_NAME = 0;
const NAME_HOST = 0;

/** Never throws, whatever comes. */
export function readClientHello(bytes: Uint8Array): HelloReading {
  const message = handshakeOf(bytes);
  if (!(message instanceof Uint8Array)) return { kind: message };
  const name = serverNameOf(new Cursor(message));
  return name === null ? { kind: 'none' } : { kind: 'name', name };
}

/** The body of the ClientHello, put together from its records. */
function handshakeOf(bytes: Uint8Array): Uint8Array | 'more' | 'none' {
  const parts: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    // Two bytes are enough to turn away what is no TLS: plain HTTP and the like need not be waited for.
    if (bytes[at] !== RECORD_HANDSHAKE || (bytes[at + 1] ?? 3) !== 3) return 'none';
    if (at + 5 > bytes.length) return 'more';
    const length = sixteen(bytes, at + 3);
    if (length === 0 || length > HELLO_BYTES_MAX) return 'none';
    const end = Math.min(bytes.length, at + 5 + length);
    parts.push(...bytes.subarray(at + 5, end));
    if ((parts[0] ?? MESSAGE_CLIENT_HELLO) !== MESSAGE_CLIENT_HELLO) return 'none';
    const wanted = parts.length < 4 ? null : 4 + ((parts[1] ?? 0) << 16) + ((parts[2] ?? 0) << 8) + (parts[3] ?? 0);
    if (wanted !== null && wanted > HELLO_BYTES_MAX) return 'none';
    if (wanted !== null && parts.length >= wanted) return Uint8Array.from(parts.slice(4, wanted));
    at += 5 + length;
  }
  return bytes.length >= HELLO_BYTES_MAX ? 'none' : 'more';
}

function sixteen(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
}

/** Reads forward; whatever is past the end is null. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(size: 1 | 2): number | null {
    const taken = this.take(size);
    return taken === null ? null : size === 1 ? (taken[0] ?? 0) : sixteen(taken, 0);
  }

  take(length: number): Uint8Array | null {
    if (this.#at + length > this.#bytes.length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** What a length of `size` bytes announces. */
  block(size: 1 | 2): Uint8Array | null {
    const length = this.number(size);
    return length === null ? null : this.take(length);
  }
}

function serverNameOf(hello: Cursor): string | null {
  // Version and random; then session id, cipher suites, compression methods.
  const isWhole =
    hello.take(34) !== null && hello.block(1) !== null && hello.block(2) !== null && hello.block(1) !== null;
  const block = isWhole ? hello.block(2) : null;
  if (block === null) return null;
  const extensions = new Cursor(block);
  let name: string | null = null;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const value = extensions.block(2);
    if (type === null || value === null) return null;
    if (type !== EXTENSION_SERVER_NAME) continue;
    // Two names would let the gate read one and TLS the other.
    if (name !== null) return null;
    name = hostNameOf(value);
    if (name === null) return null;
  }
  return name;
}

/** The one host name of the extension. */
function hostNameOf(value: Uint8Array): string | null {
  const outer = new Cursor(value);
  const list = outer.block(2);
  if (list === null || !outer.isAtEnd) return null;
  const names = new Cursor(list);
  const kind = names.number(1);
  const host = names.block(2);
  if (kind !== NAME_HOST || host === null || !names.isAtEnd) return null;
  const isPrintable = host.length > 0 && host.length <= 255 && host.every((byte) => byte > 0x20 && byte < 0x7f);
  return isPrintable ? String.fromCharCode(...host) : null;
}
