// The policy of a first start: everything is observed, nothing is held, and this machine is an element. Not a proposal: those are learned.

import { freeName } from './names.ts';

export interface FirstPolicy {
  /** What the machine calls itself. */
  readonly name: string;
  /** Its own addresses, as texts. */
  readonly addresses: readonly string[];
  readonly timezone: string;
}

export function firstPolicy({ name, addresses, timezone }: FirstPolicy): string {
  const id = freeName(name, new Set());
  const list = addresses.map((one) => `"${one}"`).join(', ');
  const elements = addresses.length === 0 ? '' : `\nelements:\n  ${id}: { kind: server, address: [${list}] }\n`;
  return `# Everything is observed and recorded, nothing is blocked.
# Look: picket status. Protect a service of this host: picket protect ssh
picket: 1
timezone: ${isZone(timezone) ? timezone : 'UTC'}
mode: observe
${elements}`;
}

/** An area and a place; anything else is UTC. The checker knows the zones themselves. */
function isZone(timezone: string): boolean {
  return /^[A-Za-z]+(\/[A-Za-z0-9_+-]+)+$/.test(timezone) && timezone.length < ZONE_CHARS_MAX;
}

const ZONE_CHARS_MAX = 64;
