// `picket protect` and `picket unprotect`: one service is held, or no longer; everything else stays as it is.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { CHANGE_FLAGS, type ChangeFlags, changePolicy } from '../../live/change.ts';
import { agentOf } from '../../live/place.ts';
import { word } from '../parameters.ts';

interface ProtectFlags extends ChangeFlags {
  readonly allow?: string;
}

type Words = [service: string, on?: string, element?: string];

const WORDS = {
  kind: 'tuple',
  parameters: [
    { parse: word, brief: 'ssh, 22, 53/udp, a program, or one of the policy', placeholder: 'SERVICE' },
    { parse: word, brief: 'the word "on"', placeholder: 'on', optional: true },
    { parse: word, brief: 'element of the policy; this host if not stated', placeholder: 'ELEMENT', optional: true },
  ],
} as const;

export const protectCommand = buildCommand<ProtectFlags, Words, PicketContext>({
  func: command(protect),
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
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

export const unprotectCommand = buildCommand<ChangeFlags, Words, PicketContext>({
  func: command(unprotect),
  parameters: { flags: CHANGE_FLAGS, positional: WORDS },
  docs: {
    brief: 'No longer hold one service; it is watched as before',
    customUsage: ['SERVICE [on ELEMENT] [flags]'],
    fullDescription: description('Takes a service out of those that are held. Its rules stay in the policy.', [
      { line: 'picket unprotect ssh', what: 'on this host' },
    ]),
  },
});

function protect(desk: Desk, flags: ProtectFlags, ...words: Words): Promise<Exit> {
  const agent = agentOf(desk, flags);
  const takes = { ...whichOf(words), ...allowOf(flags.allow) };
  return changePolicy(desk, flags, { ask: (how) => agent.ask('protect', { ...how, ...takes }) });
}

function unprotect(desk: Desk, flags: ChangeFlags, ...words: Words): Promise<Exit> {
  const agent = agentOf(desk, flags);
  return changePolicy(desk, flags, { ask: (how) => agent.ask('unprotect', { ...how, ...whichOf(words) }) });
}

function whichOf([service, on, element]: Words): { readonly service: string; readonly element?: string } {
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
