// This machine's own addresses and MACs, as `ip` tells them: by them it is an element, and known as the answerer for others. Not its services.

import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { type Mac, parseAddress, parseMac } from '#model';

export interface Host {
  readonly name: string;
  /** Those that others reach it by: neither loopback nor link-local. */
  readonly addresses: readonly string[];
  readonly macs: ReadonlySet<Mac>;
}

const TOOL_MS_MAX = 10_000;
const PRINTED_BYTES_MAX = 16 * 1_024 * 1_024;
/** Addresses that one element may have; a machine with more is a router whose rules name prefixes. */
const ADDRESSES_MAX = 64;

/** Without `ip` nothing is known of the machine but its name. */
export async function hostOf(prefix: readonly string[]): Promise<Host> {
  const [program = 'ip', ...words] = [...prefix, 'ip', '-o', 'address', 'show'];
  const addresses = await print(program, words);
  const [linkProgram = 'ip', ...linkWords] = [...prefix, 'ip', '-o', 'link', 'show'];
  const links = await print(linkProgram, linkWords);
  return { name: hostname(), addresses: ownAddresses(addresses), macs: ownMacs(links) };
}

function print(program: string, words: readonly string[]): Promise<string> {
  return promisify(execFile)(program, [...words], { timeout: TOOL_MS_MAX, maxBuffer: PRINTED_BYTES_MAX }).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** `2: eth0    inet 192.0.2.7/24 brd … scope global eth0` */
export function ownAddresses(text: string): readonly string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const address = /^\d+: \S+ +inet6? ([0-9a-f.:]+)/.exec(line)?.[1];
    if (address === undefined || !/ scope (global|site)/.test(line) || parseAddress(address) === null) continue;
    if (!found.includes(address) && found.length < ADDRESSES_MAX) found.push(address);
  }
  return found;
}

/** `2: eth0: <…> … link/ether 02:00:00:00:00:01 brd …` */
export function ownMacs(text: string): ReadonlySet<Mac> {
  const macs = new Set<Mac>();
  for (const [, mac = ''] of text.matchAll(/ link\/ether ([0-9a-f:]{17})/g)) {
    const parsed = parseMac(mac);
    if (parsed !== null) macs.add(parsed);
  }
  return macs;
}
