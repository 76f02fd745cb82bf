// The port between the commands and the outside world: streams, files, clock. Not an adapter: bin chooses that.

import type { Instant } from '#model';

/** What a path is. `bytes` is the size where it is known before reading, else null. */
export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'stream';
  readonly bytes: number | null;
  /** The same for two paths that lead to one file; null where that cannot be told. */
  readonly identity: string | null;
}

export type FileTrouble = 'missing' | 'denied' | 'directory' | 'failed';

/** Thrown by a port when the outside world refuses; `message` is what the system said, in lower case. */
export class FileError extends Error {
  readonly trouble: FileTrouble;

  constructor(trouble: FileTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/** Data leaves here. `columns` is the width of a terminal, or null where there is none (a pipe, a file). */
export interface Writer {
  readonly columns: number | null;
  write(text: string): void;
}

/** Everything a command may touch. The path `-` is standard input. */
export interface Io {
  readonly stdout: Writer;
  readonly stderr: Writer;
  /** What `picket version` prints. */
  readonly version: string;
  now(): Instant;
  stat(path: string): Promise<FileFacts>;
  read(path: string): AsyncIterable<Uint8Array>;
  /** Names of what a folder holds, in no order. */
  list(path: string): Promise<readonly string[]>;
  /** Throws where writing the file is bound to fail: no such folder, a directory, no permission. */
  checkWritable(path: string): Promise<void>;
  /** Writes the file as a whole or not at all: to a temporary file beside it, then renamed. */
  writeWhole(path: string, text: string): Promise<void>;
}
