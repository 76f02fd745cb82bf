// Denied conversations of all agents of a minute, summed by who wanted what: never one event a packet. The most frequent are told, the rest is one count.

import type { SecurityEvent } from '#events';
import type { AgentReport } from '#hub';

type VerdictEvent = Extract<SecurityEvent, { readonly kind: 'verdict' }>;
type FlowRow = AgentReport['report']['flows'][number];

/** Events of denials that one domain causes in a minute. */
export const DENIALS_MAX = 100;
/** Conversations that are told apart until the minute is over; the openings of others are counted together. */
const KEPT_MAX = 10_000;

interface Denial {
  readonly domain: string;
  readonly agent: string;
  readonly revision: number;
  readonly row: FlowRow;
  openings: number;
}

export interface Rest {
  readonly domain: string;
  readonly openings: number;
}

export class Denials {
  readonly #rows = new Map<string, Denial>();
  readonly #rest = new Map<string, number>();

  note({ domain, agent, report }: AgentReport): void {
    for (const row of report.flows) {
      if (row.reason === null || row.openings === 0) continue;
      const { fromElement, fromAddress, toElement, toAddress, protocol, port, reason, rule, isEnforced } = row;
      const ends = [fromElement ?? fromAddress, toElement ?? toAddress, protocol, port, reason, rule, isEnforced];
      const key = JSON.stringify([domain, agent, ...ends]);
      const known = this.#rows.get(key);
      if (known !== undefined) known.openings += row.openings;
      else if (this.#rows.size < KEPT_MAX)
        this.#rows.set(key, { domain, agent, revision: report.revision, row, openings: row.openings });
      else this.#rest.set(domain, (this.#rest.get(domain) ?? 0) + row.openings);
    }
  }

  /** What there is to tell, and how many openings are left out of it; begins anew. */
  take(): { readonly told: readonly Omit<VerdictEvent, 'id' | 'at'>[]; readonly rest: readonly Rest[] } {
    const rest = new Map(this.#rest);
    const told: Denial[] = [];
    const counts = new Map<string, number>();
    for (const denial of [...this.#rows.values()].toSorted((one, other) => other.openings - one.openings)) {
      const { domain, openings } = denial;
      const count = (counts.get(domain) ?? 0) + 1;
      counts.set(domain, count);
      if (count <= DENIALS_MAX) told.push(denial);
      else rest.set(domain, (rest.get(domain) ?? 0) + openings);
    }
    this.#rows.clear();
    this.#rest.clear();
    return { told: told.map(eventOf), rest: [...rest].map(([domain, openings]) => ({ domain, openings })) };
  }
}

/** IANA numbers of the names that agents use. */
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['udp', 17],
  ['icmpv6', 58],
  ['sctp', 132],
]);

function eventOf({ domain, agent, revision, row, openings }: Denial): Omit<VerdictEvent, 'id' | 'at'> {
  return {
    kind: 'verdict',
    domain,
    severity: row.isEnforced ? 'low' : 'info',
    verdict: 'deny',
    effect: row.isEnforced ? 'dropped' : 'logged',
    reason: row.reason,
    rule: row.rule,
    revision,
    mode: row.isEnforced ? 'enforce' : 'observe',
    from: { address: row.fromAddress, port: null, mac: null, element: row.fromElement, name: null },
    to: { address: row.toAddress, port: row.port, mac: null, element: row.toElement, name: null },
    protocol: PROTOCOLS.get(row.protocol) ?? (Number(row.protocol) || 0),
    application: null,
    count: openings,
    bytesOut: row.bytesSent,
    bytesIn: row.bytesReceived,
    packetsOut: row.packetsSent,
    packetsIn: row.packetsReceived,
    agent,
    isTunnel: false,
  };
}
