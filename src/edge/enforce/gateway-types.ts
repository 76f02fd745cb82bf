// What a gateway takes and answers. Not the gateway.

import type { Factor, Instant } from '#model';
import type { RefusalCode } from './compile-types.ts';
import type { NotHeld } from './not-held.ts';
import type { Usage } from './usage.ts';

export interface GatewayOptions {
  /** How nft is called: `['nft']`, or with words before it that lead into a network namespace. */
  readonly nft?: readonly string[];
  /** Prints the connections that the kernel tracks: no new mark may be one that they carry. */
  readonly connections?: readonly string[];
  /** How `ip` is called. */
  readonly ip?: readonly string[];
  /** Print the rules of the older iptables, which nft does not show. Where they are missing there are none. */
  readonly legacy?: readonly (readonly string[])[];
  /** How `conntrack` is called: it removes what is left of sessions that were cut. */
  readonly conntrack?: readonly string[];
  readonly now: () => Instant;
  /** Told when somebody else changed the table, after it was put right (or could not be). */
  readonly onDrift?: (repaired: boolean) => void;
}

export interface Applied {
  readonly notHeld: readonly NotHeld[];
  /** When the content has to be made again at the latest. */
  readonly nextChange: Instant;
  /** How long the kernel's transaction took, from the line to the barrier behind it. */
  readonly transactionMillis: number;
  /** Sessions that were open and are not admitted any more. Their entries in conntrack are removed some seconds later. */
  readonly cut: number;
}

export type GatewayTrouble = RefusalCode | 'marks-in-use' | 'nft-failed' | 'not-up' | 'no-ticket';

/** The gateway could not do it, and the table in the kernel is as it was before. */
export class GatewayError extends Error {
  readonly trouble: GatewayTrouble;

  constructor(trouble: GatewayTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

export interface UpOptions {
  /** Ids of elements in quarantine. */
  readonly quarantined?: ReadonlySet<string>;
  /** What an earlier agent, or this one before another boot, had read of `usage`. */
  readonly usage?: Usage | null;
}

export interface Grant {
  /** Element's id. */
  readonly element: string;
  readonly factors: readonly Factor[];
  /** When it logged on: rules may ask for a logon that is not long ago. */
  readonly at: Instant;
  /** When the grant ends by itself; never, where it is not said. */
  readonly until?: Instant;
}

export interface TicketAsked {
  /** Element's id. */
  readonly from: string;
  /** Id of a service or of a rule. */
  readonly service: string;
  /** When the connection has to be open. */
  readonly until: Instant;
  /** When the connection ends, at most a day from now; at `until`, where it is not said. */
  readonly endsAt?: Instant;
}

/** What a flow's mark stands for. */
export interface MarkMeaning {
  readonly rule: string;
  /** Whether its denials are held, or only recorded. */
  readonly isHeld: boolean;
}
