// `picket elements show`: all that is known of one element, or of one in the inbox.

import { buildCommand } from '@stricli/core';
import type { ElementsAnswer, ElementView, NewcomerView } from '#agent';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { description } from '../../help.ts';
import { answered } from '../../live/asking.ts';
import { agentOf, type PlaceFlags, SOCKET_FLAG } from '../../live/place.ts';
import { fact } from '../../live/status-print.ts';
import { listText, whenText } from '../../live/words.ts';
import { nearest } from '../../output/nearest.ts';
import { safeText } from '../../output/text.ts';
import { changedAt } from '../../remote/change.ts';
import { type Controller, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { elementAt, elementView } from '../../remote/elements.ts';
import { JSON_FLAG, word } from '../parameters.ts';
import { labelsText, modeText } from './ls.ts';

interface Flags extends PlaceFlags, RemoteFlags {
  readonly json?: boolean;
}

export const showCommand = buildCommand<Flags, [element: string], PicketContext>({
  func: command(show),
  parameters: {
    flags: { socket: SOCKET_FLAG, ...REMOTE_FLAGS, json: JSON_FLAG },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: word, brief: 'element, or an id, MAC or address of the inbox', placeholder: 'ELEMENT' }],
    },
  },
  docs: {
    brief: 'Show all that is known of one element',
    fullDescription: description('Also for one who was seen and is no element yet.', [
      { line: 'picket elements show recorder', what: 'mode, addresses, labels, when it was seen' },
    ]),
  },
});

/** Addresses and names that are told before the rest is a number. */
const LISTED = 8;

async function show(desk: Desk, flags: Flags, which: string): Promise<Exit> {
  const controller = await changedAt(desk, flags);
  if (controller !== null) return showAt(desk, controller, { which, isJson: flags.json === true });
  const answer = await answered(desk, () => agentOf(desk, flags).ask('elements', {}));
  const element = answer.elements.find(({ id }) => id === which);
  const newcomer = element === undefined ? newcomerOf(answer, which) : undefined;
  if (element === undefined && newcomer === undefined) throw unknown(answer, which);
  if (flags.json === true)
    desk.paper.line(
      JSON.stringify({ schema: 'picket.element/v1', element: element ?? null, newcomer: newcomer ?? null }),
    );
  else if (element !== undefined) printElement(desk, element);
  else if (newcomer !== undefined) printNewcomer(desk, newcomer);
  return EXIT.done;
}

async function showAt(
  desk: Desk,
  controller: Controller,
  { which, isJson }: { readonly which: string; readonly isJson: boolean },
): Promise<Exit> {
  const { element, newcomer } = await elementAt(desk, controller, which);
  const domain = controller.domain();
  if (isJson) desk.paper.line(JSON.stringify({ schema: 'picket.domain-element/v1', domain, element, newcomer }));
  else if (newcomer !== null) {
    printNewcomer(desk, newcomer);
    fact(desk, 'seen by', newcomer.agent);
  } else if (element !== null) {
    printElement(desk, elementView(element));
    const { owner, data, quarantine } = element;
    if (owner !== null) fact(desk, 'owner', owner);
    if (data.length > 0) fact(desk, 'data', listText(data, LISTED));
    if (quarantine !== null)
      fact(
        desk,
        'quarantine',
        `by ${quarantine.by}, until ${quarantine.until === null ? 'released' : whenText(quarantine.until)}: ${quarantine.reason}`,
      );
  }
  return EXIT.done;
}

function newcomerOf({ inbox }: ElementsAnswer, which: string): NewcomerView | undefined {
  const text = which.toLowerCase();
  return inbox.find(({ id, mac, addresses }) => id === which || mac === text || addresses.includes(text));
}

function unknown({ elements, inbox }: ElementsAnswer, which: string): Failure {
  const guess = nearest(
    which,
    [...elements, ...inbox].map(({ id }) => id),
  );
  return new Failure({
    code: 'PICKET-A004',
    exit: EXIT.notFound,
    message: `there is no element "${which}", and nobody in the inbox has that id, MAC or address`,
    help: guess === null ? 'see: picket elements ls, picket elements ls --new' : `did you mean "${guess}"?`,
  });
}

function printElement(desk: Desk, element: ElementView): void {
  desk.paper.line(`${safeText(element.id)} (${element.kind})`);
  fact(desk, 'mode', modeText(element));
  if (element.protect.length > 0) fact(desk, 'protects', listText(element.protect, LISTED));
  if (element.addresses.length > 0) fact(desk, 'address', listText(element.addresses, LISTED));
  if (element.macs.length > 0) fact(desk, 'mac', listText(element.macs, LISTED));
  if (Object.keys(element.labels).length > 0) fact(desk, 'labels', labelsText(element.labels));
  if (element.isSafetyCritical) fact(desk, 'safety', 'critical: never quarantined by itself');
  fact(desk, 'first seen', whenText(element.firstSeen));
  fact(desk, 'last seen', whenText(element.lastSeen));
}

function printNewcomer(desk: Desk, newcomer: NewcomerView): void {
  desk.paper.line(`${safeText(newcomer.id)}: no element`);
  if (newcomer.mac !== null) fact(desk, 'mac', newcomer.mac);
  if (newcomer.addresses.length > 0) fact(desk, 'address', listText(newcomer.addresses, LISTED));
  if (newcomer.names.length > 0) fact(desk, 'says it is', listText(newcomer.names, LISTED));
  if (newcomer.interface !== null) fact(desk, 'on', newcomer.interface);
  fact(desk, 'first seen', whenText(newcomer.firstSeen));
  fact(desk, 'last seen', whenText(newcomer.lastSeen));
  fact(desk, 'next', `picket elements approve ${newcomer.id} --name ${newcomer.proposedName}`);
}
