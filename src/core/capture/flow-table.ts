// Groups frames into flows: pairs of (address, port) with the protocol, both directions together, over the whole file.
// Keeps no time-out and no packets; columns are typed arrays, one number per flow each.

import type { AddressTable } from '#model';
import { FlowColumns } from './flow-columns.ts';
import type { FlowRow } from './flow-row.ts';
import type { Frame } from './frame.ts';
import { VlanSets } from './vlan-sets.ts';

/** Flows kept. Two to the 26 take about 8 GB; more packets of new flows are counted in `uncounted` and make no row. */
export const FLOWS_MAX = 2 ** 26;

const SLOTS_MIN = 1_024;

export class FlowTable {
  readonly #addresses: AddressTable;
  readonly #flowsMax: number;
  readonly #columns = new FlowColumns();
  readonly #vlans = new VlanSets();
  /** Open addressing: flow number plus one, 0 for free. Never more than half full. */
  #slots = new Int32Array(SLOTS_MIN);
  #uncounted = 0;

  constructor(addresses: AddressTable, flowsMax = FLOWS_MAX) {
    this.#addresses = addresses;
    this.#flowsMax = Math.min(flowsMax, FLOWS_MAX);
  }

  get size(): number {
    return this.#columns.count;
  }

  /** Packets that belong to no row because the table was full. */
  get uncounted(): number {
    return this.#uncounted;
  }

  /** Counts one frame; a frame without IP is passed over. The place of its flow among the rows, or -1. */
  add(frame: Frame): number {
    if (frame.ipVersion === 0) return -1;
    const slot = this.#slotOf(frame);
    let flow = (this.#slots[slot] ?? 0) - 1;
    if (flow < 0) {
      if (this.#columns.count >= this.#flowsMax) {
        this.#uncounted++;
        return -1;
      }
      flow = this.#columns.append(frame);
      this.#slots[slot] = flow + 1;
      if (this.#columns.count * 2 > this.#slots.length) this.#growSlots();
    }
    this.#columns.countFrame(flow, frame, this.#vlans);
    return flow;
  }

  /** One row per flow in the order of their first packets. */
  *rows(): Generator<FlowRow> {
    for (let flow = 0; flow < this.#columns.count; flow++)
      yield this.#columns.row(flow, { addresses: this.#addresses, vlans: this.#vlans });
  }

  /** The slot of the frame's flow, or the free one where it belongs. */
  #slotOf(frame: Frame): number {
    const mask = this.#slots.length - 1;
    let slot = this.#columns.hashOf(frame) & mask;
    for (;;) {
      const flow = (this.#slots[slot] ?? 0) - 1;
      if (flow < 0 || this.#columns.isOf(flow, frame)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let flow = 0; flow < this.#columns.count; flow++) {
      let slot = this.#columns.hash(flow) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = flow + 1;
    }
    this.#slots = slots;
  }
}
