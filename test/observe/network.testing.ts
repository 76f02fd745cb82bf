// A small network for tests with the real kernel: a gateway between two ends, each in a network namespace of its own. Needs root.
// Names are made from the process id, so runs side by side do not meet.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';

export type Place = 'left' | 'gateway' | 'right';

/** Why there is no kernel to test with, or '' when there is. */
export function missingKernel(): string {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']).status !== 0) return 'no nft or no network namespaces';
  for (const tool of ['tcpdump', 'conntrack', 'python3'])
    if (spawnSync(tool, ['--version']).status !== 0) return `no ${tool}`;
  return '';
}

/** Everything that is forwarded is tracked and marked; UDP to port 99 is logged and dropped. */
const RULES = `table inet observed {
  chain forward {
    type filter hook forward priority 0
    ct state new ct mark set 0x12
    udp dport 99 meta mark set 0x10000007 log prefix "picket" group 7 snaplen 96 drop
  }
  chain input {
    type filter hook input priority 0
    ct state new accept
  }
}
`;

let networks = 0;

export class Network {
  readonly #name = `ob${process.pid}x${networks++}`;
  readonly #children: ChildProcess[] = [];

  namespace(place: Place): string {
    return `${this.#name}${place[0]}`;
  }

  /** Words that lead a command into a place. */
  prefix(place: Place): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace(place)];
  }

  open(rules = RULES): void {
    for (const place of ['left', 'gateway', 'right'] as const) {
      execFileSync('ip', ['netns', 'add', this.namespace(place)]);
      this.run(place, 'ip', 'link', 'set', 'lo', 'up');
    }
    for (const [at, place] of (['left', 'right'] as const).entries()) this.#link(place, at + 1);
    this.run('gateway', 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    this.run('gateway', 'sysctl', '-qw', 'net.netfilter.nf_conntrack_acct=1', 'net.netfilter.nf_conntrack_timestamp=1');
    this.load(rules);
  }

  load(rules: string): void {
    this.run('gateway', 'nft', rules);
  }

  /** Runs a command to its end in a place; throws when it fails. */
  run(place: Place, ...words: readonly string[]): string {
    const [program = '', ...rest] = [...this.prefix(place), ...words];
    const done = spawnSync(program, rest, { encoding: 'utf8', timeout: 60_000 });
    if (done.status !== 0) throw new Error(`${words.join(' ')}: ${done.stderr.slice(0, 1_000)}`);
    return done.stdout;
  }

  /** Runs Python text to its end. */
  python(place: Place, text: string): string {
    return this.run(place, 'python3', '-c', text);
  }

  /** Begins a program that runs until `close`; resolves when it printed its first line. */
  async begin(place: Place, ...words: readonly string[]): Promise<ChildProcess> {
    const [program = '', ...rest] = [...this.prefix(place), ...words];
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('close', () => reject(new Error(`${words.join(' ').slice(0, 60)} ended`)));
    });
    return child;
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const place of ['left', 'gateway', 'right'] as const) spawnSync('ip', ['netns', 'del', this.namespace(place)]);
  }

  #link(place: 'left' | 'right', at: number): void {
    const gateway = this.namespace('gateway');
    const own = this.namespace(place);
    const ends = ['name', 'eth0', 'netns', own];
    execFileSync('ip', ['link', 'add', place, 'netns', gateway, 'type', 'veth', 'peer', ...ends]);
    this.run('gateway', 'ip', 'address', 'add', `10.${at}.0.1/24`, 'dev', place);
    this.run('gateway', 'ip', 'address', 'add', `fd0${at}::1/64`, 'dev', place, 'nodad');
    this.run('gateway', 'ip', 'link', 'set', place, 'up');
    this.run(place, 'ip', 'address', 'add', `10.${at}.0.2/24`, 'dev', 'eth0');
    this.run(place, 'ip', 'address', 'add', `fd0${at}::2/64`, 'dev', 'eth0', 'nodad');
    this.run(place, 'ip', 'link', 'set', 'eth0', 'up');
    this.run(place, 'ip', 'route', 'add', 'default', 'via', `10.${at}.0.1`);
    this.run(place, 'ip', 'route', 'add', 'default', 'via', `fd0${at}::1`);
  }
}

/** Waits until `holds`, at most `limitMs`; throws with `what` otherwise. */
export async function until(what: string, holds: () => boolean, limitMs = 60_000): Promise<void> {
  for (let waited = 0; waited < limitMs; waited += 50) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${limitMs} ms in vain until ${what}`);
}

/** Processes whose parent is this one and whose command has `word` in it. */
export function childrenWith(word: string): readonly number[] {
  const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return listed
    .split('\n')
    .filter((line) => line.includes(word) && !line.includes('ps -o'))
    .map((line) => Number(line.trim().split(' ')[0]));
}
