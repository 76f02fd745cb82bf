// One input: a file, a pipe or standard input, gzip undone. It can be looked into before it is read, also where it can be read only once.

import { EXIT } from '../exits.ts';
import { Failure, type FailureCode, fileFailure, nameOf } from '../failure.ts';
import { FileError, type FileFacts, type Io } from '../io.ts';
import { type GzipFault, gunzip } from './gunzip.ts';

/** Enough to tell every format we know, log headers with their comment lines included. */
export const HEAD_BYTES = 64 * 1024;
/** A look ahead (for the first packet's time) gives up after this much, so that a pipe's held start stays bounded. */
export const PEEK_BYTES_MAX = 4 * 1024 * 1024;

export class Source {
  readonly path: string;
  /** Size on disk, null for pipes. */
  readonly bytes: number | null;
  /** The same for two paths to one file. */
  readonly identity: string | null;
  readonly #io: Io;
  #gzipFault: GzipFault | null = null;
  #held: { readonly chunks: Uint8Array[]; readonly rest: AsyncIterator<Uint8Array> } | null = null;
  #onRawBytes: (count: number) => void = () => {};

  private constructor(io: Io, path: string, facts: FileFacts) {
    this.#io = io;
    this.path = path;
    this.bytes = facts.kind === 'file' ? facts.bytes : null;
    this.identity = facts.kind === 'file' ? facts.identity : null;
  }

  /** Checks that the path can be an input; throws the failure that says why not. */
  static async open(io: Io, path: string): Promise<Source> {
    try {
      const facts = await io.stat(path);
      if (facts.kind === 'directory') throw new FileError('directory', 'it is a directory');
      return new Source(io, path, facts);
    } catch (error) {
      throw fileFailure('read', path, error);
    }
  }

  /** How the gzip layer broke, known once everything was read. */
  get gzipFault(): GzipFault | null {
    return this.#gzipFault;
  }

  /** Hands chunks from the start to `take` until it has enough (returns true), the input ends, or the bound is reached. A later `chunks` begins at the start all the same. */
  async peek(take: (chunk: Uint8Array) => boolean): Promise<void> {
    const iterator = this.#held?.rest ?? this.#open();
    const chunks = this.#held?.chunks ?? [];
    let length = 0;
    let hasEnough = false;
    for (const chunk of chunks) {
      length += chunk.length;
      hasEnough ||= take(chunk);
    }
    while (!hasEnough && length < PEEK_BYTES_MAX) {
      const next = await iterator.next();
      if (next.done === true) break;
      chunks.push(next.value);
      length += next.value.length;
      hasEnough = take(next.value);
    }
    if (this.bytes === null) this.#held = { chunks, rest: iterator };
    else await iterator.return?.();
  }

  /** The first bytes, at most `HEAD_BYTES`. */
  async head(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    await this.peek((chunk) => {
      parts.push(chunk);
      length += chunk.length;
      return length >= HEAD_BYTES;
    });
    return Buffer.concat(parts).subarray(0, HEAD_BYTES);
  }

  /** Everything, once. `onRawBytes` is told of bytes as they come from the disk (before gzip is undone). */
  async *chunks(onRawBytes: (count: number) => void): AsyncGenerator<Uint8Array> {
    this.#onRawBytes = onRawBytes;
    const iterator = this.#held?.rest ?? this.#open();
    yield* this.#held?.chunks.splice(0) ?? [];
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }

  #open(): AsyncIterator<Uint8Array> {
    this.#gzipFault = null;
    return this.#inflated()[Symbol.asyncIterator]();
  }

  async *#inflated(): AsyncGenerator<Uint8Array> {
    const raw = this.#raw();
    const first = await firstBytes(raw);
    const all = joined(first, raw);
    const isGzip = first[0] === 0x1f && first[1] === 0x8b;
    if (!isGzip) yield* all;
    else
      yield* gunzip(all, (fault) => {
        this.#gzipFault = fault;
      });
  }

  async *#raw(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#io.read(this.path)) {
        this.#onRawBytes(chunk.length);
        yield chunk;
      }
    } catch (error) {
      throw fileFailure('read', this.path, error);
    }
  }
}

/** At least two bytes where there are two: the gzip magic. */
async function firstBytes(raw: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  let first: Uint8Array = new Uint8Array(0);
  while (first.length < 2) {
    const next = await raw.next();
    if (next.done === true) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return first;
}

async function* joined(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** Longest policy or label file that is read as a whole. */
const TEXT_BYTES_MAX = 256 * 1024 * 1024;

/** A file that is read as a whole: how long it may be, and what it is called in the message that says so. */
interface WholeFile {
  readonly bytesMax: number;
  readonly noun: string;
}

/** The whole text of a small file, gzip undone. */
export async function readText(io: Io, path: string): Promise<string> {
  const bytes = await readWhole(io, path, { bytesMax: TEXT_BYTES_MAX, noun: 'policy or label file' });
  const zeroAt = bytes.indexOf(0);
  if (zeroAt >= 0) throw unreadable('PICKET-I005', path, `it is no UTF-8 text; byte ${zeroAt} is zero`);
  return bytes.toString('utf8');
}

/** All bytes of a small file, gzip undone. */
export async function readWhole(io: Io, path: string, { bytesMax, noun }: WholeFile): Promise<Buffer> {
  const source = await Source.open(io, path);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source.chunks(() => {})) {
    length += chunk.length;
    if (length > bytesMax) throw unreadable('PICKET-I005', path, `longer than ${bytesMax} bytes, which no ${noun} is`);
    parts.push(chunk);
  }
  if (source.gzipFault !== null) throw unreadable('PICKET-I006', path, source.gzipFault.message);
  return Buffer.concat(parts);
}

function unreadable(code: FailureCode, path: string, why: string): Failure {
  return new Failure({ code, exit: EXIT.failed, message: `cannot read ${nameOf(path)}: ${why}` });
}
