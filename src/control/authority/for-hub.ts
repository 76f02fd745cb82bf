// What the agents' port needs of the authority, in the form in which its hub asks: who a peer is, who is revoked, the server's own certificate.
// Not the port itself, which does not know the authority.

import { cutAt, type IdentityKind, type Leaf, type Presented } from '#identity';
import type { Authority } from './authority.ts';
import { pemOf, type ServerCertificate } from './own-certificate.ts';
import type { StatementType } from './policy-signer.ts';
import type { RenewRequest } from './renew.ts';
import { AuthorityError } from './trouble.ts';

/** Kinds that run an agent. */
const AGENT_KINDS: readonly IdentityKind[] = [
  'gateway',
  'host',
  'server',
  'instance',
  'device',
  'relay',
  'service',
  'model',
];

export interface HubMember {
  readonly domain: string;
  readonly id: string;
  /** Kind and path. */
  readonly agent: string;
  readonly serial: string;
  readonly cutAtMs: number;
}

interface Refused {
  readonly code: string;
  readonly message: string;
}

export interface ForHubOptions {
  readonly authority: Authority;
  /** Name of this controller among its peers, as in an identity's path. */
  readonly name: string;
  readonly now: () => number;
}

/** Own certificates that are held: one a domain. */
const SERVERS_MAX = 1_000;

export class ForHub {
  readonly #options: ForHubOptions;
  readonly #servers = new Map<string, ServerCertificate>();
  /** The leaf behind each member that was let in. */
  readonly #leaves = new WeakMap<HubMember, Leaf>();

  constructor(options: ForHubOptions) {
    this.#options = options;
  }

  /** The domain whose member made this server name; strangers cost a hash and no look into the database. */
  async domainOf(serverName: string): Promise<string | null> {
    const { authority } = this.#options;
    const pseudonym = authority.checkGate(serverName);
    return pseudonym === null ? null : ((await authority.whoseGate(pseudonym))?.domain ?? null);
  }

  /** This controller's certificate in the domain, renewed at half of its life, and the roots that members' leaves lead to. */
  async server(
    domain: string,
  ): Promise<{ readonly key: string; readonly cert: string; readonly ca: readonly string[] }> {
    const { authority, name, now } = this.#options;
    const known = this.#servers.get(domain);
    const isFresh = known !== undefined && now() < (known.notBefore + known.notAfter) / 2;
    const own = isFresh ? known : await authority.ownCertificate({ domain, name, hosts: [] });
    if (this.#servers.size >= SERVERS_MAX) this.#servers.clear();
    this.#servers.set(domain, own);
    const { bundle } = await authority.trust(domain);
    const ca = bundle.roots.map(({ certificate }) => pemOf([Buffer.from(certificate.der).toString('base64')]));
    return { key: own.key, cert: own.chain, ca };
  }

  async judge(domain: string, presented: Presented): Promise<HubMember | Refused> {
    const leaf = await this.#options.authority.check(presented, { domain, kinds: AGENT_KINDS, role: 'client' });
    if (leaf.kind === 'refused') return { code: leaf.code, message: leaf.message };
    const { id, serial } = leaf.value;
    const member = { domain, id: id.text, agent: `${id.kind}/${id.path}`, serial, cutAtMs: cutAt(leaf.value) / 1_000 };
    this.#leaves.set(member, leaf.value);
    return member;
  }

  noticed(domain: string): Promise<void> {
    return this.#options.authority.noticed({ domain });
  }

  /** By the newest list that is known; whoever was not let in here is. */
  isRevoked(member: HubMember): boolean {
    const leaf = this.#leaves.get(member);
    return leaf === undefined || this.#options.authority.isRevoked(leaf);
  }

  async revocations(domain: string) {
    return (await this.#options.authority.trust(domain)).list;
  }

  async policyKey(domain: string): Promise<string> {
    return (await this.#options.authority.signer(domain)).keyId;
  }

  async sign(domain: string, { typ, payload }: { readonly typ: string; readonly payload: object }): Promise<string> {
    if (!isStatementType(typ))
      throw new AuthorityError({ code: 'PICKET-C350', message: `"${typ}" is no type of a statement` });
    const signer = await this.#options.authority.signer(domain);
    return signer.sign(typ, { ...payload });
  }

  async renew(member: HubMember, request: RenewRequest) {
    const leaf = this.#leaves.get(member);
    if (leaf === undefined)
      return { code: 'PICKET-C307', message: 'the connection is not of a member that was let in here' };
    try {
      const { chain, gate } = await this.#options.authority.renew(leaf, request);
      return { chain: [...chain], gate };
    } catch (error) {
      if (!(error instanceof AuthorityError)) throw error;
      return { code: error.code, message: error.message };
    }
  }

  async bundleConfirmed({ domain, id }: HubMember, sequence: number): Promise<void> {
    await this.#options.authority.confirmBundle(domain, id, sequence);
  }

  async bundle(domain: string): Promise<{ readonly sequence: number; readonly document: string }> {
    const document = await this.#options.authority.bundleDocument(domain);
    return { sequence: document.spiffe_sequence, document: JSON.stringify(document) };
  }
}

function isStatementType(typ: string): typ is StatementType {
  return /^picket-[a-z]+\+jwt$/.test(typ);
}
