// Issues one leaf: certificate, name at the gate, rows. Whether it may be issued is decided by enrolment and renewal.

import { randomBytes } from 'node:crypto';
import {
  BACKDATED,
  type BundleDocument,
  base32,
  base64,
  LEAF_LIFE,
  PSEUDONYM_BYTES,
  printBundle,
  RevocationIndex,
  readBundle,
  type SpiffeId,
  verifyPeer,
} from '#identity';
import { SECOND } from '#model';
import { addGateName, addLeaf, type Db } from '#store';
import { type Context, instantOfMs, msOfInstant } from './context.ts';
import { gateKeyOf } from './gatekeeper.ts';
import { activeKey, bundleOf, bytesOf, type DomainKeys, openKey } from './keys.ts';
import { AuthorityError } from './trouble.ts';
import { type HostNames, NO_HOSTS } from './x509.ts';

/** Everything an element needs to be known until its next renewal. Bytes are base64, times epoch milliseconds. */
export interface Issued {
  readonly id: string;
  readonly serial: string;
  /** Leaf first, then the issuing certificate. The root is in the bundle. */
  readonly chain: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  /** A SPIFFE bundle document. */
  readonly bundle: BundleDocument;
  /** By which the gate of the agents' port opens. */
  readonly gate: { readonly pseudonym: string; readonly key: string };
  /** `host:port` of the agents' port of each controller. */
  readonly agents: readonly string[];
  /** The controller's clock, so that a wrong one is seen at once. */
  readonly now: number;
}

/** A leaf that was made, with the rows that belong to it. Nothing is kept before `keep` has run. */
export interface Draft {
  readonly issued: Issued;
  keep(db: Db): Promise<void>;
}

interface LeafOrder {
  readonly keys: DomainKeys;
  readonly id: SpiffeId;
  readonly spki: Uint8Array;
  readonly hosts?: HostNames;
}

export async function draftLeaf(context: Context, { keys, id, spki, hosts = NO_HOSTS }: LeafOrder): Promise<Draft> {
  const issuing = activeKey(keys, 'issuing');
  const now = instantOfMs(context.now());
  const notBefore = now - BACKDATED;
  const notAfter = Math.min(now + lifeOf(context, id), instantOfMs(issuing.not_after ?? 0));
  const by = openKey(context, issuing);
  const { der, serial } = await context.maker.makeLeaf({ id: id.text, spki, by, hosts, notBefore, notAfter });
  checkOwn(context, { keys, der, issuing: bytesOf(issuing.certificate), id });
  const pseudonym = base32(randomBytes(PSEUDONYM_BYTES));
  const { domain } = keys;
  const issued: Issued = {
    id: id.text,
    serial,
    chain: [base64(der), issuing.certificate ?? ''],
    notBefore: msOfInstant(notBefore),
    notAfter: msOfInstant(notAfter),
    bundle: printBundle(bundleOf(keys)),
    gate: { pseudonym, key: base64(gateKeyOf(context, pseudonym)) },
    agents: context.agentAddresses(),
    now: context.now(),
  };
  const keep = async (db: Db): Promise<void> => {
    const { notBefore: not_before, notAfter: not_after } = issued;
    await addLeaf(db, { domain, serial, identity: id.text, issuer_key: issuing.id, not_before, not_after });
    await addGateName(db, { pseudonym, domain, identity: id.text, expires_at: not_after });
  };
  return { issued, keep };
}

function lifeOf({ leafSeconds }: Context, { kind }: SpiffeId): number {
  const wished = leafSeconds?.[kind];
  return wished === undefined ? LEAF_LIFE[kind] : Math.min(LEAF_LIFE[kind], wished * SECOND);
}

/** INVARIANT: nothing leaves that a peer would refuse. The verifier is the one that agents use. */
function checkOwn(
  context: Context,
  {
    keys,
    der,
    issuing,
    id,
  }: { readonly keys: DomainKeys; readonly der: Uint8Array; readonly issuing: Uint8Array; readonly id: SpiffeId },
): void {
  const now = instantOfMs(context.now());
  const bundle = readBundle(printBundle(bundleOf(keys)), { now, primitives: context.primitives });
  if (bundle.kind === 'refused') throw bad(bundle.message);
  const trust = {
    roots: bundle.value.roots.map(({ certificate }) => certificate),
    revocations: new RevocationIndex({ domain: keys.domain, sequence: 0, entries: [] }),
    primitives: context.primitives,
  };
  const question = { domain: keys.domain, kinds: [id.kind], role: 'client', now } as const;
  const leaf = verifyPeer({ leaf: der, others: [issuing] }, trust, question);
  if (leaf.kind === 'refused') throw bad(leaf.message);
}

function bad(why: string): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C344',
    message: `the authority would issue a certificate that nobody accepts (${why}); it was not issued`,
    help: 'look at the clock of this machine, and at picket authority show',
  });
}
