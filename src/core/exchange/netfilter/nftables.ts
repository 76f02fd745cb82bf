// nftables: the text of `nft list ruleset` or the JSON of `nft -j list ruleset`, told apart by the first sign.

import type { Problem } from '#model';
import { isProblem, readJson } from '../draft/documents.ts';
import { filesOf, isTooLong, type Source, tooLong } from '../draft/refusal.ts';
import type { Imported } from '../imported.ts';
import { type FirewallOptions, importRuleset } from './filter.ts';
import { readNftJson } from './nft-json.ts';
import { readNftText } from './nft-text.ts';
import type { Ruleset } from './ruleset.ts';

/** All texts are of one firewall. */
export function importNftables(sources: readonly Source[], options: FirewallOptions = {}): Imported | Problem {
  const read: Ruleset[] = [];
  for (const { text, file } of sources) {
    if (isTooLong(text)) return tooLong();
    const ruleset = /^\s*[{[]/.test(text) ? fromJson(text, file) : readNftText(text, file);
    if ('severity' in ruleset) return ruleset;
    read.push(ruleset);
  }
  const all = { tables: read.flatMap(({ tables }) => tables), asides: read.flatMap(({ asides }) => asides) };
  return importRuleset(all, options, { files: filesOf(sources), isLocalTime: true });
}

function fromJson(text: string, file: string): Ruleset | Problem {
  const read = readJson(text, file);
  return isProblem(read) ? read : readNftJson(read[0]);
}
