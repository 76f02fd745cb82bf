// MUD files in, a policy out: one element per file, its rules, and what only a person can say.

import type { Element, Mac, Never, Policy, Prefix, Rule } from '#model';
import type { Imported, NotCarried } from '../imported.ts';
import { type Classes, LABEL } from './classes.ts';
import { conversationsOf } from './conversations.ts';
import type { MudFile, MudProblem } from './file.ts';
import type { Generic } from './generic.ts';
import { readMud } from './read.ts';
import { rulesOf } from './rules.ts';
import { elementId, freeId, labelValue, plain } from './texts.ts';

export interface MudText {
  /** As messages name the file. */
  readonly name: string;
  readonly text: string;
}

export interface MudOptions extends Classes {
  /** What recognises the device; for one file only. */
  readonly element: {
    readonly id: string | null;
    readonly macs: readonly Mac[];
    readonly addresses: readonly Prefix[];
  };
  /** Given to every device. */
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly generic: ReadonlySet<Generic>;
}

export type MudResult =
  | { readonly kind: 'imported'; readonly imported: Imported }
  | { readonly kind: 'refused'; readonly name: string; readonly problems: readonly MudProblem[] };

/** All files or none: a file with a problem leaves no policy. */
export function importMud(texts: readonly MudText[], options: MudOptions): MudResult {
  const made: Made = {
    elements: [],
    rules: [],
    never: [],
    comments: new Map(),
    notCarried: [],
    questions: new Set(),
    ids: new Set(),
    taken: new Set(),
  };
  const top = [...TOP];
  for (const { name, text } of texts) {
    const file = readMud(name, text);
    if (isProblems(file)) return { kind: 'refused', name, problems: file };
    addFile(made, file, { options, hasPrefix: texts.length > 1 });
    top.push(`${plain(name)}: ${plain(file.url)}`);
  }
  top.push(...[...made.questions].slice(0, QUESTIONS_MAX).map((question) => `To answer: ${question}`));
  made.comments.set('', top);
  const { elements, rules, never, comments, notCarried, questions } = made;
  const policy: Policy = {
    timezone: 'UTC',
    mode: 'observe',
    elements,
    services: [],
    rules,
    never,
    require: [],
    tests: [],
  };
  return { kind: 'imported', imported: { policy, comments, notCarried, questions: [...questions] } };
}

const TOP = [
  'Made from manufacturer usage descriptions (MUD, RFC 8520). Mode observe: nothing is enforced until you say so.',
  "What a file says is its maker's claim: it proves neither that a device is what it says nor that it needs all this.",
];

/** Questions at the top of a policy; all of them are handed back. */
const QUESTIONS_MAX = 20;

function isProblems(file: MudFile | readonly MudProblem[]): file is readonly MudProblem[] {
  return Array.isArray(file);
}

interface Made {
  readonly elements: Element[];
  readonly rules: Rule[];
  readonly never: Never[];
  readonly comments: Map<string, readonly string[]>;
  readonly notCarried: NotCarried[];
  readonly questions: Set<string>;
  readonly ids: Set<string>;
  readonly taken: Set<string>;
}

function addFile(
  made: Made,
  file: MudFile,
  { options, hasPrefix }: { readonly options: MudOptions; readonly hasPrefix: boolean },
): void {
  const id = freeId(made.ids, options.element.id ?? elementId(file.systemInfo ?? file.modelName ?? file.authority));
  made.elements.push(elementOf(id, file, options));
  made.comments.set(`elements.${id}`, elementComments(file));
  const { conversations, notCarried } = conversationsOf(file.entries);
  const rules = rulesOf(conversations, {
    element: id,
    file,
    classes: options,
    generic: options.generic,
    taken: made.taken,
    entries: file.entries,
  });
  made.rules.push(...rules.rules);
  made.never.push(...rules.never);
  for (const [path, lines] of rules.comments) made.comments.set(path, lines);
  const prefix = hasPrefix ? `${plain(file.name)}: ` : '';
  for (const entry of [...fileNotCarried(file), ...notCarried, ...rules.notCarried])
    made.notCarried.push({ ...entry, place: prefix + entry.place });
  for (const question of [...fileQuestions(id, file, options), ...rules.questions]) made.questions.add(question);
}

function elementOf(id: string, file: MudFile, { element, labels }: MudOptions): Element {
  const own: (readonly [string, string])[] = [];
  for (const [key, text] of [
    [LABEL.manufacturer, file.authority],
    [LABEL.model, file.url],
  ] as const) {
    const value = labelValue(text);
    if (value !== null && !labels.some(([stated]) => stated === key)) own.push([key, value]);
  }
  return {
    id,
    kind: 'device',
    macs: element.macs,
    addresses: element.addresses,
    login: null,
    labels: [...own, ...labels],
    data: [],
    mode: 'observe',
    protect: [],
    isSafetyCritical: false,
    owner: null,
  };
}

function elementComments(file: MudFile): readonly string[] {
  const facts = [
    file.systemInfo,
    file.manufacturer === null ? null : `made by ${file.manufacturer}`,
    file.modelName === null ? null : `model ${file.modelName}`,
  ].filter((fact) => fact !== null);
  const age = [
    file.lastUpdate === null ? null : `last update ${file.lastUpdate}`,
    file.cacheValidityHours === null ? null : `look for a newer file every ${file.cacheValidityHours} hours`,
  ].filter((fact) => fact !== null);
  return [
    ...(facts.length === 0 ? [] : [plain(facts.join(', '))]),
    ...(age.length === 0 ? [] : [plain(age.join(', '))]),
    ...(file.isSupported ? [] : ['the maker no longer supports this device (is-supported is false)']),
  ];
}

function fileNotCarried(file: MudFile): readonly NotCarried[] {
  const lost = (place: string, what: string, why: string): NotCarried => ({ place, what: plain(what), why });
  return [
    ...(file.signature === null
      ? []
      : [lost('mud-signature', file.signature, 'the signature it names is not fetched: give it with --signature')]),
    ...file.extensions.map((name) =>
      lost('extensions', name, 'this extension is not known; what it adds to entries leaves those entries out'),
    ),
    ...file.unknownKeys.map((key) => lost('ietf-mud:mud', key, 'this key is not known and has no effect')),
    ...file.unusedLists.map((name) => lost('acls', name, 'neither policy names this list, so it permits nothing')),
  ];
}

function fileQuestions(id: string, file: MudFile, { element }: MudOptions): readonly string[] {
  return [
    ...(element.macs.length === 0 && element.addresses.length === 0
      ? [`Which MAC or address has ${id}? Until it has one, no traffic is recognised as its own.`]
      : []),
    ...(file.isSupported ? [] : [`Should ${id} stay on the network? Its maker no longer supports it.`]),
  ];
}
