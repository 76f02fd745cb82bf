// When this element's certificate is renewed, and with what: a new key each time, proved to the authority, and a leaf that keeps the rules here as well.

import {
  checkLeaf,
  type Leaf,
  leafState,
  parseSpiffeId,
  RevocationIndex,
  readCertificate,
  renewAt,
  renewText,
  verifyPeer,
} from '#identity';
import type { Renewed } from '#wire';
import { bundleOf, chainOf, type Membership } from './membership.ts';
import type { LinkOptions } from './ports.ts';
import { makeKey, type OwnKey, primitives, signWith } from './primitives.ts';
import { LinkError } from './trouble.ts';
import { renewAsleep } from './wake.ts';

/** After a refusal, or no answer. */
const AGAIN_MS = 60_000;
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface RenewRequest {
  readonly spki: string;
  readonly proof: string;
}

export class Renewal {
  readonly #options: Pick<LinkOptions, 'now' | 'random' | 'renewAsleep'>;
  #timer: NodeJS.Timeout | null = null;
  #fresh: OwnKey | null = null;
  #again: () => void = () => {};

  constructor(options: Pick<LinkOptions, 'now' | 'random' | 'renewAsleep'>) {
    this.#options = options;
  }

  /** What the certificate says of itself. */
  leafOf(membership: Membership): Leaf {
    const [first = new Uint8Array()] = chainOf(membership);
    const certificate = readCertificate(first);
    if (certificate.kind === 'refused') throw new LinkError(certificate);
    const { notBefore } = certificate.value;
    // Read at an instant at which it was valid: whether it still is, leafState() says.
    const leaf = checkLeaf(certificate.value, {
      domain: membership.domain,
      kinds: null,
      role: 'client',
      now: notBefore,
    });
    if (leaf.kind === 'refused') throw new LinkError(leaf);
    return leaf.value;
  }

  /** Asks at half of the certificate's life, and again every minute until there is an answer. */
  plan(membership: Membership, ask: (request: RenewRequest) => void): void {
    this.stop();
    const leaf = this.leafOf(membership);
    const at = renewAt(leaf, this.#options.random());
    this.#again = () => {
      ask(this.#request(membership, leaf));
      this.#timer = setTimeout(this.#again, AGAIN_MS);
    };
    this.#timer = setTimeout(this.#again, Math.min(TIMER_MS_MAX, Math.max(0, (at - this.#options.now()) / 1_000)));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  refused(): void {
    this.stop();
    this.#timer = setTimeout(this.#again, AGAIN_MS);
  }

  /** The membership with the new leaf. Throws a `LinkError` where the leaf is not ours, not sound, or not for the key that was made. */
  accept(membership: Membership, renewed: NonNullable<Renewed['leaf']>): Membership {
    const key = this.#fresh;
    if (key === null)
      throw new LinkError({ code: 'PICKET-C665', message: 'a certificate came that was not asked for' });
    const now = this.#options.now();
    const [leaf = new Uint8Array(), ...others] = renewed.chain.map((text) => Buffer.from(text, 'base64'));
    const roots = bundleOf(membership, now).roots.map(({ certificate }) => certificate);
    const revocations = new RevocationIndex({ domain: membership.domain, sequence: 0, entries: [] });
    const question = { domain: membership.domain, kinds: null, role: 'client', now } as const;
    const found = verifyPeer({ leaf, others }, { roots, revocations, primitives }, question);
    if (found.kind === 'refused') throw new LinkError(found);
    const isOurs = found.value.id.text === membership.id && Buffer.from(found.value.key.spki).equals(key.spki);
    if (!isOurs)
      throw new LinkError({
        code: 'PICKET-C665',
        message: 'the certificate that came is for another name or another key',
      });
    this.#fresh = null;
    return { ...membership, leafKey: key.pem, chain: renewed.chain, gate: renewed.gate };
  }

  /** Null where the certificate is not over. */
  async ifOver(membership: Membership): Promise<Membership | null> {
    const leaf = this.leafOf(membership);
    const now = this.#options.now();
    if (leafState(leaf, { now, renewal: leaf.notAfter }) !== 'expired') return null;
    if (membership.renewalKey === null)
      throw new LinkError({
        code: 'PICKET-C661',
        message:
          'the certificate ended while this element was away, and it holds no renewal key; the last good policy stays in force',
        help: 'enrol it anew: picket tokens enrol at the controller, then picket join LINK here',
      });
    const { renewAsleep: asked = (of: Membership) => renewAsleep(of, this.#options.now) } = this.#options;
    return await asked(membership);
  }

  #request(membership: Membership, leaf: Leaf): RenewRequest {
    this.#fresh ??= makeKey();
    const { spki, pem } = this.#fresh;
    const id = parseSpiffeId(membership.id);
    const text = renewText(
      { id: id.kind === 'ok' ? id.value.text : membership.id, spki, fresh: leaf.serial },
      primitives,
    );
    return { spki: Buffer.from(spki).toString('base64'), proof: Buffer.from(signWith(pem, text)).toString('base64') };
  }
}
