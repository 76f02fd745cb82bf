// Events into a file, a line each, in files of bounded size of which a bounded number is kept. Not the spool and not the ledger.

import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Sink } from './sink.ts';

export interface FileSinkOptions {
  readonly path: string;
  /** Size at which the file is put aside as `path.1`. */
  readonly bytesMax: number;
  /** Files kept, the one that is written included. */
  readonly filesMax: number;
}

const FILE_MODE = 0o640;

export function fileSink({ path, bytesMax, filesMax }: FileSinkOptions): Sink {
  let file: FileHandle | null = null;
  let bytes = 0;

  async function begin(): Promise<FileHandle> {
    const opened = await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, FILE_MODE);
    bytes = (await opened.stat()).size;
    return opened;
  }

  async function close(): Promise<void> {
    const closing = file;
    file = null;
    await closing?.close();
  }

  /** `path.1` is the newest one put aside; the oldest goes. */
  async function rotate(): Promise<void> {
    await close();
    await rm(`${path}.${filesMax - 1}`, { force: true });
    for (let number = filesMax - 2; number >= 1; number--) await moved(`${path}.${number}`, `${path}.${number + 1}`);
    if (filesMax > 1) await moved(path, `${path}.1`);
    else await rm(path, { force: true });
  }

  return {
    async send(events) {
      const text = Buffer.from(events.map((event) => `${event.text}\n`).join(''));
      file ??= await begin();
      if (bytes > 0 && bytes + text.length > bytesMax) {
        await rotate();
        file = await begin();
      }
      try {
        await file.writeFile(text);
        await file.datasync();
        bytes += text.length;
      } catch (error) {
        // What was written in part is cut off where that can be; the events are sent again whole.
        await file.truncate(bytes).catch(() => {});
        await close();
        throw error;
      }
    },
    close,
  };
}

async function moved(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}
