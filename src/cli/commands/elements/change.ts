// `picket elements approve`, `label` and `rm`: who is an element, and what is said of it. Changes of the policy.

import { buildCommand } from '@stricli/core';
import { ELEMENT_KINDS, type ElementKind } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import type { Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { CHANGE_FLAGS, type ChangeFlags } from '../../live/change.ts';
import { REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { changeEither } from '../../remote/either.ts';
import { word } from '../parameters.ts';

interface Flags extends ChangeFlags, RemoteFlags {}

interface ApproveFlags extends Flags {
  readonly name?: string;
  readonly kind?: ElementKind;
  readonly label?: readonly string[];
}

const LABEL_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  variadic: true,
  brief: 'Label it: role=camera; may be given again',
  placeholder: 'K=V',
} as const;

export const approveCommand = buildCommand<ApproveFlags, [newcomer: string], PicketContext>({
  func: command(approve),
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      ...REMOTE_FLAGS,
      name: { kind: 'parsed', parse: word, optional: true, brief: 'Its name in the policy', placeholder: 'NAME' },
      kind: { kind: 'enum', values: ELEMENT_KINDS, optional: true, brief: 'What it is [device]' },
      label: LABEL_FLAG,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'id, MAC or address of the inbox', placeholder: 'WHO' }],
    },
  },
  docs: {
    brief: 'Take one of the inbox into the policy',
    fullDescription: description(
      'Makes an element of somebody who was seen. It gets the mode of the policy, so approving alone blocks nothing where the policy observes.',
      [
        {
          line: 'picket elements approve 02:42:ac:11:00:05 --name cam-lobby --label role=camera',
          what: 'with a name and a label',
        },
      ],
    ),
  },
});

export const labelCommand = buildCommand<Flags, [element: string, ...labels: string[]], PicketContext>({
  func: command(label),
  parameters: {
    flags: { ...CHANGE_FLAGS, ...REMOTE_FLAGS },
    positional: {
      kind: 'array',
      minimum: 2,
      parameter: { parse: word, brief: 'the element, then key=value, or key= to take one away', placeholder: 'WORD' },
    },
  },
  docs: {
    brief: 'Set or take away labels of an element',
    customUsage: ['ELEMENT KEY=VALUE... [flags]'],
    fullDescription: description('Rules that name a label then hold for it too; the plan shows what that changes.', [
      { line: 'picket elements label cam-lobby role=camera floor=', what: 'sets role, takes floor away' },
    ]),
  },
});

export const rmCommand = buildCommand<Flags, [element: string], PicketContext>({
  func: command(remove),
  parameters: {
    flags: { ...CHANGE_FLAGS, ...REMOTE_FLAGS },
    positional: { kind: 'tuple', parameters: [{ parse: word, brief: 'element', placeholder: 'ELEMENT' }] },
  },
  docs: {
    brief: 'Take an element out of the policy',
    fullDescription: description(
      'It is a stranger from then on: what held it by name or label holds it no longer. Refused where a rule names it.',
      [{ line: 'picket elements rm cam-lobby', what: 'a plan first, as always' }],
    ),
  },
});

function approve(desk: Desk, flags: ApproveFlags, newcomer: string): Promise<Exit> {
  const takes = {
    newcomer,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.kind === undefined ? {} : { kind: flags.kind }),
    ...(flags.label === undefined ? {} : { labels: givenLabels(flags.label) }),
  };
  return changeEither(desk, flags, {
    here: (agent, how) => agent.ask('approve', { ...how, ...takes }),
    there: ({ client, routes, domain }, how) => {
      const { newcomer: _, ...approval } = takes;
      const params = { domain: domain(), newcomer };
      return client.call(routes.elements.approve, { params, body: { ...how, ...approval } });
    },
  });
}

function label(desk: Desk, flags: Flags, element: string, ...words: string[]): Promise<Exit> {
  const labels = Object.fromEntries(words.map(labelOf).map(([key, value]) => [key, value === '' ? null : value]));
  return changeEither(desk, flags, {
    here: (agent, how) => agent.ask('label', { ...how, element, labels }),
    there: ({ client, routes, domain }, how) =>
      client.call(routes.elements.label, { params: { domain: domain(), element }, body: { ...how, labels } }),
  });
}

function remove(desk: Desk, flags: Flags, element: string): Promise<Exit> {
  return changeEither(desk, flags, {
    here: (agent, how) => agent.ask('remove', { ...how, element }),
    there: ({ client, routes, domain }, how) =>
      client.call(routes.elements.remove, { params: { domain: domain(), element }, body: how }),
  });
}

function givenLabels(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map(labelOf));
}

function labelOf(text: string): readonly [key: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw wrongUsage(`cannot read "${text}" as a label`, 'write key=value');
  return [text.slice(0, at), text.slice(at + 1)];
}
