// One child process whose output is read as it comes: begun, seen to work, ended. Not its supervisor and not a reader of what it says.

import { type ChildProcess, spawn } from 'node:child_process';
import { ObserveError, type ObserverSource } from './facts.ts';

export interface ChildOptions {
  readonly source: ObserverSource;
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

export class Child {
  readonly #options: ChildOptions;
  readonly #process: ChildProcess;
  #rest = '';
  #lastLine = '';
  #isMissing = false;
  #isEnded = false;
  readonly #ended: Promise<void>;

  constructor(options: ChildOptions) {
    this.#options = options;
    const [program = '', ...words] = options.command;
    this.#process = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (this.#isEnded) return;
        this.#isEnded = true;
        options.onEnd();
        resolve();
      };
      this.#process.on('error', (error) => {
        this.#isMissing ||= 'code' in error && error.code === 'ENOENT';
        this.#lastLine ||= error.message;
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
      this.#options.onLine(cut);
    }
  }

  #failure(): ObserveError {
    const { source, command } = this.#options;
    const said = this.#lastLine === '' ? 'nothing' : JSON.stringify(this.#lastLine);
    const begin = `cannot observe ${source}: ${JSON.stringify(command.join(' '))}`;
    const isMissing = this.#isMissing || /no such file or directory|not found/i.test(this.#lastLine);
    if (isMissing)
      return new ObserveError(
        'tool-missing',
        source,
        `${begin} is not there (${said}); install it, nothing was changed`,
      );
    if (/permission|not permitted/i.test(this.#lastLine))
      return new ObserveError(
        'not-permitted',
        source,
        `${begin} is not permitted (${said}); needs the rights CAP_NET_RAW and CAP_NET_ADMIN, nothing was changed`,
      );
    if (/no such device|exist/i.test(this.#lastLine))
      return new ObserveError(
        'bad-interface',
        source,
        `${begin} found no such interface (${said}); nothing was changed`,
      );
    return new ObserveError(
      'not-started',
      source,
      `${begin} did not begin to work (it said ${said}); nothing was changed`,
    );
  }
}
