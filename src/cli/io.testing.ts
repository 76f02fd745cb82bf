// An outside world of one input, which tells how often it was opened and let go of. For tests of reading only.

import { FileError, type Io } from './io.ts';
import { BARE_MACHINE } from './machine.testing.ts';

export function newTextIo(input: {
  readonly kind: 'file' | 'stream';
  readonly bytes: Uint8Array;
  readonly chunk: number;
}): { readonly io: Io; readonly opened: () => number; readonly closed: () => number } {
  let opened = 0;
  let closed = 0;
  const silent = { columns: null, write: () => {} };
  const io: Io = {
    stdout: silent,
    stderr: silent,
    version: '',
    now: () => 0,
    stat: async () => ({ kind: input.kind, bytes: input.kind === 'file' ? input.bytes.length : null, identity: null }),
    async *read() {
      opened++;
      try {
        for (let at = 0; at < input.bytes.length; at += input.chunk) yield input.bytes.subarray(at, at + input.chunk);
      } finally {
        closed++;
      }
    },
    list: async () => [],
    checkWritable: async () => {},
    writeWhole: async () => {},
    append: async () => ({ write: () => {}, close: () => {} }),
    listen: async () => {
      throw new FileError('failed', 'there is no network');
    },
    machine: BARE_MACHINE,
  };
  return { io, opened: () => opened, closed: () => closed };
}
