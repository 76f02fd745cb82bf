// A packet filter as read from text or JSON, before anything is understood: tables, chains, rules, clauses. Shared by nftables and iptables.

/** A value, or one value for each key where keys are joined with dots; texts as nft prints them: `10.0.0.0/8`, `80-90`, `established`. */
export type Tuple = readonly string[];

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly target: string };

export type Clause =
  /** `keys` for instance `ip saddr`; `values` as written, or the name of a set. */
  | {
      readonly kind: 'match';
      readonly keys: readonly string[];
      readonly isNegated: boolean;
      readonly values: readonly Tuple[] | string;
    }
  /** One verdict for each value. */
  | { readonly kind: 'map'; readonly keys: readonly string[]; readonly entries: readonly MapEntry[] | string }
  /** Holds for some packets by how many there were: a limit, a quota, a number of connections. */
  | { readonly kind: 'amount'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string };

export interface MapEntry {
  readonly value: Tuple;
  readonly verdict: Verdict;
}

export interface RawRule {
  readonly place: string;
  readonly comment: string | null;
  readonly clauses: readonly Clause[];
  /** Null: it only counts or logs. */
  readonly verdict: Verdict | null;
}

export type Hook = 'input' | 'forward' | 'output';

export interface Chain {
  readonly name: string;
  /** Null for chains that are only jumped to. */
  readonly hook: Hook | null;
  readonly priority: number;
  readonly isPolicyDrop: boolean;
  readonly rules: RawRule[];
}

export type Family = 4 | 6 | 'both';

export interface NamedSet {
  /** Null where the elements cannot be read. */
  readonly values: readonly Tuple[] | null;
  readonly entries: readonly MapEntry[];
  /** Its elements come and go while the firewall runs. */
  readonly isDynamic: boolean;
}

export interface Table {
  readonly name: string;
  readonly family: Family;
  readonly chains: Map<string, Chain>;
  readonly sets: Map<string, NamedSet>;
}

/** What stands in the text beside filter chains. */
export interface Aside {
  readonly place: string;
  readonly what: string;
  readonly why: string;
}

export interface Ruleset {
  readonly tables: readonly Table[];
  readonly asides: readonly Aside[];
}

/** Rules of one text. A router with more is generated, and its sets say it better. */
export const RULES_MAX = 50_000;
