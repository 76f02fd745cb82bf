// The bridge under the gateway, where there is one: its ports kept apart while the agent runs, devices learned at them, all of it put back at the end.
// Not the work at layer 2: #bridge does that.

import { Bridge, BridgeError, type BridgeLayout, type BridgeNote, readNote } from '#bridge';
import type { AddressTable } from '#model';
import type { Neighbour, ObserverSink } from '#observe';
import { readWhole, removeFile, writeWhole } from './files.ts';
import { AgentError } from './trouble.ts';

export interface PortsOptions {
  readonly layout: BridgeLayout | null;
  readonly prefix: readonly string[];
  readonly addresses: AddressTable;
  /** File of the note: what was there before. */
  readonly path: string;
  readonly log: (line: string) => void;
}

/** Facts of neighbours that wait to be learned; further ones are dropped, and come again with the device's next word. */
const WAITING_MAX = 64;

export class Ports {
  readonly #options: PortsOptions;
  readonly #bridge: Bridge;
  #isHeld = false;
  #waiting = 0;

  constructor(options: PortsOptions) {
    const { prefix, path } = options;
    this.#options = options;
    this.#bridge = new Bridge({
      nft: [...prefix, 'nft'],
      ip: [...prefix, 'ip'],
      sysctl: [...prefix, 'sysctl'],
      save: async (note) => {
        if (note === null) removeFile(path);
        else writeWhole(path, `${JSON.stringify(note)}\n`);
      },
    });
  }

  /** Keeps the ports apart; where none are wanted, puts back what an earlier agent left. */
  async start(): Promise<void> {
    const { layout } = this.#options;
    const earlier = this.#earlier();
    if (layout === null) {
      if (earlier !== null) await told(() => this.#bridge.release(earlier));
      return;
    }
    await told(() => this.#bridge.isolate(layout, earlier));
    this.#isHeld = true;
  }

  /** A device was seen at a port: it is bound where the port learns. */
  neighbour({ interface: port, mac, address }: Neighbour): void {
    if (!this.#isHeld || this.#waiting >= WAITING_MAX || port === '') return;
    this.#waiting++;
    const bytes = address < 0 ? null : this.#options.addresses.bytes(address);
    this.#bridge
      .learn({ port, mac, address: bytes })
      .catch((error: unknown) => this.#options.log(`port not learned: ${error}`))
      .finally(() => this.#waiting--);
  }

  /** Looks whether all of it still holds, and puts right what does not. */
  async verify(): Promise<void> {
    if (!this.#isHeld) return;
    for (const found of await told(() => this.#bridge.verify())) this.#options.log(`bridge repaired: ${found}`);
  }

  async release(): Promise<void> {
    this.#isHeld = false;
    await told(() => this.#bridge.release(this.#earlier()));
  }

  close(): void {
    this.#bridge.close();
  }

  #earlier(): BridgeNote | null {
    const text = readWhole(this.#options.path);
    if (text === null) return null;
    try {
      return readNote(JSON.parse(text));
    } catch {
      return null;
    }
  }
}

/** What is observed goes to the monitor, and neighbours to the ports as well. */
export function sinkOf(monitor: ObserverSink, ports: Ports): ObserverSink {
  return {
    observe: (packet) => monitor.observe(packet),
    name: (fact) => monitor.name(fact),
    answer: (fact) => monitor.answer?.(fact),
    flow: (event) => monitor.flow(event),
    verdict: (record) => monitor.verdict(record),
    neighbour: (fact) => {
      monitor.neighbour(fact);
      ports.neighbour(fact);
    },
  };
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    throw new AgentError({
      code: 'PICKET-G045',
      message: `cannot keep the bridge's ports apart: ${error.message}`,
      help: 'see: picket doctor',
    });
  }
}
