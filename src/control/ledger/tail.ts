// The file that records are added to: bytes are on the disk when `add` resolves, or the file is as it was. Knows no record.

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { reasonText, systemCode } from './trouble.ts';

/** The ledger names people and what they did: only its own user reads it. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Room that has to be there before a ledger that was full is written again: two of the longest records. */
const PROBE_BYTES = 128 * 1_024;

/** The system says these where there is no room; room may come back. */
const FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What was to be added is not there. `isFull` where the file is as it was before and may be tried again. */
export class TailError extends Error {
  readonly isFull: boolean;

  constructor(error: unknown, isFull: boolean) {
    super(reasonText(error), { cause: error });
    this.isFull = isFull;
  }
}

export class Tail {
  readonly path: string;
  readonly #file: FileHandle;
  #bytes: number;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Opens a file to add behind its first `bytes`, or makes it; what stands behind them is cut off. */
  static async open(path: string, bytes: number): Promise<Tail> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE).catch((error: unknown) => {
      throw new TailError(error, FULL_CODES.has(systemCode(error)));
    });
    try {
      if ((await file.stat()).size !== bytes) {
        await file.truncate(bytes);
        await file.sync();
      }
      return new Tail(path, file, bytes);
    } catch (error) {
      await file.close();
      throw new TailError(error, false);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** INVARIANT: after this resolves the disk has the bytes; after it rejects with `isFull` the file has none of them. */
  async add(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw await this.#takenBack(error);
    }
    // What the disk did not take may be lost from memory as well: after this fails nobody knows what the file holds.
    await this.#file.datasync().catch((error: unknown) => {
      throw new TailError(error, false);
    });
    this.#bytes += bytes.length;
  }

  /** Tries whether there is room, and leaves the file as it was. A crash in between leaves a last line without an end. */
  async probe(): Promise<void> {
    try {
      const { bytesWritten } = await this.#file.write(Buffer.alloc(PROBE_BYTES, ' '), 0, PROBE_BYTES, this.#bytes);
      await this.#file.truncate(this.#bytes);
      if (bytesWritten < PROBE_BYTES) throw new TailError('there is no room', true);
    } catch (error) {
      throw error instanceof TailError ? error : await this.#takenBack(error);
    }
  }

  async #takenBack(error: unknown): Promise<TailError> {
    try {
      await this.#file.truncate(this.#bytes);
      return new TailError(error, FULL_CODES.has(systemCode(error)));
    } catch {
      return new TailError(error, false);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}
