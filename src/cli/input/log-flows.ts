// Conversations of a log of flow records, in the columns of the flow table. What a log does not tell stays empty.

import { type AddressTable, type Instant, type Observation, SECOND } from '#model';
import type { Cells } from '../output/rows.ts';

interface LogFlow {
  readonly source: number;
  readonly sourcePort: number;
  readonly destination: number;
  readonly destinationPort: number;
  readonly protocol: number;
  first: Instant;
  last: Instant;
  readonly packets: [ab: number, ba: number];
  readonly bytes: [ab: number, ba: number];
}

/** Conversations kept; records of later ones make no row and are counted in `uncounted`. */
const FLOWS_MAX = 4_000_000;

export class LogFlows {
  readonly #addresses: AddressTable;
  readonly #columns: readonly string[];
  readonly #flows = new Map<string, LogFlow>();
  #uncounted = 0;

  constructor(addresses: AddressTable, columns: readonly string[]) {
    this.#addresses = addresses;
    this.#columns = columns;
  }

  get size(): number {
    return this.#flows.size;
  }

  /** Records (each direction apart) that belong to no row because the list was full. */
  get uncounted(): number {
    return this.#uncounted;
  }

  /** `ends` is the last packet of the record. A record that tells an operation only is no traffic of its own. */
  add(record: Observation, ends: Instant): void {
    if (record.packets === 0 && record.operations.length > 0) return;
    const forward = `${record.source} ${record.sourcePort} ${record.destination} ${record.destinationPort} ${record.protocol}`;
    const back = `${record.destination} ${record.destinationPort} ${record.source} ${record.sourcePort} ${record.protocol}`;
    const isBack = !this.#flows.has(forward) && this.#flows.has(back);
    const flow = this.#flows.get(isBack ? back : forward) ?? this.#newFlow(forward, record);
    if (flow === null) return;
    const way = isBack ? 1 : 0;
    flow.packets[way] += record.packets;
    flow.bytes[way] += record.bytes;
    flow.first = Math.min(flow.first, record.at);
    flow.last = Math.max(flow.last, ends);
  }

  *rows(): Generator<Cells> {
    let number = 0;
    for (const flow of this.#flows.values()) {
      number++;
      const known = this.#cells(flow, number);
      yield this.#columns.map((column) => known.get(column) ?? '');
    }
  }

  #newFlow(key: string, record: Observation): LogFlow | null {
    if (this.#flows.size >= FLOWS_MAX) {
      this.#uncounted++;
      return null;
    }
    const { source, sourcePort, destination, destinationPort, protocol, at } = record;
    const flow: LogFlow = {
      source,
      sourcePort,
      destination,
      destinationPort,
      protocol,
      first: at,
      last: at,
      packets: [0, 0],
      bytes: [0, 0],
    };
    this.#flows.set(key, flow);
    return flow;
  }

  #cells(flow: LogFlow, number: number): ReadonlyMap<string, string | number> {
    return new Map<string, string | number>([
      ['flow', number],
      ['ip_version', this.#addresses.version(flow.source)],
      ['proto', flow.protocol],
      ['addr_a', this.#addresses.text(flow.source)],
      ['port_a', flow.sourcePort < 0 ? '' : flow.sourcePort],
      ['addr_b', this.#addresses.text(flow.destination)],
      ['port_b', flow.destinationPort < 0 ? '' : flow.destinationPort],
      ['later_fragments', 0],
      ['first_ts', secondsText(flow.first)],
      ['last_ts', secondsText(flow.last)],
      ['packets_ab', flow.packets[0]],
      ['packets_ba', flow.packets[1]],
      ['ip_bytes_ab', flow.bytes[0]],
      ['ip_bytes_ba', flow.bytes[1]],
    ]);
  }
}

/** Whole seconds and nine digits, as in the flow table of a capture. */
function secondsText(at: Instant): string {
  const seconds = Math.floor(at / SECOND);
  return `${seconds}.${String(Math.floor(at - seconds * SECOND)).padStart(6, '0')}000`;
}
