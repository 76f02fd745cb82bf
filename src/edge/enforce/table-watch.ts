// Keeps a watch on the table as long as it is up: begins it, begins it again when it ends, and has the table put right. Not the watch itself.

import { type Watcher, watchTable } from './watcher.ts';

export interface TableWatchOptions {
  /** How nft is called. */
  readonly command: readonly string[];
  readonly isOurs: (pid: number) => boolean;
  /** Makes a change that changes nothing, to be heard. */
  readonly touch: () => Promise<unknown>;
  /** Puts the table up whole again; false where none is up. */
  readonly replace: () => Promise<boolean>;
  /** Does work between changes. */
  readonly inTurn: (work: () => Promise<boolean>) => Promise<boolean>;
  /** Told when the table was put right, or could not be, or may change unseen. */
  readonly onDrift: (isRepaired: boolean) => void;
}

/** How often, and how long apart, a change of ours is made for the watch to be heard: five seconds in all. */
const TRIES_MAX = 50;
const TRY_MS = 100;
/** Time before a watch that ended is begun again; twice as long each time that it is not heard. */
const AGAIN_MS_MIN = 500;
const AGAIN_MS_MAX = 60_000;

export class TableWatch {
  readonly #options: TableWatchOptions;
  #watcher: Watcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = AGAIN_MS_MIN;

  constructor(options: TableWatchOptions) {
    this.#options = options;
  }

  /** Begins to watch, and waits until the watch is seen to work: it tells nothing of what came before it. False when it was closed meanwhile. */
  async begin(): Promise<boolean> {
    this.close();
    const { command, isOurs, touch, onDrift } = this.#options;
    const watcher = watchTable({
      command,
      isOurs,
      onDrift: () => this.#repair(),
      onEnd: () => this.#beginAgain(),
    });
    this.#watcher = watcher;
    for (let asked = 0; asked < TRIES_MAX && !watcher.hasHeard() && this.#watcher === watcher; asked++) {
      await touch();
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
    }
    if (this.#watcher !== watcher) return false;
    if (watcher.hasHeard()) this.#pauseMs = AGAIN_MS_MIN;
    else onDrift(false);
    return true;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** Somebody else changed the table: it is put up whole again, because nobody knows what is left of it. */
  #repair(): void {
    const { inTurn, replace, onDrift } = this.#options;
    inTurn(replace).then(onDrift, () => onDrift(false));
  }

  /** What changed while nobody watched is not known, so the table is put up whole behind the new watch. */
  #beginAgain(): void {
    const { inTurn, replace, onDrift } = this.#options;
    onDrift(false);
    const again = async (): Promise<boolean> => (await this.begin()) && replace();
    this.#timer = setTimeout(() => {
      inTurn(again).then(
        (isRepaired) => this.#watcher !== null && onDrift(isRepaired),
        () => this.#watcher !== null && this.#beginAgain(),
      );
    }, this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, AGAIN_MS_MAX);
  }
}
