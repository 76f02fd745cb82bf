// A domain's trust for tests of hub and link: real keys, certificates and signatures, made by the test itself so that each can be made wrong.
// Not the authority, whose own suite is elsewhere.

import { randomBytes } from 'node:crypto';
import { CompactSign } from 'jose';
import type { Member, Refused, RenewRequest, Trust } from '#hub';
import {
  isGateTagRight,
  keyIdOf,
  type Presented,
  parseSpiffeId,
  printBundle,
  type Revocation,
  RevocationIndex,
  type RevocationList,
  readCertificate,
  readGateName,
  verifyPeer,
} from '#identity';
import type { Membership } from '#link';
import { HOUR, type Instant, MINUTE } from '#model';
import type { Renewed } from '#wire';
import { Kit, type LeafWishes, newKeys, nodePrimitives } from '../../src/core/identity/certificates.testing.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${(base64(der).match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

export const now = (): Instant => Date.now() * 1_000;

/** Wishes of a leaf that is good now. */
export function good(): LeafWishes {
  return { notBefore: now() - MINUTE, notAfter: now() + HOUR };
}

export class TestDomain {
  readonly kit: Kit;
  readonly policyKeys = newKeys();
  readonly gateKeys = new Map<string, Buffer>();
  revocations: readonly Revocation[] = [];
  revocationSequence = 0;
  readonly #server: ReturnType<typeof newKeys> = newKeys();

  constructor(readonlyDomain: string) {
    this.kit = new Kit(readonlyDomain);
    const wishes: LeafWishes = { notBefore: now() - HOUR, notAfter: now() + 24 * HOUR };
    const root = this.kit.issuer({ pathLength: 1, keys: this.kit.rootKeys, subject: 'root', wishes });
    const issuing = this.kit.issuer({ pathLength: 0, keys: this.kit.issuingKeys, subject: 'issuing', wishes });
    Object.assign(this.kit, { root, issuing });
  }

  get name(): string {
    return this.kit.domain;
  }

  get list(): RevocationList {
    return { domain: this.name, sequence: this.revocationSequence, entries: this.revocations };
  }

  revoke(kind: Revocation['kind'], value: string): void {
    this.revocations = [...this.revocations, { kind, value, until: now() + HOUR }];
    this.revocationSequence += 1;
  }

  get bundle(): Readonly<Record<string, unknown>> {
    const root = readCertificate(this.kit.root);
    if (root.kind === 'refused') throw new Error(root.message);
    const keyId = (spki: Uint8Array): string => keyIdOf(spki, nodePrimitives);
    return printBundle({
      domain: this.name,
      sequence: 1,
      roots: [{ certificate: root.value, keyId: keyId(this.kit.rootKeys.spki), endorsement: null }],
      policyKeys: [{ keyId: keyId(this.policyKeys.spki), spki: this.policyKeys.spki }],
    });
  }

  newGate(): { readonly pseudonym: string; readonly key: string } {
    const pseudonym = [...randomBytes(16)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
    const key = randomBytes(32);
    this.gateKeys.set(pseudonym, key);
    return { pseudonym, key: base64(key) };
  }

  /** An element as it is right after it joined. */
  member(
    path: string,
    { addresses, wishes = good() }: { addresses: readonly string[]; wishes?: LeafWishes },
  ): Membership {
    const keys = wishes.keys ?? newKeys();
    const id = wishes.id ?? `spiffe://${this.name}/${path}`;
    return {
      schema: 'picket.membership/v1',
      domain: this.name,
      id,
      origin: 'https://127.0.0.1:1',
      addresses,
      leafKey: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      chain: [this.kit.leaf({ ...wishes, keys, id }), this.kit.issuing, this.kit.root].map(base64),
      renewalKey: null,
      gate: this.newGate(),
      bundle: this.bundle,
      joinedMs: Date.now(),
    };
  }

  server(): { readonly key: string; readonly cert: string; readonly ca: readonly string[] } {
    const leaf = this.kit.leaf({ ...good(), keys: this.#server, id: `spiffe://${this.name}/controller/main` });
    return {
      key: this.#server.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      cert: [leaf, this.kit.issuing, this.kit.root].map(pem).join(''),
      ca: [pem(this.kit.root)],
    };
  }

  sign(typ: string, payload: object, keys = this.policyKeys): Promise<string> {
    const kid = keyIdOf(this.policyKeys.spki, nodePrimitives);
    return new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'ES256', typ, kid })
      .sign(keys.privateKey);
  }
}

/** The hub's trust over some domains. */
export class TestTrust implements Trust {
  readonly #domains: ReadonlyMap<string, TestDomain>;

  constructor(domains: readonly TestDomain[]) {
    this.#domains = new Map(domains.map((domain) => [domain.name, domain]));
  }

  async domainOf(serverName: string): Promise<string | null> {
    const name = readGateName(serverName);
    if (name === null) return null;
    for (const domain of this.#domains.values()) {
      const key = domain.gateKeys.get(name.pseudonym);
      if (key !== undefined && isGateTagRight({ key, name, now: now() }, nodePrimitives)) return domain.name;
    }
    return null;
  }

  async server(domain: string) {
    return this.#of(domain).server();
  }

  async judge(domain: string, presented: Presented): Promise<Member | Refused> {
    const question = { domain, kinds: null, role: 'client', now: now() } as const;
    const of = this.#of(domain);
    const leaf = verifyPeer(presented, of.kit.trust(new RevocationIndex(of.list)), question);
    if (leaf.kind === 'refused') return { code: leaf.code, message: leaf.message };
    const { id, serial, notAfter } = leaf.value;
    return { domain, id: id.text, agent: `${id.kind}/${id.path}`, serial, cutAtMs: Math.floor(notAfter / 1_000) };
  }

  isRevoked({ domain, id, serial }: Member): boolean {
    const parsed = parseSpiffeId(id);
    const index = new RevocationIndex(this.#of(domain).list);
    return parsed.kind === 'ok' && index.find({ id: parsed.value, serial, issuerKeyId: '' }) !== null;
  }

  async noticed(): Promise<void> {}

  async revocations(domain: string): Promise<RevocationList> {
    return this.#of(domain).list;
  }

  async policyKey(domain: string): Promise<string> {
    return keyIdOf(this.#of(domain).policyKeys.spki, nodePrimitives);
  }

  sign(domain: string, { typ, payload }: { readonly typ: string; readonly payload: object }): Promise<string> {
    return this.#of(domain).sign(typ, payload);
  }

  async renew({ domain, id }: Member, { spki }: RenewRequest): Promise<NonNullable<Renewed['leaf']> | Refused> {
    const of = this.#of(domain);
    const keys = { ...newKeys(), spki: Buffer.from(spki, 'base64') };
    const leaf = of.kit.leaf({ ...good(), keys, id });
    return { chain: [leaf, of.kit.issuing, of.kit.root].map(base64), gate: of.newGate() };
  }

  async bundle(domain: string): Promise<{ readonly sequence: number; readonly document: string }> {
    return { sequence: 1, document: JSON.stringify(this.#of(domain).bundle) };
  }

  #of(name: string): TestDomain {
    const domain = this.#domains.get(name);
    if (domain === undefined) throw new Error(`no domain ${name}`);
    return domain;
  }
}
