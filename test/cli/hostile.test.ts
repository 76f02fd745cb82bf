// Names made to harm whoever looks at them: terminal escapes, spreadsheet formulas, text that runs right to left.

import { describe, expect, test } from 'vitest';
import { World } from './fake-io.testing.ts';
import { cameraStream, pcap } from './packets.testing.ts';

const BEGIN = 1_700_000_000;
const ESCAPE = '\u001b[31m';
/** Everything but line feed and tab that a terminal obeys or hides. */
const OBEYED = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;

/** A DNS query for one name of one label. */
function dnsQuery(label: string): Uint8Array {
  const bytes = Buffer.from(label);
  return Buffer.concat([
    Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, bytes.length]),
    bytes,
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
}

function queries(...labels: string[]): Buffer {
  return pcap(
    labels.map((label, at) => ({
      at: BEGIN + at,
      from: '10.0.3.21',
      to: '10.0.3.1',
      fromPort: 40_000 + at,
      toPort: 53,
      protocol: 'udp',
      payload: dnsQuery(label),
    })),
  );
}

const POLICY = `picket: 1
mode: enforce
elements:
  recorder: { kind: server, address: 10.0.3.10 }
  camera: { kind: device, address: 10.0.3.21 }
rules:
  stream:
    from: camera
    to: { on: recorder, protocol: tcp, port: 554 }
    owner: "\\e[31mred"
    why: "\\u202eeert"
`;

const NAMES = ['\u001b]0;title\u0007', '\u009b31m', '\u202eevil', 'line\nfeed', 'a,"b'];
const BAD_PATH = `${ESCAPE}bad\n\u202e.pcap`;

function world(): World {
  return new World()
    .put('names.pcap', queries(...NAMES))
    .put(BAD_PATH, pcap(cameraStream(BEGIN)))
    .put('policy.yaml', POLICY)
    .put('comment.yaml', `picket: 1 # ${ESCAPE}\n`);
}

const LINES: readonly (readonly string[])[] = [
  ['names', 'names.pcap'],
  ['names', '--format', 'csv', 'names.pcap', BAD_PATH],
  ['names', '--format', 'json', 'names.pcap', BAD_PATH],
  ['flows', BAD_PATH, 'names.pcap'],
  ['learn', 'names.pcap'],
  ['learn', BAD_PATH, '-o', `${ESCAPE}out.yaml`],
  ['replay', BAD_PATH, '--policy', 'policy.yaml'],
  ['replay', BAD_PATH, '--policy', 'policy.yaml', '--json'],
  ['why', 'camera', 'recorder:554', '--policy', 'policy.yaml'],
  ['policy', 'check', 'policy.yaml', 'comment.yaml'],
  ['policy', 'fmt', 'comment.yaml'],
  ['flows', `absent${ESCAPE}`],
  ['flows', '--format', ESCAPE, 'names.pcap'],
  ['explain', ESCAPE],
  ['why', ESCAPE, 'recorder', '--policy', 'policy.yaml'],
  [ESCAPE],
];

describe('nothing that a terminal obeys reaches one', () => {
  test.each(LINES)('%j', async (...line) => {
    const made = world();
    made.columns = 80;
    const { out, err } = await made.run(...line);
    expect((out + err).length).toBeGreaterThan(0);
    expect(out).not.toMatch(OBEYED);
    expect(err).not.toMatch(OBEYED);
  });

  test('messages and tables stay clean in a pipe as well', async () => {
    for (const line of LINES.filter((words) => !words.includes('csv') && !words.includes('fmt'))) {
      const { out, err } = await world().run(...line);
      expect(out + err).not.toMatch(OBEYED);
    }
  });

  test('a policy in a pipe keeps every character', async () => {
    expect((await world().run('policy', 'fmt', 'comment.yaml')).out).toContain(`# ${ESCAPE}`);
  });
});

test('JSON stays JSON, with the file name as it is', async () => {
  const { out } = await world().run('flows', '--format', 'json', BAD_PATH);
  expect(JSON.parse(out).inputs).toMatchObject([{ file: BAD_PATH }]);
});

describe('a spreadsheet runs no cell of CSV', () => {
  test.each([
    ['=cmd|x', "'=cmd|x"],
    ['@SUM(1)', "'@SUM(1)"],
    ['+1+SUM(1)', "'+1+SUM(1)"],
    ['-1+cmd|x!A', "'-1+cmd|x!A"],
    ['=a,"b', `"'=a,""b"`],
    ['+', '+'],
    ['-door', '-door'],
    ['a=b', 'a=b'],
  ])('%s is written %s', async (name, cell) => {
    const { out } = await new World().put('x.pcap', queries(name)).run('names', '--format', 'csv', 'x.pcap');
    expect(out.split('\n')[1]).toBe(`dns-query,10.0.3.21,10.0.3.1,53,${cell},1,1,1`);
  });
});
