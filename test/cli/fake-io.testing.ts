// A world in memory for the commands: files as bytes, streams as text, a clock that stands still. Not a file system.

import { gzipSync } from 'node:zlib';
import { type Arrived, FileError, type FileFacts, type Io, type Machine, runPicket } from '#cli';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Bytes handed on at once; small, so that every command meets split packets. */
const CHUNK_BYTES = 4_096;

export class World {
  readonly files = new Map<string, Uint8Array | FileError>();
  readonly directories = new Set<string>();
  columns: number | null = null;
  now = Date.UTC(2026, 2, 2, 12) * 1000;

  put(path: string, content: string | Uint8Array): this {
    this.files.set(path, typeof content === 'string' ? Buffer.from(content) : content);
    return this;
  }

  putGzip(path: string, content: Uint8Array): this {
    return this.put(path, gzipSync(content));
  }

  text(path: string): string {
    return Buffer.from(this.#bytes(path)).toString('utf8');
  }

  /** Without more, one on which nothing is. */
  machine: Machine = BARE_MACHINE;

  /** What arrives on the network; the socket ends behind it. */
  datagrams: Arrived[] = [];

  async run(...argv: string[]): Promise<Ran> {
    let out = '';
    let err = '';
    const io: Io = {
      stdout: {
        columns: this.columns,
        write: (text) => {
          out += text;
        },
      },
      stderr: {
        columns: null,
        write: (text) => {
          err += text;
        },
      },
      version: '0.0.0-test',
      now: () => this.now,
      stat: async (path) => this.#facts(path),
      read: (path) => this.#chunks(path),
      list: async (path) => this.#names(path),
      checkWritable: async (path) => this.#checkWritable(path),
      append: async (path) => {
        this.#checkWritable(path);
        const before = this.files.has(path) ? this.text(path) : '';
        let added = '';
        return {
          write: (text) => {
            added += text;
            this.put(path, before + added);
          },
          close: () => {},
        };
      },
      listen: async ({ address, port, isWelcome }) => {
        if (port === 1) throw new FileError('failed', 'the address is in use');
        const queue = this.datagrams.filter(({ from }) => isWelcome(from));
        return { address, port, dropped: 0, next: async () => queue.shift() ?? null, close: () => {} };
      },
      writeWhole: async (path, text) => {
        if (path.startsWith('/full/')) throw new FileError('failed', 'no space left on device');
        this.#checkWritable(path);
        const pieces: Uint8Array[] = [];
        if (typeof text !== 'string') for await (const piece of text) pieces.push(piece);
        this.put(path, typeof text === 'string' ? text : Buffer.concat(pieces));
      },
      machine: this.machine,
    };
    const exit = await runPicket(argv, io);
    return { exit, out, err };
  }

  #checkWritable(path: string): void {
    if (path.startsWith('/denied/')) throw new FileError('denied', 'permission denied');
    if (path.startsWith('/absent/')) throw new FileError('missing', 'no such file or directory');
    if (this.directories.has(path)) throw new FileError('directory', 'it is a directory');
  }

  #facts(path: string): FileFacts {
    if (this.directories.has(path)) return { kind: 'directory', bytes: null, identity: path };
    if (!this.files.has(path)) throw new FileError('missing', 'no such file or directory');
    const content = this.files.get(path);
    if (path === '-') return { kind: 'stream', bytes: null, identity: null };
    return { kind: 'file', bytes: content instanceof Uint8Array ? content.length : null, identity: path };
  }

  #names(path: string): readonly string[] {
    if (!this.directories.has(path)) throw new FileError('missing', 'no such file or directory');
    const inner = [...this.files.keys(), ...this.directories].filter((name) => name.startsWith(`${path}/`));
    return [...new Set(inner.map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))];
  }

  async *#chunks(path: string): AsyncGenerator<Uint8Array> {
    const bytes = this.#bytes(path);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
  }

  #bytes(path: string): Uint8Array {
    const content = this.files.get(path);
    if (content instanceof FileError) throw content;
    if (content === undefined) throw new FileError('missing', 'no such file or directory');
    return content;
  }
}
