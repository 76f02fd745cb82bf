// Cuts single sessions that the kernel passes and the policy does not: by taking their entry out of the kernel's connection tracking. Not a quarantine.

import { execFile } from 'node:child_process';
import { type AddressTable, type Observation, PROTOCOL } from '#model';
import type { Settled } from './options.ts';

/** Calls under way at once, four for each cut; a further session is only recorded, and cut by its next packet. */
const UNDER_WAY_MAX = 16;
const TOOL_MS_MAX = 5_000;

export class SessionCutter {
  readonly #settled: Pick<Settled, 'prefix' | 'log'>;
  readonly #addresses: AddressTable;
  #underWay = 0;

  constructor(settled: Pick<Settled, 'prefix' | 'log'>, addresses: AddressTable) {
    this.#settled = settled;
    this.#addresses = addresses;
  }

  /** Begins to cut the session of a packet; says so, or null where it cannot. A TCP session does not come back in its middle: loose tracking is off. */
  cut({ protocol, source, destination, sourcePort, destinationPort }: Observation): string | null {
    const name = protocol === PROTOCOL.tcp ? 'tcp' : protocol === PROTOCOL.udp ? 'udp' : null;
    if (name === null || this.#underWay >= UNDER_WAY_MAX) return null;
    const ends = [
      [source, sourcePort, destination, destinationPort],
      [destination, destinationPort, source, sourcePort],
    ] as const;
    for (const [from, fromPort, to, toPort] of ends) {
      const begun = ['conntrack', '-D', '-p', name, '-s', this.#addresses.text(from), '--sport', String(fromPort)];
      this.#run([...begun, '-d', this.#addresses.text(to), '--dport', String(toPort)]);
      // Where the destination is translated, its true end is who answers.
      this.#run([...begun, '-r', this.#addresses.text(to), '--reply-port-src', String(toPort)]);
    }
    return 'session cut';
  }

  #run(words: readonly string[]): void {
    const [program = 'conntrack', ...rest] = [...this.#settled.prefix, ...words];
    this.#underWay++;
    // It ends with 1 where there is no such entry: most of the calls find none.
    execFile(program, rest, { timeout: TOOL_MS_MAX }, () => {
      this.#underWay--;
    });
  }
}
