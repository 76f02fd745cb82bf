// NetFlow 1, 5 and 7: records of one fixed layout behind a header that counts them. Not the versions with templates: sets.ts.

import { type Instant, instantOf } from '#model';
import { u16, u32 } from '../inspect/bytes.ts';
import { lostBefore } from './exporters.ts';
import { newFlowRecord, UNTOLD } from './flow.ts';
import { fourAt, instantOfUptime } from './numbers.ts';
import type { Message } from './reading.ts';

/** Where things stand in each version; sequence, engine and sampling -1 where it has none. */
interface FixedLayout {
  readonly headerBytes: number;
  readonly recordBytes: number;
  readonly sequenceAt: number;
  readonly engineAt: number;
  readonly samplingAt: number;
  readonly protocolAt: number;
  readonly flagsAt: number;
}

const FIVE: FixedLayout = {
  headerBytes: 24,
  recordBytes: 48,
  sequenceAt: 16,
  engineAt: 20,
  samplingAt: 22,
  protocolAt: 38,
  flagsAt: 37,
};

export const FIXED_LAYOUTS: ReadonlyMap<number, FixedLayout> = new Map([
  [1, { ...FIVE, headerBytes: 16, recordBytes: 52, sequenceAt: -1, engineAt: -1, samplingAt: -1, flagsAt: 40 }],
  [5, FIVE],
  [7, { ...FIVE, recordBytes: 52, engineAt: -1, samplingAt: -1 }],
]);

/** Sampling interval below the two bits of its mode. */
const INTERVAL_BITS = 14;

export function fixedLength(data: Uint8Array, at: number, layout: FixedLayout): number {
  return layout.headerBytes + u16(data, at + 2) * layout.recordBytes;
}

/** Reads a whole message of `layout`. */
export function readFixed(message: Message, layout: FixedLayout): void {
  const { data, version, tally, take } = message;
  const count = u16(data, 2);
  const engine = layout.engineAt < 0 ? 0 : u16(data, layout.engineAt);
  const exporter = message.exporters.of(message.exporter, engine, version);
  if (layout.sequenceAt >= 0) {
    const sequence = u32(data, layout.sequenceAt);
    tally.miss('lostRecords', { gap: lostBefore(exporter, { sequence, count, options: 0 }), count });
  }
  const uptime = u32(data, 4);
  const at = instantOf(u32(data, 8), u32(data, 12));
  const sampledOneIn = layout.samplingAt < 0 ? 1 : Math.max(1, u16(data, layout.samplingAt) % 2 ** INTERVAL_BITS);
  for (let index = 0; index < count; index++) {
    const from = layout.headerBytes + index * layout.recordBytes;
    const record = recordAt(data, from, layout);
    Object.assign(record, times(data, from, { uptime, at }), { sampledOneIn });
    Object.assign(record, { exporter: message.exporter, domain: engine, version });
    if (sampledOneIn > 1) tally.sampledRecords++;
    take(record);
  }
}

function times(
  data: Uint8Array,
  from: number,
  message: { readonly uptime: number; readonly at: Instant },
): { readonly at: Instant; readonly ends: Instant } {
  const at = instantOfUptime(u32(data, from + 24), message);
  return { at, ends: Math.max(at, instantOfUptime(u32(data, from + 28), message)) };
}

function recordAt(data: Uint8Array, from: number, layout: FixedLayout): ReturnType<typeof newFlowRecord> {
  const record = newFlowRecord();
  record.source = fourAt(data, from);
  record.destination = fourAt(data, from + 4);
  record.sourcePort = u16(data, from + 32);
  record.destinationPort = u16(data, from + 34);
  record.protocol = data[from + layout.protocolAt] ?? UNTOLD;
  record.sent.packets = u32(data, from + 16);
  record.sent.bytes = u32(data, from + 20);
  record.sent.flags = data[from + layout.flagsAt] ?? 0;
  return record;
}
