// Link-local multicast name resolution: whether a message is of it. Its questions and answers are read by dns.ts, whose format it shares.
// Source: RFC 4795. Nothing of it binds a name to an address for policy: on the local link anyone may answer.

import type { Span } from './decoder.ts';
import { hasPlausibleDnsHeader, LLMNR_PORT } from './dns.ts';

export function isLlmnr({ data, from, to, sourcePort, destinationPort, isTcp }: Span): boolean {
  const hasPort = sourcePort === LLMNR_PORT || destinationPort === LLMNR_PORT;
  return !isTcp && hasPort && hasPlausibleDnsHeader(data, from, to);
}
