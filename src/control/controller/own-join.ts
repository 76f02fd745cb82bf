// A link by which the agent of this machine joins: made at the start where it is asked for, for one name, in a file that only the owner of the data folder can read.
// Whoever may read that folder holds the domain's root key anyway.

import { writeFile } from 'node:fs/promises';
import type { Authority } from '#authority';
import { SYSTEM } from '#service';
import type { Running } from './running.ts';
import type { Listen, Settled } from './settled.ts';

/** Longer than the slowest start of an agent; a link that lies about longer is of no use to anybody. */
const LIFE_SECONDS = 300;
const MODE = 0o600;
const NAME_CHARS_MAX = 63;

export interface OwnJoin {
  readonly schema: 'picket.own-join/v1';
  readonly origin: string;
  /** `host:port` of the agents' port, as this machine reaches it whatever its name resolves to. */
  readonly agents: string;
  readonly domain: string;
  readonly token: string;
  readonly root: string;
}

interface Telling {
  readonly authority: Authority;
  readonly settled: Settled;
  readonly hostName: string;
  readonly running: Pick<Running, 'port' | 'agentsPort' | 'domains'>;
}

export async function tellOwnJoin({ authority, settled, hostName, running }: Telling): Promise<void> {
  const { port, agentsPort, domains } = running;
  const domain = domains[0] ?? settled.domain;
  const wish = { kind: 'host', path: pathOf(hostName), isPrefix: false, seconds: LIFE_SECONDS };
  const { token, root } = await authority.makeToken(domain, SYSTEM, wish);
  const own: OwnJoin = {
    schema: 'picket.own-join/v1',
    origin: `https://${originHost(settled)}:${port}`,
    agents: `${nearHost(settled.agents)}:${agentsPort}`,
    domain,
    token,
    root,
  };
  await writeFile(settled.folder.ownJoin, `${JSON.stringify(own)}\n`, { mode: MODE });
}

/** A certificate that was given is for the public name alone. */
function originHost({ config, names, listen }: Settled): string {
  return config.certificate === undefined ? nearHost(listen) : (names[0] ?? 'localhost');
}

function nearHost({ host }: Listen): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** A host's name as the path of an identity. */
function pathOf(name: string): string {
  const path = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, NAME_CHARS_MAX);
  return path === '' ? 'this-host' : path;
}
