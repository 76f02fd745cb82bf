// SPIFFE ids: what is taken, and every form that could be read in two ways refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IDENTITY_KINDS, isDomainName, parseSpiffeId } from './spiffe.ts';

const LABEL_63 = 'a'.repeat(63);
const NAME_128 = 'a'.repeat(128);

describe('parseSpiffeId() takes', () => {
  test.each([
    'spiffe://plant.example/device/cam-lobby',
    'spiffe://lab/gateway/hall-3',
    'spiffe://plant.example/agent/alice/planner/child_2',
    `spiffe://${LABEL_63}.example/human/alice`,
    `spiffe://plant.example/server/${NAME_128}`,
    'spiffe://plant.example/model/a/b/c/d/e/f/g/h',
    'spiffe://10.example/device/1.2.3.4',
    ...IDENTITY_KINDS.map((kind) => `spiffe://plant.example/${kind}/x`),
  ])('%s', (text) => {
    expect(parseSpiffeId(text)).toMatchObject({ kind: 'ok', value: { text } });
  });
});

describe('parseSpiffeId() refuses', () => {
  test.each([
    ['', 'nothing'],
    ['spiffe://', 'no domain'],
    ['spiffe://plant.example', 'no kind'],
    ['spiffe://plant.example/', 'an empty kind'],
    ['spiffe://plant.example/device', 'no path'],
    ['spiffe://plant.example/device/', 'an empty path'],
    ['spiffe:///device/x', 'an empty domain'],
    ['SPIFFE://plant.example/device/x', 'an upper-case scheme'],
    ['spiffe:/plant.example/device/x', 'one slash'],
    ['https://plant.example/device/x', 'another scheme'],
    [' spiffe://plant.example/device/x', 'a space before'],
    ['spiffe://plant.example/device/x ', 'a space after'],
    ['spiffe://plant.example/device/x\n', 'a line break after'],
    ['spiffe://Plant.example/device/x', 'an upper-case domain'],
    ['spiffe://plant.example:7443/device/x', 'a port'],
    ['spiffe://me@plant.example/device/x', 'a user'],
    ['spiffe://10.0.3.10/device/x', 'an address for a domain'],
    ['spiffe://[::1]/device/x', 'an IPv6 address'],
    ['spiffe://plant..example/device/x', 'an empty label'],
    ['spiffe://.plant.example/device/x', 'a leading dot'],
    ['spiffe://plant.example./device/x', 'a trailing dot'],
    ['spiffe://-plant.example/device/x', 'a leading hyphen'],
    ['spiffe://plant-.example/device/x', 'a trailing hyphen'],
    ['spiffe://pl_ant.example/device/x', 'an underscore in a domain'],
    ['spiffe://plänt.example/device/x', 'a letter beyond ASCII'],
    [`spiffe://a${LABEL_63}.example/device/x`, 'a label of 64'],
    ['spiffe://plant.example/camera/x', 'an unknown kind'],
    ['spiffe://plant.example/Device/x', 'an upper-case kind'],
    ['spiffe://plant.example/constructor/x', 'a kind of a property name'],
    ['spiffe://plant.example/device/X', 'an upper-case name'],
    ['spiffe://plant.example/device//x', 'an empty name'],
    ['spiffe://plant.example/device/x/', 'a trailing slash'],
    ['spiffe://plant.example/device/.', 'a dot'],
    ['spiffe://plant.example/device/..', 'two dots'],
    ['spiffe://plant.example/device/x/../y', 'two dots inside'],
    ['spiffe://plant.example/device/.x', 'a leading dot in a name'],
    ['spiffe://plant.example/device/%78', 'an escape'],
    ['spiffe://plant.example/device/x?y', 'a query'],
    ['spiffe://plant.example/device/x#y', 'a fragment'],
    ['spiffe://plant.example/device/x\0', 'a zero byte'],
    ['spiffe://plant.example/device/x, URI:spiffe://plant.example/device/y', 'two in one text'],
    ['spiffe://plant.example/device/a/b/c/d/e/f/g/h/i', 'nine names'],
    [`spiffe://plant.example/device/a${NAME_128}`, 'a name of 129'],
    [`spiffe://plant.example/device/${[NAME_128, NAME_128, NAME_128, NAME_128].join('/')}`, 'more than 512 characters'],
  ])('%j (%s)', (text) => {
    expect(parseSpiffeId(text)).toMatchObject({ kind: 'refused', code: 'PICKET-C300' });
  });
});

test('isDomainName() holds to 253 characters', () => {
  const of = (length: number): string => `${`${LABEL_63}.`.repeat(3)}${'b'.repeat(length - 3 * 64)}`;
  expect([of(252), of(253), of(254)].map(isDomainName)).toEqual([true, true, false]);
});

test('what is refused or taken never throws, and what is taken says the same again', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `spiffe://plant.example/${text}`),
      ),
      (text) => {
        const answer = parseSpiffeId(text);
        if (answer.kind === 'ok') expect(answer.value.text).toBe(text);
      },
    ),
  );
});
