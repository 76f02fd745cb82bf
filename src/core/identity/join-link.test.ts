// The join link: read as printed, refused in every other form.

import { describe, expect, test } from 'vitest';
import { joinLink, readJoinLink } from './join-link.ts';

const LINK = {
  origin: 'https://picket.plant.example:7443',
  token: 'A'.repeat(43),
  root: `${'b'.repeat(42)}A`,
  domain: 'plant.example',
};
const TEXT = joinLink(LINK);

test('readJoinLink() reads what joinLink() prints', () => {
  expect(readJoinLink(TEXT)).toEqual({ kind: 'ok', value: LINK });
  for (const origin of ['https://10.0.0.1:7443', 'https://[::1]:7443', 'https://nvr'])
    expect(readJoinLink(` ${joinLink({ ...LINK, origin })}\n`)).toMatchObject({ kind: 'ok', value: { origin } });
});

describe('readJoinLink() refuses', () => {
  test.each([
    ['nothing', ''],
    ['http', TEXT.replace('https', 'http')],
    ['a user', TEXT.replace('https://', 'https://me@')],
    ['another path', TEXT.replace('/join', '/join/x')],
    ['a query', TEXT.replace('/join', '/join?x')],
    ['another version', TEXT.replace('#v1', '#v2')],
    ['a cut link', TEXT.slice(0, -20)],
    ['no fragment', TEXT.slice(0, TEXT.indexOf('#'))],
    ['a token too short', TEXT.replace('AAAA', '')],
    ['a token whose last bits are not zero', TEXT.replace('A.', 'B.')],
    ['a domain in upper case', TEXT.replace(/plant.example$/, 'Plant.example')],
    ['a port that is none', TEXT.replace(':7443', ':99999')],
    ['a line break inside', TEXT.replace('.plant', '\n.plant')],
    ['more than 1024 characters', `${TEXT}${'.a'.repeat(500)}`],
  ])('%s', (_, text) => {
    expect(readJoinLink(text)).toMatchObject({ kind: 'refused', code: 'PICKET-C313' });
  });
});
