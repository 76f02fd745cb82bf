// Tailscale policy files (JSON with comments): acls and grants become rules, tests become tests, users become people.

import { emptyQuestion, type PolicyTest, type Problem } from '#model';
import type { Box } from '../draft/boxes.ts';
import { isProblem, readJson5 } from '../draft/documents.ts';
import { Draft } from '../draft/draft.ts';
import { refusal, type Source, UNREADABLE } from '../draft/refusal.ts';
import { judgeStage } from '../draft/stages.ts';
import { at, isMap, keysOf, listAt, textAt, textsAt } from '../draft/values.ts';
import type { Imported } from '../imported.ts';
import { Names } from './names.ts';
import { aclBoxes, grantBoxes, protocolOf, type Reading, targetOf } from './rules.ts';

/** Parts that say nothing about who may connect. */
const WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ['tagOwners', 'it says who may give tags; the policy is the same without it'],
  ['autoApprovers', 'it says who may offer routes; the policy is the same without it'],
  ['nodeAttrs', 'it sets attributes of devices; the policy is the same without it'],
  ['postures', 'rules that need a posture are left out, so the policy permits less'],
  ['defaultSrcPosture', 'every rule would need it, so all rules are left out and the policy permits less'],
  ['ssh', 'it says who may log on over SSH; a rule for port 22 is needed all the same, so the policy is not wider'],
  ['sshTests', 'tests of logons are not carried; the policy is the same without them'],
  ['derpMap', 'it names relays; the policy is the same without it'],
  ['disableIPv4', 'it changes addresses, not permissions; the policy is the same without it'],
  ['randomizeClientPort', 'it changes ports of the tunnel; the policy is the same without it'],
]);
const CARRIED: ReadonlySet<string> = new Set([
  'acls',
  'grants',
  'groups',
  'hosts',
  'ipsets',
  'tests',
  'ACLs',
  'Groups',
  'Hosts',
  'Tests',
]);

export function importTailscale({ text, file }: Source): Imported | Problem {
  const read = readJson5(text, file);
  if (isProblem(read)) return read;
  const [policy] = read;
  const keys = keysOf(policy);
  if (!isMap(policy) || (keys.length > 0 && !keys.some((key) => CARRIED.has(key) || WITHOUT_EFFECT.has(key))))
    return refusal(UNREADABLE, 'the text is not a Tailscale policy file: it has neither "acls" nor "grants"');
  const draft = new Draft();
  const file_ = lowered(policy);
  const names = new Names(file_, draft);
  for (const key of keysOf(file_))
    if (!CARRIED.has(key))
      draft.drop(
        key,
        `the part "${key}"`,
        WITHOUT_EFFECT.get(key) ?? 'it is not known here; where it permits, the policy permits less',
      );
  const boxes = listAt(file_, 'defaultSrcPosture').length > 0 ? [] : boxesOf(file_, { names, draft });
  draft.addOutcome(judgeStage(boxes.map((box) => ({ verdict: 'permit', box }))));
  addTests(file_, { names, draft });
  askAbout(text, { names, draft });
  return draft.finish(`a Tailscale policy file (${file})`);
}

/** Older files write ACLs, Groups, Hosts and Tests. */
function lowered(policy: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } {
  const olds = new Map([
    ['ACLs', 'acls'],
    ['Groups', 'groups'],
    ['Hosts', 'hosts'],
    ['Tests', 'tests'],
  ]);
  const made: { [key: string]: unknown } = Object.create(null);
  for (const [key, value] of Object.entries(policy)) made[olds.get(key) ?? key] = value;
  return made;
}

function boxesOf(policy: unknown, reading: Reading): readonly Box[] {
  if (at(policy, 'acls') === undefined && at(policy, 'grants') === undefined)
    reading.draft.drop(
      'the whole text',
      'neither acls nor grants',
      'Tailscale then permits everything and the policy permits nothing, so it permits less',
    );
  return [
    ...listAt(policy, 'acls').flatMap((acl, index) => aclBoxes(acl, `acls[${index}]`, reading)),
    ...listAt(policy, 'grants').flatMap((grant, index) => grantBoxes(grant, `grants[${index}]`, reading)),
  ];
}

function addTests(policy: unknown, reading: Reading): void {
  for (const [index, test] of listAt(policy, 'tests').entries())
    for (const [key, isExpectedToPermit] of [
      ['accept', true],
      ['allow', true],
      ['deny', false],
    ] as const)
      for (const target of textsAt(test, key))
        addTest(test, { ...reading, place: `tests[${index}].${key}`, target, isExpectedToPermit });
}

interface Testing extends Reading {
  readonly place: string;
  readonly target: string;
  readonly isExpectedToPermit: boolean;
}

/** A sentence is about two ends with one address each, so only tests of users and single addresses become one. */
function addTest(test: unknown, { names, draft, place, target, isExpectedToPermit }: Testing): void {
  const source = textAt(test, 'src') ?? textAt(test, 'user') ?? '';
  const from = source.includes('@') && !source.startsWith('user:') ? names.person(source) : names.address(source);
  const aim = targetOf(target);
  const to = aim === null ? null : names.address(aim.host);
  const protocol = protocolOf(textAt(test, 'proto'));
  if (from === null || aim === null || to === null || protocol === null || at(test, 'srcPostureAttrs') !== undefined) {
    draft.drop(
      place,
      `the test of ${source} with ${target}`,
      'a test is about two single ends; the policy is the same without it',
    );
    return;
  }
  const text = `${from} may ${isExpectedToPermit ? '' : 'not '}use ${to} ${protocol.name}/${aim.port}`;
  const question = { ...emptyQuestion(from, to), protocol: protocol.number, port: aim.port };
  const sentence: PolicyTest = { text, line: 0, question, isExpectedToPermit, reason: null };
  draft.addTest(sentence);
}

function askAbout(text: string, { names, draft }: Reading): void {
  if (names.hasPeople)
    draft.ask(
      'Which addresses have the devices of each person? Add them to the elements of kind human; until then no traffic is theirs.',
    );
  if (text.includes('tag:'))
    draft.ask(
      'Which devices have which tag? Write each as an element with its addresses and the label "tag/<tag>: member" for every tag it has.',
    );
}
