// The authority of all domains of a controller, as one object: what its parts can do, with its caches kept right. Not the parts themselves.

import {
  type BundleDocument,
  type Checked,
  type Leaf,
  type LeafQuestion,
  type Presented,
  printBundle,
} from '#identity';
import type { Doer } from '#ledger';
import { allDomains, confirmBundle, forgetEnded, forgetRevocations } from '#store';
import { type Context, contextOf } from './context.ts';
import { type EnrolRequest, enrol } from './enrol.ts';
import { establish, freshKeys, replaceIssuing } from './establish.ts';
import { checkGate, whoseGate } from './gatekeeper.ts';
import { type AuthorityAilment, authorityHealth } from './health.ts';
import { listIdentities, listRevocations, showIdentity } from './identities.ts';
import type { Issued } from './issue.ts';
import { activeKey, keysOf } from './keys.ts';
import { type AuthorityNotice, type AuthorityOptions, SYSTEM } from './options.ts';
import { type OwnWish, ownCertificate, type ServerCertificate } from './own-certificate.ts';
import { type PolicySigner, policySigner } from './policy-signer.ts';
import { challenge, type RenewRequest, renew, type WakeRequest, wake } from './renew.ts';
import { type RevocationWish, reinstate, revoke, revokeRenewalKey } from './revoke.ts';
import { readRoot } from './root-file.ts';
import { type RotationWish, raiseBundle, rotate } from './rotate.ts';
import { openSecrets } from './secrets.ts';
import { listTokens, type MadeToken, makeToken, revokeToken, type TokenView, type TokenWish } from './tokens.ts';
import { AuthorityError } from './trouble.ts';
import { type DomainTrust, TrustBook } from './trust-book.ts';

export interface Page {
  /** Rows after this id; '' from the first. */
  readonly after: string;
  readonly limit: number;
}

/** What has ended is kept this long, so that a ledger entry can still be looked up. */
const KEPT_MS = 7 * 86_400_000;

/** Opens the authority of an installation: its secrets are made at the first start, and refused when they do not fit the database. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const secrets = await openSecrets(options);
  return new Authority(options, secrets);
}

export class Authority {
  readonly #context: Context;
  readonly #book: TrustBook;

  constructor(options: AuthorityOptions, secrets: Pick<Context, 'seal' | 'gateSecret'>) {
    const announce = async (notice: AuthorityNotice): Promise<void> => {
      await this.#book.read(notice.domain);
      await options.announce?.(notice);
    };
    this.#context = contextOf({ ...options, announce }, secrets);
    this.#book = new TrustBook(this.#context);
  }

  /** Makes the keys of a domain that has none. */
  establish(domain: string, actor: Doer): Promise<void> {
    return establish(this.#context, domain, actor);
  }

  // ---- enrolment and renewal

  makeToken(domain: string, actor: Doer, wish: TokenWish): Promise<MadeToken> {
    return makeToken(this.#context, { domain, actor, wish });
  }

  tokens(domain: string, page: Page): Promise<readonly TokenView[]> {
    return listTokens(this.#context, domain, page);
  }

  revokeToken(domain: string, actor: Doer, id: string): Promise<void> {
    return revokeToken(this.#context, { domain, actor, id });
  }

  enrol(request: EnrolRequest): Promise<Issued> {
    return enrol(this.#context, request);
  }

  /** Over mutual TLS; `leaf` is what `check` made of the connection's certificate. */
  renew(leaf: Leaf, request: RenewRequest): Promise<Issued> {
    return renew(this.#context, leaf, request);
  }

  /** For a machine whose certificate ended while it slept. */
  challenge(id: string): string {
    return challenge(this.#context, id);
  }

  wake(request: WakeRequest): Promise<Issued> {
    return wake(this.#context, request);
  }

  // ---- identities and revocation

  identities(domain: string, page: Page): ReturnType<typeof listIdentities> {
    return listIdentities(this.#context, domain, page);
  }

  identity(domain: string, id: string): ReturnType<typeof showIdentity> {
    return showIdentity(this.#context, domain, id);
  }

  revocations(domain: string): ReturnType<typeof listRevocations> {
    return listRevocations(this.#context, domain);
  }

  /** Answers the sequence number of the list after it. */
  revoke(domain: string, actor: Doer, wish: RevocationWish): Promise<number> {
    return revoke(this.#context, { domain, actor, wish });
  }

  revokeRenewalKey(domain: string, actor: Doer, id: string): Promise<void> {
    return revokeRenewalKey(this.#context, { domain, actor, id });
  }

  reinstate(
    domain: string,
    actor: Doer,
    of: { readonly kind: 'identity' | 'subtree'; readonly id: string },
  ): Promise<number> {
    return reinstate(this.#context, { domain, actor, ...of });
  }

  // ---- trust

  /** Bundle, revocation list and roots of a domain, from memory where it is fresh. */
  trust(domain: string): Promise<DomainTrust> {
    return this.#book.view(domain);
  }

  /** The bundle as agents and other SPIFFE readers take it. */
  async bundleDocument(domain: string): Promise<BundleDocument> {
    return printBundle((await this.#book.view(domain)).bundle);
  }

  /** The one verifier, with the domain's trust. */
  check(presented: Presented, question: Omit<LeafQuestion, 'now'>): Promise<Checked<Leaf>> {
    return this.#book.check(presented, question);
  }

  /** By the newest list that is known here; no I/O, so that live connections can be looked at as often as is wanted. */
  isRevoked(leaf: Leaf): boolean {
    return this.#book.isRevoked(leaf);
  }

  /** To be called when another controller announced a change. */
  async noticed({ domain }: Pick<AuthorityNotice, 'domain'>): Promise<void> {
    await this.#book.read(domain);
  }

  /** An agent trusts the bundle of this number now. */
  confirmBundle(domain: string, id: string, sequence: number): Promise<void> {
    return confirmBundle(this.#context.store.db, domain, id, sequence);
  }

  // ---- the gate before TLS

  /** The pseudonym of a server name that was made about now with a key of ours; null for every other. No I/O. */
  checkGate(serverName: string): string | null {
    return checkGate(this.#context, serverName)?.pseudonym ?? null;
  }

  whoseGate(pseudonym: string): ReturnType<typeof whoseGate> {
    return whoseGate(this.#context, pseudonym);
  }

  // ---- keys

  signer(domain: string): Promise<PolicySigner> {
    return policySigner(this.#context, domain);
  }

  /** A certificate for one of the controller's own ports. To be renewed at its half-life. */
  ownCertificate(wish: OwnWish): Promise<ServerCertificate> {
    return ownCertificate(this.#context, wish);
  }

  rotate(domain: string, actor: Doer, wish: RotationWish): Promise<number> {
    return rotate(this.#context, { domain, actor, wish });
  }

  raiseBundle(domain: string, actor: Doer, by: number): Promise<number> {
    return raiseBundle(this.#context, { domain, actor, by });
  }

  /** A new issuing certificate now: after the old key may have been seen by somebody. The old one stays valid until it is revoked. */
  async replaceIssuing(domain: string, actor: Doer): Promise<void> {
    const keys = await keysOf(this.#context.store.db, domain);
    const root = await readRoot(this.#context, { domain, keyId: activeKey(keys, 'root').id });
    if (root === null)
      throw new AuthorityError({
        code: 'PICKET-C340',
        message: `the root key of ${domain} is not at hand; nothing was changed`,
        help: 'put the root key file back for as long as this takes',
      });
    await replaceIssuing(this.#context, { keys, root, actor });
  }

  /** Keys of a domain, for people. */
  async keys(domain: string): Promise<readonly KeyView[]> {
    const { rows } = await keysOf(this.#context.store.db, domain);
    return rows.map(({ id, purpose, state, made_at: madeAt, not_after: notAfter, since_sequence: sinceSequence }) => ({
      id,
      purpose,
      state,
      madeAt,
      notAfter,
      sinceSequence,
    }));
  }

  health(domain: string): Promise<readonly AuthorityAilment[]> {
    return authorityHealth(this.#context, domain);
  }

  /** What has to happen by itself, about once an hour: issuing certificates made anew, what has ended forgotten. */
  async tend(): Promise<void> {
    const { store, now } = this.#context;
    for (const { id } of await allDomains(store.db)) await freshKeys(this.#context, id, SYSTEM).catch(ownTrouble);
    await forgetEnded(store.db, now() - KEPT_MS);
    await forgetRevocations(store.db, now() - KEPT_MS);
  }
}

export interface KeyView {
  readonly id: string;
  readonly purpose: 'root' | 'issuing' | 'policy';
  readonly state: 'published' | 'active' | 'retiring' | 'retired';
  readonly madeAt: number;
  readonly notAfter: number | null;
  readonly sinceSequence: number;
}

/** One domain's trouble is told by its health and keeps no other domain from being tended. */
function ownTrouble(error: unknown): void {
  if (!(error instanceof AuthorityError)) throw error;
}
