// Texts that wait on the disk for their receiver, in order, up to a bound. At the bound the oldest go, and are counted. Sends nothing.

import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SpoolOptions {
  readonly folder: string;
  /** Bytes that wait at most; beyond them the oldest file goes. */
  readonly bytesMax: number;
  /** Size of one file: what goes at once when there is no room. */
  readonly fileBytesMax: number;
}

/** What was read and is to be marked as done. */
export interface Taken {
  readonly texts: readonly string[];
  readonly end: Place;
}

interface Place {
  readonly file: number;
  readonly byte: number;
}

interface SpoolFile {
  readonly number: number;
  bytes: number;
  lines: number;
}

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const DIGITS = 10;
const LINE_END = 0x0a;
const STATE_FILE = 'state.json';

export class Spool {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFile[];
  #place: Place;
  #dropped: number;
  /** Lines before the place in its file. */
  #linesDone = 0;

  private constructor(options: SpoolOptions, files: SpoolFile[], state: Place & { readonly dropped: number }) {
    this.#options = options;
    this.#files = files;
    this.#place = { file: state.file, byte: state.byte };
    this.#dropped = state.dropped;
  }

  /** Goes on where the process before ended; a line that a crash cut off is left out. */
  static async open(options: SpoolOptions): Promise<Spool> {
    await mkdir(options.folder, { recursive: true, mode: FOLDER_MODE });
    const names = (await readdir(options.folder)).filter((name) => /^\d{10}$/.test(name)).sort();
    const files: SpoolFile[] = [];
    for (const name of names) files.push(await readEnd(join(options.folder, name), Number.parseInt(name, 10)));
    const state = await readState(join(options.folder, STATE_FILE));
    const first = files[0];
    const isKnown = files.some(({ number }) => number === state.file);
    const place = isKnown || first === undefined ? state : { ...state, file: first.number, byte: 0 };
    const spool = new Spool(options, files, place);
    await spool.#forgetDone();
    spool.#linesDone = await spool.#linesBefore();
    return spool;
  }

  /** Lines that wait. */
  get waiting(): number {
    return this.#files.reduce((sum, { lines }) => sum + lines, 0) - this.#linesDone;
  }

  /** Lines that were dropped and of which nobody was told yet. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds lines at the end. Texts hold no line ends. Gives how many of the oldest had to go. */
  async add(texts: readonly string[]): Promise<number> {
    const text = texts.map((line) => `${line}\n`).join('');
    const bytes = Buffer.byteLength(text);
    let last = this.#files.at(-1);
    if (last === undefined || last.bytes + bytes > this.#options.fileBytesMax) {
      last = { number: (last?.number ?? this.#place.file) + 1, bytes: 0, lines: 0 };
      this.#files.push(last);
      if (this.#files.length === 1) this.#place = { file: last.number, byte: 0 };
    }
    await appendFile(this.#pathOf(last.number), text, { mode: FILE_MODE, flush: true });
    last.bytes += bytes;
    last.lines += texts.length;
    // A last file that was read to its end stays until another one comes.
    await this.#forgetDone();
    return this.#makeRoom();
  }

  /** The next lines, at most `linesMax` of at most `bytesMax` together (one at least); null where none wait. */
  async take(linesMax: number, bytesMax: number): Promise<Taken | null> {
    const file = this.#files.find(({ number }) => number === this.#place.file);
    if (file === undefined || this.#place.byte >= file.bytes) return null;
    const bytes = await readPiece(
      this.#pathOf(file.number),
      this.#place.byte,
      Math.min(file.bytes - this.#place.byte, bytesMax),
    );
    const texts: string[] = [];
    let at = 0;
    for (let end = bytes.indexOf(LINE_END); end !== -1 && texts.length < linesMax; end = bytes.indexOf(LINE_END, at)) {
      texts.push(bytes.toString('utf8', at, end));
      at = end + 1;
    }
    if (texts.length === 0) return bytesMax >= file.bytes ? null : this.take(1, file.bytes);
    return { texts, end: { file: file.number, byte: this.#place.byte + at } };
  }

  /** Marks what was taken as done. A crash before this sends it again. */
  async done({ texts, end }: Taken): Promise<void> {
    // Dropped in between to make room.
    if (end.file !== this.#place.file) return;
    this.#place = end;
    this.#linesDone += texts.length;
    await this.#forgetDone();
    await this.#writeState();
  }

  /** The receiver was told of so many dropped lines. */
  async toldOfDropped(count: number): Promise<void> {
    this.#dropped -= count;
    await this.#writeState();
  }

  /** Counts lines as dropped that the receiver will never take. */
  countDropped(count: number): void {
    this.#dropped += count;
  }

  async #makeRoom(): Promise<number> {
    let gone = 0;
    let bytes = this.#files.reduce((sum, file) => sum + file.bytes, 0);
    while (bytes > this.#options.bytesMax && this.#files.length > 1) {
      const oldest = this.#files.shift();
      if (oldest === undefined) break;
      await rm(this.#pathOf(oldest.number), { force: true });
      bytes -= oldest.bytes;
      gone += oldest.lines - this.#linesDone;
      this.#linesDone = 0;
      this.#place = { file: this.#files[0]?.number ?? oldest.number + 1, byte: 0 };
    }
    if (gone > 0) {
      this.#dropped += gone;
      await this.#writeState();
    }
    return gone;
  }

  /** Files that were read to their end go, but for the last, which grows. */
  async #forgetDone(): Promise<void> {
    for (let first = this.#files[0]; first !== undefined && this.#files.length > 1; first = this.#files[0]) {
      const isDone =
        first.number < this.#place.file || (first.number === this.#place.file && this.#place.byte >= first.bytes);
      if (!isDone) return;
      this.#files.shift();
      await rm(this.#pathOf(first.number), { force: true });
      if (first.number === this.#place.file)
        this.#place = { file: this.#files[0]?.number ?? first.number + 1, byte: 0 };
      this.#linesDone = 0;
    }
  }

  async #linesBefore(): Promise<number> {
    const { file, byte } = this.#place;
    if (byte === 0 || !this.#files.some(({ number }) => number === file)) return 0;
    return countLines(await readPiece(this.#pathOf(file), 0, byte));
  }

  async #writeState(): Promise<void> {
    const path = join(this.#options.folder, STATE_FILE);
    await writeFile(`${path}.new`, JSON.stringify({ ...this.#place, dropped: this.#dropped }), { mode: FILE_MODE });
    await rename(`${path}.new`, path);
  }

  #pathOf(number: number): string {
    return join(this.#options.folder, String(number).padStart(DIGITS, '0'));
  }
}

async function readEnd(path: string, number: number): Promise<SpoolFile> {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(LINE_END) + 1;
  if (end < bytes.length) await writeFile(path, bytes.subarray(0, end), { mode: FILE_MODE });
  return { number, bytes: end, lines: countLines(bytes) };
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === LINE_END) lines++;
  return lines;
}

async function readPiece(path: string, from: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readState(path: string): Promise<Place & { readonly dropped: number }> {
  const none = { file: 0, byte: 0, dropped: 0 };
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null || (await stat(path)).size > 1_000) return none;
  try {
    const state: unknown = JSON.parse(text);
    return isState(state) ? state : none;
  } catch {
    return none;
  }
}

function isState(value: unknown): value is Place & { readonly dropped: number } {
  if (typeof value !== 'object' || value === null) return false;
  return ['file', 'byte', 'dropped'].every((key) => {
    const field: unknown = Reflect.get(value, key);
    return Number.isSafeInteger(field) && Number(field) >= 0;
  });
}
