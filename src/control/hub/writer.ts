// What agents say, on its way to the store: collected and written together, so that the store's load grows with agents and time, not with messages.
// A report is answered only when it is kept. Not the store: options.ts has the port.

import type { Connection } from './connection.ts';
import type { AgentReport, AgentRow, Records } from './options.ts';

/** Reports that wait for one write. Beyond, a report is not answered, so its agent keeps its rows and sends them again. */
const REPORTS_MAX = 2_000;

/** Rows of one write: a statement of a size that every database takes. */
const ROWS_PER_WRITE = 200;

interface Waiting extends AgentReport {
  readonly connection: Connection;
}

export interface WriterOptions {
  readonly records: Records;
  readonly flushMs: number;
  readonly log: (line: string) => void;
  /** Told after rows of these domains were written. */
  readonly onStates: (domains: ReadonlySet<string>) => void;
}

export class Writer {
  readonly #options: WriterOptions;
  readonly #rows = new Map<string, AgentRow>();
  /** Keys of rows to write, and whether somebody waits for the news. */
  readonly #dirty = new Map<string, boolean>();
  #reports: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #lost = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Reports that were not taken because the store did not keep up. */
  get lost(): number {
    return this.#lost;
  }

  row(domain: string, agent: string): AgentRow | null {
    return this.#rows.get(`${domain} ${agent}`) ?? null;
  }

  /** `isNews`: others are told when it is written. */
  put(row: AgentRow, isNews: boolean): void {
    const key = `${row.domain} ${row.agent}`;
    this.#rows.set(key, row);
    this.#dirty.set(key, isNews || this.#dirty.get(key) === true);
    this.#plan();
  }

  /** The agent is gone: its last row is written and then forgotten. */
  forget(row: AgentRow): void {
    this.put(row, true);
    this.#gone.add(`${row.domain} ${row.agent}`);
  }

  readonly #gone = new Set<string>();

  report(waiting: Waiting): void {
    if (this.#reports.length >= REPORTS_MAX) {
      this.#lost += 1;
      return;
    }
    this.#reports.push(waiting);
    this.#plan();
  }

  /** Writes what is there; resolves when it is kept or has failed. */
  flush(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#flush());
    return this.#turn;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.flush();
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, this.#options.flushMs);
  }

  async #flush(): Promise<void> {
    await this.#flushReports();
    await this.#flushRows();
  }

  async #flushReports(): Promise<void> {
    const reports = this.#reports;
    this.#reports = [];
    if (reports.length === 0) return;
    try {
      await this.#options.records.saveReports(reports);
      for (const { connection, report } of reports) connection.send({ kind: 'received', sequence: report.sequence });
    } catch (error) {
      // Not answered: the agents still have the rows and send them again.
      this.#lost += reports.length;
      this.#options.log(`hub reports=${reports.length} were not kept: ${textOf(error)}`);
    }
  }

  async #flushRows(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const news = new Set<string>();
    for (let at = 0; at < dirty.length; at += ROWS_PER_WRITE) {
      const part = dirty.slice(at, at + ROWS_PER_WRITE);
      const rows = part.flatMap(([key]) => this.#rows.get(key) ?? []);
      try {
        await this.#options.records.saveAgents(rows);
        for (const [key, isNews] of part) {
          const domain = this.#rows.get(key)?.domain;
          if (isNews && domain !== undefined) news.add(domain);
          if (this.#gone.delete(key) && !this.#dirty.has(key)) this.#rows.delete(key);
        }
      } catch (error) {
        for (const [key, isNews] of part) this.#dirty.set(key, isNews || this.#dirty.get(key) === true);
        this.#options.log(`hub agents=${rows.length} were not kept: ${textOf(error)}`);
        this.#plan();
      }
    }
    if (news.size > 0) this.#options.onStates(news);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
