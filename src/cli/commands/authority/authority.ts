// `picket authority`: the keys of a domain, how they are, and their rotation. Private keys are never asked for nor shown.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf } from '../../remote/controller.ts';
import { AUTHORITY_FLAGS, type AuthorityFlags, timeText } from './words.ts';

interface KeyRow {
  readonly id: string;
  readonly purpose: string;
  readonly state: string;
  readonly madeAt: string;
  readonly notAfter: string | null;
}

const COLUMNS: readonly Column<KeyRow>[] = [
  { title: 'key', cell: ({ id }) => id.slice(0, 16), droppedAt: 0 },
  { title: 'for', cell: ({ purpose }) => purpose, droppedAt: 0 },
  { title: 'state', cell: ({ state }) => state, droppedAt: 0 },
  { title: 'made', cell: ({ madeAt }) => timeText(madeAt), droppedAt: 2 },
  { title: 'until', cell: ({ notAfter }) => timeText(notAfter), droppedAt: 1 },
];

async function show(desk: Desk, flags: AuthorityFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { value } = await answeredBy(desk, client.call(routes.authority.show, { params: { domain: domain() } }));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.authority/v1', ...value }));
    return EXIT.done;
  }
  const { paper } = desk;
  paper.line(`bundle ${value.bundleSequence}, revocations ${value.revocationSequence}`);
  paper.write(`\n${tableText(value.keys, COLUMNS, tableWidth(desk.io))}`);
  for (const { code, severity, message, help } of value.ailments) {
    desk.say(`${severity}[${code}]: ${safeText(message)}`);
    desk.say(`   help: ${safeText(help)}`);
  }
  return EXIT.done;
}

const showCommand = buildCommand<AuthorityFlags, [], PicketContext>({
  func: command(show),
  parameters: { flags: AUTHORITY_FLAGS },
  docs: {
    brief: "Show a domain's keys, and whether certificates can go on being issued",
    fullDescription: description('Roots, issuing certificates and policy keys with their states.', [
      { line: 'picket authority show', what: 'what is in use, and until when' },
    ]),
  },
});

const PURPOSES = ['root', 'policy'] as const;
const STEPS = ['publish', 'activate', 'retire'] as const;
type Purpose = (typeof PURPOSES)[number];
type Step = (typeof STEPS)[number];

function oneOf<Word extends string>(words: readonly Word[]): (input: string) => Word {
  return (input) => {
    const found = words.find((word) => word === input);
    if (found !== undefined) return found;
    throw new SyntaxError(`"${safeText(input)}" is none of ${words.join(', ')}`);
  };
}

interface RotateFlags extends AuthorityFlags {
  readonly force?: boolean;
}

const NEXT: Readonly<Record<Step, string>> = {
  publish: 'agents learn of the new key now. Next, once all have: picket authority rotate PURPOSE activate',
  activate: 'the new key is in use. Next, once nothing uses the old one: picket authority rotate PURPOSE retire',
  retire: 'the old key is trusted by nobody any more.',
};

async function rotate(desk: Desk, flags: RotateFlags, purpose: Purpose, step: Step): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const body = { purpose, step, force: flags.force === true };
  const { value } = await answeredBy(
    desk,
    client.call(routes.authority.rotate, { params: { domain: domain() }, body }),
  );
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.rotation/v1', ...body, ...value }));
  else desk.say(`Bundle ${value.bundleSequence}: ${NEXT[step].replace('PURPOSE', purpose)}`);
  return EXIT.done;
}

const rotateCommand = buildCommand<RotateFlags, [purpose: Purpose, step: Step], PicketContext>({
  func: command(rotate),
  parameters: {
    flags: {
      ...AUTHORITY_FLAGS,
      force: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'Leave agents behind that are not ready; they have to join again',
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: oneOf(PURPOSES), brief: PURPOSES.join(' or '), placeholder: 'PURPOSE' },
        { parse: oneOf(STEPS), brief: STEPS.join(', '), placeholder: 'STEP' },
      ],
    },
  },
  docs: {
    brief: 'Take one step of replacing a root or policy key',
    fullDescription: description(
      'A new key is published, used once every agent has confirmed that it trusts it, and the old one is retired once nothing uses it. A step that comes too early is refused and says for whom it waits.',
      [
        { line: 'picket authority rotate root publish', what: 'begin' },
        { line: 'picket authority rotate root activate', what: 'once all agents know the new root' },
        { line: 'picket authority rotate root retire', what: 'a day later' },
      ],
    ),
  },
});

async function newIssuing(desk: Desk, flags: AuthorityFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { value } = await answeredBy(
    desk,
    client.call(routes.authority.replaceIssuing, { params: { domain: domain() } }),
  );
  const old = value.keys.filter(({ purpose, state }) => purpose === 'issuing' && state === 'retiring').at(-1);
  desk.say('A new issuing certificate is in use; certificates of the old one are valid until they end.');
  if (old !== undefined)
    desk.say(`If its key was seen by somebody: picket identities revoke ${old.id} --issuer --why TEXT`);
  return EXIT.done;
}

const newIssuingCommand = buildCommand<AuthorityFlags, [], PicketContext>({
  func: command(newIssuing),
  parameters: { flags: AUTHORITY_FLAGS },
  docs: {
    brief: 'Make a new issuing certificate now',
    fullDescription: description(
      'It is made by itself every two weeks or so; this is for when the old key may have been seen.',
      [{ line: 'picket authority new-issuing', what: 'needs the root key file on the controller' }],
    ),
  },
});

const count = (input: string): string => {
  if (/^[1-9]\d{0,5}$/.test(input)) return input;
  throw new SyntaxError(`"${safeText(input)}" is no number from 1 to 999999`);
};

async function raise(desk: Desk, flags: AuthorityFlags, more: string): Promise<Exit> {
  const by = Number(more);
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { value } = await answeredBy(
    desk,
    client.call(routes.authority.raise, { params: { domain: domain() }, body: { by } }),
  );
  desk.say(`The bundle has the number ${value.bundleSequence} now.`);
  return EXIT.done;
}

const raiseCommand = buildCommand<AuthorityFlags, [more: string], PicketContext>({
  func: command(raise),
  parameters: {
    flags: AUTHORITY_FLAGS,
    positional: { kind: 'tuple', parameters: [{ parse: count, brief: 'how much higher', placeholder: 'N' }] },
  },
  docs: {
    brief: 'Raise the number of the bundle, after a restore from a backup',
    fullDescription: description('Agents refuse a bundle with a lower number than the one they know.', [
      { line: 'picket authority raise 100', what: 'past whatever agents have seen since the backup' },
    ]),
  },
});

export const authorityCommands = buildRouteMap({
  routes: { show: showCommand, rotate: rotateCommand, newIssuing: newIssuingCommand, raise: raiseCommand },
  docs: { brief: "See and rotate the keys of a domain's authority" },
});
