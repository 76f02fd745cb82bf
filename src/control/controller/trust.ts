// The authority of this controller's domains, kept in step with other controllers; and the certificate of the port for people, made by it and renewed.

import { type Authority, type AuthorityOptions, openAuthority } from '#authority';
import { allDomains } from '#store';
import type { Base, Outside } from './base.ts';
import { Held, type HeldCertificate, validityOf } from './certificate.ts';
import type { Closers } from './closers.ts';
import type { Config } from './config.ts';
import type { Settled } from './settled.ts';

/** Issuing certificates are made anew at half of their thirty days; an hour late is early enough. */
const TEND_MS = 3_600_000;
/** Names and addresses in one certificate. */
const HOSTS_MAX = 32;
const LOOK_MS = 60_000;

interface Trusting {
  readonly base: Base;
  readonly settled: Settled;
  readonly outside: Outside;
  /** `host:port` of the agents' ports. */
  readonly agentAddresses: () => readonly string[];
}

export async function openTrust(trusting: Trusting, closers: Closers): Promise<Authority> {
  const { base, settled, outside, agentAddresses } = trusting;
  const { store, recorder, bus } = base;
  const { folder, passphrase } = settled;
  const trouble = (error: unknown): void => outside.log.error({ error }, 'the authority could not do what is due');
  const authority = await openAuthority({
    store,
    recorder,
    now: outside.now,
    folder: folder.authority,
    ...(passphrase === null ? {} : { rootPassphrase: passphrase, seal: { kind: 'passphrase', passphrase } }),
    agentAddresses,
    leafSeconds: secondsOf(settled.config.certificateMinutes ?? {}),
    announce: ({ domain, what, sequence }) =>
      bus.publish('identities', { domain, what, sequence }).catch((error: unknown) => trouble(error)),
  });
  closers.add(
    bus.subscribe('identities', (message) => {
      const { domain } = message.kind === 'told' ? message.payload : {};
      if (typeof domain === 'string') authority.noticed({ domain }).catch(trouble);
      // What was not heard may have been a revocation.
      else if (message.kind === 'lost') noticedAll(store, authority).catch(trouble);
    }),
  );
  const timer = setInterval(() => void authority.tend().catch(trouble), TEND_MS);
  closers.add(() => clearInterval(timer));
  return authority;
}

async function noticedAll(store: Base['store'], authority: Authority): Promise<void> {
  for (const { id } of await allDomains(store.db)) await authority.noticed({ domain: id });
}

function secondsOf(minutes: NonNullable<Config['certificateMinutes']>): NonNullable<AuthorityOptions['leafSeconds']> {
  const stated = Object.entries(minutes).flatMap(([kind, count]) =>
    count === undefined ? [] : [[kind, count * 60] as const],
  );
  return Object.fromEntries(stated);
}

interface Own {
  readonly authority: Authority;
  readonly domain: string;
  /** Of this controller among its peers. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
}

/** Made anew at each start, and at half of its life. */
export async function ownCertificate({
  authority,
  domain,
  name,
  hosts,
  now,
  onTrouble,
}: Own): Promise<HeldCertificate> {
  const make = () => authority.ownCertificate({ domain, name, hosts: hosts.slice(0, HOSTS_MAX) });
  const held = new Held(await make());
  const timer = setInterval(() => {
    const { fromMs, untilMs } = validityOf(held.current);
    if (now() < (fromMs + untilMs) / 2) return;
    make()
      .then((next) => held.replace(next))
      .catch(onTrouble);
  }, LOOK_MS);
  return {
    current: () => held.current,
    onChange: (changed) => held.onChange(changed),
    validity: () => validityOf(held.current),
    authority: () => rootOf(held.current.chain),
    close: () => clearInterval(timer),
  };
}

/** The chain ends with the root. */
function rootOf(chain: string): string {
  return chain.slice(chain.lastIndexOf('-----BEGIN CERTIFICATE-----'));
}
