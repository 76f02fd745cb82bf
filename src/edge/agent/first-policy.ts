// The policy of a first start: everything is observed, nothing is held, and this machine is an element. Not a proposal: those are learned.

import type { Host } from './host.ts';
import { freeName } from './inbox.ts';

export function firstPolicy(host: Host, timezone: string): string {
  const name = freeName(host.name, new Set());
  const element =
    host.addresses.length === 0
      ? ''
      : `\nelements:\n  ${name}: { kind: server, address: [${host.addresses.map((one) => `"${one}"`).join(', ')}] }\n`;
  return `# Everything is observed and recorded, nothing is blocked.
# Look: picket status. Protect a service of this host: picket protect ssh
picket: 1
timezone: ${isZone(timezone) ? timezone : 'UTC'}
mode: observe
${element}`;
}

/** A zone that the policy's own check takes: an area and a place, or UTC. */
function isZone(timezone: string): boolean {
  return /^[A-Za-z]+(\/[A-Za-z0-9_+-]+)+$/.test(timezone) && timezone.length < 64;
}
