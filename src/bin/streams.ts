// Standard output and standard error of the real world for the `Io` port. A file is written to the last byte or the command fails.

import { fstatSync, writeSync } from 'node:fs';
import process from 'node:process';
import type { Writer } from '#cli';
import { fileError } from './files.ts';

const COLUMNS_USUAL = 80;

export function writerOf(stream: NodeJS.WriteStream & { readonly fd: number }): Writer {
  // A terminal that was told no size reports 0.
  const columns = stream.isTTY ? stream.columns || COLUMNS_USUAL : null;
  if (isFile(stream)) return { columns, write: (text) => writeAll(stream.fd, Buffer.from(text)) };
  return {
    columns,
    write: (text) => {
      stream.write(text);
    },
  };
}

/** A regular file or a device that is no terminal. */
function isFile(stream: NodeJS.WriteStream & { readonly fd: number }): boolean {
  const facts = fstatSync(stream.fd);
  return facts.isFile() || (facts.isCharacterDevice() && !stream.isTTY);
}

/** Node's own stream for files takes a short write, as on a full disk, for a whole one. */
function writeAll(fd: number, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  } catch (error) {
    throw fileError(error);
  }
}

/** A reader of data that went away (`picket flows … | head`) ends the run quietly; one of messages loses them, and the work goes on. */
export function endOnBrokenPipe(): void {
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.stderr.on('error', (error: Error & { code?: string }) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
