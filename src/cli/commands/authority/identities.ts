// `picket identities`: who is enrolled, and taking it away. Making tokens is in tokens.ts.

import { buildCommand, buildRouteMap } from '@stricli/core';
import { command, type Desk, type PicketContext, tableWidth } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { description } from '../../help.ts';
import { type Column, tableText } from '../../output/table.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf } from '../../remote/controller.ts';
import {
  AUTHORITY_FLAGS,
  type AuthorityFlags,
  IDENTITY,
  identityKey,
  identityText,
  shortName,
  timeText,
  WHY_FLAG,
} from './words.ts';

interface IdentityRow {
  readonly name: string;
  readonly state: string;
  readonly notAfter: string;
  readonly renewedAt: string;
  readonly hasRenewalKey: boolean;
}

const COLUMNS: readonly Column<IdentityRow>[] = [
  { title: 'identity', cell: ({ name }) => name, droppedAt: 0 },
  { title: 'state', cell: ({ state }) => state, droppedAt: 0 },
  { title: 'certificate until', cell: ({ notAfter }) => timeText(notAfter), droppedAt: 1 },
  { title: 'renewed', cell: ({ renewedAt }) => timeText(renewedAt), droppedAt: 2 },
  { title: 'renewal key', cell: ({ hasRenewalKey }) => (hasRenewalKey ? 'yes' : 'no'), droppedAt: 3 },
];

async function ls(desk: Desk, flags: AuthorityFlags): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const { value } = await answeredBy(
    desk,
    client.call(routes.identities.list, { params: { domain: domain() }, query: { limit: 1_000 } }),
  );
  const rows = value.items.map((one) => ({ ...one, name: shortName(one.id, domain()) }));
  if (flags.json === true) desk.paper.line(JSON.stringify({ schema: 'picket.identities/v1', ...value }));
  else if (rows.length === 0) desk.paper.line('Nobody is enrolled. Begin with: picket tokens enrol KIND/PATH');
  else desk.paper.write(tableText(rows, COLUMNS, tableWidth(desk.io)));
  if (value.next !== null) desk.say('note: there are more; the first 1,000 are shown');
  return EXIT.done;
}

const lsCommand = buildCommand<AuthorityFlags, [], PicketContext>({
  func: command(ls),
  parameters: { flags: AUTHORITY_FLAGS },
  docs: {
    brief: 'List who is enrolled',
    fullDescription: description('"expired" is who has not renewed in time: by its renewal key it may come back.', [
      { line: 'picket identities ls', what: 'all of the domain' },
    ]),
  },
});

async function show(desk: Desk, flags: AuthorityFlags, name: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain(), identity: identityKey(name, domain()) };
  const { value } = await answeredBy(desk, client.call(routes.identities.show, { params }));
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.identity/v1', ...value }));
    return EXIT.done;
  }
  const { paper } = desk;
  paper.line(`${safeText(value.id)}: ${value.state}`);
  paper.line(`certificate ${value.serial}, renewed ${timeText(value.renewedAt)}, until ${timeText(value.notAfter)}`);
  paper.line(
    `enrolled ${timeText(value.enrolledAt)} with token ${safeText(value.enrolledWith)}; renewal key: ${value.hasRenewalKey ? 'yes' : 'no'}`,
  );
  for (const { kind, at, by, why } of value.revocations)
    paper.line(`revoked (${kind}) ${timeText(at)} by ${safeText(by)}: ${safeText(why)}`);
  return EXIT.done;
}

const showCommand = buildCommand<AuthorityFlags, [name: string], PicketContext>({
  func: command(show),
  parameters: { flags: AUTHORITY_FLAGS, positional: IDENTITY },
  docs: {
    brief: 'Show one identity, and what of it is revoked',
    fullDescription: description('Serial number and times of its newest certificate, and who revoked what and why.', [
      { line: 'picket identities show gateway/north', what: 'one of them' },
    ]),
  },
});

interface RevokeFlags extends AuthorityFlags {
  readonly below?: boolean;
  readonly serial?: boolean;
  readonly issuer?: boolean;
  readonly why: string;
}

async function revoke(desk: Desk, flags: RevokeFlags, what: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const kind =
    flags.serial === true ? 'serial' : flags.issuer === true ? 'issuer' : flags.below === true ? 'subtree' : 'identity';
  const isName = kind === 'identity' || kind === 'subtree';
  const body = { kind, value: isName ? identityText(what, domain()) : what, why: flags.why } as const;
  const { value } = await answeredBy(
    desk,
    client.call(routes.identities.revoke, { params: { domain: domain() }, body }),
  );
  desk.say(
    `Revoked (${kind}) ${safeText(body.value)}; the list of revocations is at ${value.sequence}. Live connections are cut.`,
  );
  if (isName) desk.say(`Undo, so that it can be enrolled again: picket identities reinstate ${safeText(what)}`);
  return EXIT.done;
}

const yes = (brief: string) => ({ kind: 'boolean', optional: true, withNegated: false, brief }) as const;

const revokeCommand = buildCommand<RevokeFlags, [what: string], PicketContext>({
  func: command(revoke),
  parameters: {
    flags: {
      ...AUTHORITY_FLAGS,
      below: yes('It and all below its path, those to come as well'),
      serial: yes('Only the certificate of this serial number'),
      issuer: yes('Every certificate of this issuing key'),
      why: WHY_FLAG,
    },
    positional: IDENTITY,
  },
  docs: {
    brief: 'Revoke an identity; its live connections are cut',
    fullDescription: description(
      'The identity can neither connect, renew nor be enrolled again until an owner reinstates it. It goes on enforcing the last policy it has: revoking keeps it away, it does not open anything.',
      [
        { line: 'picket identities revoke gateway/north --why stolen', what: 'one identity' },
        { line: 'picket identities revoke agent/alice --below --why "left the company"', what: 'with all below it' },
      ],
    ),
  },
});

async function reinstate(
  desk: Desk,
  flags: AuthorityFlags & { readonly below?: boolean },
  name: string,
): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const body = { kind: flags.below === true ? 'subtree' : 'identity', id: identityText(name, domain()) } as const;
  await answeredBy(desk, client.call(routes.identities.reinstate, { params: { domain: domain() }, body }));
  desk.say(
    `${safeText(body.id)} can be enrolled again; the certificates it had stay revoked. Next: picket tokens enrol ${safeText(name)}`,
  );
  return EXIT.done;
}

const reinstateCommand = buildCommand<AuthorityFlags & { readonly below?: boolean }, [name: string], PicketContext>({
  func: command(reinstate),
  parameters: { flags: { ...AUTHORITY_FLAGS, below: yes('What was revoked with all below it') }, positional: IDENTITY },
  docs: {
    brief: 'Let a revoked identity be enrolled again',
    fullDescription: description('The certificates it had stay revoked: the element joins again with a new token.', [
      { line: 'picket identities reinstate gateway/north', what: 'it was found again' },
    ]),
  },
});

async function dropRenewalKey(desk: Desk, flags: AuthorityFlags, name: string): Promise<Exit> {
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain(), identity: identityKey(name, domain()) };
  await answeredBy(desk, client.call(routes.identities.dropRenewalKey, { params }));
  desk.say(`${safeText(name)} renews while it is connected; once its certificate has ended it has to join again.`);
  return EXIT.done;
}

const dropRenewalKeyCommand = buildCommand<AuthorityFlags, [name: string], PicketContext>({
  func: command(dropRenewalKey),
  parameters: { flags: AUTHORITY_FLAGS, positional: IDENTITY },
  docs: {
    brief: 'Take the renewal key of an identity away',
    fullDescription: description(
      'For a machine whose disk may have been copied: its certificate still lives until its end.',
      [
        {
          line: 'picket identities drop-renewal-key gateway/north',
          what: 'it cannot come back after its certificate has ended',
        },
      ],
    ),
  },
});

export const identitiesRoutes = buildRouteMap({
  routes: {
    ls: lsCommand,
    show: showCommand,
    revoke: revokeCommand,
    reinstate: reinstateCommand,
    dropRenewalKey: dropRenewalKeyCommand,
  },
  docs: { brief: 'See who is enrolled at the controller, and take it away' },
});
