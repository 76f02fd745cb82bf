// Chains of tunnels, from the outermost to the innermost, as small numbers and one shared text each. Packets carry no copies.

import { kindText, NO_NUMBER, networkText } from './kinds.ts';

/** Chains told apart, so that a key of parent, kind and number fits a double. Traffic numbered at random must not take the memory. */
const CHAINS_MAX = 2 ** 15;
/** Beyond these, tunnels are told without their numbers, for which the rest is kept. */
const NUMBERED_MAX = CHAINS_MAX - 2 ** 12;

/** No tunnel. */
export const NO_CHAIN = 0;

export class Chains {
  readonly #texts: string[] = [''];
  readonly #networks: number[] = [0];
  readonly #networkTexts: string[] = [''];
  readonly #longer = new Map<number, number>();
  readonly #networkIds = new Map<string, number>([['', 0]]);

  /** The chain that a tunnel inside `chain` makes. When full: the tunnel without its number, at last `chain` itself. */
  push(chain: number, kind: number, number: number): number {
    // 15 bits, 5 bits and 33 bits: exact in a double.
    const known = this.#longer.get((chain * 0x20 + kind) * 0x2_0000_0000 + number + 1);
    if (known !== undefined) return known;
    if (number !== NO_NUMBER && this.#texts.length >= NUMBERED_MAX) return this.push(chain, kind, NO_NUMBER);
    return this.#texts.length >= CHAINS_MAX ? chain : this.#append(chain, kind, number);
  }

  /** Words from the outermost to the innermost, ` > ` between them. */
  text(chain: number): string {
    return this.#texts[chain] ?? '';
  }

  /** The number of the network in which addresses behind this chain are what they are; 0 without a tunnel. */
  network(chain: number): number {
    return this.#networks[chain] ?? 0;
  }

  #append(chain: number, kind: number, number: number): number {
    const id = this.#texts.length;
    this.#longer.set((chain * 0x20 + kind) * 0x2_0000_0000 + number + 1, id);
    this.#texts.push(joined(this.text(chain), kindText(kind, number)));
    const network = joined(this.#networkTexts[this.network(chain)] ?? '', networkText(kind, number));
    this.#networks.push(this.#networkOf(network));
    return id;
  }

  #networkOf(text: string): number {
    const known = this.#networkIds.get(text);
    if (known !== undefined) return known;
    const id = this.#networkTexts.length;
    this.#networkTexts.push(text);
    this.#networkIds.set(text, id);
    return id;
  }
}

function joined(outer: string, word: string): string {
  return outer === '' ? word : `${outer} > ${word}`;
}
