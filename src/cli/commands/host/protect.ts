// `picket protect` and `picket unprotect`: one service is held, or no longer; everything else stays as it is.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { CHANGE_FLAGS, type ChangeFlags } from '../../live/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { changeEither } from '../../remote/either.ts';
import { word } from '../parameters.ts';

interface Flags extends ChangeFlags, RemoteFlags {}

interface ProtectFlags extends Flags {
  readonly allow?: string;
}

type Words = [service: string, on?: string, element?: string];

const WORDS = {
  kind: 'tuple',
  parameters: [
    { parse: word, brief: 'ssh, 22, 53/udp, a program, or one of the policy', placeholder: 'SERVICE' },
    { parse: word, brief: 'the word "on"', placeholder: 'on', optional: true },
    {
      parse: word,
      brief: 'element of the policy; this host if not stated, which a controller does not know',
      placeholder: 'ELEMENT',
      optional: true,
    },
  ],
} as const;

export const protectCommand = buildCommand<ProtectFlags, Words, PicketContext>({
  func: command(protect),
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      ...REMOTE_FLAGS,
      allow: {
        kind: 'parsed',
        parse: word,
        optional: true,
        brief: 'Whom to let in where no rule speaks of it: seen, nobody, or A,B,C [seen]',
        placeholder: 'WHOM',
      },
    },
    positional: WORDS,
  },
  docs: {
    brief: 'Hold one service: only whom a rule names may use it',
    customUsage: ['SERVICE [on ELEMENT] [flags]'],
    fullDescription: description(
      'Puts one service of this host, or of an element, in mode protect. Where no rule speaks of the service yet, one is made for those who were seen using it. The plan shows who would be shut out; the change reverts by itself unless you confirm it from a new session.',
      [
        { line: 'picket protect ssh', what: 'the most critical door first' },
        { line: 'picket protect ssh --allow admin-laptop,10.0.9.0/24', what: 'for these alone' },
        { line: 'picket protect 554/tcp on recorder --dry-run', what: 'what it would deny' },
      ],
    ),
  },
});

export const unprotectCommand = buildCommand<Flags, Words, PicketContext>({
  func: command(unprotect),
  parameters: { flags: { ...CHANGE_FLAGS, ...REMOTE_FLAGS }, positional: WORDS },
  docs: {
    brief: 'No longer hold one service; it is watched as before',
    customUsage: ['SERVICE [on ELEMENT] [flags]'],
    fullDescription: description('Takes a service out of those that are held. Its rules stay in the policy.', [
      { line: 'picket unprotect ssh', what: 'on this host' },
    ]),
  },
});

function protect(desk: Desk, flags: ProtectFlags, ...words: Words): Promise<Exit> {
  const which = whichOf(words);
  const allow = allowOf(flags.allow);
  return changeEither(desk, flags, {
    here: (agent, how) => agent.ask('protect', { ...how, ...which, ...allow }),
    there: ({ client, routes, domain }, how) => {
      const { allow: whom } = allow;
      const admitted = whom === undefined ? {} : { allow: typeof whom === 'string' ? whom : [...whom] };
      const body = { ...how, ...doorOf(which), ...admitted };
      return client.call(routes.services.protect, { params: { domain: domain() }, body });
    },
  });
}

function unprotect(desk: Desk, flags: Flags, ...words: Words): Promise<Exit> {
  const which = whichOf(words);
  return changeEither(desk, flags, {
    here: (agent, how) => agent.ask('unprotect', { ...how, ...which }),
    there: ({ client, routes, domain }, how) =>
      client.call(routes.services.unprotect, { params: { domain: domain() }, body: { ...how, ...doorOf(which) } }),
  });
}

interface Which {
  readonly service: string;
  readonly element?: string;
}

/** A controller does not know which of its elements this host is. */
function doorOf({ service, element }: Which): Required<Which> {
  if (element !== undefined) return { service, element };
  throw wrongUsage(
    'on which element is not stated, and a controller does not know this host',
    'write SERVICE on ELEMENT, or mean the agent of this machine with --on local',
  );
}

function whichOf([service, on, element]: Words): Which {
  if (on === undefined) return { service };
  if (on !== 'on' || element === undefined)
    throw wrongUsage(`cannot read "${[service, on, element ?? ''].join(' ').trim()}"`, 'write SERVICE on ELEMENT');
  return { service, element };
}

function allowOf(text: string | undefined): { readonly allow?: 'seen' | 'nobody' | readonly string[] } {
  if (text === undefined) return {};
  if (text === 'seen' || text === 'nobody') return { allow: text };
  const whom = text.split(',').map((one) => one.trim());
  if (whom.includes('')) throw wrongUsage(`cannot read "${text}" for --allow`, 'write seen, nobody, or A,B,C');
  return { allow: whom };
}
