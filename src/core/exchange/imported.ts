// What every importer hands back. Not how a foreign language is read: a folder per language has that.

import type { Policy } from '#model';

export interface Imported {
  /** A policy as if a person had written it; the caller prints and checks it with the policy room. */
  readonly policy: Policy;
  /** Comment lines by path as `printPolicy` takes them: '' is the top of the file, `elements.<id>`, `services.<id>`, `rules.<id>`, `never.<id>`. */
  readonly comments: ReadonlyMap<string, readonly string[]>;
  /** Whatever the foreign text says and the policy does not, one entry each, in the order of the text. */
  readonly notCarried: readonly NotCarried[];
  /** What only a person can say, as full sentences, for instance which address the controller has. */
  readonly questions: readonly string[];
}

export interface NotCarried {
  /** Where in the foreign text: a path or a line, as its users would name it. */
  readonly place: string;
  /** What stands there, short. */
  readonly what: string;
  /** Why it is not carried over, and whether the policy permits more or less for it. */
  readonly why: string;
}
