// The people room as one object: everything that the API asks of it, on one store. Each method is one use case of a file beside it.

import type { Doer } from '#ledger';
import { type Actor, type Authenticate, notFound } from '#routes';
import {
  type ApiTokenRow,
  apiTokensOf,
  isOwned,
  type MemberRow,
  type MemberSessionRow,
  member,
  membersOf,
  type PasskeyRow,
  passkeysOf,
  type SessionRow,
  sessionsIn,
  sweepLogons,
  sweepSessions,
} from '#store';
import * as account from './account.ts';
import { authenticate } from './authenticate.ts';
import * as codes from './codes.ts';
import { deviceCookie, windowStart } from './failures.ts';
import {
  changeFourEyes,
  type FourEyes,
  type FourEyesState,
  fourEyesIn,
  needsSecond,
  type Touched,
} from './four-eyes.ts';
import { keyringOf } from './keys.ts';
import { firstLink, type Link, recoveryLink, showLink, useLink } from './links.ts';
import { logonByPasskey, proveByPasskey } from './logon.ts';
import * as oidc from './oidc/flows.ts';
import { type IssuerOptions, Issuers } from './oidc/issuer.ts';
import type { PeopleOptions } from './options.ts';
import { type Parts, personOf } from './parts.ts';
import { logonOptions } from './passkeys.ts';
import {
  endOwnSession,
  endOwnSessions,
  endSessionIn,
  isOver,
  liveSessions,
  SESSION_IDLE_MS,
  sessionCookie,
} from './sessions.ts';
import * as users from './users.ts';

export interface Page {
  readonly after: string;
  readonly limit: number;
}

export class People {
  readonly #parts: Parts;
  readonly #issuers: Issuers;
  readonly authenticate: Authenticate;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#issuers = new Issuers(parts.issuers ?? [], { now: parts.now, trouble: parts.trouble ?? (() => {}) });
    this.authenticate = (facts) => authenticate(parts, facts);
  }

  static async open(options: PeopleOptions): Promise<People> {
    return new People({ ...options, keyring: await keyringOf(options.store, options.random) });
  }

  /** For the first owner, to be shown on the machine itself; null where there is an owner. */
  firstLink(): Promise<Link | null> {
    return firstLink(this.#parts);
  }

  /** A link for a new owner of everything, for whoever has the machine itself: no route may lead here. */
  recover(doer: Doer, name: string): Promise<Link> {
    return recoveryLink(this.#parts, doer, name);
  }

  /** Takes away what is over. To be called now and then. */
  async sweep(): Promise<void> {
    const { store, now } = this.#parts;
    const at = now();
    await sweepLogons(store.db, { now: at, since: windowStart(at) });
    await sweepSessions(store.db, { now: at, idleSince: at - SESSION_IDLE_MS });
  }

  /** Of a browser in which somebody just logged on: the session, and that it is known from now on. */
  cookiesOf({ secret }: { readonly secret: string }): readonly string[] {
    return [sessionCookie(secret), deviceCookie(this.#parts)];
  }

  hasOwner(): Promise<boolean> {
    return isOwned(this.#parts.store.db);
  }
  logonOptions() {
    return logonOptions(this.#parts);
  }
  logon(ask: Parameters<typeof logonByPasskey>[1]) {
    return logonByPasskey(this.#parts, ask);
  }
  prove(ask: Parameters<typeof proveByPasskey>[1]) {
    return proveByPasskey(this.#parts, ask);
  }
  showLink(ask: Parameters<typeof showLink>[1]) {
    return showLink(this.#parts, ask);
  }
  useLink(ask: Parameters<typeof useLink>[1]) {
    return useLink(this.#parts, ask);
  }

  beginCode(ask: Parameters<typeof codes.beginCode>[1]) {
    return codes.beginCode(this.#parts, ask);
  }
  showCode(ask: codes.CodeAsk) {
    return codes.showCode(this.#parts, ask);
  }
  decideCode(ask: Parameters<typeof codes.decide>[1]) {
    return codes.decide(this.#parts, ask);
  }
  pollCode(ask: Parameters<typeof codes.pollCode>[1]) {
    return codes.pollCode(this.#parts, ask);
  }

  issuers(): readonly IssuerOptions[] {
    return this.#issuers.all();
  }
  sendTo(issuer: string) {
    return oidc.sendTo(this.#parts, this.#issuers, issuer);
  }
  returned(ask: oidc.Returning) {
    return oidc.returned(this.#parts, this.#issuers, ask);
  }
  beginDevice(ask: Parameters<typeof oidc.beginDevice>[2]) {
    return oidc.beginDevice(this.#parts, this.#issuers, ask);
  }
  pollDevice(ask: Parameters<typeof oidc.pollDevice>[2]) {
    return oidc.pollDevice(this.#parts, this.#issuers, ask);
  }

  sessions(actor: Actor): Promise<readonly SessionRow[]> {
    return liveSessions(this.#parts, personOf(actor));
  }
  endSession(actor: Actor, id: string): Promise<void> {
    return endOwnSession(this.#parts, actor, id);
  }
  endSessions(actor: Actor): Promise<number> {
    return endOwnSessions(this.#parts, actor);
  }
  passkeys(actor: Actor): Promise<readonly PasskeyRow[]> {
    return passkeysOf(this.#parts.store.db, personOf(actor));
  }
  passkeyOptions(actor: Actor) {
    return account.furtherPasskeyOptions(this.#parts, actor);
  }
  addPasskey(actor: Actor, wish: Parameters<typeof account.addOwnPasskey>[2]): Promise<PasskeyRow> {
    return account.addOwnPasskey(this.#parts, actor, wish);
  }
  removePasskey(actor: Actor, id: string): Promise<void> {
    return account.removeOwnPasskey(this.#parts, actor, id);
  }
  tokens(actor: Actor): Promise<readonly ApiTokenRow[]> {
    return apiTokensOf(this.#parts.store.db, personOf(actor));
  }
  makeToken(actor: Actor, wish: account.TokenWish) {
    return account.makeToken(this.#parts, actor, wish);
  }
  removeToken(actor: Actor, id: string): Promise<void> {
    return account.removeOwnToken(this.#parts, actor, id);
  }

  users(domain: string, page: Page): Promise<readonly MemberRow[]> {
    return membersOf(this.#parts.store.db, domain, page);
  }
  async user(domain: string, id: string): Promise<MemberRow> {
    const row = await member(this.#parts.store.db, domain, id);
    if (row === undefined) throw notFound('the person');
    return row;
  }
  invite(actor: Actor, invitation: users.Invitation) {
    return users.invite(this.#parts, actor, invitation);
  }
  setRole(actor: Actor, wish: Parameters<typeof users.setRole>[2]): Promise<MemberRow> {
    return users.setRole(this.#parts, actor, wish);
  }
  removeUser(actor: Actor, of: Parameters<typeof users.removeFrom>[2]): Promise<void> {
    return users.removeFrom(this.#parts, actor, of);
  }
  linkFor(actor: Actor, of: Parameters<typeof users.linkFor>[2]): Promise<Link> {
    return users.linkFor(this.#parts, actor, of);
  }
  async sessionsIn(domain: string, page: Page): Promise<readonly MemberSessionRow[]> {
    return sessionsIn(this.#parts.store.db, domain, page);
  }
  isOver(session: SessionRow): boolean {
    return isOver(session, this.#parts.now());
  }
  endSessionIn(actor: Actor, of: Parameters<typeof endSessionIn>[2]): Promise<void> {
    return endSessionIn(this.#parts, actor, of);
  }

  fourEyes(domain: string): Promise<FourEyesState> {
    return fourEyesIn(this.#parts, domain);
  }
  /** Fewer of them are in force only when another owner asks for the same. */
  setFourEyes(actor: Actor, wish: FourEyes & { readonly domain: string }): Promise<FourEyesState> {
    return changeFourEyes(this.#parts, actor, wish);
  }
  /** Whether another approver than the author has to confirm it. `services`: those that its rules speak of, where known. */
  needsSecond(
    domain: string,
    change: { readonly changes: readonly Touched[]; readonly services?: readonly string[] | null },
  ): Promise<boolean> {
    return needsSecond(this.#parts, domain, { changes: change.changes, services: change.services ?? null });
  }
}
