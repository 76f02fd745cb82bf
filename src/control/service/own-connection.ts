// Whether a policy would deny the connection over which somebody works with this controller. Judged as an opening, which is harder than what lives already.

import { ask } from '#engine';
import { emptyQuestion, type Instant, type Policy, PROTOCOL } from '#model';

export interface OwnConnectionView {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly isPermitted: boolean;
  readonly reasons: readonly string[];
}

/** Own addresses that are looked at: a machine has a few. */
const ADDRESSES_MAX = 16;

interface Own {
  readonly peerAddress: string;
  readonly ends: { readonly addresses: readonly string[]; readonly port: number };
  readonly now: Instant;
}

/** Null where the caller is on this machine, or no own address is of the caller's kind. The address by which the caller came is not known: one that is denied tells. */
export function ownConnection(policy: Policy, { peerAddress, ends, now }: Own): OwnConnectionView | null {
  if (isLoopback(peerAddress) || ends.addresses.includes(peerAddress)) return null;
  const isV6 = peerAddress.includes(':');
  const judged = ends.addresses
    .filter((address) => address.includes(':') === isV6 && !isLoopback(address))
    .slice(0, ADDRESSES_MAX)
    .map((to): OwnConnectionView => {
      const { port } = ends;
      const at = { kind: 'instant', instant: now } as const;
      const answer = ask(policy, { ...emptyQuestion(peerAddress, to), protocol: PROTOCOL.tcp, port, at }, now);
      return {
        from: peerAddress,
        to,
        port,
        isPermitted: answer.isPermitted || !answer.isEnforced,
        reasons: answer.reasons.map(({ reason }) => reason),
      };
    });
  return judged.find(({ isPermitted }) => !isPermitted) ?? judged[0] ?? null;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
