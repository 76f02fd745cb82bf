// Elements and newcomers of a domain at its controller, in the form in which those of the local agent are shown.

import type { ElementView } from '#agent';
import type { ReceivedOf, Routes } from '#routes';
import type { Desk } from '../context.ts';
import { answeredBy } from './asking.ts';
import type { Controller } from './controller.ts';
import { pagesOf } from './pages.ts';

type Element = ReceivedOf<Routes['elements']['show']['answer']>;
type Newcomer = ReceivedOf<Routes['elements']['newcomers']['answer']>['items'][number];

export interface DomainElements {
  readonly elements: readonly Element[];
  readonly inbox: readonly Newcomer[];
  /** True where there are more than a command holds. */
  readonly isCut: boolean;
}

export async function elementsAt(desk: Desk, controller: Controller): Promise<DomainElements> {
  const { client, routes, domain } = controller;
  const params = { domain: domain() };
  const known = await pagesOf(desk, (query) => client.call(routes.elements.list, { params, query }));
  const { items, isCut } = await newcomersAt(desk, controller);
  return { elements: known.items, inbox: items, isCut: known.isCut || isCut };
}

/** The element, or who else has that id, MAC or address; refused as the controller refuses it where there is neither. */
export async function elementAt(
  desk: Desk,
  controller: Controller,
  which: string,
): Promise<{ readonly element: Element | null; readonly newcomer: Newcomer | null }> {
  const { client, routes, domain } = controller;
  const asked = await client.call(routes.elements.show, { params: { domain: domain(), element: which } });
  if (asked.kind === 'refused' && asked.problem.status === 404) {
    const text = which.toLowerCase();
    const isMeant = ({ id, mac, addresses }: Newcomer) => id === which || mac === text || addresses.includes(text);
    const newcomer = (await newcomersAt(desk, controller)).items.find(isMeant);
    if (newcomer !== undefined) return { element: null, newcomer };
  }
  return { element: (await answeredBy(desk, Promise.resolve(asked))).value, newcomer: null };
}

function newcomersAt(desk: Desk, { client, routes, domain }: Controller) {
  const params = { domain: domain() };
  return pagesOf(desk, (query) => client.call(routes.elements.newcomers, { params, query }));
}

/** A controller does not know which element the asking host is. */
export function elementView(element: Element): ElementView {
  return { ...element, isHere: false, isQuarantined: element.quarantine !== null };
}
