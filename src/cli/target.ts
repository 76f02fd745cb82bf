// Reads the ends and the service that `picket why` is asked about. Only the writing is judged here, never the traffic.

import { type Policy, parseAddress, parseMac } from '#model';
import { EXIT } from './exits.ts';
import { Failure, wrongUsage } from './failure.ts';
import { nearest } from './output/nearest.ts';

/** `TO`, `TO:PORT` or `TO/SERVICE`, taken apart. */
interface Target {
  readonly end: string;
  readonly port: number | null;
  readonly service: string | null;
}

const PORT_MAX = 65_535;

export function parseTarget(text: string): Target {
  if (parseMac(text) !== null || parseAddress(text) !== null) return { end: text, port: null, service: null };
  const bracketed = /^\[([^\]]+)\](?::(.*)|\/(.*))?$/.exec(text);
  if (bracketed !== null) {
    const [, end = '', port, service] = bracketed;
    return { end, port: port === undefined ? null : portOf(port, text), service: service ?? null };
  }
  const slash = text.indexOf('/');
  if (slash >= 0) return { end: text.slice(0, slash), port: null, service: text.slice(slash + 1) };
  const colon = text.lastIndexOf(':');
  if (colon >= 0) return { end: text.slice(0, colon), port: portOf(text.slice(colon + 1), text), service: null };
  return { end: text, port: null, service: null };
}

function portOf(text: string, whole: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= PORT_MAX))
    throw wrongUsage(
      `cannot read the port "${text}" in "${whole}"`,
      'ports go from 0 to 65535; an IPv6 address with a port is written [2001:db8::1]:443',
    );
  return port;
}

/** Checks that an end is an element, an address, a MAC, `internet` or a DNS name; a mistyped element is told its nearest. */
export function checkEnd(policy: Policy, end: string): void {
  const ids = policy.elements.map(({ id }) => id);
  if (ids.includes(end) || end === 'internet') return;
  if (parseAddress(end) !== null || parseMac(end) !== null) return;
  const guess = nearest(end, ids);
  if (guess === null && end.includes('.')) return;
  throw new Failure({
    code: 'PICKET-U004',
    exit: EXIT.notFound,
    message: `the policy has no element "${end}"`,
    help:
      guess === null ? 'write an element id, an address, a MAC, internet or a DNS name' : `did you mean "${guess}"?`,
  });
}

export function checkService(policy: Policy, service: string): void {
  const ids = policy.services.map(({ id }) => id);
  if (ids.includes(service)) return;
  const guess = nearest(service, ids);
  const known = ids.length === 0 ? 'the policy names no service; write TO:PORT' : `it has ${ids.join(', ')}`;
  throw new Failure({
    code: 'PICKET-U004',
    exit: EXIT.notFound,
    message: `the policy has no service "${service}"`,
    help: guess === null ? known : `did you mean "${guess}"?`,
  });
}
