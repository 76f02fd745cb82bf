// Checks what the kernel can hold by loading Picket's own table in a throw-away network namespace: the answer of a load is worth more than
// a version. Nothing is loaded where the machine's own rules are.

import { compileTable, numberBook, tableFile } from '#enforce';
import type { Instant } from '#model';
import { definePolicy } from '#policy';
import type { Machine, RunEnd } from '../machine.ts';
import { type Check, fail, ok, warn } from './checked.ts';

/** A policy that uses every kind of limit, so that its table needs every part of the kernel that any policy may need. */
const PROBE = {
  picket: 1,
  mode: 'enforce',
  elements: {
    one: { kind: 'device', address: ['10.0.3.10', '2001:db8::10', '10.0.4.0/24'] },
    other: { kind: 'server', address: '10.0.3.11' },
  },
  rules: {
    all: {
      from: 'one',
      to: [{ on: 'other', protocol: 'tcp', port: [443, '8000-8100'], application: 'tls' }],
      limits: {
        hours: 'Mon-Fri 06:00-22:00',
        volume: '<= 1 GB per hour',
        rate: '20 Mbit/s',
        connections: ['4 open', '10 per min'],
        lifetime: '12 h',
        size: '<= 1400 B',
      },
    },
    datagrams: { from: 'one', to: { on: 'other', protocol: 'udp' }, limits: { size: '40 - 1500 B' } },
  },
} as const;

/** Parts to name when the whole does not load; each is one rule. */
const PARTS = [
  ['connection tracking', 'ct state new'],
  ['connection marks', 'ct mark 1'],
  ['logging to a group', 'log group 7'],
  ['rates', 'limit rate 1/second'],
  ['quotas', 'quota over 1 mbytes'],
  ['counts of open connections', 'ct count over 2'],
  ['rejecting with a reset', 'meta l4proto tcp reject with tcp reset'],
] as const;

const CHAIN = 'type filter hook forward priority 0;';

export const checkKernel: Check = async ({ machine, now }) => {
  const facts = { code: 'PICKET-D005', name: 'kernel' } as const;
  const release = (await machine.text('/proc/sys/kernel/osrelease'))?.trim() ?? 'of unknown release';
  const way = await throwAway(machine);
  if (way === null)
    return [
      warn(
        { code: 'PICKET-D006', name: 'kernel', found: `${release}, not tried: no throw-away namespace can be made` },
        machine.uid === 0 ? 'allow unshare -n here, or try "picket up": it loads all or nothing' : 'run it with sudo',
      ),
    ];
  const whole = await load(machine, way, probeTable(now));
  if (whole.status === 0) return [ok({ ...facts, found: `${release}: a table with every limit loads` })];
  const missing = await missingParts(machine, way);
  const what = missing.length > 0 ? `without ${missing.join(', ')}` : firstLine(whole.stderr);
  return [
    fail(
      { ...facts, found: `${release}, ${what}` },
      'use a kernel with nf_tables, nf_conntrack, nfnetlink_log and nft_ct, nft_limit, nft_quota, nft_connlimit',
    ),
  ];
};

/** Words that lead into a network namespace which ends with its command; null where none can be made. */
async function throwAway(machine: Machine): Promise<readonly string[] | null> {
  const ways = machine.uid === 0 ? [['unshare', '-n']] : [['unshare', '-rn']];
  for (const way of ways) if ((await machine.run([...way, 'true'])).status === 0) return way;
  return null;
}

function load(machine: Machine, way: readonly string[], text: string): Promise<RunEnd> {
  return machine.run([...way, 'nft', '-f', '-'], { input: text });
}

function probeTable(now: Instant): string {
  const { policy } = definePolicy(PROBE);
  if (policy === null) throw new Error('the probe of the kernel is no policy');
  const made = compileTable(policy, { book: numberBook(), now });
  if (made.kind === 'refused') throw new Error('the probe of the kernel does not compile');
  return tableFile(made.content, now);
}

async function missingParts(machine: Machine, way: readonly string[]): Promise<readonly string[]> {
  const table = (rule: string): string => `table inet probe { chain c { ${CHAIN} ${rule}; }; }`;
  if ((await load(machine, way, 'table inet probe { }')).status !== 0) return ['nf_tables'];
  const missing: string[] = [];
  for (const [name, rule] of PARTS) if ((await load(machine, way, table(rule))).status !== 0) missing.push(name);
  return missing;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 120) ?? '';
}
