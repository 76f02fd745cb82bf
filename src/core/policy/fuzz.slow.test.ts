// Ten thousand policies damaged with pieces of the grammar (bytes: test/fuzz): each ends in a policy or in problems, never in an exception, each in bounded time.

import { expect, it } from 'vitest';
import { formatPolicy } from './format.ts';
import { frameProblems } from './frame.ts';
import { parsePolicy } from './parse.ts';

const RUNS = 10_000;
/** Formatting reads and prints twice more, so only some runs do it. */
const FORMAT_EVERY = 20;
/** Wide, because a loaded machine stops a run for seconds; a run that grows with its text would still pass it. */
const SLOWEST_MS = 10_000;

const SEEDS = [
  `picket: 1
timezone: Europe/Berlin
mode: observe
elements:
  nvr: { kind: server, address: 10.0.3.10, labels: { role: recorder }, data: [pii], mode: enforce }
  cam: { kind: device, mac: "02:42:ac:11:00:05", labels: { role: camera }, mode: protect, protect: [rtsp], safety: critical }
  alice: { kind: human, login: alice@example.com, labels: { team: ops } } # a person
services:
  rtsp: { on: role=recorder, protocol: tcp, port: [554, 8000-8100], application: rtsp }
rules:
  r1:
    from: "role=camera & !(kind=human | 10.0.0.0/8)"
    to: [rtsp, { on: "*.example.com", protocol: udp, port: 443 }]
    limits: { hours: Mon-Fri 06:00-22:00, volume: 1 MB - 2 GB per hour, rate: 20 Mbit/s burst 64 KiB, connections: 4 open, lifetime: 12 h, logon: person within 15 min, operations: modbus read }
    until: 2027-03-31
never:
  n1: { from: role=camera, to: internet }
require:
  q1: { from: any, to: rtsp, hours: Mon-Fri 08:00-18:00, logon: person }
tests:
  - cam may use nvr rtsp on Mon 12:00 after 2 GB
  - cam may not use nvr tcp/22 because no-rule
`,
  'picket: 1\nelements: { a: { kind: device, address: [10.0.0.1, "2001:db8::/32"] } } # x\nservices: { s: { on: "!a | kind=human", protocol: udp, port: 1-9 } }\n',
  'picket: 1\nrules:\n  r: { from: any, to: { on: internet, protocol: tcp, port: 1 }, limits: { hours: daily 08:00-18:00, size: <= 9 B, rate: 9 B/s } }\n',
  '{ // c\n "picket": 1, "rules": { "r": { "from": "any", "to": { "on": "any", "protocol": "tcp", "port": 80 } } } /* d */ }\n',
];

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '- ',
  '#',
  '"',
  "'",
  '\t',
  '\n',
  '\r',
  '&a',
  '*a',
  '!',
  '|',
  '>',
  '<<: ',
  '%',
  '@',
  '\ufeff',
  '\u0000',
  '\u2028',
  '😀',
  '\ud800',
  '__proto__',
  '? ',
  '---\n',
  '...\n',
  '//',
  '/*',
  '0',
  '99999999999',
  '  ',
  'role=camera',
  '()',
  '!=',
];

/** mulberry32: small, seeded, good enough to pick places. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function damaged(text: string, random: () => number): string {
  let result = text;
  const rounds = 1 + Math.floor(random() * 4);
  for (let round = 0; round < rounds; round++) {
    const at = Math.floor(random() * result.length);
    const length = Math.floor(random() * 12);
    const piece = PIECES[Math.floor(random() * PIECES.length)] ?? '';
    const from = Math.floor(random() * result.length);
    const copied = result.slice(from, from + Math.floor(random() * 40));
    const what = [piece, '', copied, piece.repeat(1 + Math.floor(random() * 30))][Math.floor(random() * 4)] ?? '';
    result = result.slice(0, at) + what + result.slice(at + length);
  }
  return result;
}

it('parsePolicy() answers every damaged policy', () => {
  const seed = 20_261_124;
  const random = randomOf(seed);
  let valid = 0;
  let slowest = 0;
  for (let run = 0; run < RUNS; run++) {
    const text = damaged(SEEDS[run % 8 === 0 ? 0 : run % SEEDS.length] ?? '', random);
    const begun = performance.now();
    try {
      const { policy, problems } = parsePolicy(text, 'p.yaml');
      if (policy === null) expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
      else valid++;
      frameProblems(problems, text);
      if (run % FORMAT_EVERY === 0 && policy !== null)
        expect(formatPolicy(text, 'p.yaml').problems.map(({ code }) => code)).not.toContain('PICKET-P054');
    } catch (error) {
      throw new Error(`seed ${seed}, run ${run}:\n${JSON.stringify(text)}`, { cause: error });
    }
    slowest = Math.max(slowest, performance.now() - begun);
  }
  expect(valid).toBeGreaterThan(RUNS / 100);
  expect(slowest).toBeLessThan(SLOWEST_MS);
}, 600_000);
