// Information elements that a flow is made of, by IANA number: what each puts into a record. Every other element is skipped by its length.
// Numbers are those of NetFlow v9 (RFC 3954, 8) and of the IANA IPFIX registry, which agree where both have one.

import { MILLISECOND, SECOND } from '#model';
import { type FlowRecord, newWay, UNTOLD, type Way } from './flow.ts';
import { addressAt, instantOfUptime, ntpAt, numberAt } from './numbers.ts';

/** One field inside a message. Reused. */
export interface Field {
  data: Uint8Array;
  at: number;
  length: number;
}

/** What a record is filled with beside its own fields: times that must wait until all fields are read. */
export interface Draft {
  record: FlowRecord;
  /** Instant of the message and uptime of the exporter in milliseconds then; uptime -1 where the message has none. */
  exportedAt: number;
  uptime: number;
  /** Instant at which the exporter began, -1 where it does not say. */
  systemInit: number;
  startUptime: number;
  endUptime: number;
  observedAt: number;
  durationMicros: number;
  /** Sampler that metered the record, -1 where it names none. */
  sampler: number;
  /** Counts that stand in where the record has no better ones. */
  readonly spareSent: Way;
  readonly spareReceived: Way;
}

export function newDraft(record: FlowRecord): Draft {
  return {
    record,
    exportedAt: 0,
    uptime: UNTOLD,
    systemInit: UNTOLD,
    startUptime: UNTOLD,
    endUptime: UNTOLD,
    observedAt: UNTOLD,
    durationMicros: UNTOLD,
    sampler: UNTOLD,
    spareSent: newWay(),
    spareReceived: newWay(),
  };
}

export type Take = (draft: Draft, field: Field) => void;

const number = ({ data, at, length }: Field): number => numberAt(data, at, length);

/** Takes a number into the record; one of an impossible length is left out. */
function count(put: (draft: Draft, value: number) => void): Take {
  return (draft, field) => {
    const value = number(field);
    if (!Number.isNaN(value)) put(draft, value);
  };
}

/** Takes an NTP time. */
function ntp(put: (draft: Draft, value: number) => void): Take {
  return (draft, { data, at, length }) => {
    if (length === 8) put(draft, ntpAt(data, at));
  };
}

const port = (value: number): number => (value <= 65_535 ? value : UNTOLD);

/** Counts of one direction, delta or total; the first told wins. */
function counts(way: (record: FlowRecord) => Way): readonly (readonly [number, Take])[] {
  const bytes = count(({ record }, value) => put(way(record), 'bytes', value));
  const packets = count(({ record }, value) => put(way(record), 'packets', value));
  return [
    [1, bytes],
    [85, bytes],
    [2, packets],
    [86, packets],
    [
      6,
      count(({ record }, value) => {
        way(record).flags = value % 256;
      }),
    ],
  ];
}

function put(way: Way, name: 'packets' | 'bytes', value: number): void {
  if (way[name] === UNTOLD) way[name] = value;
}

/** A time or duration in microseconds; one that no calendar holds is not told. */
function inCalendar(micros: number): number {
  return Number.isSafeInteger(micros) ? micros : UNTOLD;
}

const start = (draft: Draft, value: number): void => {
  draft.record.at = inCalendar(value);
};
const end = (draft: Draft, value: number): void => {
  draft.record.ends = inCalendar(value);
};
const observed = (draft: Draft, value: number): void => {
  draft.observedAt = inCalendar(value);
};

const source: Take = ({ record }, { data, at, length }) => {
  record.source = addressAt(data, at, length) || record.source;
};
const destination: Take = ({ record }, { data, at, length }) => {
  record.destination = addressAt(data, at, length) || record.destination;
};
const icmp = count(({ record }, value) => {
  record.icmp = value % 65_536;
});
const icmpType = count(({ record }, value) => {
  record.icmp = (value % 256) * 256 + (record.icmp === UNTOLD ? 0 : record.icmp % 256);
});
const icmpCode = count(({ record }, value) => {
  record.icmp = (record.icmp === UNTOLD ? 0 : record.icmp - (record.icmp % 256)) + (value % 256);
});
const sampler = count((draft, value) => {
  draft.sampler = value;
});
const interval = count(({ record }, value) => {
  if (value > 1) record.sampledOneIn = value;
});
const vlan = count(({ record }, value) => {
  if (record.vlan === UNTOLD && value < 4_096) record.vlan = value;
});

/** Counts by initiator and responder: the element itself says that the source is who began. Bytes are those above layer 4. */
function counted(way: (draft: Draft) => Way, name: 'packets' | 'bytes'): Take {
  return count((draft, value) => {
    put(way(draft), name, value);
    draft.record.began = 1;
  });
}

const spareSent = ({ spareSent }: Draft): Way => spareSent;
const spareReceived = ({ spareReceived }: Draft): Way => spareReceived;

const sent = ({ sent }: FlowRecord): Way => sent;
const received = ({ received }: FlowRecord): Way => received;

export const ELEMENTS: ReadonlyMap<number, Take> = new Map<number, Take>([
  ...counts(sent),
  [
    4,
    count(({ record }, value) => {
      if (value < 256) record.protocol = value;
    }),
  ],
  [
    7,
    count(({ record }, value) => {
      record.sourcePort = port(value);
    }),
  ],
  [
    11,
    count(({ record }, value) => {
      record.destinationPort = port(value);
    }),
  ],
  [8, source],
  [12, destination],
  [27, source],
  [28, destination],
  [
    21,
    count((draft, value) => {
      draft.endUptime = value;
    }),
  ],
  [
    22,
    count((draft, value) => {
      draft.startUptime = value;
    }),
  ],
  [32, icmp],
  [139, icmp],
  [176, icmpType],
  [177, icmpCode],
  [178, icmpType],
  [179, icmpCode],
  [34, interval],
  [50, interval],
  [48, sampler],
  [302, sampler],
  [
    56,
    (draft, field) => {
      if (field.length === 6) draft.record.sourceMac = number(field);
    },
  ],
  [
    80,
    (draft, field) => {
      if (field.length === 6) draft.record.destinationMac = number(field);
    },
  ],
  [58, vlan],
  [243, vlan],
  [
    61,
    count(({ record }, value) => {
      if (value <= 1) record.direction = value;
    }),
  ],
  // forwardingStatus: the two high bits of its low byte are 2 for what was dropped.
  [
    89,
    count(({ record }, value) => {
      if ((value % 256) >> 6 === 2) record.isRefused = true;
    }),
  ],
  // firewallEvent: 3 is denied.
  [
    233,
    count(({ record }, value) => {
      if (value === 3) record.isRefused = true;
    }),
  ],
  [150, count((draft, value) => start(draft, value * SECOND))],
  [151, count((draft, value) => end(draft, value * SECOND))],
  [152, count((draft, value) => start(draft, value * MILLISECOND))],
  [153, count((draft, value) => end(draft, value * MILLISECOND))],
  [154, ntp(start)],
  [155, ntp(end)],
  [156, ntp(start)],
  [157, ntp(end)],
  [158, count((draft, value) => start(draft, draft.exportedAt - value))],
  [159, count((draft, value) => end(draft, draft.exportedAt - value))],
  [
    160,
    count((draft, value) => {
      draft.systemInit = inCalendar(value * MILLISECOND);
    }),
  ],
  [
    161,
    count((draft, value) => {
      draft.durationMicros = inCalendar(value * MILLISECOND);
    }),
  ],
  [
    162,
    count((draft, value) => {
      draft.durationMicros = value;
    }),
  ],
  [322, count((draft, value) => observed(draft, value * SECOND))],
  [323, count((draft, value) => observed(draft, value * MILLISECOND))],
  [324, ntp(observed)],
  [325, ntp(observed)],
  // Counted after the device's own policy: all that a record metered on the way out may have.
  [23, count((draft, value) => put(draft.spareSent, 'bytes', value))],
  [24, count((draft, value) => put(draft.spareSent, 'packets', value))],
  [231, counted(spareSent, 'bytes')],
  [298, counted(spareSent, 'packets')],
  [232, counted(spareReceived, 'bytes')],
  [299, counted(spareReceived, 'packets')],
  [
    239,
    count(({ record }, value) => {
      record.began = value === 1 ? 1 : value === 2 ? 2 : 0;
    }),
  ],
]);

/** Elements of the other direction of a biflow: the same numbers under the enterprise number 29305 (RFC 5103). */
export const REVERSE_ELEMENTS: ReadonlyMap<number, Take> = new Map<number, Take>(counts(received));

/** Finishes a record, once all its fields are read. A time that it does not tell at all is the instant of its message. */
export function settle(draft: Draft): void {
  standIn(draft.record.sent, draft.spareSent);
  standIn(draft.record.received, draft.spareReceived);
  settleTimes(draft);
}

function standIn(way: Way, spare: Way): void {
  if (way.bytes === UNTOLD) way.bytes = spare.bytes;
  if (way.packets === UNTOLD) way.packets = spare.packets;
}

function settleTimes(draft: Draft): void {
  const { record } = draft;
  if (record.at === UNTOLD) record.at = uptimeInstant(draft, draft.startUptime);
  if (record.ends === UNTOLD) record.ends = uptimeInstant(draft, draft.endUptime);
  const duration = Math.max(0, draft.durationMicros);
  if (record.at === UNTOLD && record.ends !== UNTOLD) record.at = inCalendar(record.ends - duration);
  if (record.at === UNTOLD) record.at = draft.observedAt === UNTOLD ? draft.exportedAt : draft.observedAt;
  if (record.ends === UNTOLD) record.ends = inCalendar(record.at + duration);
  record.ends = Math.max(record.at, record.ends);
}

/** NetFlow v9 messages carry the uptime; IPFIX tells the instant at which the system began. */
function uptimeInstant({ uptime, exportedAt, systemInit }: Draft, value: number): number {
  if (value === UNTOLD) return UNTOLD;
  if (systemInit !== UNTOLD) return inCalendar(systemInit + value * MILLISECOND);
  return uptime === UNTOLD ? UNTOLD : instantOfUptime(value, { uptime, at: exportedAt });
}
