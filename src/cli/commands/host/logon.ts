// `picket logon`, `picket logoff`, `picket ticket`: who logged on, told to the gateway by hand. The network protocol is not this.

import { buildCommand } from '@stricli/core';
import { type Factor, SECOND } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { ASK_FLAGS, type AskFlags, doDeed } from '../../live/change.ts';
import { agentOf } from '../../live/place.ts';
import { listText, whenText } from '../../live/words.ts';
import { durationFlag } from '../../times.ts';
import { word } from '../parameters.ts';

interface LogonFlags extends AskFlags {
  readonly factor?: readonly Factor[];
}

const ELEMENT = {
  kind: 'tuple',
  parameters: [{ parse: word, brief: 'element of the policy', placeholder: 'ELEMENT' }],
} as const;

const LOGON_FLAGS = {
  ...ASK_FLAGS,
  factor: {
    kind: 'enum',
    values: ['person', 'device'],
    optional: true,
    variadic: true,
    brief: 'What was proved: person, device; both may be given [person]',
  },
} as const;

export const logonCommand = buildCommand<LogonFlags, [element: string], PicketContext>({
  func: command((desk: Desk, flags: LogonFlags, element: string) => turn(desk, flags, { element, isOn: true })),
  parameters: { flags: LOGON_FLAGS, positional: ELEMENT },
  docs: {
    brief: 'Tell the gateway that an element has logged on',
    fullDescription: description(
      'From now on sessions of this element may use what asks for a logon, as long as their rules say. Whoever can run this as root vouches for it: nothing is asked of the element itself.',
      [{ line: 'picket logon alice --factor person --factor device', what: 'both factors, now' }],
    ),
  },
});

export const logoffCommand = buildCommand<LogonFlags, [element: string], PicketContext>({
  func: command((desk: Desk, flags: LogonFlags, element: string) => turn(desk, flags, { element, isOn: false })),
  parameters: { flags: LOGON_FLAGS, positional: ELEMENT },
  docs: {
    brief: 'End the logon of an element: its sessions are cut',
    fullDescription: description('Sessions that needed the logon end at once, both ways, or after their drain.', [
      { line: 'picket logoff alice', what: 'all that alice opened by it' },
    ]),
  },
});

function turn(
  desk: Desk,
  flags: LogonFlags,
  { element, isOn }: { readonly element: string; readonly isOn: boolean },
): Promise<Exit> {
  const factors: readonly Factor[] = flags.factor ?? (isOn ? ['person'] : ['person', 'device']);
  const what = listText(factors, 2);
  const plan = isOn
    ? `"${element}" counts as logged on (${what}) from now on`
    : `"${element}" counts as logged off (${what}); sessions that need it are cut`;
  return doDeed(desk, flags, {
    plan,
    ask: async () => {
      const done = await agentOf(desk, flags).ask(isOn ? 'logon' : 'logoff', { element, factors });
      const message = isOn ? `${element} is logged on since ${whenText(done.since)}` : `${element} is logged off`;
      return { ...done, message, undo: isOn ? `picket logoff ${element}` : `picket logon ${element}` };
    },
  });
}

interface TicketFlags extends AskFlags {
  readonly within: string;
}

/** A ticket is for a connection that is about to be opened. */
const TICKET_SECONDS_MAX = 3_600;

export const ticketCommand = buildCommand<TicketFlags, [from: string, service: string], PicketContext>({
  func: command(ticket),
  parameters: {
    flags: {
      ...ASK_FLAGS,
      within: {
        kind: 'parsed',
        parse: word,
        default: '60s',
        brief: 'How long it waits to be used',
        placeholder: 'TIME',
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: word, brief: 'element or address that connects', placeholder: 'FROM' },
        { parse: word, brief: 'service of the policy', placeholder: 'SERVICE' },
      ],
    },
  },
  docs: {
    brief: 'Let one connection through, once',
    fullDescription: description(
      'The next connection from this end to the service passes, and only that one. The ticket is gone once it is used, or when its time is over.',
      [{ line: 'picket ticket alice shell --within 2min', what: 'one connection in the next two minutes' }],
    ),
  },
});

function ticket(desk: Desk, flags: TicketFlags, from: string, service: string): Promise<Exit> {
  const seconds = Math.floor(durationFlag('within', flags.within) / SECOND);
  if (seconds < 1 || seconds > TICKET_SECONDS_MAX)
    throw wrongUsage(`a ticket cannot wait ${flags.within}`, 'write a time from 1 s to 1 h');
  return doDeed(desk, flags, {
    plan: `one connection from "${from}" to "${service}" may open within ${seconds} s`,
    ask: () => agentOf(desk, flags).ask('ticket', { from, service, seconds }),
  });
}
