// Security events as plain data: what happened, in Picket's own words. How other systems want to read it is in formats/.

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

interface Common {
  /** Never given before; receivers tell by it that they have an event already. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly domain: string;
  readonly severity: Severity;
}

/** One side of a conversation. What is not known is null. */
export interface EventEnd {
  readonly address: string | null;
  readonly port: number | null;
  readonly mac: string | null;
  /** Id of the element in the policy. */
  readonly element: string | null;
  readonly name: string | null;
}

export interface EventDoer {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  /** Address that he came from. */
  readonly address: string | null;
}

/** What happened to the packets: `logged` where the mode only records. */
export type Effect = 'allowed' | 'dropped' | 'cut' | 'challenged' | 'revoked' | 'unauthorised' | 'logged';

export interface VerdictEvent extends Common {
  readonly kind: 'verdict';
  readonly verdict: 'permit' | 'deny';
  readonly effect: Effect;
  /** First reason, of the closed list; null for a permit. */
  readonly reason: string | null;
  readonly rule: string | null;
  readonly revision: number | null;
  readonly mode: string;
  readonly from: EventEnd;
  readonly to: EventEnd;
  /** IANA number. */
  readonly protocol: number;
  readonly application: string | null;
  /** Openings that this event stands for. */
  readonly count: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly agent: string | null;
  readonly isTunnel: boolean;
}

export interface LogonEvent extends Common {
  readonly kind: 'logon';
  readonly act: 'logon' | 'logoff';
  readonly isSuccess: boolean;
  readonly who: EventDoer;
  /** Passkey, oidc, token, link. */
  readonly method: string;
  readonly reason: string | null;
  readonly session: string | null;
}

export interface GrantEvent extends Common {
  readonly kind: 'grant';
  readonly act: 'give' | 'take';
  readonly who: EventDoer;
  /** Role, scope or service that is given or taken. */
  readonly privileges: readonly string[];
  readonly by: EventDoer;
}

export interface FindingEvent extends Common {
  readonly kind: 'finding';
  readonly act: 'open' | 'update' | 'close';
  readonly finding: string;
  readonly name: string;
  readonly title: string;
  readonly element: string | null;
  readonly count: number;
  readonly firstAt: number;
}

/** Whether a control of a standard holds. */
export interface ControlEvent extends Common {
  readonly kind: 'control';
  readonly finding: string;
  readonly standard: string;
  readonly control: string;
  readonly title: string;
  readonly outcome: 'pass' | 'warning' | 'fail';
}

export interface ElementEvent extends Common {
  readonly kind: 'element';
  readonly element: string;
  readonly elementKind: string;
  readonly name: string | null;
  readonly address: string | null;
  readonly mac: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PolicyEvent extends Common {
  readonly kind: 'policy';
  readonly state: 'pending' | 'confirmed' | 'reverted';
  readonly revision: number;
  readonly before: number | null;
  readonly by: EventDoer;
  readonly why: string;
}

/** An agent came to a controller, or went. */
export interface AgentEvent extends Common {
  readonly kind: 'agent';
  readonly act: 'connected' | 'gone';
  readonly agent: string;
  /** Version of its program. */
  readonly program: string;
  readonly controller: string;
}

/** A record of the ledger, told to others. */
export interface ActEvent extends Common {
  readonly kind: 'act';
  readonly action: string;
  readonly subject: string;
  readonly by: EventDoer;
  readonly isSuccess: boolean;
  readonly record: number | null;
  readonly chain: string | null;
}

export type SecurityEvent =
  | VerdictEvent
  | LogonEvent
  | GrantEvent
  | FindingEvent
  | ControlEvent
  | ElementEvent
  | PolicyEvent
  | AgentEvent
  | ActEvent;
