// How the controller is: states with a code and the way out, asked of their sources every few seconds. Decides nothing: whoever cannot work says so itself.

import type { HealthState, HealthStatus } from '#api';

/** One source of states; what it throws is a state as well. */
export interface HealthSource {
  readonly name: string;
  readonly look: () => Promise<readonly Ailment[]>;
}

export type Ailment = Omit<HealthState, 'since'>;

const LOOK_MS = 5_000;
/** A source that does not answer in this time is told as one that does not. */
const ANSWER_MS_MAX = 3_000;

export interface HealthBookOptions {
  readonly sources: readonly HealthSource[];
  readonly now: () => number;
  /** Told when a state begins or ends. */
  readonly onChange: (state: HealthState, isOver: boolean) => void;
}

export class HealthBook {
  readonly #options: HealthBookOptions;
  #states: ReadonlyMap<string, HealthState> = new Map();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #onLook: () => void = () => {};
  readonly sinceMs: number;

  constructor(options: HealthBookOptions) {
    this.#options = options;
    this.sinceMs = options.now();
  }

  get states(): readonly HealthState[] {
    return [...this.#states.values()];
  }

  /** impaired: it works, and something is not as it should be. failed: no change can be made. */
  get status(): HealthStatus {
    if (this.states.some(({ severity }) => severity === 'error')) return 'failed';
    return this.#states.size === 0 ? 'well' : 'impaired';
  }

  /** Called after each look. */
  onLook(told: () => void): void {
    this.#onLook = told;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#looking;
  }

  /** Asks all sources; one look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const found = await Promise.all(this.#options.sources.map(answered));
    const since = new Date(this.#options.now()).toISOString();
    const before = this.#states;
    const next = new Map<string, HealthState>();
    for (const ailment of found.flat()) {
      const known = before.get(ailment.code);
      next.set(ailment.code, { ...ailment, since: known?.since ?? since });
    }
    this.#states = next;
    for (const [code, state] of next) if (!before.has(code)) this.#options.onChange(state, false);
    for (const [code, state] of before) if (!next.has(code)) this.#options.onChange(state, true);
    this.#onLook();
  }
}

async function answered({ name, look }: HealthSource): Promise<readonly Ailment[]> {
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<readonly Ailment[]>((resolve) => {
    // Where it was this process that stood still, answers that came meanwhile are read before the immediate runs, and count.
    timer = setTimeout(() => setImmediate(() => resolve([silent(name, 'it does not answer')])), ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    return [silent(name, error instanceof Error ? error.message : String(error))];
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

function silent(name: string, why: string): Ailment {
  return {
    code: 'PICKET-C810',
    severity: 'error',
    message: `the ${name} cannot be used: ${why}`,
    help: 'see that it runs and can be reached; the controller goes on by itself when it is back',
  };
}
