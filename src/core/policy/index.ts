// Door of the policy room: the language in which people say who may use what.
// In: text (YAML, JSON, JSON with comments), plain values, or a policy in memory. Out: checked policies, problems with places, canonical text,
// pages that explain. Never: I/O, a clock, a verdict on traffic; never throws on bad input, and a policy with an error is no policy.
//
// Selectors: either = all { "|" all } ; all = not { "&" not } ; not = ("!" | "not") not | "(" either ")" | atom
//   atom = any | internet | element id | address | CIDR | MAC | name with a dot | key=value | key!=value ; kind= and name= are reserved keys.
// The whole language is described in docs/policy.md.

export {
  definePolicy,
  type ElementDocument,
  type LimitsDocument,
  type NeverDocument,
  type PolicyDocument,
  type RequireDocument,
  type RuleDocument,
  type ServiceDocument,
} from './build.ts';
export { parseInstant } from './calendar.ts';
export { type ChangedSection, diffPolicies, longestRising, type PolicyChange } from './diff.ts';
export { type Draft, type EditRefusal, type InForce, isRefused } from './edit/draft.ts';
export {
  approveDraft,
  elementOf,
  elementsOf,
  labelDraft,
  modeDraft,
  type Newcomer,
  newcomerOf,
  removeDraft,
} from './edit/elements.ts';
export { firstPolicy } from './edit/first.ts';
export { type Door, freeName } from './edit/names.ts';
export { type ProtectFacts, protectDraft, unprotectDraft } from './edit/services.ts';
export { type Edit, editText } from './edit/text.ts';
export { ENTRY_SECTIONS, type EntrySection, type PolicyEntry, policyEntries, policyOfEntries } from './entries.ts';
export { codes, explain } from './explain.ts';
export { type Formatted, formatPolicy } from './format.ts';
export { frameProblem, frameProblems } from './frame.ts';
export { didYouMean } from './nearest.ts';
export { type Parsed, parsePolicy } from './parse.ts';
export { printPolicy } from './print.ts';
export { parseBytes, parseDuration } from './quantities.ts';
export { reuseParts } from './reuse.ts';
export { type RuleWords, rulesInWords } from './rule-words.ts';
export { policySchema } from './schema.ts';
export { selectorText } from './selector.ts';
export { ruleSentence, serviceText } from './sentence.ts';
