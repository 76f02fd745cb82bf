// Watches for elements named on the command line: one that appears in no traffic is a question nobody can answer.

import { type AddressTable, type Observation, parseAddress, parseMac } from '#model';
import { EXIT } from '../exits.ts';
import { Failure, wrongUsage } from '../failure.ts';

interface Watched {
  readonly text: string;
  readonly mac: number | null;
  readonly address: number;
  isSeen: boolean;
}

export class ElementWatch {
  readonly #all: readonly Watched[];
  #missing: readonly Watched[];

  constructor(texts: readonly string[], addresses: AddressTable) {
    this.#all = texts.map((text) => {
      const mac = parseMac(text);
      if (mac === null && parseAddress(text) === null)
        throw wrongUsage(
          `cannot read "${text}" for --element`,
          'write a MAC (02:42:ac:11:00:05) or an address (10.0.3.10)',
        );
      return { text, mac, address: mac === null ? addresses.intern(text) : -1, isSeen: false };
    });
    this.#missing = this.#all;
  }

  see(observation: Observation): void {
    if (this.#missing.length === 0) return;
    for (const one of this.#missing) {
      const isMac = one.mac !== null && (observation.sourceMac === one.mac || observation.destinationMac === one.mac);
      const isAddress = observation.source === one.address || observation.destination === one.address;
      if (one.mac === null ? isAddress : isMac) one.isSeen = true;
    }
    if (this.#missing.some(({ isSeen }) => isSeen)) this.#missing = this.#missing.filter(({ isSeen }) => !isSeen);
  }

  /** Throws the failure that names every element not seen. */
  check(): void {
    if (this.#missing.length === 0) return;
    const names = this.#missing.map(({ text }) => text).join(', ');
    throw new Failure({
      code: 'PICKET-I010',
      exit: EXIT.notFound,
      message: `cannot learn: ${names} ${this.#missing.length === 1 ? 'appears' : 'appear'} in no traffic that was read; no policy was written`,
      help: 'see which ends there are with "picket flows FILE"',
    });
  }
}
