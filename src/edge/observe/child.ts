// One child process whose output is read as it comes: begun, seen to work, ended. Not its supervisor and not a reader of what it says.

import { type ChildProcess, spawn } from 'node:child_process';
import { ObserveError, type ObserveErrorCode, type ObserverSource } from './facts.ts';
import type { Watchdog } from './watchdog.ts';

export interface ChildOptions {
  readonly source: ObserverSource;
  /** Ends the child when this process is killed. */
  readonly watchdog: Watchdog;
  readonly command: readonly string[];
  /** Output as it comes. The bytes belong to whoever gets them. */
  readonly onData: (bytes: Buffer) => void;
  /** One line of what it says beside its output, without the line's end, cut to `LINE_CHARS_MAX`. */
  readonly onLine: (line: string) => void;
  /** Once, however it ended, after the last of its output. */
  readonly onEnd: () => void;
}

/** Longest line kept of what a child says; longer ones are cut. */
const LINE_CHARS_MAX = 512;
/** How long a child may take to be seen to work. */
const READY_MS_MAX = 10_000;
const READY_POLL_MS = 20;
/** How long a child may take to end after it was asked, before it is killed. */
const END_MS_MAX = 2_000;

interface Cause {
  readonly code: ObserveErrorCode;
  /** What the tool or what called it says then. */
  readonly signs: RegExp;
  readonly found: string;
  readonly needed: string;
}

const MISSING: Cause = {
  code: 'tool-missing',
  signs: /no such file or directory|not found/i,
  found: 'is not there',
  needed: 'install it, ',
};

const UNKNOWN: Cause = { code: 'not-started', signs: /^/, found: 'did not begin to work', needed: '' };

/** In this order: a log group that somebody else has is told as "not permitted" too. */
const CAUSES: readonly Cause[] = [
  MISSING,
  {
    code: 'in-use',
    signs: /busy|listen on group/i,
    found: 'is in use by another program',
    needed: 'end that one or use another log group, ',
  },
  {
    code: 'not-permitted',
    signs: /permission|not permitted/i,
    found: 'is not permitted',
    needed: 'needs the rights CAP_NET_RAW and CAP_NET_ADMIN, ',
  },
];

export class Child {
  readonly #options: ChildOptions;
  readonly #process: ChildProcess;
  #rest = '';
  #lastLine = '';
  /** Its first words, of which one says why it could not begin. */
  #firstWords = '';
  #isMissing = false;
  #isEnded = false;
  readonly #ended: Promise<void>;

  constructor(options: ChildOptions) {
    this.#options = options;
    const [program = '', ...words] = options.command;
    this.#process = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (this.#process.pid !== undefined) options.watchdog.add(this.#process.pid);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (this.#isEnded) return;
        this.#isEnded = true;
        options.watchdog.remove(this.pid);
        options.onEnd();
        resolve();
      };
      this.#process.on('error', (error) => {
        this.#isMissing ||= 'code' in error && error.code === 'ENOENT';
        this.#lastLine ||= error.message;
        this.#firstWords ||= error.message;
        if (this.#process.pid === undefined) end();
      });
      this.#process.on('close', end);
    });
    this.#process.stdout?.on('data', options.onData);
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#say(text));
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** After its end: how it ended, null where a signal ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** What it said last, or what the system says of why it did not begin. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** Resolves as soon as `isWorking` says so; rejects, and ends the child, when it ends before or takes too long. */
  async ready(isWorking: (child: Child) => boolean): Promise<void> {
    for (let waitedMs = 0; waitedMs < READY_MS_MAX; waitedMs += READY_POLL_MS) {
      if (this.#isEnded) throw this.#failure();
      if (isWorking(this)) return;
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
    await this.close();
    throw this.#failure();
  }

  /** Stops or goes on reading its output; while stopped the kernel keeps what it can and counts the rest as lost. */
  pause(): void {
    this.#process.stdout?.pause();
  }

  resume(): void {
    this.#process.stdout?.resume();
  }

  signal(name: 'SIGUSR1'): void {
    if (!this.#isEnded) this.#process.kill(name);
  }

  /** Asks it to end, then kills it. Resolves when it is gone. */
  async close(): Promise<void> {
    if (this.#isEnded) return;
    this.resume();
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_MS_MAX);
    await this.#ended;
    clearTimeout(timer);
  }

  #say(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LINE_CHARS_MAX);
    for (const line of lines) {
      const cut = line.slice(0, LINE_CHARS_MAX).trimEnd();
      if (cut === '') continue;
      this.#lastLine = cut;
      if (this.#firstWords.length < LINE_CHARS_MAX) this.#firstWords += (this.#firstWords === '' ? '' : '; ') + cut;
      this.#options.onLine(cut);
    }
  }

  #failure(): ObserveError {
    const { source, command } = this.#options;
    const words = this.#firstWords;
    const cause = this.#isMissing ? MISSING : (CAUSES.find(({ signs }) => signs.test(words)) ?? UNKNOWN);
    const said = words === '' ? 'it said nothing' : `it said ${JSON.stringify(words)}`;
    const what = `cannot observe ${source}: ${JSON.stringify(command.join(' '))} ${cause.found} (${said})`;
    return new ObserveError(cause.code, source, `${what}; ${cause.needed}nothing was changed`);
  }
}
