// nftables: the text of `nft list ruleset` or the JSON of `nft -j list ruleset`, told apart by the first sign.

import type { Problem } from '#model';
import { isProblem, readJson } from '../draft/documents.ts';
import { isTooLong, tooLong } from '../draft/refusal.ts';
import type { Imported } from '../imported.ts';
import { type FirewallOptions, importRuleset } from './filter.ts';
import { readNftJson } from './nft-json.ts';
import { readNftText } from './nft-text.ts';
import type { Ruleset } from './ruleset.ts';

export function importNftables(text: string, options: FirewallOptions): Imported | Problem {
  if (isTooLong(text)) return tooLong();
  const ruleset = /^\s*[{[]/.test(text) ? fromJson(text, options.file) : readNftText(text, options.file);
  return 'severity' in ruleset ? ruleset : importRuleset(ruleset, options);
}

function fromJson(text: string, file: string): Ruleset | Problem {
  const read = readJson(text, file);
  return isProblem(read) ? read : readNftJson(read[0]);
}
