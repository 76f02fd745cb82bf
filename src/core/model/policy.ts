// The checked policy: what the policy room makes of a document and everything else works from. Immutable once made.
// Not the grammar: text, positions and comments stay in the policy room.

import type { Mac, Prefix } from './addresses.ts';
import type { Instant, Micros } from './instant.ts';

export type ElementKind = 'device' | 'service' | 'server' | 'instance' | 'agent' | 'model' | 'human';
export const ELEMENT_KINDS: readonly ElementKind[] = [
  'device',
  'service',
  'server',
  'instance',
  'agent',
  'model',
  'human',
];

/** observe: record. protect: the element's chosen services are enforced. enforce: default deny. */
export type Mode = 'observe' | 'protect' | 'enforce';

export interface Policy {
  /** IANA zone for hours, calendar windows and dates that name none. */
  readonly timezone: string;
  /** Mode of elements that state none, and of endpoints that are no element. */
  readonly mode: Mode;
  readonly elements: readonly Element[];
  readonly services: readonly Service[];
  /** In the document's order: the first that matches governs. */
  readonly rules: readonly Rule[];
  readonly never: readonly Never[];
  readonly require: readonly Require[];
  readonly tests: readonly PolicyTest[];
}

/**
 * An element is recognised when every kind of identifier it declares fits: its MAC (where the traffic shows one) and its address.
 * A MAC alone never recognises an internet address, so a router's MAC does not make the internet one element.
 */
export interface Element {
  readonly id: string;
  readonly kind: ElementKind;
  readonly macs: readonly Mac[];
  readonly addresses: readonly Prefix[];
  readonly login: string | null;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly data: readonly string[];
  readonly mode: Mode;
  /** Ids of the services enforced in mode `protect`; with none named, every named service on this element. */
  readonly protect: readonly string[];
  readonly isSafetyCritical: boolean;
  readonly owner: string | null;
}

/** Inclusive. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface Service {
  /** '' for one written inside a rule. */
  readonly id: string;
  readonly on: Selector;
  /** IANA number, or null for any. */
  readonly protocol: number | null;
  /** Empty means every port (and no port). */
  readonly ports: readonly PortRange[];
  /** Application by first bytes, or null for any. */
  readonly application: string | null;
  readonly isLogonRequired: boolean;
}

/** A condition on one end. `name` holds only what this client's own DNS answers bound; it may be used in rules only. */
export type Selector =
  | { readonly kind: 'any' }
  | { readonly kind: 'internet' }
  | { readonly kind: 'element'; readonly id: string }
  | { readonly kind: 'element-kind'; readonly value: ElementKind }
  | { readonly kind: 'label'; readonly key: string; readonly value: string }
  | { readonly kind: 'prefix'; readonly prefix: Prefix }
  | { readonly kind: 'mac'; readonly mac: Mac }
  /** `api.example.com`, or `*.example.com` for every name below (not the name itself). Lower case. */
  | { readonly kind: 'name'; readonly pattern: string }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'all'; readonly of: readonly Selector[] }
  | { readonly kind: 'either'; readonly of: readonly Selector[] };

export interface Rule {
  readonly id: string;
  readonly from: Selector;
  /** One or more services, named or written in place. */
  readonly to: readonly Service[];
  readonly limits: Limits;
  /** Judged and recorded, never held. */
  readonly isAudit: boolean;
  readonly owner: string | null;
  readonly why: string | null;
  /** First instant at which the rule no longer exists, or null. A date means the end of that day in the policy's zone. */
  readonly until: Instant | null;
}

/** Denies whatever matches. */
export interface Never {
  readonly id: string;
  readonly from: Selector;
  readonly to: readonly Service[];
  readonly owner: string | null;
  readonly why: string | null;
}

/** What matches must hold these limits as well; only hours and logon can be required. */
export interface Require {
  readonly id: string;
  readonly from: Selector;
  readonly to: readonly Service[];
  readonly hours: Hours | null;
  readonly logon: Logon | null;
  readonly owner: string | null;
  readonly why: string | null;
}

/** sent: from the initiator to the service. received: the other way. */
export type Direction = 'sent' | 'received' | 'both';
/** pair: a budget for each (from element, to element). rule: one budget for the whole rule. */
export type Scope = 'pair' | 'rule';

export interface Limits {
  readonly hours: Hours | null;
  readonly volumes: readonly Volume[];
  readonly sizes: readonly Size[];
  readonly rates: readonly Rate[];
  readonly connections: readonly ConnectionLimit[];
  readonly lifetime: Micros | null;
  readonly logon: Logon | null;
  /** Patterns of `<protocol> <operation>`, `*` for any run of characters; null for no limit. */
  readonly operations: readonly string[] | null;
  /** Grace between a session's end by hours, lifetime, logon or rule and its cut. */
  readonly drain: Micros;
}

/** Weekly hours. A span belongs to the day it begins on; `toMinute` at or below `fromMinute` runs past midnight. */
export interface Hours {
  readonly zone: string;
  readonly spans: readonly HourSpan[];
}

export interface HourSpan {
  /** Bit 0 Monday … bit 6 Sunday. */
  readonly days: number;
  /** Minutes of the local day, 0 to 1439. */
  readonly fromMinute: number;
  /** Minutes of the local day, 1 to 1440; exclusive. */
  readonly toMinute: number;
}

/**
 * fixed: windows of `length` aligned to 1970-01-01T00:00Z. calendar: local days, weeks from Monday, months in `zone`.
 * rolling: any interval of `length`, judged in sixtieths and never to the user's gain (see docs/semantics.md).
 */
export type Window =
  | { readonly kind: 'fixed'; readonly length: Micros }
  | { readonly kind: 'calendar'; readonly unit: 'day' | 'week' | 'month'; readonly zone: string }
  | { readonly kind: 'rolling'; readonly length: Micros };

/** Bytes of permitted packets (IP total length). */
export interface Volume {
  readonly minBytes: number | null;
  readonly maxBytes: number | null;
  readonly window: Window;
  readonly direction: Direction;
  readonly scope: Scope;
}

/** IP total length of one packet, inclusive bounds. */
export interface Size {
  readonly min: number | null;
  readonly max: number | null;
  readonly direction: Direction;
}

/** Token bucket as GCRA: `perSecond` units (bytes or packets), `burst` units at once. */
export interface Rate {
  readonly unit: 'bytes' | 'packets';
  readonly perSecond: number;
  readonly burst: number;
  readonly direction: Direction;
  readonly scope: Scope;
}

export type ConnectionLimit =
  | { readonly kind: 'open'; readonly max: number; readonly scope: Scope }
  | { readonly kind: 'period'; readonly max: number; readonly window: Window; readonly scope: Scope };

export type Factor = 'person' | 'device';

/** Every factor must be logged on; with `within`, not longer ago than that when the session opens. No factor named: any one will do. */
export interface Logon {
  readonly factors: readonly Factor[];
  readonly within: Micros | null;
}

/** One sentence of `tests:`, parsed. */
export interface PolicyTest {
  /** The sentence as written. */
  readonly text: string;
  /** 1-based line in the document, 0 when built by hand. */
  readonly line: number;
  readonly question: Question;
  readonly isExpectedToPermit: boolean;
  /** `because outside-hours`: the first reason a denial must name. */
  readonly reason: string | null;
}

/** One hypothetical connection, as asked by policy tests and `picket why`. */
export interface Question {
  /** Element id, address, MAC, or `internet`. */
  readonly from: string;
  readonly to: string;
  /** Service id, or null where protocol and port are given. */
  readonly service: string | null;
  readonly protocol: number | null;
  readonly port: number | null;
  /** Absolute, or a weekday and minute of an ordinary week in the policy's zone, or null for the first instant that every matching rule's hours allow. */
  readonly at:
    | { readonly kind: 'instant'; readonly instant: Instant }
    | { readonly kind: 'week'; readonly day: number; readonly minute: number }
    | null;
  /** Bytes already used in the current window of every budget, both directions alike. */
  readonly usedBytes: number | null;
  readonly packetSize: number | null;
  readonly application: string | null;
  readonly operation: string | null;
  /** Age of each factor's logon. */
  readonly logon: readonly { readonly factor: Factor; readonly age: Micros }[];
}

/** A question that says nothing beyond its two ends. */
export function emptyQuestion(from: string, to: string): Question {
  return {
    from,
    to,
    service: null,
    protocol: null,
    port: null,
    at: null,
    usedBytes: null,
    packetSize: null,
    application: null,
    operation: null,
    logon: [],
  };
}

/** The limits of a rule that states none. */
export const NO_LIMITS: Limits = Object.freeze({
  hours: null,
  volumes: [],
  sizes: [],
  rates: [],
  connections: [],
  lifetime: null,
  logon: null,
  operations: null,
  drain: 0,
});
