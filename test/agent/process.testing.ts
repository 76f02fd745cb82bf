// Agents as real processes in network namespaces of their own, and people who speak to them from sessions of their own. Needs root and nft.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { type AgentClient, agentClient } from '#agent';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DOORS = ['model', 'policy', 'engine', 'capture', 'learn', 'detect'];
const EDGE_DOORS = ['enforce', 'observe', 'bridge', 'nft', 'agent'];
/** A loaded machine of two cores takes its time; a wait that long has failed. */
export const WAIT_MS_MAX = 120_000;

/** Why there is nothing to test with, or ''. */
export function missingTools(): string {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['nft', 'tcpdump', 'conntrack', 'flock', 'setsid'])
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `no ${tool}`;
  return spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset']).status === 0 ? '' : 'no network namespaces';
}

/** Builds programs of this folder into one file each, so that they can be started as processes. */
export async function buildPrograms(folder: string, names: readonly string[]): Promise<void> {
  const alias = Object.fromEntries([
    ...DOORS.map((room) => [`#${room}`, join(root, `src/core/${room}/index.ts`)]),
    ...EDGE_DOORS.map((room) => [`#${room}`, join(root, `src/edge/${room}/index.ts`)]),
  ]);
  for (const name of names)
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { alias },
      ssr: { noExternal: true },
      build: {
        ssr: join(root, `test/agent/${name}.testing.ts`),
        outDir: folder,
        emptyOutDir: false,
        target: 'node20',
        minify: false,
        // As the built program: a door does nothing when it is loaded, so only what is asked for is there to be read.
        rollupOptions: {
          treeshake: { moduleSideEffects: (id) => !id.startsWith(join(root, 'src')) },
          output: { entryFileNames: `${name}.mjs`, format: 'es' },
        },
      },
    });
}

let sites = 0;

/** A namespace with a loopback, a pair of devices to a second namespace, a state directory, and agents that are started in it. */
export class AgentSite {
  readonly folder = mkdtempSync(join(tmpdir(), 'picket-agent-'));
  readonly namespace = `pa${process.pid}x${sites++}`;
  readonly far = `${this.namespace}f`;
  readonly #children: ChildProcess[] = [];

  async open(): Promise<void> {
    // Another user has to find the programs; the run directory stays closed to him.
    chmodSync(this.folder, 0o755);
    await buildPrograms(this.folder, ['main', 'say', 'take-down']);
    for (const name of [this.namespace, this.far]) execFileSync('ip', ['netns', 'add', name]);
    this.run('ip', 'link', 'add', 'in0', 'type', 'veth', 'peer', 'name', 'far0', 'netns', this.far);
    this.run('ip', 'link', 'set', 'lo', 'up');
    this.run('ip', 'link', 'set', 'in0', 'up');
    this.run('ip', 'address', 'add', '10.77.0.1/24', 'dev', 'in0');
    this.runFar('ip', 'link', 'set', 'lo', 'up');
    this.runFar('ip', 'link', 'set', 'far0', 'up');
    this.runFar('ip', 'address', 'add', '10.77.0.2/24', 'dev', 'far0');
  }

  close(): void {
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    for (const name of [this.namespace, this.far]) {
      const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout.trim().split('\n');
      for (const pid of pids) if (/^\d+$/.test(pid)) spawnSync('kill', ['-9', pid]);
      spawnSync('ip', ['netns', 'del', name]);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  run(...words: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespace, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  runFar(...words: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.far, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** A child in one of the namespaces; ended with the site. */
  spawnIn(namespace: string, ...words: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', namespace, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#children.push(child);
    return child;
  }

  /** A program that listens at 10.77.0.1:8080. */
  serve(): void {
    this.spawnIn(
      this.namespace,
      'python3',
      '-m',
      'http.server',
      '8080',
      '--bind',
      '10.77.0.1',
      '--directory',
      this.folder,
    );
    for (let tried = 0; tried < 200 && !this.connects(); tried++) spawnSync('sleep', ['0.05']);
  }

  /** Whether the far end can open a connection to it. */
  connects(): boolean {
    const script = 'exec 3<>/dev/tcp/10.77.0.1/8080';
    const words = ['netns', 'exec', this.far, 'timeout', '2', 'bash', '-c', script];
    return spawnSync('ip', words, { stdio: 'ignore' }).status === 0;
  }

  /** Forgets the state, whatever is in it. */
  forget(): void {
    rmSync(this.state, { recursive: true, force: true });
  }

  /** What the program answers to one request of HTTP, '' for nothing. */
  http(method: string): string {
    const script = `exec 3<>/dev/tcp/10.77.0.1/8080; printf '${method} / HTTP/1.0\\r\\n\\r\\n' >&3; head -c 200 <&3`;
    const words = ['netns', 'exec', this.far, 'timeout', '3', 'bash', '-c', script];
    return spawnSync('ip', words, { encoding: 'utf8' }).stdout;
  }

  /** Whether a ping with this much payload is answered. */
  pings(bytes: number): boolean {
    const words = ['netns', 'exec', this.far, 'ping', '-c', '1', '-W', '1', '-s', String(bytes), '10.77.0.1'];
    return spawnSync('ip', words, { stdio: 'ignore' }).status === 0;
  }

  /** Takes down what an agent left, as `picket down` does where none runs. */
  takeDown(): string {
    return this.run(process.execPath, join(this.folder, 'take-down.mjs'), this.state).trim();
  }

  /** Runs a script in one new session; `"$@"` asks the agent. Returns its lines. */
  shell(agent: RunningAgent, script: string): readonly string[] {
    const words = ['--wait', 'sh', '-c', script, 'sh', process.execPath, join(this.folder, 'say.mjs'), agent.socket];
    const done = spawnSync('setsid', words, { encoding: 'utf8', env: { ...process.env, SSH_CONNECTION: '' } });
    return done.stdout.split('\n').filter((line) => line !== '');
  }

  ruleset(): string {
    return this.run('nft', 'list', 'ruleset');
  }

  sysctls(): string {
    return this.run(
      'sh',
      '-c',
      'cd /proc/sys/net && grep -r . netfilter ipv4/conf ipv4/ip_forward ipv6/conf 2>/dev/null | grep -v "nf_conntrack_count\\|stable_secret" | sort',
    );
  }

  /** Starts an agent and says what it said first: `ready …`, `refused …`, or `ended` where it ended without a word. */
  async start(settings: Readonly<Record<string, string>> = {}, run = 'run'): Promise<RunningAgent> {
    const environment = { STATE: this.state, RUN: join(this.folder, run), ...settings };
    const child = spawn('ip', ['netns', 'exec', this.namespace, process.execPath, join(this.folder, 'main.mjs')], {
      env: {
        ...process.env,
        ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [`PICKET_TEST_${name}`, value])),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    const agent = new RunningAgent(child, join(this.folder, run, 'agent.sock'));
    await agent.hasSpoken;
    return agent;
  }

  /** Asks the agent in a session of its own, as another login would; returns its answer or refusal. */
  say(
    agent: RunningAgent,
    name: string,
    takes: unknown = {},
    environment: Readonly<Record<string, string>> = {},
  ): Said {
    return sayIn(['setsid', '--wait'], { folder: this.folder, socket: agent.socket, name, takes, environment });
  }
}

export interface Said {
  readonly refused: { readonly code: string; readonly message: string } | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at whatever came.
  readonly answer: any;
}

interface Saying {
  readonly folder: string;
  readonly socket: string;
  readonly name: string;
  readonly takes: unknown;
  readonly environment: Readonly<Record<string, string>>;
}

export function sayIn(words: readonly string[], { folder, socket, name, takes, environment }: Saying): Said {
  const [program = '', ...rest] = [
    ...words,
    process.execPath,
    join(folder, 'say.mjs'),
    socket,
    name,
    JSON.stringify(takes),
  ];
  const done = spawnSync(program, rest, {
    encoding: 'utf8',
    env: { ...process.env, SSH_CONNECTION: '', ...environment },
    timeout: WAIT_MS_MAX,
  });
  if (done.stdout === '') throw new Error(`nothing said: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

export class RunningAgent {
  readonly child: ChildProcess;
  readonly socket: string;
  readonly lines: string[] = [];
  readonly log: string[] = [];
  readonly hasSpoken: Promise<void>;
  readonly hasEnded: Promise<void>;

  constructor(child: ChildProcess, socket: string) {
    this.child = child;
    this.socket = socket;
    this.hasEnded = new Promise((resolve) => child.on('close', () => resolve()));
    const spoken = new Promise<void>((resolve) => {
      if (child.stdout !== null)
        createInterface({ input: child.stdout }).on('line', (line) => {
          this.lines.push(line);
          resolve();
        });
    });
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => this.log.push(line));
    this.hasSpoken = Promise.race([spoken, this.hasEnded]);
  }

  get client(): AgentClient {
    return agentClient({ socket: this.socket, caller: { pid: process.pid, sshConnection: null } });
  }

  get said(): string {
    return this.lines[0] ?? 'ended';
  }

  /** Moves the agent's clock by what it was started with. */
  shiftClock(site: AgentSite): void {
    const { pid } = site.say(this, 'status').answer;
    process.kill(pid, 'SIGUSR2');
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.hasEnded;
  }
}
