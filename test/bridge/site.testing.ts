// A site on one subnet for tests with the real kernel: a gateway with a bridge, and a device in a namespace of its own behind each port.
// Needs root, nft and python3. Names are made from the process id, so runs side by side do not meet.

import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Devices by the last digit of all their addresses. */
export const DEVICES = [1, 2, 3] as const;
export type DeviceNumber = (typeof DEVICES)[number] | 9;
/** Stands at the uplink where a site has one. */
export const ROUTER = 9;

export const BRIDGE_MAC = '02:00:00:00:00:fe';
export const macOf = (device: DeviceNumber): string => `02:00:00:00:00:0${device}`;
export const fourOf = (device: DeviceNumber): string => `10.7.0.1${device}`;
export const sixOf = (device: DeviceNumber): string => `fd07::1${device}`;
export const portOf = (device: DeviceNumber): string => `pk${device}`;

/** How long a site may take to open on a machine that has other things to do. */
export const OPENED_MS_MAX = 60_000;

const SCRIPT = fileURLToPath(new URL('./device.py', import.meta.url));
let sites = 0;

export class BridgeSite {
  readonly gateway: string;
  readonly #name: string;
  readonly #devices: readonly DeviceNumber[];
  readonly #children = new Map<
    DeviceNumber,
    { child: ChildProcessWithoutNullStreams; answers: AsyncIterator<string> }
  >();

  constructor({ hasUplink = false } = {}) {
    this.#name = `pb${process.pid}x${sites++}`;
    this.gateway = `${this.#name}g`;
    this.#devices = hasUplink ? [...DEVICES, ROUTER] : DEVICES;
  }

  get ports(): readonly string[] {
    return this.#devices.map(portOf);
  }

  async open(): Promise<void> {
    run('ip', 'netns', 'add', this.gateway);
    this.inGateway('ip', 'link', 'set', 'lo', 'up');
    this.inGateway('ip', 'link', 'add', 'br0', 'address', BRIDGE_MAC, 'type', 'bridge');
    // Its own default differs from machine to machine; a bridge that hands on by itself is where every test begins.
    this.inGateway(
      'sysctl',
      '-qw',
      ...['ip', 'ip6', 'arp'].map((table) => `net.bridge.bridge-nf-call-${table}tables=0`),
    );
    for (const device of this.#devices) this.plug(device);
    this.inGateway('ip', 'link', 'set', 'br0', 'up');
    this.inGateway('ip', 'address', 'add', '10.7.0.1/24', 'dev', 'br0');
    this.inGateway('ip', 'address', 'add', 'fd07::1/64', 'dev', 'br0', 'nodad');
    for (const device of this.#devices) this.#start(device);
    // An answer means that the device listens.
    for (const device of this.#devices) await this.heard(device);
  }

  close(): void {
    for (const { child } of this.#children.values()) child.kill();
    for (const name of [...this.#devices.map((device) => this.#namespace(device)), this.gateway])
      spawnSync('ip', ['netns', 'del', name]);
  }

  /** Puts a device and its port there, or the port alone where the device was there before. */
  plug(device: DeviceNumber): void {
    const namespace = this.#namespace(device);
    const port = portOf(device);
    if (!this.#children.has(device)) run('ip', 'netns', 'add', namespace);
    run('ip', 'link', 'add', port, 'netns', this.gateway, 'type', 'veth', 'peer', 'name', 'e0', 'netns', namespace);
    this.inGateway('ip', 'link', 'set', port, 'master', 'br0', 'up');
    this.inDevice(device, 'ip', 'link', 'set', 'lo', 'up');
    this.inDevice(device, 'ip', 'link', 'set', 'e0', 'address', macOf(device), 'up');
    this.inDevice(device, 'ip', 'address', 'add', `${fourOf(device)}/24`, 'dev', 'e0');
    this.inDevice(device, 'ip', 'address', 'add', `${sixOf(device)}/64`, 'dev', 'e0', 'nodad');
  }

  inGateway(...words: readonly string[]): string {
    return run('ip', 'netns', 'exec', this.gateway, ...words);
  }

  inDevice(device: DeviceNumber, ...words: readonly string[]): string {
    return run('ip', 'netns', 'exec', this.#namespace(device), ...words);
  }

  /** Loads nft text at the gateway, one transaction. */
  load(text: string): void {
    const words = ['netns', 'exec', this.gateway, 'nft', '-f', '-'];
    const done = spawnSync('ip', words, { input: text, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`nft: ${done.stderr.slice(0, 2_000)}`);
  }

  /** How a tool is called at the gateway. */
  command(...words: readonly string[]): readonly string[] {
    return ['ip', 'netns', 'exec', this.gateway, ...words];
  }

  /** How many of `count` came back over a fresh connection, or why none did. */
  tcp(from: DeviceNumber, to: string, count = 3): Promise<unknown> {
    return this.#ask(from, { do: 'tcp', to, count });
  }

  udp(from: DeviceNumber, to: string, count = 3): Promise<unknown> {
    return this.#ask(from, { do: 'udp', to, count });
  }

  /** Sends frames as they are, in hexadecimal. */
  frames(from: DeviceNumber, frames: readonly string[]): Promise<unknown> {
    return this.#ask(from, { do: 'frames', frames });
  }

  /** What came to the device's UDP port. */
  async heard(device: DeviceNumber): Promise<readonly unknown[]> {
    const heard = await this.#ask(device, { do: 'heard' });
    return Array.isArray(heard) ? heard : [];
  }

  /** Whether all of three pings came back. */
  pings(from: DeviceNumber, to: string): boolean {
    const words = ['netns', 'exec', this.#namespace(from), 'ping', '-n', '-c3', '-i0.05', '-w5', to];
    return spawnSync('ip', words).stdout.toString().includes(' 3 received');
  }

  /** Packets and counters of a named counter. */
  counted(name: string): number {
    const text = this.inGateway('nft', 'list', 'counter', 'inet', 'seen', name);
    return Number(/packets (\d+)/.exec(text)?.[1] ?? -1);
  }

  #namespace(device: DeviceNumber): string {
    return `${this.#name}d${device}`;
  }

  #start(device: DeviceNumber): void {
    const child = spawn('ip', ['netns', 'exec', this.#namespace(device), 'python3', SCRIPT]);
    child.stderr.on('data', (data: Buffer) => console.error(data.toString()));
    this.#children.set(device, { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() });
  }

  async #ask(device: DeviceNumber, question: object): Promise<unknown> {
    const one = this.#children.get(device);
    one?.child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await one?.answers.next();
    if (answer === undefined || answer.done === true) throw new Error('the device is gone');
    const parsed: { answer: unknown } = JSON.parse(answer.value);
    return parsed.answer;
  }
}

export function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Counts at the gateway what crosses the forward hook, and denies the ports it is told. */
export const SEEN = `table inet seen {
  counter four { }
  counter six { }
  counter fresh { }
  set denied { type inet_service; }
  chain forward {
    type filter hook forward priority filter; policy accept;
    meta nfproto ipv4 counter name four
    meta nfproto ipv6 counter name six
    ct state new counter name fresh
    th dport @denied drop
  }
}`;

/** Everything that isolation touches, as the tools print it; without counts, and without the numbers of links that were made anew. */
export function stateOf(site: BridgeSite): string {
  const settings = site
    .inGateway('sysctl', '-a', '-r', '^net.(bridge|ipv4.(conf|neigh|ip_forward)|ipv6.(conf|neigh))')
    .split('\n');
  return [
    site.inGateway('nft', '-s', 'list', 'ruleset'),
    ...site.ports.map((port) =>
      site.inGateway('bridge', '-d', 'link', 'show', 'dev', port).replace(/^\d+: (\w+)@\w+/, '$1'),
    ),
    site.inGateway('ip', '-6', 'neigh', 'show', 'proxy'),
    ...settings.filter((line) => !/stable_secret|timer|mtu/.test(line)),
  ].join('\n');
}
