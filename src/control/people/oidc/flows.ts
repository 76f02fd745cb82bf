// Logons at identity providers: authorization code with PKCE for browsers, the device flow for programs. State travels sealed with the browser or the program; nothing is kept here meanwhile.

import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  genericGrantRequest,
  initiateDeviceAuthorization,
  ResponseBodyError,
} from 'openid-client';
import * as z from 'zod';
import { Refusal, type RequestFacts } from '#routes';
import { spendProof } from '#store';
import { attempted } from '../failures.ts';
import type { Parts } from '../parts.ts';
import { hashOf, newSecret } from '../secrets.ts';
import { type Begun, cookie, cookieOf } from '../sessions.ts';
import type { IssuerOptions, Issuers } from './issuer.ts';
import { beginFor, type Claims, noRole } from './person.ts';

/** Time for a person to log on there. */
const LIFE_MS = 10 * 60 * 1_000;
/** A logon there counts for so long; it also makes the provider say when it was. */
const AGE_SECONDS_MAX = 12 * 60 * 60;
const COOKIE = '__Host-picket-oidc';
const POLL_SECONDS_MIN = 5;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const journey = z.strictObject({
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  endsAt: z.number(),
});
const ticket = z.strictObject({ issuer: z.string(), deviceCode: z.string(), endsAt: z.number() });

export interface Sending {
  readonly location: string;
  readonly cookie: string;
}

/** Where to send a browser, and what it has to bring back. */
export async function sendTo(parts: Parts, issuers: Issuers, id: string): Promise<Sending> {
  const issuer = issuers.named(id);
  const config = await issuers.configuration(issuer);
  const [state, nonce, verifier] = [0, 1, 2].map(() => newSecret(parts.random, ''));
  if (state === undefined || nonce === undefined || verifier === undefined) throw new Error('no secrets were made');
  const location = buildAuthorizationUrl(config, {
    redirect_uri: returnUrl(parts, issuer),
    scope: scopeOf(issuer),
    response_type: 'code',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    max_age: String(AGE_SECONDS_MAX),
  });
  const sealed = parts.keyring.seal(
    JSON.stringify({ issuer: id, state, nonce, verifier, endsAt: parts.now() + LIFE_MS }),
    'oidc browser',
    parts.random,
  );
  // Lax: the provider sends the browser back from another site.
  return { location: location.href, cookie: cookie(COOKIE, sealed, LIFE_MS, 'Lax') };
}

export interface Returning {
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly facts: RequestFacts;
}

/** A browser that comes back. What it brings is used once. */
export function returned(parts: Parts, issuers: Issuers, { id, query, facts }: Returning): Promise<Begun> {
  return attempted(parts, { means: 'oidc', facts, account: `oidc ${id}` }, async () => {
    const issuer = issuers.named(id);
    const sealed = parts.keyring.open(cookieOf(facts.cookie, COOKIE) ?? '', 'oidc browser');
    const held = journey.safeParse(jsonOf(sealed));
    if (!held.success || held.data.issuer !== id || held.data.endsAt <= parts.now()) throw noRole();
    const { state, nonce, verifier, endsAt } = held.data;
    if (!(await spendProof(parts.store.db, hashOf(state), endsAt))) throw noRole();
    const config = await issuers.configuration(issuer);
    const url = new URL(returnUrl(parts, issuer));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const tokens = await issuers.answering(
      authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
        maxAge: AGE_SECONDS_MAX,
      }),
    );
    return beginFor(parts, { issuer, claims: claimsOf(tokens.claims()), facts });
  });
}

export function noJourneyCookie(): string {
  return cookie(COOKIE, '', 0, 'Lax');
}

export interface DeviceAsked {
  /** Sealed; the program brings it back with each poll. */
  readonly handle: string;
  readonly code: string;
  readonly page: string;
  readonly intervalSeconds: number;
  readonly endsAt: number;
}

/** A program without a browser begins; the provider gives the code. */
export function beginDevice(
  parts: Parts,
  issuers: Issuers,
  { id, facts }: { readonly id: string; readonly facts: RequestFacts },
): Promise<DeviceAsked> {
  return attempted(parts, { means: 'oidc', facts, account: `oidc ${id}` }, async () => {
    const issuer = issuers.named(id);
    if (issuer.hasDevice === false)
      throw new Refusal({
        code: 'PICKET-C540',
        message: 'this identity provider takes no programs without a browser; nothing was changed',
      });
    const config = await issuers.configuration(issuer);
    const given = await issuers.answering(initiateDeviceAuthorization(config, { scope: scopeOf(issuer) }));
    const endsAt = parts.now() + Math.min(given.expires_in * 1_000, LIFE_MS);
    const kept = JSON.stringify({ issuer: id, deviceCode: given.device_code, endsAt });
    return {
      handle: parts.keyring.seal(kept, 'oidc device', parts.random),
      code: given.user_code,
      page: given.verification_uri_complete ?? given.verification_uri,
      intervalSeconds: Math.max(POLL_SECONDS_MIN, given.interval ?? POLL_SECONDS_MIN),
      endsAt,
    };
  });
}

export type DevicePolled =
  | { readonly state: 'waiting'; readonly intervalSeconds: number }
  | { readonly state: 'denied' }
  | { readonly state: 'granted'; readonly begun: Begun };

export function pollDevice(
  parts: Parts,
  issuers: Issuers,
  { id, handle, facts }: { readonly id: string; readonly handle: string; readonly facts: RequestFacts },
): Promise<DevicePolled> {
  return attempted(parts, { means: 'oidc', facts, account: hashOf(handle) }, async () => {
    const issuer = issuers.named(id);
    const held = ticket.safeParse(jsonOf(parts.keyring.open(handle, 'oidc device')));
    if (!held.success || held.data.issuer !== id || held.data.endsAt <= parts.now()) throw noRole();
    const { deviceCode, endsAt } = held.data;
    const config = await issuers.configuration(issuer);
    const tokens = await issuers.answering(
      genericGrantRequest(config, DEVICE_GRANT, { device_code: deviceCode }).catch(waitingOf),
    );
    if (typeof tokens === 'string')
      return tokens === 'denied' ? { state: 'denied' } : { state: 'waiting', intervalSeconds: POLL_SECONDS_MIN };
    // The provider gives a token once; should it not, this controller still takes it once.
    if (!(await spendProof(parts.store.db, hashOf(deviceCode), endsAt))) throw noRole();
    const begun = await beginFor(parts, { issuer, claims: claimsOf(tokens.claims()), facts, program: 'picket' });
    return { state: 'granted', begun };
  });
}

function waitingOf(error: unknown): 'waiting' | 'denied' {
  if (!(error instanceof ResponseBodyError)) throw error;
  if (error.error === 'authorization_pending' || error.error === 'slow_down') return 'waiting';
  if (error.error === 'access_denied' || error.error === 'expired_token') return 'denied';
  throw error;
}

function claimsOf(claims: Claims | undefined): Claims {
  if (claims === undefined) throw noRole();
  return claims;
}

function scopeOf({ scopes = ['profile'] }: IssuerOptions): string {
  return ['openid', ...scopes].join(' ');
}

function returnUrl({ origin }: Parts, { id }: IssuerOptions): string {
  return `${origin}/v1/login/oidc/${id}/return`;
}

function jsonOf(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
