// Volume floors judged by two witnesses: packets that were seen, and the kernel's own counts of each flow. An alarm needs both, so that packets lost
// on the way to this process make none. Denies nothing.

import { Engine } from '#engine';
import {
  type AddressId,
  type AddressTable,
  type DeciderEvent,
  type Instant,
  type Mac,
  MINUTE,
  NO_LIMITS,
  newObservation,
  newVerdict,
  type Policy,
} from '#model';
import type { FlowEvent } from '#observe';

/** A floor that was missed, by both witnesses. Indices are those of the policy in force. */
export type MissedFloor = Extract<DeciderEvent, { readonly kind: 'under-volume' }>;

/** The kernel's counts come with the flow's end or the next listing, so the witnesses see a window's last bytes apart by at most this. */
const APART = MINUTE;
/** Flows whose last counts are known; of one that is forgotten all is counted anew, which misses an alarm and makes none. */
const COUNTED_MAX = 131_072;
/** Alarms of one witness that wait for the other. The oldest goes. */
const WAITING_MAX = 10_000;

interface Counted {
  readonly bytesOut: number;
  readonly bytesBack: number;
  readonly packetsOut: number;
  readonly packetsBack: number;
}

export interface FloorWatchOptions {
  readonly policy: Policy;
  readonly addresses: AddressTable;
  readonly start: Instant;
  /** MAC of an address on a link of ours, or -1. */
  readonly macOf: (address: AddressId) => Mac;
}

export class FloorWatch {
  readonly #macOf: FloorWatchOptions['macOf'];
  /** Counts what the kernel counts. */
  readonly #teller: Engine;
  readonly #counted = new Map<number, Counted>();
  readonly #packet = newObservation();
  readonly #verdict = newVerdict();
  /** Alarms by packets, and by counts, that wait for the other. */
  #byPackets: MissedFloor[] = [];
  #byCounts: MissedFloor[] = [];

  constructor({ policy, addresses, start, macOf }: FloorWatchOptions) {
    this.#macOf = macOf;
    this.#teller = new Engine({ policy: floorsOnly(policy), addresses, start });
  }

  apply(policy: Policy, now: Instant): void {
    this.#teller.apply(floorsOnly(policy), now);
    // Indices of alarms that still wait are those of the policy before.
    this.#byPackets = [];
    this.#byCounts = [];
  }

  /** Takes in what the kernel counted since it told of this flow last. */
  flow(event: FlowEvent): void {
    if (event.bytesOut < 0) return;
    const before = this.#counted.get(event.id) ?? NOTHING;
    // The kernel gives a flow's number again: what is less than before is another flow's.
    const isAnother = event.bytesOut < before.bytesOut || event.bytesBack < before.bytesBack;
    const since = isAnother ? NOTHING : before;
    this.#charge(event, { bytes: event.bytesOut - since.bytesOut, packets: event.packetsOut - since.packetsOut }, true);
    this.#charge(
      event,
      { bytes: event.bytesBack - since.bytesBack, packets: event.packetsBack - since.packetsBack },
      false,
    );
    this.#keep(event);
  }

  /** Takes in what the packets' engine says. */
  missedByPackets(event: MissedFloor): void {
    this.#byPackets.push(event);
    if (this.#byPackets.length > WAITING_MAX) this.#byPackets.shift();
  }

  /** Floors that both missed, since the last call. */
  take(now: Instant): readonly MissedFloor[] {
    this.#teller.advance(now);
    for (const event of this.#teller.takeEvents()) if (event.kind === 'under-volume') this.#byCounts.push(event);
    const missed: MissedFloor[] = [];
    this.#byPackets = this.#byPackets.filter((event) => {
      const at = this.#byCounts.findIndex((other) => isSame(event, other));
      if (at < 0) return now - event.at < 2 * APART;
      const [other] = this.#byCounts.splice(at, 1);
      missed.push({ ...event, observedBytes: Math.max(event.observedBytes, other?.observedBytes ?? 0) });
      return false;
    });
    this.#byCounts = this.#byCounts.filter(({ at }) => now - at < 2 * APART).slice(-WAITING_MAX);
    return missed;
  }

  #charge(event: FlowEvent, { bytes, packets }: { bytes: number; packets: number }, isSent: boolean): void {
    if (packets <= 0) return;
    const packet = this.#packet;
    packet.at = event.at;
    packet.source = isSent ? event.initiator : event.responder;
    packet.destination = isSent ? event.responder : event.initiator;
    packet.sourcePort = isSent ? event.initiatorPort : event.responderPort;
    packet.destinationPort = isSent ? event.responderPort : event.initiatorPort;
    packet.sourceMac = this.#macOf(packet.source);
    packet.destinationMac = this.#macOf(packet.destination);
    packet.protocol = event.protocol;
    packet.bytes = bytes;
    packet.packets = packets;
    packet.packetSize = -1;
    packet.tcpFlags = -1;
    packet.initiator = isSent ? 1 : 2;
    this.#teller.judge(packet, this.#verdict);
  }

  #keep({ kind, id, bytesOut, bytesBack, packetsOut, packetsBack }: FlowEvent): void {
    this.#counted.delete(id);
    if (kind === 'ended') return;
    this.#counted.set(id, { bytesOut, bytesBack, packetsOut, packetsBack });
    if (this.#counted.size <= COUNTED_MAX) return;
    const [oldest] = this.#counted.keys();
    if (oldest !== undefined) this.#counted.delete(oldest);
  }
}

const NOTHING: Counted = { bytesOut: 0, bytesBack: 0, packetsOut: 0, packetsBack: 0 };

function isSame(one: MissedFloor, other: MissedFloor): boolean {
  return (
    one.rule === other.rule &&
    one.initiator === other.initiator &&
    one.responder === other.responder &&
    one.minBytes === other.minBytes &&
    Math.abs(one.at - other.at) <= APART
  );
}

/** The same rules with their hours and floors alone, and nothing held: whatever passes is counted. */
export function floorsOnly(policy: Policy): Policy {
  return {
    ...policy,
    mode: 'observe',
    elements: policy.elements.map((element) => ({ ...element, mode: 'observe' })),
    rules: policy.rules.map((rule) => ({
      ...rule,
      limits: {
        ...NO_LIMITS,
        hours: rule.limits.hours,
        volumes: rule.limits.volumes.flatMap((volume) =>
          volume.minBytes === null ? [] : [{ ...volume, maxBytes: null }],
        ),
      },
    })),
  };
}
