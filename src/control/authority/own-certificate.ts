// Certificates of the controller itself: for the agents' port, and for the HTTPS port with names of the host. Keys are made here and live in memory.

import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { spiffeId } from '#identity';
import type { Context } from './context.ts';
import { checkNotRevoked } from './enrol.ts';
import { freshKeys } from './establish.ts';
import { draftLeaf } from './issue.ts';
import { activeKey } from './keys.ts';
import { SYSTEM } from './options.ts';
import { AuthorityError, refusedBy } from './trouble.ts';

/** PEM, as TLS takes it. */
export interface ServerCertificate {
  readonly key: string;
  /** Leaf, issuing certificate and root: the root is sent along so that it can be compared with a join link. */
  readonly chain: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface OwnWish {
  readonly domain: string;
  /** Of the controller among its peers, as in an identity's path. */
  readonly name: string;
  /** Names and addresses by which browsers and commands reach it; none for the agents' port. */
  readonly hosts: readonly string[];
}

/** Names in one certificate: what a host with several interfaces has. */
const HOSTS_MAX = 32;
const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

export async function ownCertificate(context: Context, { domain, name, hosts }: OwnWish): Promise<ServerCertificate> {
  const id = spiffeId({ domain, kind: 'controller', path: name });
  if (id.kind === 'refused') throw refusedBy(id);
  await checkNotRevoked(context.store.db, id.value);
  const keys = await freshKeys(context, domain, SYSTEM);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const { issued, keep } = await draftLeaf(context, { keys, id: id.value, spki, hosts: hostsOf(hosts) });
  await context.recorder.perform(SYSTEM, async (db, note) => {
    await keep(db);
    note({ action: 'controller.certificate', subject: issued.id, domain, detail: { serial: issued.serial } });
  });
  const issuing = activeKey(keys, 'issuing');
  const root = keys.rows.find((row) => row.id === issuing.signed_by)?.certificate ?? '';
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    chain: pemOf([...issued.chain, root]),
    notBefore: issued.notBefore,
    notAfter: issued.notAfter,
  };
}

function hostsOf(hosts: readonly string[]) {
  const lower = [...new Set(hosts.map((host) => host.toLowerCase()))];
  const strange = lower.find((host) => isIP(host) === 0 && !HOST_NAME.test(host));
  if (strange !== undefined || lower.length > HOSTS_MAX)
    throw new AuthorityError({
      code: 'PICKET-C349',
      message: `the names of this host cannot stand in a certificate: ${strange === undefined ? `${lower.length} names` : JSON.stringify(strange.slice(0, 80))}; needed are at most ${HOSTS_MAX} host names or addresses`,
    });
  return { dns: lower.filter((host) => isIP(host) === 0), ips: lower.filter((host) => isIP(host) !== 0) };
}

/** DER in base64 as PEM, one after the other. */
export function pemOf(chain: readonly string[]): string {
  return chain
    .map((der) => `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`)
    .join('');
}

/** A certificate that was given as files: key and certificate have to belong together and be valid now. */
export function givenCertificate({
  key,
  chain,
  now,
}: {
  readonly key: string;
  readonly chain: string;
  readonly now: number;
}): ServerCertificate {
  const read = readGiven(key, chain);
  if (read === null) throw given('it cannot be read as PEM, or key and certificate do not belong together');
  const { validFrom, validTo } = read;
  const [notBefore, notAfter] = [Date.parse(validFrom), Date.parse(validTo)];
  if (now < notBefore || now >= notAfter) throw given(`it is valid from ${validFrom} to ${validTo} only`);
  return { key, chain, notBefore, notAfter };
}

function readGiven(key: string, chain: string): X509Certificate | null {
  try {
    const certificate = new X509Certificate(chain);
    const own = createPublicKey(createPrivateKey(key)).export({ format: 'der', type: 'spki' });
    return own.equals(certificate.publicKey.export({ format: 'der', type: 'spki' })) ? certificate : null;
  } catch {
    return null;
  }
}

function given(why: string): AuthorityError {
  return new AuthorityError({
    code: 'PICKET-C349',
    message: `the certificate that was given for the HTTPS port cannot be used: ${why}`,
    help: 'give both files in PEM, the certificate first in its file, or none: the authority then makes one',
  });
}
