// The way to the kernel: one nft child that is replaced when it dies, transactions whose fate is always known, and what the kernel says
// of itself. Not what is said to it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NftChild, NftError } from '#nft';
import { type Born, bornIn } from './born.ts';
import { type Used, usedIn } from './usage.ts';

export interface KernelState {
  /** Of the transaction that made the table's content, -1 for no table. */
  readonly generation: number;
  readonly nextMark: number;
}

/** A million connections, as the kernel prints them. */
const PRINTED_BYTES_MAX = 512 * 1_024 * 1_024;

export class KernelLine {
  readonly #nft: readonly string[];
  #child: NftChild;
  /** Processes whose changes are no drift. */
  readonly #ours = new Set<number>();

  constructor(nft: readonly string[]) {
    this.#nft = nft;
    this.#child = this.#spawn();
  }

  isOurs(pid: number): boolean {
    return this.#ours.has(pid);
  }

  run(line: string): Promise<string> {
    if (this.#child.isWorn) this.#child.close();
    if (this.#child.isGone) this.#child = this.#spawn();
    return this.#child.run(line);
  }

  /** Runs a transaction; where the child died before it answered, the kernel is asked whether it took effect. */
  async settle(line: string, generation: number): Promise<void> {
    try {
      await this.run(line);
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      if (error.isKnown || (await this.state()).generation !== generation) throw error;
    }
  }

  /** Lists whole sets, so it is asked only at the begin and after a loss. */
  async state(): Promise<KernelState> {
    try {
      const text = await this.run('list map inet picket state');
      const value = (key: string): number => Number(new RegExp(`${key} : (0x[0-9a-f]{8})`).exec(text)?.[1] ?? -1);
      return { generation: value('0x00000001'), nextMark: value('0x00000002') };
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      return { generation: -1, nextMark: -1 };
    }
  }

  /** What the budgets of the table in the kernel have used. Read by processes of their own, so that no transaction waits for it. */
  async used(): Promise<Used> {
    const listings = await Promise.all(
      ['quotas', 'counters'].map((what) => this.print([...this.#nft, 'list', what, 'table', 'inet', 'picket'])),
    );
    return usedIn(listings.join('\n'));
  }

  /** Sessions of the table in the kernel that end by themselves, and when. */
  async born(): Promise<readonly Born[]> {
    return bornIn(await this.print([...this.#nft, 'list', 'set', 'inet', 'picket', 'born']));
  }

  /** What a program prints, '' where it cannot be run or fails. */
  print([program = 'true', ...words]: readonly string[]): Promise<string> {
    return promisify(execFile)(program, words, { maxBuffer: PRINTED_BYTES_MAX }).then(
      ({ stdout }) => stdout,
      () => '',
    );
  }

  close(): void {
    this.#child.close();
  }

  #spawn(): NftChild {
    const child = new NftChild(this.#nft);
    this.#ours.add(child.pid);
    return child;
  }
}
