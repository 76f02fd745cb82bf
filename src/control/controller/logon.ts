// Who may log on to this controller: its people room, with the identity providers of the configuration; and the link of a first start.

import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { type IssuerOptions, People } from '#people';
import type { Base, Outside } from './base.ts';
import type { Closers } from './closers.ts';
import { type Config, issuerId } from './config.ts';
import type { ReportTelling } from './report-telling.ts';
import { type Settled, secretOf } from './settled.ts';
import { ControllerError, reasonText } from './trouble.ts';

/** Sessions and links that are over are taken away this often. */
const SWEEP_MS = 60_000;
const MODE = 0o600;

interface Opening {
  readonly base: Base;
  readonly settled: Settled;
  readonly outside: Outside;
  /** Where browsers reach this controller. */
  readonly origin: string;
  readonly reportTelling: Pick<ReportTelling, 'logonFailed'>;
}

export async function openPeople(
  { base, settled, outside, origin, reportTelling }: Opening,
  closers: Closers,
): Promise<People> {
  const people = await People.open({
    store: base.store,
    recorder: base.recorder,
    now: outside.now,
    random: (bytes) => randomBytes(bytes),
    publicName: settled.names[0] ?? 'localhost',
    origin,
    issuers: await Promise.all(settled.config.oidc.map(issuerOf)),
    logonFailed: (failure) => reportTelling.logonFailed(failure),
    trouble: (error) => outside.log.warn({ error }, 'an identity provider cannot be used'),
  });
  const timer = setInterval(() => {
    people.sweep().catch((error: unknown) => outside.log.warn({ error }, 'what is over could not be taken away'));
  }, SWEEP_MS);
  closers.add(() => clearInterval(timer));
  return people;
}

async function issuerOf(issuer: Config['oidc'][number], at: number): Promise<IssuerOptions> {
  const { client, secret, scopes, origins, authority, device, claim, roles } = issuer;
  return {
    id: issuerId(issuer, at),
    name: issuer.name ?? new URL(issuer.issuer).host,
    issuer: issuer.issuer,
    clientId: client,
    clientSecret: secret === undefined ? null : await secretOf(secret),
    scopes,
    origins,
    authority: authority === undefined ? null : await authorityIn(authority),
    hasDevice: device,
    claim,
    roles,
  };
}

async function authorityIn(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    throw new Error('it is no certificate in PEM');
  } catch (error) {
    throw new ControllerError({
      code: 'PICKET-C820',
      message: `cannot use the authority of an identity provider in "${file}": ${reasonText(error)}; nothing was changed`,
      help: 'name a PEM file that the user of the controller may read, or leave "authority" out',
      cause: error,
    });
  }
}

/** Writes the link for the first owner where there is none yet; only whoever may read the data folder sees it. Null where there is an owner. */
export async function tellFirstLink(people: People, path: string): Promise<string | null> {
  const link = await people.firstLink();
  if (link === null) {
    await rm(path, { force: true });
    return null;
  }
  await writeFile(path, `${link.page}\n`, { mode: MODE });
  return link.page;
}
