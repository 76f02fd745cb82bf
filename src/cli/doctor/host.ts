// Checks of the host itself: Node, rights, clock, sysctls, forwarding. Nothing of nft here.

import { DAY, HOUR, type Instant, instantText } from '#model';
import type { Machine } from '../machine.ts';
import { countText, durationText } from '../output/text.ts';
import { type Check, type Checked, fail, ok, type Surroundings, warn } from './checked.ts';

/** What package.json says under engines. */
const NODE_LEAST = [20, 19] as const;
/** Bits of /proc/self/status CapEff: linux/capability.h. */
const CAP_NET_ADMIN = 12n;
const CAP_NET_RAW = 13n;
/** A clock outside this span is wrong: the program is younger than its beginning, and no calendar is computed beyond its end. */
const CLOCK_FROM: Instant = Date.UTC(2026, 0, 1) * 1_000;
const CLOCK_TO: Instant = Date.UTC(2100, 0, 1) * 1_000;
/** Files are written a moment before they are looked at, and clocks are set by seconds. */
const FUTURE_MAX = HOUR;
/** From this share on a burst of new connections finds the table of the kernel full, and full means refused. */
const TRACKED_SHARE_MAX = 0.8;

export const checkNode: Check = async ({ machine: { nodeVersion } }) => {
  const facts = { code: 'PICKET-D001', name: 'node', found: nodeVersion } as const;
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const isEnough = major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1]);
  return [isEnough ? ok(facts) : fail(facts, `install Node ${NODE_LEAST.join('.')} or later`)];
};

export const checkRights: Check = async ({ machine }) => {
  const rights = await rightsOf(machine);
  const facts = { code: 'PICKET-D002', name: 'rights', found: RIGHTS_TEXT[rights] } as const;
  if (rights !== 'none') return [ok(facts)];
  return [fail(facts, 'run it with sudo; without root, "npm start" shows what can be seen all the same')];
};

const RIGHTS_TEXT = {
  root: 'root',
  some: 'CAP_NET_ADMIN and CAP_NET_RAW',
  none: 'neither root nor CAP_NET_ADMIN with CAP_NET_RAW',
} as const;

/** Root that lost its capabilities, as in a container, is no root here. */
export async function rightsOf(machine: Machine): Promise<keyof typeof RIGHTS_TEXT> {
  const status = (await machine.text('/proc/self/status')) ?? '';
  const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint): boolean => ((bits >> bit) & 1n) === 1n;
  if (!has(CAP_NET_ADMIN) || !has(CAP_NET_RAW)) return 'none';
  return machine.uid === 0 ? 'root' : 'some';
}

export const checkClock: Check = async ({ machine, now, stateFolder }) => {
  const facts = { code: 'PICKET-D013', name: 'clock', found: instantText(now).replace(/\.\d+Z/, 'Z') } as const;
  if (now < CLOCK_FROM || now > CLOCK_TO)
    return [fail(facts, 'set the clock: hours and quotas go by it, and would open and shut at the wrong time')];
  const latest = await latestWrite(machine, stateFolder);
  if (latest - now > FUTURE_MAX) {
    const found = `${facts.found}, ${durationText(latest - now)} before what the agent wrote last`;
    return [warn({ ...facts, found }, 'see whether the clock was set back; used quotas keep their windows')];
  }
  const synchronised = await machine.run(['timedatectl', 'show', '-p', 'NTPSynchronized', '--value']);
  if (synchronised.status === 0 && synchronised.stdout.trim() === 'no')
    return [warn({ ...facts, found: `${facts.found}, not synchronised` }, 'switch on NTP: timedatectl set-ntp true')];
  return [ok(facts)];
};

async function latestWrite(machine: Machine, folder: string): Promise<Instant> {
  let latest = 0;
  for (const name of (await machine.names(folder)).slice(0, 256))
    latest = Math.max(latest, (await machine.entry(`${folder}/${name}`))?.modified ?? 0);
  return Math.min(latest, CLOCK_TO + DAY);
}

/** Needed values; the agent sets them when it starts and puts them back when it goes. */
const SYSCTLS: ReadonlyMap<string, string> = new Map([
  ['nf_conntrack_acct', '1'],
  ['nf_conntrack_timestamp', '1'],
  ['nf_conntrack_events', '1'],
  ['nf_conntrack_tcp_loose', '0'],
]);

/** `isAgentUp`: they are the agent's to set, so before it runs they cannot be wrong. */
export async function checkSysctls({ machine }: Surroundings, isAgentUp: boolean): Promise<readonly Checked[]> {
  const facts = { code: 'PICKET-D011', name: 'sysctls' } as const;
  const off: string[] = [];
  for (const [name, needed] of SYSCTLS) {
    const value = (await machine.text(`/proc/sys/net/netfilter/${name}`))?.trim();
    if (value !== needed) off.push(`${name}=${value ?? 'not there'}`);
  }
  if (off.length === 0) return [ok({ ...facts, found: 'as the gateway needs them' })];
  if (!isAgentUp) return [ok({ ...facts, found: 'set by "picket up", put back by "picket down"' })];
  return [
    warn(
      { ...facts, found: `somebody changed ${off.join(', ')}` },
      'find who (sysctl.d, tuned), then: picket down; picket up',
    ),
  ];
}

export const checkTracked: Check = async ({ machine }) => {
  const facts = { code: 'PICKET-D012', name: 'connections' } as const;
  const used = Number((await machine.text('/proc/sys/net/netfilter/nf_conntrack_count')) ?? Number.NaN);
  const most = Number((await machine.text('/proc/sys/net/netfilter/nf_conntrack_max')) ?? Number.NaN);
  if (!(most > 0)) return [ok({ ...facts, found: 'none tracked yet' })];
  const found = `${countText(used)} tracked of at most ${countText(most)}`;
  if (used <= most * TRACKED_SHARE_MAX) return [ok({ ...facts, found })];
  return [warn({ ...facts, found }, 'raise net.netfilter.nf_conntrack_max: where it is full, new ones are refused')];
};

/** A host without forwarding protects itself alone; both are right. */
export const checkForwarding: Check = async ({ machine }) => {
  const four = (await machine.text('/proc/sys/net/ipv4/ip_forward'))?.trim() === '1';
  const six = (await machine.text('/proc/sys/net/ipv6/conf/all/forwarding'))?.trim() === '1';
  const both = four && six ? 'IPv4 and IPv6' : four ? 'IPv4' : 'IPv6';
  const found = four || six ? `on for ${both}: a gateway` : 'off: a host that protects itself';
  return [ok({ code: 'PICKET-D010', name: 'forwarding', found })];
};
