// Asks the kernel itself: sends one opening packet of a made-up conversation into the machine, follows it through the table by nftables'
// trace, and drops it before it leaves. The kernel's third of `why --live`; not a judgement of its own.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { hasPorts, PROTOCOL } from '#model';
import { type Nft, nft } from '#nft';

export interface ProbeQuestion {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  /** -1 where the protocol has none. */
  readonly port: number;
  /** IP total length; TCP openings have their own. */
  readonly packetSize: number | null;
}

export interface KernelAnswer {
  /** `unseen`: the packet did not reach the table, for instance because there is no route. */
  readonly verdict: 'permit' | 'deny' | 'unseen';
  /** Chains and rules that decided, in the order in which the kernel walked them. */
  readonly steps: readonly string[];
  /** Port of the made-up initiator: records of a denial that carry it are the probe's own. */
  readonly sourcePort: number;
}

export interface ProbeOptions {
  /** Words that lead into the gateway's network namespace; none for this machine's own. */
  readonly prefix?: readonly string[];
}

/** The kernel cannot be asked: a tool is missing, or the question is of a protocol that no tool here can open. */
export class ProbeError extends Error {}

const DEVICE = 'pkprobe0';
const FAR_DEVICE = 'pkprobe1';
/** An address for the near device, or the kernel takes no packet from it. Link-local, and of no use to anyone else. */
const NEAR_ADDRESS = '169.254.219.1/32';
const STEPS_MAX = 400;
const ANSWER_MS_MAX = 4_000;
const TOOL_MS_MAX = 5_000;
const PORTS_FROM = 50_000;
const PORTS_TO = 60_000;
const PACKET_BYTES_USUAL = 100;

/** One probe at a time: its table and devices have one name. */
let last: Promise<unknown> = Promise.resolve();

/** Asks about one opening. The packet counts in the budgets of the rule that takes it, as any other would; it leaves no session. */
export function probeKernel(question: ProbeQuestion, options: ProbeOptions = {}): Promise<KernelAnswer> {
  const asked = last.then(() => new Probe(question, options).run());
  last = asked.catch(() => {});
  return asked;
}

class Probe {
  readonly #question: ProbeQuestion;
  readonly #prefix: readonly string[];
  readonly #sourcePort = randomInt(PORTS_FROM, PORTS_TO);

  constructor(question: ProbeQuestion, { prefix = [] }: ProbeOptions) {
    this.#question = question;
    this.#prefix = prefix;
  }

  async run(): Promise<KernelAnswer> {
    const isOwn = (await this.#ownAddresses()).has(this.#question.from);
    const children: ChildProcess[] = [];
    try {
      const trace = this.#watch(children);
      await this.#load(isOwn ? ownTable(this.#question, this.#sourcePort) : throughTable());
      await trace.isReady;
      if (isOwn) await this.#sendFromHere();
      else await this.#sendThrough(children);
      return { ...(await trace.answer), sourcePort: this.#sourcePort };
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await this.#call('nft', 'delete', 'table', 'inet', 'picket_probe').catch(() => '');
      await this.#call('ip', 'link', 'delete', DEVICE).catch(() => '');
    }
  }

  async #ownAddresses(): Promise<ReadonlySet<string>> {
    const text = await this.#call('ip', '-o', 'address', 'show');
    return new Set([...text.matchAll(/ inet6? ([^/ ]+)/g)].map(([, address]) => address ?? ''));
  }

  async #call(program: string, ...words: readonly string[]): Promise<string> {
    const [first = program, ...rest] = [...this.#prefix, program, ...words];
    try {
      return (await promisify(execFile)(first, rest, { timeout: TOOL_MS_MAX })).stdout;
    } catch (error) {
      throw new ProbeError(`cannot ask the kernel: ${program} ${words.slice(0, 3).join(' ')}: ${messageOf(error)}`);
    }
  }

  async #load(table: Nft): Promise<void> {
    await this.#call('nft', `${REPLACE}${table.nft}`);
  }

  /** Follows the trace until the packet's fate is known, or the time is over. */
  #watch(children: ChildProcess[]): { isReady: Promise<void>; answer: Promise<Omit<KernelAnswer, 'sourcePort'>> } {
    const [first = 'nft', ...rest] = [...this.#prefix, 'nft', 'monitor', 'trace'];
    const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    const trail = new Trail(`port ${this.#sourcePort} `, !hasPorts(this.#question.protocol));
    const answer = new Promise<Omit<KernelAnswer, 'sourcePort'>>((resolve) => {
      const timer = setTimeout(() => resolve({ verdict: 'unseen', steps: trail.steps }), ANSWER_MS_MAX);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const verdict = trail.take(line);
        if (verdict === null) return;
        clearTimeout(timer);
        resolve({ verdict, steps: trail.steps });
      });
      child.on('error', () => resolve({ verdict: 'unseen', steps: [] }));
    });
    // The child says nothing when it is ready; it is once it has been given the time to open its socket.
    return { isReady: new Promise((resolve) => setTimeout(resolve, READY_MS)), answer };
  }

  async #sendFromHere(): Promise<void> {
    const [first = '', ...rest] = [...this.#prefix, ...this.#sender()];
    await promisify(execFile)(first, rest, { timeout: TOOL_MS_MAX }).catch(() => {});
  }

  /** A namespace of its own with the initiator's address in it, joined to the gateway by a pair of devices. */
  async #sendThrough(children: ChildProcess[]): Promise<void> {
    const { from, to } = this.#question;
    await this.#call('ip', 'link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', FAR_DEVICE);
    const child = spawn('unshare', ['-n', 'sh', '-c', FAR_SIDE, 'sh', from, to, ...this.#sender()], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    children.push(child);
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    if (child.pid === undefined) throw new ProbeError('cannot ask the kernel: unshare is not there');
    await this.#intoNamespace(child.pid);
    await this.#call('ip', 'address', 'add', NEAR_ADDRESS, 'dev', DEVICE);
    await this.#call('ip', 'link', 'set', DEVICE, 'up');
    await this.#call('sysctl', '-qw', `net.ipv4.conf.${DEVICE}.rp_filter=2`, `net.ipv4.conf.${DEVICE}.forwarding=1`);
    const link = await this.#call('ip', '-o', 'link', 'show', DEVICE);
    child.stdin.end(`${/link\/ether ([0-9a-f:]+)/.exec(link)?.[1] ?? ''}\n`);
  }

  /** The child enters its namespace some time after it was started; until then its namespace is ours and the device would stay here. */
  async #intoNamespace(pid: number): Promise<void> {
    for (let asked = 0; asked < ENTER_TRIES_MAX; asked++) {
      const theirs = await readlink(`/proc/${pid}/ns/net`).catch(() => null);
      if (theirs !== null && theirs !== (await readlink('/proc/self/ns/net'))) break;
      await new Promise((resolve) => setTimeout(resolve, ENTER_TRY_MS));
    }
    await this.#call('ip', 'link', 'set', FAR_DEVICE, 'netns', String(pid));
  }

  /** The program that sends one opening packet and waits for no answer. */
  #sender(): readonly string[] {
    const { from, to, protocol, port, packetSize } = this.#question;
    if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6)
      return ['ping', '-c', '1', '-W', '1', '-I', from, to];
    if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp)
      throw new ProbeError(
        `cannot ask the kernel about protocol ${protocol}: only TCP, UDP and ping can be opened here`,
      );
    const headers = to.includes(':') ? 48 : 28;
    const bytes = Math.max(0, (packetSize ?? PACKET_BYTES_USUAL) - headers);
    const script = protocol === PROTOCOL.tcp ? TCP_SENDER : UDP_SENDER;
    return [process.execPath, '-e', script, from, to, String(port), String(this.#sourcePort), String(bytes)];
  }
}

/** Time for `nft monitor` to open its socket. */
const READY_MS = 300;
const ENTER_TRIES_MAX = 100;
const ENTER_TRY_MS = 10;

/** A table has to be there to be deleted. */
const REPLACE = 'add table inet picket_probe; delete table inet picket_probe; ';

function throughTable(): Nft {
  return nft`table inet picket_probe {
  chain trace { type filter hook prerouting priority raw; iifname "pkprobe0" meta nftrace set 1; }
  chain forward { type filter hook forward priority filter + 1; iifname "pkprobe0" drop; }
  chain input { type filter hook input priority filter + 1; iifname "pkprobe0" drop; }
}`;
}

function ownTable({ protocol }: ProbeQuestion, sourcePort: number): Nft {
  const own = hasPorts(protocol)
    ? nft`meta l4proto ${protocol} th sport ${sourcePort}`
    : protocol === PROTOCOL.icmp
      ? nft`icmp type echo-request`
      : nft`icmpv6 type echo-request`;
  return nft`table inet picket_probe {
  chain trace { type filter hook output priority raw; ${own} meta nftrace set 1; }
  chain output { type filter hook output priority filter + 1; ${own} drop; }
}`;
}

/** Waits for the gateway's MAC on its input, then makes the address and the way to the other end, and becomes the sender. */
const FAR_SIDE = `read -r mac || exit 1
from=$1 to=$2; shift 2
ip link set lo up; ip link set ${FAR_DEVICE} up
case $to in *:*) bits=128; fresh=nodad ;; *) bits=32; fresh= ;; esac
ip address add "$from/$bits" dev ${FAR_DEVICE} $fresh
ip route add "$to/$bits" dev ${FAR_DEVICE}
ip neighbour replace "$to" lladdr "$mac" dev ${FAR_DEVICE}
exec "$@"`;

const TCP_SENDER = `const [from, to, port, own] = process.argv.slice(1);
require('net').connect({ host: to, port: Number(port), localAddress: from, localPort: Number(own) }).on('error', () => process.exit());
setTimeout(() => process.exit(), 900);`;

const UDP_SENDER = `const [from, to, port, own, bytes] = process.argv.slice(1);
const socket = require('dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
socket.on('error', () => process.exit());
socket.bind(Number(own), from, () => socket.send(Buffer.alloc(Number(bytes)), Number(port), to, () => process.exit()));`;

/** Reads the trace of one packet out of a stream that may hold others'. */
class Trail {
  readonly steps: string[] = [];
  readonly #port: string;
  readonly #isAny: boolean;
  readonly #ids = new Set<string>();

  /** `port`: what its header lines contain; `isAny` where no port tells it from others. */
  constructor(port: string, isAny: boolean) {
    this.#port = port;
    this.#isAny = isAny;
  }

  /** The verdict as soon as a line tells it. */
  take(line: string): 'permit' | 'deny' | null {
    const found = /^trace id ([0-9a-f]+) (inet|ip|ip6|netdev) (\S+) (\S+) (.*)$/.exec(line);
    if (found === null) return null;
    const [, id = '', , table = '', chain = '', what = ''] = found;
    if (what.startsWith('packet:') && (this.#isAny || what.includes(this.#port))) this.#ids.add(id);
    if (!this.#ids.has(id) || what.startsWith('packet:')) return null;
    if (table === 'picket_probe') return chain === 'trace' ? null : 'permit';
    if (this.steps.length < STEPS_MAX && !what.endsWith('(verdict continue)'))
      this.steps.push(`${table} ${chain}: ${what.trim()}`);
    return /\(verdict drop\)$|^policy drop\b/.test(what.trim()) ? 'deny' : null;
  }
}

function messageOf(error: unknown): string {
  const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
  return (said === '' ? String(error) : said).slice(0, 300);
}
