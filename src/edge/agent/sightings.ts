// What the agent saw since it last told its controller, as rows of a report: flows by minute, counts of verdicts, findings, newcomers, elements. Reads the
// records and remembers how far it told; a row that finds no room in one report comes in the next. Not the sending.

import type { Collected } from '#link';
import { type Policy, reasonsOf } from '#model';
import type { FlowRow } from './flow-book.ts';
import type { Parts } from './parts.ts';
import { type ProposedEntry, proposedEntries } from './proposing.ts';
import type { Standing } from './standing.ts';
import { elementViews } from './views.ts';
import { type Room, within } from './within.ts';
import { protocolText } from './words.ts';

/** Rows of each list in one report; the wire takes no more. */
const ROWS_MAX = 1_000;
/** Bytes of each list: together below the longest message that a controller reads, with room for what is short. */
const FLOWS: Room = { rowsMax: ROWS_MAX, bytesMax: 400_000 };
const FINDINGS: Room = { rowsMax: ROWS_MAX, bytesMax: 150_000 };
const NEWCOMERS: Room = { rowsMax: ROWS_MAX, bytesMax: 100_000 };
const ELEMENTS: Room = { rowsMax: ROWS_MAX, bytesMax: 100_000 };
const PROPOSALS: Room = { rowsMax: 200, bytesMax: 100_000 };
/** Characters of a proposal that a controller reads. A longer one cannot be told; the agent itself shows it. */
const ENTRY_CHARS_MAX = 64 * 1_024;
/** As many as a controller keeps of one agent. */
const PROPOSED_MAX = 2_000;
const TEXT_MAX = 500;
const NAME_MAX = 256;
const MINUTE_MS = 60_000;
/** What is learned changes slowly, and telling it costs a walk over all that was learned. */
const PROPOSE_EVERY_MS = 300_000;
/** What did not change is told again after so long: the controller forgets what nobody tells. */
const TELL_AGAIN_MS = 24 * 3_600_000;

interface Told {
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
}

const NOTHING_TOLD: Told = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };

/** What is read of a running agent. */
export interface Seen extends Pick<Parts, 'started' | 'addresses' | 'monitor' | 'host' | 'findings' | 'health'> {
  readonly settled: Pick<Parts['settled'], 'now'>;
  readonly desk: { readonly inForce: { readonly policy: Policy } };
  readonly quarantines: Pick<Parts['quarantines'], 'elements'>;
  readonly observing: Pick<Parts['observing'], 'losses'>;
}

export class Sightings {
  readonly #parts: Seen;
  readonly #flows = new WeakMap<FlowRow, Told>();
  readonly #verdicts = new Map<string, number>();
  readonly #elements = new Map<string, string>();
  readonly #newcomers = new Map<string, string>();
  #findings = 0;
  #fromMs: number;
  #proposedMs = 0;
  /** Proposals by section and id: what was told, and when. */
  #proposals = new Map<string, { readonly json: string; readonly atMs: number }>();
  #toPropose: readonly Collected['proposals'][number][] = [];

  constructor(parts: Seen) {
    this.#parts = parts;
    this.#fromMs = Math.floor(parts.started / 1_000);
  }

  collect({ inForce, local }: Standing): Collected {
    const { settled, monitor, observing, health } = this.#parts;
    const toMs = Math.floor(settled.now() / 1_000);
    const fromMs = Math.min(this.#fromMs, toMs);
    this.#fromMs = toMs;
    const { losses } = observing;
    return {
      fromMs,
      toMs,
      revision: inForce,
      local,
      counters: {
        packets: monitor.packets,
        bytes: monitor.bytes,
        flowsOpen: monitor.flows.openCount,
        flowsSeen: monitor.flows.seen,
      },
      flows: this.#flowRows(),
      verdicts: this.#verdictRows(),
      findings: this.#findingRows(),
      newcomers: this.#newcomerRows(),
      elements: this.#elementRows(),
      proposals: this.#proposalRows(toMs),
      losses: [
        { what: 'packets', count: losses.packets },
        { what: 'flow-events', count: losses.flowEvents },
        { what: 'verdict-records', count: losses.verdicts },
        { what: 'restarts', count: losses.restarts },
      ],
      health: health()
        .slice(0, HEALTH_MAX)
        .map(({ code, message }) => ({ code, message: message.slice(0, TEXT_MAX) })),
    };
  }

  /** The kernel's counts grow while a flow lives, so what is new of them is told. */
  #flowRows(): Collected['flows'] {
    const rows = new Map<string, Collected['flows'][number]>();
    let bytes = 0;
    for (const row of this.#parts.monitor.flows.ring.latest()) {
      const told = this.#flows.get(row);
      const change = changeOf(row, told ?? NOTHING_TOLD);
      if (told !== undefined && change.packetsSent + change.packetsReceived === 0) continue;
      const fresh = this.#flowRow(row, change, told === undefined);
      const key = `${fresh.minuteMs} ${fresh.fromAddress} ${fresh.toAddress} ${fresh.protocol} ${fresh.port} ${fresh.reason} ${fresh.rule}`;
      const known = rows.get(key);
      if (known === undefined) {
        bytes += Buffer.byteLength(JSON.stringify(fresh));
        if (rows.size >= FLOWS.rowsMax || bytes > FLOWS.bytesMax) continue;
      }
      rows.set(key, known === undefined ? fresh : summed(known, fresh));
      this.#flows.set(row, { ...row });
    }
    return [...rows.values()];
  }

  #flowRow(row: FlowRow, change: Told, isNew: boolean): Collected['flows'][number] {
    const { addresses, settled } = this.#parts;
    const [reason = null] = row.reasons === 0 ? [] : reasonsOf(row.reasons);
    const firstMs = Math.max(0, Math.floor((isNew ? row.at : settled.now()) / 1_000));
    return {
      minuteMs: firstMs - (firstMs % MINUTE_MS),
      fromElement: row.sourceElement,
      fromAddress: addresses.text(row.source),
      toElement: row.destinationElement,
      toAddress: addresses.text(row.destination),
      protocol: protocolText(row.protocol),
      port: row.destinationPort < 0 ? null : row.destinationPort,
      reason,
      isEnforced: row.reasons !== 0 && row.isEnforced,
      rule: row.rule,
      openings: isNew ? 1 : 0,
      ...change,
      firstMs,
      lastMs: Math.max(firstMs, Math.floor((row.end ?? settled.now()) / 1_000)),
    };
  }

  #verdictRows(): Collected['verdicts'] {
    return this.#parts.monitor.verdicts.counts.flatMap(({ by, reason, isEnforced, count }) => {
      const key = `${by} ${reason} ${isEnforced}`;
      const fresh = count - (this.#verdicts.get(key) ?? 0);
      this.#verdicts.set(key, count);
      return fresh <= 0 ? [] : [{ by, reason, isEnforced, count: fresh }];
    });
  }

  #findingRows(): Collected['findings'] {
    const { findings } = this.#parts;
    const waiting = findings
      .latest(findings.total - this.#findings)
      .map(({ at, kind, address, element, subject, evidence, severity, action }) => ({
        atMs: Math.floor(at / 1_000),
        kind,
        address,
        element,
        subject: subject.slice(0, TEXT_MAX),
        evidence: evidence.slice(0, TEXT_MAX),
        severity,
        action: action?.slice(0, TEXT_MAX) ?? null,
      }));
    const rows = within(waiting, FINDINGS);
    this.#findings = findings.total - (waiting.length - rows.length);
    return rows;
  }

  #newcomerRows(): Collected['newcomers'] {
    const { monitor, desk } = this.#parts;
    const views = monitor.inbox.views(new Set(desk.inForce.policy.elements.map(({ id }) => id)));
    const waiting = views.filter(({ id, lastSeen }) => this.#newcomers.get(id) !== lastSeen);
    const rows = within(
      waiting.map((view) => ({
        id: view.mac ?? view.addresses[0] ?? view.id,
        mac: view.mac,
        addresses: view.addresses.slice(0, NAMES_MAX),
        names: view.names.slice(0, NAMES_MAX).map((name) => name.slice(0, NAME_MAX)),
        interface: view.interface,
        proposedName: view.proposedName,
        firstMs: Date.parse(view.firstSeen),
        lastMs: Date.parse(view.lastSeen),
      })),
      NEWCOMERS,
    );
    for (const { id, lastSeen } of waiting.slice(0, rows.length)) keep(this.#newcomers, id, lastSeen);
    return rows;
  }

  #elementRows(): Collected['elements'] {
    const { desk, monitor, host, addresses, quarantines } = this.#parts;
    const { policy } = desk.inForce;
    const waiting = elementViews({ policy, monitor, host, addresses }, quarantines.elements).filter(
      (view) => this.#elements.get(view.id) !== stateOf(view),
    );
    const rows = within(
      waiting.map(({ id, mode, lastSeen, isQuarantined }) => ({
        element: id,
        mode,
        lastMs: lastSeen === null ? null : Date.parse(lastSeen),
        isQuarantined,
      })),
      ELEMENTS,
    );
    for (const view of waiting.slice(0, rows.length)) keep(this.#elements, view.id, stateOf(view));
    return rows;
  }

  /** Entries that the learner would add to the policy in force: those that are new, have changed, or were told long ago. */
  #proposalRows(nowMs: number): Collected['proposals'] {
    if (this.#toPropose.length === 0 && nowMs - this.#proposedMs >= PROPOSE_EVERY_MS) {
      this.#proposedMs = nowMs;
      this.#toPropose = this.#untold(nowMs);
    }
    const rows = within(this.#toPropose, PROPOSALS);
    this.#toPropose = this.#toPropose.slice(rows.length);
    return rows;
  }

  #untold(nowMs: number): readonly Collected['proposals'][number][] {
    const { monitor, desk } = this.#parts;
    const { policy, comments, evidence } = monitor.propose();
    const firstMs = evidence.from === null ? nowMs : Math.min(nowMs, Date.parse(evidence.from));
    const proposed = proposedEntries(policy, desk.inForce.policy)
      .filter(({ json }) => json.length <= ENTRY_CHARS_MAX)
      .slice(0, PROPOSED_MAX);
    const before = this.#proposals;
    this.#proposals = new Map();
    return proposed.flatMap((one) => {
      const { section, entry, json, learnedAs } = one;
      const told = before.get(keyOf(one));
      const isToTell = told === undefined || told.json !== json || nowMs - told.atMs >= TELL_AGAIN_MS;
      this.#proposals.set(keyOf(one), isToTell ? { json, atMs: nowMs } : told);
      if (!isToTell) return [];
      const said = (comments.get(learnedAs) ?? []).join(' ').slice(0, TEXT_MAX);
      return [{ section, entry, json, evidence: said, firstMs, lastMs: nowMs }];
    });
  }
}

function keyOf({ section, entry }: ProposedEntry): string {
  return `${section}.${entry}`;
}

function stateOf(view: ReturnType<typeof elementViews>[number]): string {
  return `${view.lastSeen} ${view.mode} ${view.isQuarantined}`;
}

const HEALTH_MAX = 64;
const NAMES_MAX = 16;
/** What was told of whom; beyond it is told anew. */
const KNOWN_MAX = 20_000;

function keep(known: Map<string, string>, key: string, value: string): void {
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(key, value);
}

function changeOf(row: FlowRow, told: Told): Told {
  return {
    packetsSent: Math.max(0, row.packetsSent - told.packetsSent),
    packetsReceived: Math.max(0, row.packetsReceived - told.packetsReceived),
    bytesSent: Math.max(0, row.bytesSent - told.bytesSent),
    bytesReceived: Math.max(0, row.bytesReceived - told.bytesReceived),
  };
}

function summed(one: Collected['flows'][number], other: Collected['flows'][number]): Collected['flows'][number] {
  return {
    ...one,
    openings: one.openings + other.openings,
    packetsSent: one.packetsSent + other.packetsSent,
    packetsReceived: one.packetsReceived + other.packetsReceived,
    bytesSent: one.bytesSent + other.bytesSent,
    bytesReceived: one.bytesReceived + other.bytesReceived,
    firstMs: Math.min(one.firstMs, other.firstMs),
    lastMs: Math.max(one.lastMs, other.lastMs),
  };
}
