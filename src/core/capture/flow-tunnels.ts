// The flows inside tunnels: the same table over the headers inside, with the tunnels and the carriers of each flow. No counting of its own.

import type { AddressId, AddressTable } from '#model';
import { addressTextOf, type FlowRow, flowCsvHeader, flowCsvLine } from './flow-row.ts';
import { FLOWS_MAX, FlowTable } from './flow-table.ts';
import type { Frame } from './frame.ts';

/** Who carries a flow, per direction: each as seen on its first packet. */
interface Carrier {
  readonly source: AddressId;
  readonly sourcePort: number;
  readonly outerVersion: 4 | 6;
  readonly outerSource: AddressId;
  readonly outerDestination: AddressId;
  readonly tunnelAb: string;
  tunnelBa: string;
}

/** The numbers of tunnels that name one direction only are no part of a flow; those that name a network are. */
export class TunnelFlows {
  readonly #addresses: AddressTable;
  readonly #table: FlowTable;
  readonly #carriers: Carrier[] = [];

  constructor(addresses: AddressTable, flowsMax = FLOWS_MAX) {
    this.#addresses = addresses;
    this.#table = new FlowTable(addresses, flowsMax);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Packets that belong to no row because the table was full. */
  get uncounted(): number {
    return this.#table.uncounted;
  }

  /** Counts a header inside `outer`. Frame bytes are those of the frame around both. */
  add(inside: Frame, outer: Frame): void {
    const flow = this.#table.add(inside);
    if (flow < 0) return;
    const known = this.#carriers[flow];
    const sourcePort = inside.isLaterFragment ? -1 : inside.sourcePort;
    if (known === undefined)
      this.#carriers.push({
        source: inside.source,
        sourcePort,
        outerVersion: outer.ipVersion === 6 ? 6 : 4,
        outerSource: outer.source,
        outerDestination: outer.destination,
        tunnelAb: inside.tunnel,
        tunnelBa: '',
      });
    else if (known.tunnelBa === '' && !(known.source === inside.source && known.sourcePort === sourcePort))
      known.tunnelBa = inside.tunnel;
  }

  /** The lines of all flows, without line ends: the columns of a flow, then tunnel and carriers. No cell holds a comma. */
  *lines(): Generator<string> {
    for (const row of this.#table.rows()) yield this.#line(row);
  }

  #line(row: FlowRow): string {
    const carrier = this.#carriers[row.flow - 1];
    if (carrier === undefined) return flowCsvLine(row);
    const { outerVersion, outerSource, outerDestination, tunnelAb, tunnelBa } = carrier;
    const outerA = addressTextOf(this.#addresses, outerSource, outerVersion);
    const outerB = addressTextOf(this.#addresses, outerDestination, outerVersion);
    return `${flowCsvLine(row)},${tunnelAb},${tunnelBa},${outerA},${outerB}`;
  }
}

/** The header line, without line end. `outer_a` sent the first packet. */
export function tunnelCsvHeader(): string {
  return `${flowCsvHeader()},tunnel_ab,tunnel_ba,outer_a,outer_b`;
}
