// A world for tests: a real store, ledger and recorder in a folder of its own, a clock that is set by hand, and elements that hold their own keys.

import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolText, fromBase64, fromBase64url, type Presented, renewText } from '#identity';
import { type Doer, openLedger, Recorder, signerOf } from '#ledger';
import { openStore, type Store } from '#store';
import { type Authority, openAuthority } from './authority.ts';
import type { EnrolRequest } from './enrol.ts';
import type { Issued } from './issue.ts';
import { nodePrimitives } from './node-primitives.ts';
import type { AuthorityNotice, AuthorityOptions } from './options.ts';
import type { RenewRequest, WakeRequest } from './renew.ts';
import type { MadeToken, TokenWish } from './tokens.ts';

export const ADA: Doer = { kind: 'person', id: 'u1', name: 'ada' };
export const DOMAIN = 'plant.example';
export const NOON = Date.UTC(2026, 4, 4, 12);
export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface WorldOptions extends Partial<AuthorityOptions> {
  readonly url?: string | null;
  readonly start?: number;
  readonly domains?: readonly string[];
}

export interface World {
  readonly folder: string;
  /** Epoch milliseconds, to be set. */
  readonly clock: { now: number };
  readonly notices: AuthorityNotice[];
  readonly store: Store;
  readonly recorder: Recorder;
  readonly authority: Authority;
  /** What was recorded, by the name of the act. */
  readonly acts: () => Promise<readonly string[]>;
  /** Opens the authority of the same store once more, as a second controller or after a start. */
  readonly again: (more?: Partial<AuthorityOptions>) => Promise<Authority>;
  readonly close: () => Promise<void>;
}

export async function openWorld({
  url = null,
  start = NOON,
  domains = [DOMAIN],
  ...given
}: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'picket-authority-'));
  const clock = { now: start };
  const now = (): number => clock.now;
  const notices: AuthorityNotice[] = [];
  const store = await openStore({ file: join(folder, 'picket.db'), url });
  const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
  const ledger = await openLedger({ folder: join(folder, 'ledger'), now, newId: randomUUID, signer });
  const recorder = await Recorder.open({ store, ledger, now, newId: randomUUID });
  const announce = async (notice: AuthorityNotice): Promise<void> => void notices.push(notice);
  const again = (more: Partial<AuthorityOptions> = {}): Promise<Authority> =>
    openAuthority({
      store,
      recorder,
      now,
      folder: join(folder, 'keys'),
      announce,
      agentAddresses: () => ['127.0.0.1:7444'],
      ...given,
      ...more,
    });
  const authority = await again();
  for (const domain of domains) await authority.establish(domain, ADA);
  const acts = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { act } of ledger.read()) if (domains.includes(act.domain)) names.push(act.action);
    return names;
  };
  const close = async (): Promise<void> => {
    await recorder.close();
    await ledger.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, clock, notices, store, recorder, authority, acts, again, close };
}

export interface OwnKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
}

export function ownKey(kind: 'p256' | 'ed25519' = 'p256'): OwnKey {
  const { privateKey, publicKey } =
    kind === 'p256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return { privateKey, spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) };
}

export function proofBy({ privateKey }: OwnKey, text: Uint8Array): string {
  return sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', text, privateKey).toString('base64');
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export const CAMERA: TokenWish = { kind: 'device', path: 'cam-lobby', isPrefix: false, seconds: 3_600 };

/** What an element does: makes keys, signs, keeps what it is given. */
export class Element {
  key = ownKey();
  readonly renewalKey: OwnKey | null;
  issued: Issued | null = null;

  constructor(hasRenewalKey = true) {
    this.renewalKey = hasRenewalKey ? ownKey() : null;
  }

  enrolRequest(
    made: Pick<MadeToken, 'token' | 'root'>,
    more: { readonly path?: string | null; readonly domain?: string } = {},
  ): EnrolRequest {
    const { path = null, domain = DOMAIN } = more;
    const root = fromBase64url(made.root) ?? new Uint8Array(0);
    const renewalSpki = this.renewalKey?.spki ?? null;
    const text = enrolText({ domain, token: made.token, spki: this.key.spki, renewalSpki, root }, nodePrimitives);
    return {
      domain,
      token: made.token,
      path,
      spki: base64(this.key.spki),
      proof: proofBy(this.key, text),
      renewalSpki: renewalSpki === null ? null : base64(renewalSpki),
      renewalProof: this.renewalKey === null ? null : proofBy(this.renewalKey, text),
      root: made.root,
    };
  }

  async enrol(authority: Authority, wish: TokenWish = CAMERA, path: string | null = null): Promise<Issued> {
    const made = await authority.makeToken(DOMAIN, ADA, wish);
    this.issued = await authority.enrol(this.enrolRequest(made, { path }));
    return this.issued;
  }

  get presented(): Presented {
    const [leaf = new Uint8Array(0), ...others] = (this.issued?.chain ?? []).map(
      (der) => fromBase64(der) ?? new Uint8Array(0),
    );
    return { leaf, others };
  }

  /** A request over mutual TLS for a new key. */
  renewRequest(fresh = this.issued?.serial ?? '', next = ownKey()): RenewRequest & { readonly next: OwnKey } {
    const text = renewText({ id: this.issued?.id ?? '', spki: next.spki, fresh }, nodePrimitives);
    return { spki: base64(next.spki), proof: proofBy(next, text), next };
  }

  wakeRequest(challenge: string, by: OwnKey | null = this.renewalKey): WakeRequest & { readonly next: OwnKey } {
    const id = this.issued?.id ?? '';
    const next = ownKey();
    const text = renewText({ id, spki: next.spki, fresh: challenge }, nodePrimitives);
    return {
      id,
      challenge,
      spki: base64(next.spki),
      proof: proofBy(next, text),
      renewalProof: by === null ? '' : proofBy(by, text),
      next,
    };
  }
}

/** The code that a promise rejects with, or 'ok'. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
    throw error;
  }
}
