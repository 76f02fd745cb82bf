// A one-shot ticket: it lets one element open one connection of one service that else needs a logon. Not its way into the kernel.

import type { Instant } from '#model';

export interface Ticket {
  readonly id: number;
  /** Element's id. */
  readonly from: string;
  /** Id of a service, or of a rule. */
  readonly service: string;
  /** When it can no longer be redeemed. */
  readonly opensUntil: Instant;
  /** When the connection ends. */
  readonly until: Instant;
  /** Whether it can not be redeemed any more, whatever its time says. */
  readonly isSpent: boolean;
}
