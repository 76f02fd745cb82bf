// The kernel's table as the agent holds it: what is in force, what it does not hold, when it must be made again, who touched it. Not the driver: #enforce is.

import {
  type Applied,
  type ContentOpinion,
  contentOpinion,
  type FlowAsked,
  Gateway,
  GatewayError,
  kernelShare,
  type NameAnswer,
  type Neighbours,
  type NotHeld,
  watchedNotes,
} from '#enforce';
import { DAY, END_OF_TIME, type Factor, type Instant, type Micros, type Policy, SECOND } from '#model';
import { writeWhole } from './files.ts';
import type { MarkReading } from './marks.ts';
import { withIsolation } from './quarantines.ts';
import { AgentError } from './trouble.ts';
import { readUsage } from './usage.ts';

export interface TableOptions {
  readonly prefix: readonly string[];
  readonly now: () => Instant;
  readonly log: (line: string) => void;
  /** File in which the used part of budgets outlives the machine. */
  readonly usagePath: string;
}

export class Table {
  readonly #options: TableOptions;
  readonly #gateway: Gateway;
  #applied: Applied | null = null;
  /** What the monitor judges in the kernel's place. */
  #watched: readonly NotHeld[] = [];
  #inForce: { readonly policy: Policy; readonly quarantined: ReadonlySet<string> } | null = null;
  #driftRepaired = 0;
  #driftFailed = 0;

  constructor(options: TableOptions) {
    const { prefix, now, log } = options;
    this.#options = options;
    this.#gateway = new Gateway({
      nft: [...prefix, 'nft'],
      ip: [...prefix, 'ip'],
      conntrack: [...prefix, 'conntrack'],
      connections: [...prefix, 'cat', '/proc/net/nf_conntrack'],
      now,
      onDrift: (isRepaired) => {
        if (isRepaired) this.#driftRepaired++;
        else this.#driftFailed++;
        log(isRepaired ? 'drift repaired' : 'drift not repaired');
      },
    });
  }

  get isUp(): boolean {
    return this.#applied !== null;
  }

  get driftRepaired(): number {
    return this.#driftRepaired;
  }

  get driftFailed(): number {
    return this.#driftFailed;
  }

  get notHeld(): readonly NotHeld[] {
    return this.#applied === null ? [] : [...this.#applied.notHeld, ...this.#watched];
  }

  /** When the content has to be made again at the latest. */
  get nextChange(): Instant {
    return this.#applied?.nextChange ?? END_OF_TIME;
  }

  async up(policy: Policy, quarantined: ReadonlySet<string>): Promise<void> {
    // In one go: an element in quarantine must not be let out for the moment between.
    const usage = readUsage(this.#options.usagePath);
    const share = this.#share(policy, quarantined);
    this.#applied = await told(() => this.#gateway.up(share, { quarantined, usage }));
    this.#keep(policy, quarantined);
  }

  async apply(policy: Policy, quarantined: ReadonlySet<string>): Promise<void> {
    const share = this.#share(policy, quarantined);
    this.#applied = await told(() => this.#gateway.apply(share, quarantined));
    this.#keep(policy, quarantined);
  }

  /** Somebody watches what the kernel cannot tell, so rules that rest on it hold for another while. Nothing where the policy has none. */
  async renewWatch(): Promise<void> {
    if (this.#inForce === null || this.#watched.length === 0) return;
    await this.apply(this.#inForce.policy, this.#inForce.quarantined);
  }

  /** `jump`: by how much the clock was set. */
  async refresh(jump: Micros = 0): Promise<void> {
    this.#applied = await told(() => this.#gateway.refresh(jump));
  }

  async down(): Promise<void> {
    await told(() => this.#gateway.down());
    this.#applied = null;
    this.#inForce = null;
  }

  /** Writes down what is used of budgets, so that a restart of the machine does not begin them anew. */
  async saveUsage(): Promise<void> {
    if (this.#applied === null) return;
    const usage = await told(() => this.#gateway.usage());
    if (usage.budgets.length > 0 || readUsage(this.#options.usagePath) !== null)
      writeWhole(this.#options.usagePath, `${JSON.stringify({ schema: 'picket.usage/v1', ...usage })}\n`);
  }

  /** Takes an answer of DNS in. One that fails is told by the log alone: its rule stays closed, and the next answer tries again. */
  bindName(answer: NameAnswer): void {
    if (this.#applied === null) return;
    this.#gateway.bindName(answer).catch((error: unknown) => this.#options.log(`name not bound: ${error}`));
  }

  async setNeighbours(neighbours: Neighbours): Promise<void> {
    const applied = await told(() => this.#gateway.setNeighbours(neighbours));
    if (applied !== null) this.#applied = applied;
  }

  /** Logged on with these factors from an instant, or off: sessions that need it open, or are cut. */
  async setLogon(element: string, factors: readonly Factor[], at: Instant | null): Promise<void> {
    const applied = await told(() =>
      at === null ? this.#gateway.revoke(element, factors) : this.#gateway.grant({ element, factors, at }),
    );
    if (applied !== null) this.#applied = applied;
  }

  /** Lets one connection open once, until an instant; it lives as long as its rule lets it, and no longer than a day. Returns when it ends at the latest. */
  async ticket(from: string, service: string, until: Instant): Promise<Instant> {
    const endsAt = until + DAY;
    this.#applied = await told(() => this.#gateway.ticket({ from, service, until, endsAt }));
    return endsAt;
  }

  /** What the content in force says of one opening; null where none is. */
  opinion(flow: FlowAsked): ContentOpinion | null {
    return this.#applied === null ? null : this.#gateway.opinion(flow);
  }

  close(): void {
    this.#gateway.close();
  }

  meaningOf(flowMark: number): MarkReading | null {
    return this.#gateway.meaningOf(flowMark);
  }

  #keep(policy: Policy, quarantined: ReadonlySet<string>): void {
    this.#watched = watchedNotes(policy);
    this.#inForce = { policy, quarantined };
  }

  /** INVARIANT: what the kernel passes and only the monitor can judge ends by itself in the kernel, so that nobody's death leaves it open. */
  #share(policy: Policy, quarantined: ReadonlySet<string>): Policy {
    const until = this.#options.now() + WATCH_LEASE;
    const watched = new Set(watchedNotes(policy).map(({ where }) => where));
    const rules = kernelShare(policy).rules.map((rule) =>
      watched.has(`rules.${rule.id}`) ? { ...rule, until: Math.min(rule.until ?? until, until) } : rule,
    );
    return withIsolation({ ...policy, rules }, quarantined);
  }

  /** What a policy would become in the kernel: what of it would not be held, and what the table would say of openings. Refuses one that the kernel cannot take. Touches nothing. */
  rehearse(policy: Policy, quarantined: ReadonlySet<string>): Rehearsed {
    const made = this.#gateway.rehearse(this.#share(policy, quarantined), quarantined);
    if (made.kind === 'compiled')
      return {
        notHeld: [...made.notHeld, ...watchedNotes(policy)],
        opinion: (flow) => contentOpinion(made.content, { flow, named: null, now: this.#options.now() }),
      };
    const { code, message, help } = made.problem;
    throw new AgentError({ code, message, help });
  }
}

interface Rehearsed {
  readonly notHeld: readonly NotHeld[];
  readonly opinion: (flow: FlowAsked) => ContentOpinion;
}

/** How long a rule that rests on the monitor holds without it; renewed three times as often. */
const WATCH_LEASE: Micros = 90 * SECOND;
export const WATCH_RENEW_EVERY: Micros = 30 * SECOND;

/** Codes of what the gateway could not do; refusals of a policy carry their own. */
const CODES: Readonly<Record<string, string>> = {
  'marks-in-use': 'PICKET-G034',
  'nft-failed': 'PICKET-G037',
  'not-up': 'PICKET-G037',
  'no-ticket': 'PICKET-G040',
};

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new AgentError({
      code: CODES[error.trouble] ?? error.trouble,
      message: error.message,
      help: HELP[error.trouble] ?? null,
    });
  }
}

const HELP: Readonly<Record<string, string>> = {
  'marks-in-use':
    'Picket owns the marks of connections and packets: take the other user away first, or keep Picket off this machine',
  'nft-failed': 'see: picket doctor',
  'not-up': 'see: picket status',
  'no-ticket':
    'a ticket is for an element and a rule of it that needs a logon: picket why FROM TO says which rule governs',
};
