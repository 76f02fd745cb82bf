// Handlers of recorded traffic: pages, exports, verdicts over time, and what is new while it comes in.

import { type AreaHandlers, type flowRoutes, Refusal, type ServerEvent, timeOf } from '#routes';
import type { ServiceParts } from '#service';
import {
  type FlowAsk,
  type FlowFilter,
  type FlowPosition,
  type FlowRollUpRow,
  flowPage,
  HOUR,
  MINUTE,
  positionOf,
  verdictCounts,
} from '#store';
import { csvLine } from './csv.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { badCursor } from './policies.ts';

type FlowHandlers = AreaHandlers<typeof flowRoutes>;
type Query = Parameters<FlowHandlers['export']>[0]['query'];
type Range = Pick<Query, 'span' | 'since' | 'until'>;

/** Rows of one export: some hundred megabytes. */
const EXPORT_ROWS_MAX = 1_000_000;
const EXPORT_PAGE_ROWS = 1_000;
const HOUR_MS = 3_600_000;
const LIVE_MS = 2 * 60_000;
const LIVE_ROWS_MAX = 500;
/** A follower looks at least so often, told or not; and at most once a second. */
const LOOK_MS_MAX = 10_000;
const LOOK_MS_MIN = 1_000;

export function flowHandlers({ store, bus, now }: Pick<ServiceParts, 'store' | 'bus' | 'now'>): FlowHandlers {
  const { db } = store;
  return {
    list: async ({ params: { domain }, query }) => {
      const { limit, cursor, ...filter } = query;
      const ask = { ...askOf(domain, filter, now()), limit, before: positionFrom(readCursor(cursor)) };
      const { rows, next } = await flowPage(db, ask);
      return { value: { items: rows.map(viewOf), next: writeCursor(next === null ? null : textOf(next)) } };
    },
    export: async ({ params: { domain }, query: { format, ...filter }, signal }) => {
      const ask = askOf(domain, filter, now());
      const pages = pagesOf((before) => flowPage(db, { ...ask, before, limit: EXPORT_PAGE_ROWS }), signal);
      const isCsv = format === 'csv';
      return {
        value: {
          mediaType: isCsv ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
          name: `flows-${domain}.${isCsv ? 'csv' : 'jsonl'}`,
          content: isCsv ? csvOf(pages) : linesOf(pages),
        },
      };
    },
    live: async ({ params: { domain }, query, signal }) => {
      const filter = filterOf(query);
      const look = () =>
        flowPage(db, { ...filter, domain, span: MINUTE, ...recent(now()), before: null, limit: LIVE_ROWS_MAX });
      const told = new Told(signal);
      const stop = bus.subscribe('flows', (message) => {
        if (message.kind === 'lost' || message.payload.domain === domain) told.tell();
      });
      return { value: follow({ look, told, signal, stop }) };
    },
    verdicts: async ({ params: { domain }, query }) => {
      const { agent } = query;
      const ask = { domain, ...rangeOf(query, now()), ...(agent === undefined ? {} : { agent }) };
      const items = (await verdictCounts(db, ask)).map((row) => ({
        minuteOrHour: timeOf(row.bucket),
        by: row.judged_by === 'kernel' ? ('kernel' as const) : ('engine' as const),
        reason: row.reason,
        isEnforced: row.is_enforced === 1,
        count: row.count,
      }));
      return { value: { items } };
    },
  };
}

function recent(nowMs: number) {
  return { sinceMs: nowMs - LIVE_MS, untilMs: nowMs + LIVE_MS };
}

function askOf(domain: string, query: Omit<Query, 'format'>, nowMs: number): FlowAsk {
  return { ...filterOf(query), domain, ...rangeOf(query, nowMs), before: null, limit: 1 };
}

function filterOf({ denied, ...query }: Partial<Query>): FlowFilter {
  const names = ['end', 'from', 'to', 'agent', 'rule', 'reason', 'protocol', 'port'] as const;
  const stated = Object.fromEntries(names.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));
  return { ...stated, ...(denied === undefined ? {} : { isDenied: denied }) };
}

function rangeOf({ span, since, until }: Range, nowMs: number) {
  const untilMs = until === undefined ? nowMs + 1 : Date.parse(until);
  const sinceMs = since === undefined ? untilMs - (span === 'hour' ? 24 : 1) * HOUR_MS : Date.parse(since);
  if (sinceMs < untilMs) return { span: span === 'hour' ? HOUR : MINUTE, sinceMs, untilMs };
  throw new Refusal({
    code: 'PICKET-C422',
    message: 'the time asked for ends before it begins; nothing was changed',
    where: 'query.since',
    help: '"since" has to be before "until"',
  });
}

function viewOf(row: FlowRollUpRow) {
  return {
    minuteOrHour: timeOf(row.bucket),
    span: row.span === HOUR ? ('hour' as const) : ('minute' as const),
    agent: row.agent,
    id: row.id,
    from: row.from_end,
    fromAddress: row.from_address,
    isFromKnown: row.from_known === 1,
    to: row.to_end,
    toAddress: row.to_address,
    isToKnown: row.to_known === 1,
    protocol: row.protocol,
    port: row.port,
    reason: row.reason,
    isEnforced: row.is_enforced === 1,
    rule: row.rule,
    openings: row.openings,
    packetsSent: row.packets_sent,
    packetsReceived: row.packets_received,
    bytesSent: row.bytes_sent,
    bytesReceived: row.bytes_received,
    firstSeen: timeOf(row.first_seen),
    lastSeen: timeOf(row.last_seen),
    folded: row.folded,
  };
}
type FlowView = ReturnType<typeof viewOf>;

function textOf(position: FlowPosition): string {
  return JSON.stringify(Object.values(positionOf(position)));
}

function positionFrom(text: string | null): FlowPosition | null {
  if (text === null) return null;
  const parts = /^\[(\d{1,15}),("(?:[^"\\]|\\.)*"),("(?:[^"\\]|\\.)*")\]$/.exec(text);
  try {
    const [agent, id]: unknown[] = [JSON.parse(parts?.[2] ?? ''), JSON.parse(parts?.[3] ?? '')];
    if (typeof agent === 'string' && typeof id === 'string') return { bucket: Number(parts?.[1]), agent, id };
  } catch {
    throw badCursor();
  }
  throw badCursor();
}

type Page = Awaited<ReturnType<typeof flowPage>>;

async function* pagesOf(
  page: (before: FlowPosition | null) => Promise<Page>,
  signal: AbortSignal,
): AsyncGenerator<readonly FlowView[]> {
  let before: FlowPosition | null = null;
  for (let count = 0; count < EXPORT_ROWS_MAX && !signal.aborted; ) {
    const { rows, next }: Page = await page(before);
    count += rows.length;
    if (rows.length > 0) yield rows.map(viewOf);
    if (next === null) return;
    before = next;
  }
}

async function* csvOf(pages: AsyncGenerator<readonly FlowView[]>): AsyncGenerator<string> {
  let hasHead = false;
  for await (const views of pages) {
    if (!hasHead) yield csvLine(Object.keys(views[0] ?? {}));
    hasHead = true;
    yield views.map((view) => csvLine(Object.values(view))).join('');
  }
}

async function* linesOf(pages: AsyncGenerator<readonly FlowView[]>): AsyncGenerator<string> {
  for await (const views of pages) yield views.map((view) => `${JSON.stringify(view)}\n`).join('');
}

/** Wakes a follower when something came in. */
class Told {
  readonly #signal: AbortSignal;
  #isTold = false;
  #wake: () => void = () => {};

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  tell(): void {
    this.#isTold = true;
    this.#wake();
  }

  /** Resolves when told, when it is over, or when it took too long; not sooner than the least. */
  async next(): Promise<void> {
    await this.#within(LOOK_MS_MIN, () => false);
    await this.#within(LOOK_MS_MAX - LOOK_MS_MIN, () => this.#isTold);
    this.#isTold = false;
  }

  #within(ms: number, isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (this.#signal.aborted || isEnough()) return resolve();
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!this.#signal.aborted && !isEnough()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

interface Following {
  readonly look: () => Promise<Page>;
  readonly told: Told;
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** Rows that are new or grew since they were sent. Remembers two minutes of them: as many as one look shows. */
async function* follow({ look, told, signal, stop }: Following): AsyncGenerator<ServerEvent<FlowView>> {
  let sent = new Map<string, number>();
  try {
    for (let count = 1; !signal.aborted; count++) {
      const { rows } = await look();
      const grown = rows.filter((row) => sent.get(textOf(row)) !== row.reports);
      sent = new Map(rows.map((row) => [textOf(row), row.reports]));
      for (const row of grown) yield { id: String(count), item: viewOf(row) };
      await told.next();
    }
  } finally {
    stop();
  }
}
