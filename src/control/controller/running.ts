// What a controller that runs says of itself in its data folder, for the commands of this machine: process, address, health. Taken away at its end.

import { rename, rm, writeFile } from 'node:fs/promises';
import type { HealthState, HealthStatus } from '#api';

export interface Running {
  readonly schema: 'picket.controller-running/v1';
  readonly pid: number;
  readonly version: string;
  readonly since: string;
  readonly url: string;
  readonly port: number;
  readonly agentsPort: number | null;
  readonly domains: readonly string[];
  readonly store: 'sqlite' | 'postgres';
  /** PEM of the authority of its certificate; null: one of the system's. */
  readonly authority: string | null;
  readonly health: HealthStatus;
  readonly states: readonly HealthState[];
}

const MODE = 0o600;

/** One write after the other; the newest is what stands there. */
export class RunningFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Never rejects: on a full disk the file is as old as it is, and the health says the rest. */
  write(running: Running): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(running)).catch(() => {});
    return this.#writing;
  }

  async remove(): Promise<void> {
    await this.#writing;
    await rm(this.#path, { force: true });
  }

  async #write(running: Running): Promise<void> {
    const part = `${this.#path}.part`;
    await writeFile(part, `${JSON.stringify(running)}\n`, { mode: MODE });
    await rename(part, this.#path);
  }
}
