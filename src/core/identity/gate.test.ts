// The name before TLS: good about now with the right key, refused in every other form.

import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '#model';
import { NOON, nodePrimitives } from './certificates.testing.ts';
import { gateName, isGateTagRight, readGateName } from './gate.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const GATE = { pseudonym: 'abcdefghij234567', key: KEY };

test('gateName() makes a name that a resolver would take and that readGateName() takes apart', () => {
  const name = gateName(GATE, NOON, nodePrimitives);
  expect(name).toMatch(/^[a-z2-7-]{43}\.picket$/);
  expect(readGateName(name)).toEqual({ pseudonym: GATE.pseudonym, tag: name.slice(17, 43) });
});

test('a tag is good in its minute and the ones beside it', () => {
  const name = readGateName(gateName(GATE, NOON, nodePrimitives));
  if (name === null) throw new Error('no name');
  const at = (offset: number): boolean => isGateTagRight({ key: KEY, name, now: NOON + offset }, nodePrimitives);
  expect([-MINUTE - 1, -MINUTE, 0, 59 * SECOND, 2 * MINUTE - 1, 2 * MINUTE].map(at)).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(isGateTagRight({ key: KEY.slice().reverse(), name, now: NOON }, nodePrimitives)).toBe(false);
  expect(
    isGateTagRight({ key: KEY, name: { ...name, pseudonym: 'bbcdefghij234567' }, now: NOON }, nodePrimitives),
  ).toBe(false);
  expect(isGateTagRight({ key: KEY, name: { ...name, tag: `b${name.tag.slice(1)}` }, now: NOON }, nodePrimitives)).toBe(
    false,
  );
});

describe('readGateName() refuses', () => {
  const good = gateName(GATE, NOON, nodePrimitives);
  test.each([
    '',
    'localhost',
    good.toUpperCase(),
    good.replace('.picket', ''),
    `${good}.`,
    `a${good}`,
    good.replace('-', '.'),
    good.replace('a', '1'),
    `${good}\n`,
  ])('%j', (name) => {
    expect(readGateName(name)).toBeNull();
  });
});
