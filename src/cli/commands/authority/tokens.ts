// `picket tokens enrol|ls|revoke`: one-time tokens by which elements join. The link that is printed is the only place where the secret ever stands.

import { buildCommand } from '@stricli/core';
import { joinLink } from '#identity';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf } from '../../remote/controller.ts';
import { word } from '../parameters.ts';
import { AUTHORITY_FLAGS, type AuthorityFlags, timeText } from './words.ts';

interface EnrolFlags extends AuthorityFlags {
  readonly below?: boolean;
  readonly minutes: number;
}

/** Tokens live an hour at most; the controller says so as well. */
const MINUTES = 60;

async function enrol(desk: Desk, flags: EnrolFlags, what: string): Promise<Exit> {
  const { client, routes, domain, context } = await controllerOf(desk, flags);
  const [kind = '', ...path] = what.split('/');
  const body = { kind, path: path.join('/'), isPrefix: flags.below === true, seconds: flags.minutes * 60 };
  const { value } = await answeredBy(
    desk,
    client.call(routes.enrolment.makeToken, { params: { domain: domain() }, body }),
  );
  const link = joinLink({ origin: context.url, token: value.token, root: value.root, domain: domain() });
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.join-link/v1', id: value.id, link, expiresAt: value.expiresAt }));
    return EXIT.done;
  }
  desk.paper.line(link);
  const where = flags.below === true ? ` --name ${safeText(body.path)}/NAME` : '';
  desk.say(`On the element, as root:  picket join${where} '…'`);
  desk.say(
    `The link enrols one element, until ${timeText(value.expiresAt)}. It holds a secret: send it by a way that others cannot read.`,
  );
  desk.say(`Take it back with: picket tokens revoke ${value.id}`);
  return EXIT.done;
}

const minutes = (input: string): number => {
  const value = Number(input);
  if (/^\d{1,2}$/.test(input) && value >= 1 && value <= MINUTES) return value;
  throw new SyntaxError(`"${safeText(input)}" is no number of minutes from 1 to ${MINUTES}`);
};

export const enrolTokenCommand = buildCommand<EnrolFlags, [what: string], PicketContext>({
  func: command(enrol),
  parameters: {
    flags: {
      ...AUTHORITY_FLAGS,
      below: {
        kind: 'boolean',
        optional: true,
        withNegated: false,
        brief: 'For any new name below the path, which the element chooses',
      },
      minutes: {
        kind: 'parsed',
        parse: minutes,
        default: String(MINUTES),
        brief: 'How long it can be used',
        placeholder: 'N',
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'what will join, such as gateway/north', placeholder: 'KIND/PATH' }],
    },
  },
  docs: {
    brief: 'Make a link by which one element joins',
    fullDescription: description(
      'Prints the link for picket join. It is good once, for an hour at most, for one kind and path; the controller keeps a hash of it only.',
      [
        { line: 'picket tokens enrol gateway/north', what: 'the link for one gateway' },
        {
          line: 'picket tokens enrol host/web --below --minutes 10',
          what: 'for a host that names itself, such as web/7',
        },
      ],
    ),
  },
});

interface TokenRow {
  readonly id: string;
  readonly kind: string;
  readonly path: string;
  readonly isPrefix: boolean;
  readonly state: string;
  readonly madeBy: string;
  readonly expiresAt: string;
  readonly usedBy: string | null;
}

const COLUMNS: readonly Column<TokenRow>[] = [
  { title: 'id', cell: ({ id }) => id, droppedAt: 0 },
  { title: 'for', cell: ({ kind, path, isPrefix }) => `${kind}/${path}${isPrefix ? '/…' : ''}`, droppedAt: 0 },
  { title: 'state', cell: ({ state }) => state, droppedAt: 0 },
  { title: 'until', cell: ({ expiresAt }) => timeText(expiresAt), droppedAt: 2 },
  { title: 'made by', cell: ({ madeBy }) => madeBy, droppedAt: 3 },
  { title: 'used by', cell: ({ usedBy }) => usedBy ?? '', droppedAt: 1 },
];

async function ls(desk: Desk, flags: AuthorityFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { value } = await answeredBy(
    desk,
    client.call(routes.enrolment.tokens, { params: { domain: domain() }, query: { limit: 1_000 } }),
  );
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.enrolment-tokens/v1', ...value }));
  else if (value.items.length === 0) desk.paper.line('No token. Make one with: picket tokens enrol KIND/PATH');
  else desk.paper.write(tableText(value.items, COLUMNS, tableWidth(desk.io)));
  if (value.next !== null) desk.say('note: there are more; the first 1,000 are shown');
  return EXIT.done;
}

export const listTokensCommand = buildCommand<AuthorityFlags, [], PicketContext>({
  func: command(ls),
  parameters: { flags: AUTHORITY_FLAGS },
  docs: {
    brief: 'List tokens for joining, without their secrets, and what became of them',
    fullDescription: description('Tokens are listed for a week after their end.', [
      { line: 'picket tokens ls', what: 'open, used, ended and revoked ones' },
    ]),
  },
});

async function revoke(desk: Desk, flags: AuthorityFlags, token: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  await answeredBy(desk, client.call(routes.enrolment.revokeToken, { params: { domain: domain(), token } }));
  desk.say(`The token ${safeText(token)} enrols nobody any more.`);
  return EXIT.done;
}

export const revokeTokenCommand = buildCommand<AuthorityFlags, [token: string], PicketContext>({
  func: command(revoke),
  parameters: {
    flags: AUTHORITY_FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'id, as in picket tokens ls', placeholder: 'TOKEN' }],
    },
  },
  docs: {
    brief: 'Take a token for joining back',
    fullDescription: description('A token that was used already is not changed: revoke the identity instead.', [
      { line: 'picket tokens revoke k3v9x2m7', what: 'its link is worth nothing from now on' },
    ]),
  },
});
