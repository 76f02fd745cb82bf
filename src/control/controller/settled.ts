// A configuration together with what this machine is: names, addresses, secrets read from their files. Nothing is opened yet.

import { readFile, stat } from 'node:fs/promises';
import type { Config } from './config.ts';
import { type DataFolder, dataFolder } from './folder.ts';
import { ControllerError, reasonText } from './trouble.ts';

/** What the machine says of itself. */
export interface Machine {
  readonly hostName: string;
  /** Own addresses, without loopback. */
  readonly addresses: readonly string[];
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface Settled {
  readonly config: Config;
  readonly folder: DataFolder;
  /** The first one is the public name. */
  readonly names: readonly string[];
  /** Names and addresses that are answered to. */
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly domain: string;
  readonly listen: Listen;
  readonly agents: Listen;
  /** With the password, or null for the SQLite file. */
  readonly databaseUrl: string | null;
  readonly passphrase: string | null;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
/** A secret is a line. */
const SECRET_BYTES_MAX = 4_096;
const OTHERS_BITS = 0o077;

export async function settle(config: Config, machine: Machine): Promise<Settled> {
  const hostName = plainHost(machine.hostName);
  const names = config.names ?? [hostName];
  return {
    config,
    folder: dataFolder(config.data),
    names,
    hosts: [...new Set([...names, hostName, ...machine.addresses, ...LOOPBACK].map((name) => name.toLowerCase()))],
    addresses: machine.addresses,
    domain: config.domain ?? domainOf(config.names?.[0] ?? hostName),
    listen: listenOf(config.listen),
    agents: listenOf(config.agents),
    databaseUrl: await databaseUrl(config),
    passphrase: config.passphrase === undefined ? null : await secretOf(config.passphrase),
  };
}

function listenOf(text: string): Listen {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

/** What is no host name is called as every machine calls itself. */
function plainHost(name: string): string {
  return /^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,250}[a-zA-Z0-9])?$/.test(name) ? name.toLowerCase() : 'localhost';
}

/** A domain is like a DNS name; addresses are none. */
function domainOf(name: string): string {
  const lower = name.toLowerCase();
  return /^[0-9.]+$/.test(lower) ? 'picket.internal' : lower;
}

/** With the password, or null for the SQLite file. */
export async function databaseUrl({ database }: Config): Promise<string | null> {
  if (database === undefined) return null;
  if (database.password === undefined) return database.url;
  const url = new URL(database.url);
  url.password = encodeURIComponent(await secretOf(database.password));
  return url.href;
}

/** A secret's file without its last line break. Refuses one that others may read. */
export async function secretOf(path: string): Promise<string> {
  try {
    const { mode, size } = await stat(path);
    if ((mode & OTHERS_BITS) !== 0) throw new Error('others may read it');
    if (size > SECRET_BYTES_MAX) throw new Error('it is too long for a secret');
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new ControllerError({
      code: 'PICKET-C806',
      message: `cannot read the secret in "${path}": ${reasonText(error)}; nothing was changed`,
      help: 'it is a file with one line, for the user of the controller alone: chmod 600',
      cause: error,
    });
  }
}
