// Door of the observation room: what this host or gateway sees, live.
// In: the kernel's tools as child processes, the files of /proc. Out: packets, names, flows, verdict records, neighbours, facts of this host,
// and counts of what was lost. Never: a change of the system, a verdict of its own, a packet.

export * from './facts.ts';
export {
  type HostConnection,
  type HostFacts,
  type HostFactsOptions,
  type HostListener,
  type HostProgram,
  hostFacts,
} from './host-facts.ts';
export type { Interface, InterfaceAddress } from './interfaces.ts';
export { Observer, type ObserverOptions } from './observer.ts';
export type { Route } from './sockets.ts';
