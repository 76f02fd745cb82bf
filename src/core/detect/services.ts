// Services by what a detector must know of them: those of infrastructure, and those that give control of a host. A convention, never a proof.

import { PROTOCOL } from '#model';

/** Names, leases, time, discovery: clients try several servers, and many never answer. */
const INFRASTRUCTURE = new Set([53, 67, 68, 123, 137, 138, 546, 547, 853, 1_900, 3_702, 5_350, 5_351, 5_353, 5_355]);

/** Where traceroute's datagrams go; its ports count up by design. */
const TRACE = { from: 33_434, to: 33_534 } as const;

/** Shells, remote procedure calls and files, remote desktops, management, and industrial control. */
const CONTROL = new Set([
  22, 23, 102, 135, 139, 445, 502, 2_222, 2_404, 3_389, 4_840, 5_900, 5_985, 5_986, 9_600, 20_000, 44_818, 47_808,
]);

export function isInfrastructure(port: number): boolean {
  return INFRASTRUCTURE.has(port) || (port >= TRACE.from && port <= TRACE.to);
}

/** Whether whoever uses this service can change the host. */
export function givesControl(port: number): boolean {
  return CONTROL.has(port);
}

/** `tcp 502`, `icmp`, `protocol 47`. */
export function serviceText(protocol: number, port: number): string {
  const name = protocolName(protocol);
  return port < 0 ? name : `${name} ${port}`;
}

function protocolName(protocol: number): string {
  for (const [name, number] of Object.entries(PROTOCOL)) if (number === protocol) return name;
  return `protocol ${protocol}`;
}
