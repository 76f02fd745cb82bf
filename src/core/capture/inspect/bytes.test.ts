// Bytes from the wire as text: never ambiguous for comparing, readable in tables.

import { expect, test } from 'vitest';
import { readableText, wireText } from './bytes.ts';

const wire = (...bytes: readonly number[]): string => wireText(Uint8Array.from(bytes), 0, bytes.length);

test.each([
  { name: 'ASCII as it is', bytes: [0x61, 0x2d, 0x7e], wired: 'a-~', readable: 'a-~' },
  { name: 'UTF-8 as its letter', bytes: [0x42, 0xc3, 0xbc], wired: 'B\\xc3\\xbc', readable: 'Bü' },
  { name: 'another encoding as unknown', bytes: [0x4a, 0xe4, 0x67], wired: 'J\\xe4g', readable: 'J\ufffdg' },
  { name: 'a control byte escaped', bytes: [0x1b, 0x5b, 0x7f], wired: '\\x1b[\\x7f', readable: '\\x1b[\\x7f' },
  { name: 'a backslash escaped', bytes: [0x5c, 0x78, 0x65, 0x34], wired: '\\x5cxe4', readable: '\\x5cxe4' },
])('wireText() and readableText() give $name', ({ bytes, wired, readable }) => {
  expect(wire(...bytes)).toBe(wired);
  expect(readableText(wired)).toBe(readable);
});
