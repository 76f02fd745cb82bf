// What is printed for a layout: a change to a golden is a change to what bridges hold. Rewritten by npm run golden only.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BridgeLayout, checkLayout, differenceText, installText, type OwnEnds, portContent } from '#bridge';
import { parseAddress, parseMac } from '#model';

const FOLDER = fileURLToPath(new URL('./golden/', import.meta.url));

const PLAIN: BridgeLayout = {
  bridge: 'br0',
  subnets: ['10.7.0.0/24', 'fd07::/64'],
  ports: [
    { name: 'lan1', elements: [{ mac: '02:00:00:00:00:01', addresses: ['10.7.0.11', 'fd07::11'] }] },
    { name: 'lan2', elements: [{ mac: '02:00:00:00:00:02', addresses: ['10.7.0.12'], vlan: 7 }] },
    { name: 'lan3', unknown: 'learn' },
  ],
};
const CHANGED: BridgeLayout = {
  ...PLAIN,
  ports: [
    { name: 'lan1', elements: [{ mac: '02:00:00:00:00:01', addresses: ['10.7.0.21', 'fd07::11'] }] },
    { name: 'lan3', elements: [{ mac: '02:00:00:00:00:03', addresses: [] }] },
    { name: 'lan4' },
  ],
};

const OWN: OwnEnds = {
  mac: parseMac('02:00:00:00:00:fe') ?? -1,
  addresses: ['10.7.0.1', 'fd07::1'].flatMap((text) => parseAddress(text) ?? []),
};

function contentOf(layout: BridgeLayout, before: Parameters<typeof portContent>[2] = null) {
  const check = checkLayout(layout);
  if (check.kind !== 'checked') throw new Error(JSON.stringify(check.problems));
  return portContent(check.layout, OWN, before);
}

function golden(name: string, text: string): void {
  const path = `${FOLDER}${name}.golden.nft`;
  if (process.env.PICKET_GOLDEN === 'rewrite') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe('goldens of the bridge', () => {
  it('01: the tables of three ports', () => golden('01-ports', installText(contentOf(PLAIN))));
  it('02: the tables with an uplink', () => golden('02-uplink', installText(contentOf({ ...PLAIN, uplink: 'wan0' }))));
  it('03: the difference of two layouts', () => {
    const before = contentOf(PLAIN);
    golden('03-difference', differenceText(before, contentOf(CHANGED, before)));
  });
  it('a layout differs from itself in nothing', () => {
    const before = contentOf(PLAIN);
    expect(differenceText(before, contentOf(PLAIN, before))).toBe('');
  });
});
