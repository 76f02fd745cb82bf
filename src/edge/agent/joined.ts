// An agent that belongs to a domain: takes its policy and quarantines from the link, in turn with everything else that changes, and reports. The link
// itself (connection, signatures, keys) is another room's; what a policy does in the kernel is the desk's.

import {
  type Applier,
  type Carried,
  type Held,
  Link,
  LinkError,
  type LinkView,
  linkFolder,
  readMembership,
} from '#link';
import { SECOND } from '#model';
import { policyOfEntries, printPolicy } from '#policy';
import type { Caller } from './caller.ts';
import { quarantine, release } from './isolation.ts';
import type { DomainLink, Parts } from './parts.ts';
import { Sightings } from './sightings.ts';
import { readLocal, type Standing, writeLocal } from './standing.ts';
import { AgentError } from './trouble.ts';

/** Beyond the controller's own deadline, so that its word comes first where it can be heard. */
const GRACE_SECONDS = 15;
const PROBLEM_CHARS_MAX = 500;

type Result = Awaited<ReturnType<Applier['apply']>>;
type List = Parameters<Applier['quarantine']>[0];

export interface JoinedOptions {
  readonly parts: Parts;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

export class Joined implements Applier, DomainLink {
  readonly #options: JoinedOptions;
  readonly #folder: string;
  readonly #sightings: Sightings;
  readonly #link: Link;
  /** A revision that went back here because nobody confirmed it: it is not tried again until it was confirmed. */
  #wentBack = 0;

  private constructor(options: JoinedOptions, link: (applier: Joined, sightings: Sightings) => Link) {
    this.#options = options;
    this.#folder = linkFolder(options.parts.settled.stateDirectory);
    this.#sightings = new Sightings(options.parts);
    this.#link = link(this, this.#sightings);
  }

  /** Null where this machine belongs to no domain. Throws a `LinkError` where its membership is damaged. */
  static open(options: JoinedOptions): Joined | null {
    const { settled } = options.parts;
    const folder = linkFolder(settled.stateDirectory);
    const membership = readMembership(folder);
    if (membership === null) return null;
    const joined = new Joined(
      options,
      (applier, sightings) =>
        new Link(membership, {
          folder,
          version: settled.version,
          now: settled.now,
          random: settled.random,
          applier,
          collect: () => sightings.collect(applier.standing),
          log: settled.log,
        }),
    );
    joined.#start();
    return joined;
  }

  /** What was taken and confirmed but is not in force (a crash came in between) is put in force without a controller. */
  #start(): void {
    const { held } = this.#link;
    if (held !== null && held.statement.pendingUntilMs === null && this.standing.local === null)
      void this.apply(held, 0).catch((error: unknown) =>
        this.#options.parts.settled.log(`link held policy: ${error instanceof Error ? error.message : 'unknown'}`),
      );
    this.#link.start();
  }

  get view(): LinkView & Standing {
    return { ...this.#link.view, ...this.standing };
  }

  get standing(): Standing {
    return { inForce: this.inForce, local: readLocal(this.#folder) };
  }

  get inForce(): number {
    return this.#options.parts.desk.domainRevision;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Somebody put a policy of their own in force, and said that it is meant. */
  brokeGlass(caller: Caller | null, why: string): void {
    const { now } = this.#options.parts.settled;
    writeLocal(this.#folder, {
      sinceMs: Math.floor(now() / 1_000),
      by: (caller?.name ?? 'unknown').slice(0, NAME_CHARS_MAX),
      why: why.slice(0, PROBLEM_CHARS_MAX),
    });
  }

  /** A policy of the domain that was carried here in a file. */
  async takeSigned(text: string): Promise<Carried> {
    try {
      return await this.#link.takeFile(text);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      const { code, message, help } = error;
      throw new AgentError({ code, message, help });
    }
  }

  /** What waited went back by itself. */
  wentBack(domainRevision: number): void {
    if (domainRevision === 0) return;
    this.#wentBack = domainRevision;
    this.#link.reverted(this.inForce);
  }

  apply(held: Held, skewMs: number): Promise<Result> {
    return this.#options.inTurn(() => this.#apply(held, skewMs));
  }

  quarantine(list: List): ReturnType<Applier['quarantine']> {
    return this.#options.inTurn(() => this.#quarantine(list));
  }

  async #apply({ statement, entries }: Held, skewMs: number): Promise<Result> {
    const { desk, settled } = this.#options.parts;
    const { revision, domain, by, why, pendingUntilMs } = statement;
    if (revision === desk.domainRevision) {
      if (pendingUntilMs === null && desk.pendingView !== null) desk.keep(by);
      return APPLIED;
    }
    if (pendingUntilMs !== null && revision === this.#wentBack) return { outcome: 'reverted', problem: null };
    const { policy, problems } = policyOfEntries(entries);
    if (policy === null) return failed(problems[0]?.message ?? 'it has errors');
    const left = pendingUntilMs === null ? 0 : Math.ceil((pendingUntilMs - settled.now() / 1_000 - skewMs) / 1_000);
    const seconds = pendingUntilMs === null ? 0 : Math.max(0, left) + GRACE_SECONDS;
    try {
      await desk.take(
        {
          text: printPolicy(policy, new Map()),
          file: `revision ${revision} of ${domain}`,
          why: `revision ${revision} of ${domain}: ${why}`,
          isLoosening: false,
        },
        { seconds, by: `${by} at ${domain}`, domainRevision: revision },
      );
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      return failed(`${error.message} [${error.code}]`);
    }
    writeLocal(this.#folder, null);
    return APPLIED;
  }

  async #quarantine({ elements }: List): ReturnType<Applier['quarantine']> {
    const { parts } = this.#options;
    const wanted = new Map(elements.map((row) => [row.element, row]));
    const gone = parts.quarantines.rows.filter(({ isRemote, element }) => isRemote === true && !wanted.has(element));
    if (gone.length > 0)
      await release(
        parts,
        gone.map(({ element }) => element),
      );
    const known = new Set(parts.desk.inForce.policy.elements.map(({ id }) => id));
    const failedHere: string[] = [];
    for (const { element, untilMs, reason, by } of elements) {
      if (!known.has(element) || parts.quarantines.has(element)) continue;
      const seconds = untilMs === null ? null : Math.ceil((untilMs * 1_000 - parts.settled.now()) / SECOND);
      if (seconds !== null && seconds <= 0) continue;
      const request = { element, seconds, reason, by: `${by} at the controller`, isForced: true, isRemote: true };
      await quarantine(parts, request).catch((error: unknown) => {
        parts.settled.log(
          `quarantine element=${element} failed: ${error instanceof Error ? error.message : 'unknown'}`,
        );
        failedHere.push(element);
      });
    }
    return {
      held: elements.map(({ element }) => element).filter((id) => parts.quarantines.has(id)),
      failed: failedHere,
    };
  }
}

const NAME_CHARS_MAX = 200;
const APPLIED: Result = { outcome: 'applied', problem: null };

function failed(why: string): Result {
  return { outcome: 'failed', problem: { code: 'PICKET-C658', message: why.slice(0, PROBLEM_CHARS_MAX) } };
}
