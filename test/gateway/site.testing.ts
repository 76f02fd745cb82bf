// A site for tests with the real kernel: a gateway in one network namespace, both its sides in another. Needs root and nft.
// Names are made from the process id, so runs side by side do not meet.

import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Side = 'a' | 'b';

export interface Sent {
  readonly side: Side;
  readonly packet: Uint8Array;
}

/** What became of a packet: whether it came out at the other side, as what, and what came back. */
export interface Fate {
  readonly passed: boolean;
  readonly out: readonly string[];
  readonly back: readonly string[];
}

/** Why there is no kernel to test with, or '' when there is. */
export function missingKernel(): string {
  if (process.getuid?.() !== 0) return 'not root';
  const probe = spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']);
  if (probe.status !== 0) return 'no nft or no network namespaces';
  return spawnSync('python3', ['--version']).status === 0 ? '' : 'no python3';
}

const ROUTES: Readonly<Record<Side, readonly string[]>> = {
  a: ['10.0.1.0/24', '93.184.216.0/24', 'fd00:1::/64'],
  b: ['10.0.2.0/24', '8.8.8.0/24', 'fd00:2::/64', '2600::/16'],
};

let sites = 0;

export class Site {
  readonly gateway: string;
  readonly ends: string;
  #child: ChildProcessWithoutNullStreams | null = null;
  #answers: AsyncIterator<string> | null = null;

  constructor() {
    const name = `pk${process.pid}x${sites++}`;
    this.gateway = `${name}g`;
    this.ends = `${name}e`;
  }

  open(): void {
    run('ip', 'netns', 'add', this.gateway);
    run('ip', 'netns', 'add', this.ends);
    this.inGateway(
      'sysctl',
      '-qw',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.conf.all.rp_filter=0',
    );
    this.inEnds('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
    const sides: Record<string, unknown> = {};
    for (const [at, side] of (['a', 'b'] as const).entries()) sides[side] = this.#openSide(side, at + 1);
    const script = fileURLToPath(new URL('./ends.py', import.meta.url));
    this.#child = spawn('ip', ['netns', 'exec', this.ends, 'python3', script, JSON.stringify(sides)]);
    this.#child.stderr.on('data', (data: Buffer) => console.error(data.toString()));
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  close(): void {
    this.#child?.stdin.end();
    this.#child?.kill();
    for (const name of [this.gateway, this.ends]) spawnSync('ip', ['netns', 'del', name]);
  }

  inGateway(...words: readonly string[]): string {
    return run('ip', 'netns', 'exec', this.gateway, ...words);
  }

  inEnds(...words: readonly string[]): string {
    return run('ip', 'netns', 'exec', this.ends, ...words);
  }

  /** Loads nft text, one transaction. */
  load(text: string): void {
    const done = spawnSync('ip', ['netns', 'exec', this.gateway, 'nft', '-f', '-'], { input: text, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`nft: ${done.stderr.slice(0, 2_000)}`);
  }

  /** Sends packets one after the other and says what became of each. */
  async send(packets: readonly Sent[]): Promise<readonly Fate[]> {
    const asked = packets.map(({ side, packet }) => ({ side, packet: Buffer.from(packet).toString('hex') }));
    this.#child?.stdin.write(`${JSON.stringify(asked)}\n`);
    const answer = await this.#answers?.next();
    if (answer === undefined || answer.done === true) throw new Error('the ends are gone');
    return JSON.parse(answer.value);
  }

  /** Whatever came out of the gateway on this side since the last question. */
  async collect(side: Side): Promise<readonly string[]> {
    this.#child?.stdin.write(`${JSON.stringify({ collect: side })}\n`);
    const answer = await this.#answers?.next();
    if (answer === undefined || answer.done === true) throw new Error('the ends are gone');
    return JSON.parse(answer.value)[0];
  }

  #openSide(side: Side, at: number): Record<string, string> {
    const own = `10.255.${at}.2`;
    const own6 = `fd00:ff${at}::2`;
    run(
      'ip',
      'link',
      'add',
      `${side}0`,
      'netns',
      this.gateway,
      'type',
      'veth',
      'peer',
      'name',
      `${side}1`,
      'netns',
      this.ends,
    );
    this.inEnds('ip', 'link', 'set', `${side}1`, 'up');
    this.inGateway('ip', 'link', 'set', `${side}0`, 'up');
    const device = `${side}0`;
    this.inGateway('ip', 'address', 'add', `10.255.${at}.1/24`, 'dev', device);
    this.inGateway('ip', 'address', 'add', `fd00:ff${at}::1/64`, 'dev', device, 'nodad');
    const macOfEnds = this.inEnds('cat', `/sys/class/net/${side}1/address`).trim();
    for (const hop of [own, own6])
      this.inGateway('ip', 'neigh', 'add', hop, 'lladdr', macOfEnds, 'dev', device, 'nud', 'permanent');
    for (const route of ROUTES[side])
      this.inGateway('ip', 'route', 'add', route, 'via', route.includes(':') ? own6 : own, 'dev', device);
    const gatewayMac = this.inGateway('cat', `/sys/class/net/${device}/address`).trim();
    return { device: `${side}1`, gatewayMac, gateway: `10.255.${at}.1`, own };
  }
}

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
