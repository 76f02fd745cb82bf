// A draft: what one element (or several) does with one service in one scope, before it has limits. Not how it is found: drafts.ts.

import type { PortRange, Selector } from '#model';
import type { Scope } from './lines.ts';
import type { Member } from './roster.ts';
import type { Sketch } from './sketch.ts';

/** One service with one set of far ends. */
export interface Part {
  readonly protocol: number;
  readonly ports: readonly PortRange[];
  readonly far: readonly Selector[];
  readonly farTexts: readonly string[];
  readonly sketch: Sketch;
}

export interface Draft {
  /** One element, several equal ones after pooling, or those of a link that share a service of its groups. */
  readonly members: readonly Member[];
  /** Whether every host of the link may begin it, members or not. */
  readonly isShared: boolean;
  /** out: the element begins. in: a peer that is no element begins. */
  readonly direction: 'out' | 'in';
  readonly scope: Scope;
  readonly parts: readonly Part[];
  /** One sketch per element: volume is bounded per element, never for the sum of them. */
  readonly sketches: readonly Sketch[];
  readonly unseen: number | null;
  /** Fine keys (far end or name, and port) and how many of them were met once; instant at which the last new one came. */
  readonly keys: number;
  readonly keysOnce: number;
  readonly lastNewKey: number;
  readonly isWeak: boolean;
  readonly remarks: readonly string[];
}
