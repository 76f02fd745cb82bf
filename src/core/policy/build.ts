// The typed way to write a policy in TypeScript. Same words, same checks as the text.

import type { ElementKind, Mode } from '#model';
import { type Parsed, parseValue } from './parse.ts';

type OneOrMore<Value> = Value | readonly Value[];

export interface ElementDocument {
  readonly kind: ElementKind;
  /** `10.0.3.10` or `10.0.3.0/24`. */
  readonly address?: OneOrMore<string>;
  /** `02:42:ac:11:00:05`. */
  readonly mac?: OneOrMore<string>;
  readonly login?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Classes of data it holds, for instance `pii`. */
  readonly data?: OneOrMore<string>;
  readonly mode?: Mode;
  /** Services enforced in mode `protect`. */
  readonly protect?: OneOrMore<string>;
  readonly safety?: 'critical' | 'normal';
  readonly owner?: string;
}

export interface ServiceDocument {
  /** Selector of the elements that offer it. */
  readonly on: OneOrMore<string>;
  readonly protocol?: string | number;
  /** `554` or `8000-8100`. */
  readonly port?: OneOrMore<number | string>;
  readonly application?: string;
  readonly logon?: 'required';
}

export interface LimitsDocument {
  /** `Mon-Fri 06:00-22:00`. */
  readonly hours?: OneOrMore<string>;
  /** `1 MB - 2 GB per hour`. */
  readonly volume?: OneOrMore<string>;
  /** `40 - 1500 B`. */
  readonly size?: OneOrMore<string>;
  /** `20 Mbit/s`. */
  readonly rate?: OneOrMore<string>;
  /** `4 open` or `10 per min`. */
  readonly connections?: OneOrMore<string>;
  /** `12 h`. */
  readonly lifetime?: string;
  /** `person and device within 15 min`. */
  readonly logon?: string;
  /** `modbus read`. */
  readonly operations?: OneOrMore<string>;
  /** `30 s`. */
  readonly drain?: string;
}

export interface RuleDocument {
  readonly from: OneOrMore<string>;
  /** Names of services, or services in place. */
  readonly to: OneOrMore<string | ServiceDocument>;
  readonly limits?: LimitsDocument;
  readonly mode?: 'audit';
  readonly owner?: string;
  readonly why?: string;
  /** `2027-03-31`. */
  readonly until?: string;
}

export interface NeverDocument {
  readonly from: OneOrMore<string>;
  /** Names of services, services in place, or selectors (every service there). */
  readonly to: OneOrMore<string | ServiceDocument>;
  readonly owner?: string;
  readonly why?: string;
}

export interface RequireDocument extends NeverDocument {
  readonly hours?: OneOrMore<string>;
  readonly logon?: string;
}

export interface PolicyDocument {
  readonly picket: 1;
  readonly timezone?: string;
  readonly mode?: Mode;
  readonly elements?: Readonly<Record<string, ElementDocument>>;
  readonly services?: Readonly<Record<string, ServiceDocument>>;
  readonly rules?: Readonly<Record<string, RuleDocument>>;
  readonly never?: Readonly<Record<string, NeverDocument>>;
  readonly require?: Readonly<Record<string, RequireDocument>>;
  readonly tests?: readonly string[];
}

/** Checks a policy written as a TypeScript value. Problems name paths, as there is no text to point into. */
export function definePolicy(document: PolicyDocument): Parsed {
  return parseValue(document);
}
