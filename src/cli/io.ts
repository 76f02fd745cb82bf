// The port between the commands and the outside world: streams, files, clock. Not an adapter: bin chooses that.

import type { Instant, Micros } from '#model';
import type { Machine } from './machine.ts';

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

/** A datagram as it arrived. */
export interface Arrived {
  readonly data: Uint8Array;
  /** Address of the sender, as the system writes it. */
  readonly from: string;
  readonly at: Instant;
}

export interface ListenOptions {
  readonly address: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** How long to listen; null until told to stop. */
  readonly lasts: Micros | null;
  /** Datagrams of others are dropped before they take room. */
  readonly isWelcome: (from: string) => boolean;
}

/** A socket that receives datagrams into a queue of bounded length. */
export interface Listening {
  readonly address: string;
  readonly port: number;
  /** Datagrams dropped because the queue was full. */
  readonly dropped: number;
  /** The next datagram; `quiet` when none came for a second; null when it was told to stop and everything is read. */
  next(): Promise<Arrived | 'quiet' | null>;
  close(): void;
}

/** A file that lines are added to. */
export interface Appending {
  readonly write: (text: string) => void;
  readonly close: () => void;
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
  /** Writes the file as a whole or not at all: to a temporary file beside it, then renamed. Pieces are written as they come. */
  writeWhole(path: string, text: string | AsyncIterable<Uint8Array>): Promise<void>;
  /** Opens a file to add to its end; it is made when it is not there. Never cuts what it has. */
  append(path: string): Promise<Appending>;
  /** Receives datagrams until closed, told to stop, or the time is over. */
  listen(options: ListenOptions): Promise<Listening>;
  /** For the commands of a gateway or host; those that read files never ask it. */
  readonly machine: Machine;
}
