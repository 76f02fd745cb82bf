// `picket mode`: how far elements are held.

import { buildCommand } from '@stricli/core';
import type { Mode } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { CHANGE_FLAGS, type ChangeFlags } from '../../live/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { changeEither } from '../../remote/either.ts';
import { word } from '../parameters.ts';

const MODES: ReadonlyMap<string, Mode> = new Map([
  ['observe', 'observe'],
  ['protect', 'protect'],
  ['enforce', 'enforce'],
]);

interface Flags extends ChangeFlags, RemoteFlags {}

export const modeCommand = buildCommand<Flags, [selector: string, mode: string], PicketContext>({
  func: command(mode),
  parameters: {
    flags: { ...CHANGE_FLAGS, ...REMOTE_FLAGS },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: word, brief: 'element, key=value, kind=server, or all', placeholder: 'ELEMENT' },
        {
          parse: word,
          proposeCompletions: (partial: string) => [...MODES.keys()].filter((name) => name.startsWith(partial)),
          brief: 'observe, protect or enforce',
          placeholder: 'MODE',
        },
      ],
    },
  },
  docs: {
    brief: 'Watch elements, protect their chosen services, or enforce everything',
    fullDescription: description(
      'Sets the mode of elements: observe records, protect holds their chosen services, enforce denies all that no rule permits. The plan shows what of the traffic seen would be denied; the change reverts by itself unless you confirm it from a new session.',
      [
        { line: 'picket mode role=camera enforce --dry-run', what: 'what it would deny' },
        { line: 'picket mode recorder observe', what: 'back to watching' },
        { line: 'picket mode recorder enforce --on plant', what: 'in the domain of a context, at each of its agents' },
      ],
    ),
  },
});

function mode(desk: Desk, flags: Flags, selector: string, text: string): Promise<Exit> {
  const wanted = MODES.get(text);
  if (wanted === undefined) throw wrongUsage(`there is no mode "${text}"`, 'it may be observe, protect or enforce');
  const takes = { selector, mode: wanted };
  return changeEither(desk, flags, {
    here: (agent, how) => agent.ask('mode', { ...how, ...takes }),
    there: ({ client, routes, domain }, how) =>
      client.call(routes.elements.mode, { params: { domain: domain() }, body: { ...how, ...takes } }),
  });
}
