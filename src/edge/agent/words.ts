// Protocols as words. Not services: what a person types for one is in the policy room.

import { PROTOCOL } from '#model';

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(PROTOCOL).map(([name, number]) => [number, name]));

export function protocolText(protocol: number): string {
  return NAMES.get(protocol) ?? String(protocol);
}
