// Real hosts around a gateway for tests with the real kernel: each in a network namespace of its own on a link of its own, with real sockets.
// Names are made from the process id, so runs side by side do not meet. Needs root, nft and python3 (see site.testing.ts).

import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A host's place: its number is the third part of its IPv4 address and the last of its IPv6 network. */
export interface Host {
  readonly name: string;
  readonly number: number;
}

let sites = 0;

export class HostSite {
  readonly gateway: string;
  readonly #base: string;
  readonly #hosts: readonly Host[];
  readonly #talkers: Talker[] = [];

  constructor(hosts: readonly Host[]) {
    this.#base = `pk${process.pid}h${sites++}`;
    this.gateway = `${this.#base}g`;
    this.#hosts = hosts;
  }

  /** Words that lead into the gateway's namespace. */
  get inside(): readonly string[] {
    return ['ip', 'netns', 'exec', this.gateway];
  }

  open(): void {
    run('ip', 'netns', 'add', this.gateway);
    this.inGateway('ip', 'link', 'set', 'lo', 'up');
    this.inGateway('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    for (const host of this.#hosts) this.#add(host);
  }

  close(): void {
    for (const talker of this.#talkers) talker.close();
    for (const name of [this.gateway, ...this.#hosts.map(({ name }) => this.#namespace(name))])
      spawnSync('ip', ['netns', 'del', name]);
  }

  inGateway(...words: readonly string[]): string {
    return run(...this.inside, ...words);
  }

  /** Loads nft text in the gateway, one transaction. */
  load(text: string): void {
    const [program = 'ip', ...words] = [...this.inside, 'nft', '-f', '-'];
    const done = spawnSync(program, words, { input: text, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`nft: ${done.stderr.slice(0, 2_000)}`);
  }

  /** Runs a program of `talk.py` on a host; its arguments are plain words. */
  talk(host: string, ...words: readonly string[]): Talker {
    const script = fileURLToPath(new URL('./talk.py', import.meta.url));
    const talker = new Talker(['ip', 'netns', 'exec', this.#namespace(host), 'python3', '-u', script, ...words]);
    this.#talkers.push(talker);
    return talker;
  }

  #namespace(host: string): string {
    return `${this.#base}${host}`;
  }

  #add({ name, number }: Host): void {
    const space = this.#namespace(name);
    run('ip', 'netns', 'add', space);
    const device = `h${number}`;
    run('ip', 'link', 'add', device, 'netns', this.gateway, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    const inHost = ['ip', '-n', space];
    const inGateway = ['ip', '-n', this.gateway];
    run(...inHost, 'link', 'set', 'lo', 'up');
    run(...inHost, 'address', 'add', `10.0.${number}.2/24`, 'dev', 'eth0');
    run(...inHost, 'address', 'add', `fd00:${number}::2/64`, 'dev', 'eth0', 'nodad');
    run(...inHost, 'link', 'set', 'eth0', 'up');
    run(...inGateway, 'address', 'add', `10.0.${number}.1/24`, 'dev', device);
    run(...inGateway, 'address', 'add', `fd00:${number}::1/64`, 'dev', device, 'nodad');
    run(...inGateway, 'link', 'set', device, 'up');
    run(...inHost, 'route', 'add', 'default', 'via', `10.0.${number}.1`);
    run(...inHost, '-6', 'route', 'add', 'default', 'via', `fd00:${number}::1`);
  }
}

/** A program on a host that prints one line of JSON for each thing that it has to say. */
export class Talker {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #said: unknown[] = [];
  #complaint = '';
  #wake: () => void = () => {};

  constructor([program = 'true', ...words]: readonly string[]) {
    this.#child = spawn(program, words);
    this.#child.stderr.on('data', (text: Buffer) => {
      this.#complaint += text.toString().slice(0, 2_000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#said.push(JSON.parse(line));
      this.#wake();
    });
    this.#child.on('close', () => this.#wake());
  }

  /** The next thing it says; fails when it says nothing for too long. */
  async hear(): Promise<unknown> {
    for (let asked = 0; asked < 2 && this.#said.length === 0; asked++)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEAR_MS_MAX / 2);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    if (this.#said.length === 0) throw new Error(`a program says nothing: ${this.#complaint}`);
    return this.#said.shift();
  }

  /** Tells it to come to its end and say what it counted. */
  finish(): Promise<unknown> {
    this.#child.stdin.end();
    return this.hear();
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** A loaded machine takes its time. */
const HEAR_MS_MAX = 40_000;

const PRINTED_BYTES_MAX = 64 * 1_024 * 1_024;

function run(...[program = 'true', ...words]: readonly string[]): string {
  return execFileSync(program, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: PRINTED_BYTES_MAX,
  });
}
