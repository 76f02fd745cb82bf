// The port to the machine that picket runs on: programs, small files, processes, the person at the terminal. Not an adapter: bin chooses that.

import type { Instant, Micros } from '#model';
import type { FetchLike } from '#routes';

/** How a program ended. `status` is null where a signal ended it or the time was over. */
export interface RunEnd {
  /** False where there is no such program. */
  readonly isFound: boolean;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMillis?: number;
}

/** What stands at a path, links followed. */
export interface Entry {
  readonly kind: 'file' | 'directory' | 'other';
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
  readonly modified: Instant;
}

/** A picket that was started apart from this one: it lives on when this one ends. */
export interface Started {
  readonly pid: number;
  /** Exit code once it has ended, null while it lives. */
  ended(): number | null;
}

/** A controller's HTTPS port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** PEM of the only authority that is believed; null: those of this system. */
  readonly authority: string | null;
}

/** What an endpoint shows in the TLS handshake. */
export interface Shown {
  /** Whether this system vouches for it, by its own authorities and for this name. */
  readonly isTrusted: boolean;
  /** PEM of the last certificate of the chain that was sent: the authority to keep to. */
  readonly authority: string;
  /** SHA-256 of that certificate's DER, hexadecimal. */
  readonly fingerprint: string;
}

export interface Machine {
  readonly nodeVersion: string;
  readonly pid: number;
  /** Where Picket is installed: the folder of its package.json. */
  readonly packageFolder: string;
  /** -1 where the system has no such thing. */
  readonly uid: number;
  /** IANA name of the zone that this machine lives in. */
  readonly timezone: string;
  /** Time that no setting of the clock moves. */
  elapsed(): Micros;
  /** Null where it is not set. */
  environment(name: string): string | null;
  /** The path from the root, for processes that work elsewhere. */
  absolute(path: string): string;
  /** Runs a program to its end, never through a shell. Never rejects. */
  run(words: readonly string[], options?: RunOptions): Promise<RunEnd>;
  /** Text of a small file such as those in /proc, cut where it is too long; null where it cannot be read. */
  text(path: string): Promise<string | null>;
  entry(path: string): Promise<Entry | null>;
  /** Names in a folder, empty where it cannot be read. */
  names(path: string): Promise<readonly string[]>;
  /** Room on the file system of a path, or of the nearest folder above it that is there. */
  freeBytes(path: string): Promise<number | null>;
  /** Starts picket with these words, apart from this process, its talk going to the end of a log file. */
  startPicket(words: readonly string[], logPath: string): Promise<Started>;
  /** Writes a file that only this user may read, whole or not at all, in a folder that only this user may enter. */
  keepSecret(path: string, text: string): Promise<void>;
  /** Requests to one endpoint, over TLS 1.3 that is verified. */
  https(endpoint: Endpoint): FetchLike;
  /** Looks at the certificate of an endpoint; nothing is sent to it. Rejects where no connection is made. */
  shown(endpoint: Endpoint): Promise<Shown>;
  /** Removes these files, and folders that are empty by then; what is not there is no trouble. */
  forget(paths: readonly string[]): Promise<void>;
  wait(millis: number): Promise<void>;
  /** From here on memory is spared rather than time: for processes that stay. To be called before they load what they need. */
  spareMemory(): void;
  /** Calls back when this process is told to end, in place of ending it at once. A second signal ends it. */
  onTold(told: () => void): void;
  /** What the person answers, or null where nobody is at a terminal. */
  ask(question: string): Promise<string | null>;
}
