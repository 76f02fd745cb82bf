// One long-lived `nft -i`: a line in, one transaction, its answer out. Not the content of lines, and no retry: who asked decides.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** A line that nft refused, or a child that is gone. `isKnown` is false where nobody can say whether the line took effect. */
export class NftError extends Error {
  readonly isKnown: boolean;

  constructor(message: string, isKnown: boolean) {
    super(message);
    this.isKnown = isKnown;
  }
}

/** Asked behind each line: its answer is always the same, comes after everything about the line, and costs nothing. */
const BARRIER = 'describe tcp dport';
const BARRIER_ANSWER = 'payload expression, datatype inet_service';
/** Lines waiting for their answer. Further ones are refused at once: whoever floods has to slow down. */
const QUEUE_MAX = 64;
/** Longest answer that is kept; nft repeats a refused line, however long it is. */
const ANSWER_CHARS_MAX = 64 * 1_024 * 1_024;
const MESSAGE_CHARS_MAX = 600;
/** Lines that one child is told. */
const TOLD_CHARS_MAX = 32 * 1_024 * 1_024;
/** A transaction of 100,000 elements takes seconds. After this the child counts as hung and is ended. */
const ANSWER_MS_MAX = 120_000;

interface Waiting {
  readonly line: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: NftError) => void;
}

export class NftChild {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #queue: Waiting[] = [];
  #answer = '';
  #told = 0;
  #isGone = false;
  #timer: NodeJS.Timeout | null = null;

  /** `command`: how nft is called, for instance `['nft']`. */
  constructor(command: readonly string[]) {
    // Where nft has a home it writes every line into a history there, and reads that at its begin.
    const env = { ...process.env, HOME: '/dev/null' };
    this.#child = spawn('sh', ['-c', 'exec "$@" -i 2>&1', 'sh', ...command], { env });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text: string) => this.#take(text));
    this.#child.stdin.on('error', () => this.#end());
    this.#child.on('error', () => this.#end());
    this.#child.on('close', () => this.#end());
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether it was told so much that another should take its place: nft keeps every line in memory. Never while a line waits. */
  get isWorn(): boolean {
    return this.#told > TOLD_CHARS_MAX && this.#queue.length === 0;
  }

  /** Runs one line as one transaction; rejects with what nft said. INVARIANT: no line's end within a line. */
  run(line: string): Promise<string> {
    if (line.includes('\n')) return Promise.reject(new NftError('a line for nft has a line end in it', true));
    if (this.#isGone) return Promise.reject(new NftError('nft is not running', true));
    if (this.#queue.length >= QUEUE_MAX) return Promise.reject(new NftError('too many lines wait for nft', true));
    return new Promise((resolve, reject) => {
      this.#queue.push({ line, resolve, reject });
      if (this.#queue.length === 1) this.#send();
    });
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
    this.#end();
  }

  #send(): void {
    const [first] = this.#queue;
    if (first === undefined) return;
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS_MAX);
    this.#told += first.line.length;
    this.#child.stdin.write(`${first.line}\n${BARRIER}\n`);
  }

  #take(text: string): void {
    this.#answer += text;
    if (this.#answer.length > ANSWER_CHARS_MAX) this.#child.kill('SIGKILL');
    // The barrier's text begins a line of its own and is short, so it stands near the end.
    const from = this.#answer.lastIndexOf(BARRIER_ANSWER);
    const isWhole = from >= 0 && this.#answer.endsWith('\n') && (from === 0 || this.#answer[from - 1] === '\n');
    if (!isWhole) return;
    const answer = this.#answer.slice(0, from);
    this.#answer = '';
    this.#settle(answer);
  }

  #settle(answer: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const first = this.#queue.shift();
    if (/^Error:/m.test(answer)) first?.reject(new NftError(answer.slice(0, MESSAGE_CHARS_MAX), true));
    else first?.resolve(answer);
    this.#send();
  }

  #end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const [asked, ...waiting] = this.#queue.splice(0);
    asked?.reject(new NftError('nft ended before it answered', false));
    for (const one of waiting) one.reject(new NftError('nft ended before it was asked', true));
  }
}
