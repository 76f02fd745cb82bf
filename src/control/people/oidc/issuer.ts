// An identity provider as it is configured, and its client: found once, kept for an hour, asked only at addresses that are allowed for it.

import {
  allowInsecureRequests,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
} from 'openid-client';
import { Refusal, type Role } from '#routes';
import { issuerFetch } from './fetch.ts';

export interface IssuerOptions {
  /** In paths: lower-case letters, digits, "-". */
  readonly id: string;
  /** On the button. */
  readonly name: string;
  /** The issuer's URL, exactly as it names itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  /** Beside `openid`. */
  readonly scopes?: readonly string[];
  /** Claim whose values give roles, for instance `groups`. */
  readonly claim: string;
  /** Nobody becomes an owner by a group: owners are made by owners. */
  readonly roles: readonly { readonly value: string; readonly domain: string; readonly role: Exclude<Role, 'owner'> }[];
  /** Origins beside the issuer's own at which its endpoints may be. */
  readonly origins?: readonly string[];
  /** PEM of the authority of its certificate; null: those of this system. */
  readonly authority?: string | null;
  /** Whether programs without a browser may log on there; stated where the provider knows no device flow. */
  readonly hasDevice?: boolean;
  /** HTTP without TLS is refused unless this is set, for tests on loopback. */
  readonly mayBePlain?: boolean;
}

/** A provider changes its endpoints rarely; its keys are looked up anew by the client itself. */
const KEPT_MS = 60 * 60 * 1_000;
/** After a failure nobody waits for the same failure again at once. */
const RETRY_MS = 5_000;
const TIMEOUT_SECONDS = 10;

interface Kept {
  readonly at: number;
  readonly found: Promise<Configuration>;
}

/** The clients of all providers that are configured. */
export class Issuers {
  readonly #options: ReadonlyMap<string, IssuerOptions>;
  readonly #now: () => number;
  readonly #trouble: (error: unknown) => void;
  /** One entry a provider that is configured. */
  readonly #kept = new Map<string, Kept>();
  readonly #failedAt = new Map<string, number>();

  constructor(
    options: readonly IssuerOptions[],
    { now, trouble }: { readonly now: () => number; readonly trouble: (error: unknown) => void },
  ) {
    this.#options = new Map(options.map((one) => [one.id, one]));
    this.#now = now;
    this.#trouble = trouble;
  }

  all(): readonly IssuerOptions[] {
    return [...this.#options.values()];
  }

  named(id: string): IssuerOptions {
    const issuer = this.#options.get(id);
    if (issuer !== undefined) return issuer;
    throw new Refusal({ code: 'PICKET-C540', message: 'there is no such identity provider; nothing was changed' });
  }

  async configuration(issuer: IssuerOptions): Promise<Configuration> {
    const now = this.#now();
    const kept = this.#kept.get(issuer.id);
    if (kept !== undefined && now - kept.at < KEPT_MS) return this.answering(kept.found);
    if (now - (this.#failedAt.get(issuer.id) ?? Number.NEGATIVE_INFINITY) < RETRY_MS) throw away();
    const found = discovered(issuer);
    this.#kept.set(issuer.id, { at: now, found });
    found.catch(() => {
      this.#kept.delete(issuer.id);
      this.#failedAt.set(issuer.id, this.#now());
    });
    return this.answering(found);
  }

  /** What the provider answers; its failures are told to the log and refused without their words. */
  async answering<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      this.#trouble(error);
      throw away();
    }
  }
}

function away(): Refusal {
  return new Refusal({
    code: 'PICKET-C541',
    message: 'the identity provider does not answer as it should; nothing was changed',
    help: 'log on with a passkey meanwhile; the log of the controller says more',
    retryAfterSeconds: RETRY_MS / 1_000,
  });
}

function discovered(issuer: IssuerOptions): Promise<Configuration> {
  const { clientId, clientSecret } = issuer;
  const execute = [enableNonRepudiationChecks, ...(issuer.mayBePlain === true ? [allowInsecureRequests] : [])];
  const means = clientSecret === null ? None() : ClientSecretPost(clientSecret);
  return discovery(new URL(issuer.issuer), clientId, {}, means, {
    execute,
    timeout: TIMEOUT_SECONDS,
    [customFetch]: issuerFetch({
      origins: [new URL(issuer.issuer).origin, ...(issuer.origins ?? [])],
      authority: issuer.authority ?? null,
      mayBePlain: issuer.mayBePlain === true,
    }),
  });
}
