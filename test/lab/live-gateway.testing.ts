// Picket on the live site's gateway, put together from the doors: bridge, observer, learner, detectors, table. Not the agent.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Bridge, reasonOf as portReasonOf } from '#bridge';
import { Detectors, type Finding } from '#detect';
import { Gateway, KERNEL_REASONS, kernelShare, type NotHeld } from '#enforce';
import { Engine } from '#engine';
import { Learner } from '#learn';
import {
  AddressTable,
  addressText,
  MINUTE,
  type NameFact,
  newVerdict,
  type Observation,
  type Policy,
  parsePrefix,
  reasonsOf,
} from '#model';
import { type Losses, Observer, type VerdictRecord } from '#observe';
import { parsePolicy } from '#policy';
import type { Denial } from '../../src/cli/commands/lab/attacks.ts';
import { HOSTS, LAYOUT } from '../../src/cli/commands/lab/layout.ts';

const LIVE = fileURLToPath(new URL('../../lab/live.sh', import.meta.url));
/** Output of a piece of the lab, line by line; a day that had failures is told by its lines. */
export async function lab(folder: string, what: string, ...words: readonly string[]): Promise<readonly string[]> {
  const options = { maxBuffer: 16 * 1_024 * 1_024, timeout: 150_000 };
  try {
    const { stdout } = await promisify(execFile)('bash', [LIVE, what, folder, ...words], options);
    return stdout.trim().split('\n');
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && what === 'day') return String(error.stdout).trim().split('\n');
    throw error;
  }
}

/** Why there is no site to test with, or '' when there is. */
export function missingLab(): string {
  if (process.getuid?.() !== 0) return 'not root';
  const missing = execFileSync('bash', [LIVE, 'missing'], { encoding: 'utf8' }).trim().replaceAll('\n', ', ');
  return missing === '' ? '' : `missing: ${missing}`;
}

export class LiveGateway {
  readonly folder = join(mkdtempSync(join(tmpdir(), 'picket-lab-')), 'site');
  readonly addresses = new AddressTable();
  readonly denials: Denial[] = [];
  readonly findings: Finding[] = [];
  readonly learner = new Learner({ addresses: this.addresses, timezone: 'UTC' });
  readonly #now = (): number => Date.now() * 1_000;
  readonly #verdict = newVerdict();
  readonly #detectors = new Detectors({
    addresses: this.addresses,
    elementOf: (address) => hostOf(this.addresses.text(address)),
    proxies: new Set([ROUTER_MAC]),
    thresholds: { learningMicros: 2 * MINUTE },
  });
  /** Operations and applications that the kernel does not tell are watched here: what was denied, and its session cut. */
  readonly watched: Denial[] = [];
  #prefix: readonly string[] = [];
  #bridge: Bridge | null = null;
  #observer: Observer | null = null;
  #gateway: Gateway | null = null;
  #judge: Engine | null = null;
  #timer: NodeJS.Timeout | null = null;
  #nfLog: readonly string[] = [];
  isLearning = true;

  /** Brings the site up and tells what the gateway was like before Picket touched it. */
  async up(): Promise<string> {
    await lab(this.folder, 'up');
    const [keeper = ''] = readFileSync(join(this.folder, 'keeper'), 'utf8').split(' ');
    const first = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim();
    this.#prefix = ['nsenter', `--net=/proc/${first}/root/run/netns/router`, '--'];
    return this.state();
  }

  /** Ruleset and settings of the gateway's namespace. Counters and what the kernel counts itself are left out. */
  async state(): Promise<string> {
    const ruleset = await this.run('nft', 'list', 'ruleset');
    const settings = await this.run('sysctl', '-a', '--pattern', '^net\\.');
    const links = await this.run('bridge', '-d', 'link', 'show');
    const stable = settings.split('\n').filter((line) => !/count|_entries|neigh.*gc|flush|stable_secret/.test(line));
    return [ruleset, stable.join('\n'), links.replace(/cost \d+/g, '')].join('\n----\n');
  }

  async run(...words: readonly string[]): Promise<string> {
    const [program = 'true', ...rest] = [...this.#prefix, ...words];
    const { stdout } = await promisify(execFile)(program, rest, { maxBuffer: 16 * 1_024 * 1_024 });
    return stdout;
  }

  /** Same-subnet traffic passes the gateway from here on, and every port is bound to its host. */
  async isolate(): Promise<void> {
    const words = (tool: string): readonly string[] => [...this.#prefix, tool];
    this.#bridge = new Bridge({ nft: words('nft'), ip: words('ip'), sysctl: words('sysctl'), save: async () => {} });
    await this.#bridge.isolate(LAYOUT);
  }

  async observe(): Promise<void> {
    // Reading NFLOG makes the kernel change which of its loggers serves; whoever observes puts it back.
    this.#nfLog = (await this.run('sysctl', '-a', '--pattern', 'nf_log\\.[0-9]')).trim().split('\n');
    this.#judge = new Engine({ policy: OBSERVING, addresses: this.addresses, start: this.#now() });
    this.#observer = new Observer({
      addresses: this.addresses,
      now: this.#now,
      prefix: this.#prefix,
      sink: {
        observe: (observation) => this.#packet(observation),
        name: (fact) => this.#name(fact),
        neighbour: (fact) => (fact.address < 0 ? undefined : this.#detectors.neighbour(fact)),
        flow: () => undefined,
        verdict: (record) => this.#kernelVerdict(record),
      },
    });
    await this.#observer.start();
    this.#timer = setInterval(() => {
      this.#detectors.advance(this.#now());
      this.findings.push(...this.#detectors.take());
    }, 500);
  }

  #packet(observation: Observation): void {
    if (this.isLearning) this.learner.observe(observation);
    this.#detectors.packet(observation);
    this.#judge?.judge(observation, this.#verdict);
    const reasons = reasonsOf(this.#verdict.reasons);
    const isWatched = reasons.some((reason) => reason === 'wrong-operation' || reason === 'wrong-application');
    if (isWatched && this.#verdict.isEnforced) {
      this.watched.push({ ...this.#ends(observation), reason: reasons.join('+'), port: observation.destinationPort });
      this.#cut(observation);
    }
    const isDenied = reasons.length > 0 && this.#verdict.isEnforced;
    if (this.#verdict.isOpening || (isDenied && this.#verdict.isFromInitiator))
      this.#detectors.opening(observation, !isDenied);
  }

  #name(fact: NameFact): void {
    if (this.isLearning) this.learner.name(fact);
    this.#detectors.name(fact);
    if (fact.kind !== 'dns-answer' || fact.address < 0) return;
    const { client, address: server, name, at, ttlSeconds } = fact;
    this.#judge?.bindName({ client, server, name: name.toLowerCase(), at, ttlSeconds });
    const { addresses } = this;
    this.#gateway
      ?.bindName({
        client: addresses.text(client),
        server: addresses.text(server),
        name: name.toLowerCase(),
        ttlSeconds,
      })
      .catch((error: unknown) => this.watched.push({ from: '', to: '', reason: String(error), port: 0 }));
  }

  #kernelVerdict({
    at,
    mark,
    prefix,
    inInterface,
    source,
    destination,
    sourceMac,
    destinationPort,
  }: VerdictRecord): void {
    const portReason = portReasonOf(mark);
    this.denials.push({
      ...this.#ends({ source, destination }),
      reason: portReason ?? reasonOf(mark),
      port: destinationPort,
    });
    if (portReason === null) return;
    this.#detectors.spoof({
      at,
      port: inInterface === '' ? prefix : inInterface,
      address: source,
      mac: sourceMac,
      element: null,
    });
  }

  #ends({ source, destination }: { source: number; destination: number }): { from: string; to: string } {
    const text = (address: number): string => (address < 0 ? '' : this.addresses.text(address));
    return { from: hostOf(text(source)) ?? text(source), to: hostOf(text(destination)) ?? text(destination) };
  }

  /** Takes a session out of the kernel's tracking; a TCP session does not come back in its middle. */
  #cut({ protocol, source, destination, sourcePort, destinationPort }: Observation): void {
    const ends = (from: number, to: number): readonly string[] => [
      '-s',
      this.addresses.text(from),
      '-d',
      this.addresses.text(to),
    ];
    const ports = ['--sport', String(sourcePort), '--dport', String(destinationPort)];
    this.run('conntrack', '-D', '-p', String(protocol), ...ends(source, destination), ...ports).catch(() => undefined);
  }

  get losses(): Losses | null {
    return this.#observer?.losses ?? null;
  }

  /** Forgets what was denied so far. */
  forget(): void {
    this.denials.length = 0;
    this.watched.length = 0;
  }

  /** Puts a policy in force, the kernel's share of it in the table; gives what the table does not hold as written. */
  async enforce(policy: Policy): Promise<readonly NotHeld[]> {
    this.isLearning = false;
    const share = kernelShare(policy);
    this.#judge?.apply(policy, this.#now());
    if (this.#gateway !== null) return (await this.#gateway.apply(share)).notHeld;
    const words = (...tool: readonly string[]): readonly string[] => [...this.#prefix, ...tool];
    const connections = words('cat', '/proc/net/nf_conntrack');
    this.#gateway = new Gateway({ nft: words('nft'), ip: words('ip'), connections, now: this.#now });
    return (await this.#gateway.up(share)).notHeld;
  }

  async violations(): Promise<readonly string[]> {
    return ((await this.#bridge?.violations()) ?? []).map(({ port, reason }) => `${port} ${reason}`);
  }

  /** Takes Picket off the gateway. */
  async down(): Promise<string> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#observer?.close();
    await this.#gateway?.down();
    this.#gateway?.close();
    await this.#bridge?.release();
    this.#bridge?.close();
    for (const line of this.#nfLog) await this.run('sysctl', '-qw', line.replaceAll(' ', ''));
    return this.state();
  }

  /** Ends the site, however far it came. */
  async end(): Promise<void> {
    await this.#observer?.close();
    this.#gateway?.close();
    this.#bridge?.close();
    await lab(this.folder, 'down');
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

const ROUTER_MAC = 0x02_0a_14_00_00_01;

function six(byte: string): string {
  const prefix = parsePrefix(`fd0a:1400:20:0:a:14ff:fe00:${byte}`);
  return prefix === null ? '' : addressText(prefix.bytes);
}

function hostOf(address: string): string | null {
  for (const [host, byte] of Object.entries(HOSTS))
    if (address === `10.20.0.${byte}` || address === six(byte)) return host;
  return address === '10.20.0.1' || address === 'fd0a:1400:20::1' ? 'router' : null;
}

function reasonOf(mark: number): string {
  const reason = Math.floor((mark >>> 0) / 2 ** 28);
  return Object.entries(KERNEL_REASONS).find(([, number]) => number === reason)?.[0] ?? `mark ${mark}`;
}

const OBSERVING: Policy = observing();

function observing(): Policy {
  const { policy } = parsePolicy('picket: 1\n', 'observe.yaml');
  if (policy === null) throw new Error('the empty policy was refused');
  return policy;
}
