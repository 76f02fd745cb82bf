// Checks of elements: identifiers that two of them claim, names with two meanings, elements that nothing can recognise.

import { type Element, macText, type Policy, prefixText } from '#model';
import { looksLikeAddress } from '../selector.ts';
import { quoted, trouble } from '../trouble.ts';
import { type CheckContext, placeOf } from './context.ts';

export function checkElements(policy: Policy, context: CheckContext): void {
  const owners = new Map<string, string>();
  const services = new Set(policy.services.map(({ id }) => id));
  for (const element of policy.elements) {
    const where = placeOf(context, `elements.${element.id}`);
    if (services.has(element.id))
      context.report.error(
        trouble(
          'PICKET-P017',
          `${quoted(element.id)} names both an element and a service`,
          'rename one: "to" could mean either',
        ),
        where,
      );
    if (looksLikeAddress(element.id))
      context.report.error(
        trouble('PICKET-P011', `the name ${quoted(element.id)} looks like an address`, 'begin it with a letter'),
        where,
      );
    if (!isRecognisable(element) && !context.report.hasErrors)
      context.report.warn(
        trouble(
          'PICKET-P015',
          `element ${quoted(element.id)} has no identifier, so no traffic is ever its own`,
          'add address, mac or login',
        ),
        where,
      );
    checkIdentity(element, context, owners);
  }
}

function isRecognisable({ macs, addresses, login }: Element): boolean {
  return macs.length > 0 || addresses.length > 0 || login !== null;
}

/** Two elements may share an address when their MACs differ, and a MAC when their addresses differ; never the whole of what they declare. */
function checkIdentity(
  { id, macs, addresses, login }: Element,
  context: CheckContext,
  owners: Map<string, string>,
): void {
  const where = placeOf(context, `elements.${id}.mac`, `elements.${id}.address`, `elements.${id}`);
  for (const mac of macs.length === 0 ? [null] : macs)
    for (const prefix of addresses.length === 0 ? [null] : addresses) {
      if (mac === null && prefix === null) continue;
      const texts = [mac === null ? '' : macText(mac), prefix === null ? '' : prefixText(prefix)].filter(
        (text) => text !== '',
      );
      claim(texts.join(' with '), { id, where, context, owners });
    }
  if (login !== null)
    claim(`login ${login.toLowerCase()}`, { id, where: placeOf(context, `elements.${id}.login`), context, owners });
}

function claim(
  identity: string,
  {
    id,
    where,
    context,
    owners,
  }: { id: string; where: ReturnType<typeof placeOf>; context: CheckContext; owners: Map<string, string> },
): void {
  const owner = owners.get(identity);
  if (owner === undefined) owners.set(identity, id);
  else if (owner === id)
    context.report.warn(
      trouble('PICKET-P016', `element ${quoted(id)} states ${quoted(identity)} twice`, 'delete one'),
      where,
    );
  else
    context.report.error(
      trouble(
        'PICKET-P016',
        `elements ${quoted(owner)} and ${quoted(id)} both have ${quoted(identity)}`,
        'traffic could belong to either; give each its own',
      ),
      where,
    );
}
