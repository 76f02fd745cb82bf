// Reads services, named or in place, and what `to` points at. A target that cannot be read leaves its rule without it and an error behind.

import { APPLICATIONS, hasPorts, type PortRange, type Selector, type Service } from '#model';
import { SERVICE_KEYS } from './fields.ts';
import { didYouMean } from './nearest.ts';
import {
  type Context,
  type Fields,
  fieldsOf,
  isPresent,
  missing,
  sectionOf,
  settled,
  textOf,
  textsOf,
  whereOf,
} from './reading.ts';
import type { Where } from './report.ts';
import { parseSelector } from './selector.ts';
import { pathOf, type TreeNode } from './tree.ts';
import { isTrouble, quoted, type Trouble, trouble } from './trouble.ts';
import { PROTOCOLS, parseProtocol, protocolText } from './words.ts';

/** What an unreadable selector becomes: it holds for nobody, so an error never widens access. */
export const NOBODY: Selector = { kind: 'not', of: { kind: 'any' } };

const PORT_MAX = 65_535;
/** Services one rule may name. */
const TARGETS_MAX = 1_000;

export function readServices(context: Context, document: Fields): readonly Service[] {
  return sectionOf(context, document, 'services').flatMap(({ key, value }) => {
    const service = readService(context, value, { id: key, path: pathOf('services', key) });
    return service ?? [];
  });
}

function readService(context: Context, node: TreeNode, { id, path }: { id: string; path: string }): Service | null {
  const fields = fieldsOf(context, node, { path, keys: SERVICE_KEYS, what: 'a service' });
  if (fields === null) return null;
  if (!fields.entries.has('on'))
    missing(context, fields, {
      key: 'on',
      what: id === '' ? 'the service' : `service ${quoted(id)}`,
      help: 'say which elements offer it, for instance on: role=recorder',
    });
  const protocol = readProtocol(context, fields);
  const ports = readPorts(context, fields);
  checkPorts(context, fields, { protocol, ports });
  return {
    id,
    on: readSelector(context, fields, 'on'),
    protocol,
    ports,
    application: readApplication(context, fields),
    isLogonRequired: readLogonRequired(context, fields),
  };
}

/** One selector, or a list that means either. */
export function readSelector(context: Context, fields: Fields, key: string): Selector {
  const parts: Selector[] = [];
  const texts = textsOf(context, fields, key);
  for (const { text, where } of texts) {
    const selector = settled(context, parseSelector(text, context.names), where);
    if (selector !== null) parts.push(...(selector.kind === 'either' && texts.length > 1 ? selector.of : [selector]));
  }
  const [first] = parts;
  if (first === undefined) return NOBODY;
  return parts.length === 1 ? first : { kind: 'either', of: parts };
}

function readProtocol(context: Context, fields: Fields): number | null {
  const text = textOf(context, fields, 'protocol');
  if (text === null || text === 'any') return null;
  const protocol = parseProtocol(text);
  if (protocol === null) {
    const help = didYouMean(
      text,
      [...PROTOCOLS.keys()],
      `write ${[...PROTOCOLS.keys()].join(', ')}, any, or a number up to 255`,
    );
    context.report.error(
      trouble('PICKET-P022', `${quoted(text)} is not a protocol`, help),
      whereOf(fields, 'protocol'),
    );
  }
  return protocol;
}

function readPorts(context: Context, fields: Fields): readonly PortRange[] {
  return textsOf(context, fields, 'port').flatMap(({ text, where }) => settled(context, parsePorts(text), where) ?? []);
}

/** `554` or `8000-8100`. */
function parsePorts(text: string): PortRange | Trouble {
  const [, first, last = first] = /^ ?([0-9]{1,9})(?: ?- ?([0-9]{1,9}))? ?$/.exec(text) ?? [];
  if (first === undefined || last === undefined)
    return trouble('PICKET-P002', `${quoted(text)} is not a port`, 'write 554, 8000-8100, or a list of them');
  const range = { from: Number(first), to: Number(last) };
  const wrong = [range.from, range.to].find((port) => port > PORT_MAX || port < 1);
  if (wrong !== undefined) return trouble('PICKET-P002', `port ${wrong} does not exist`, 'ports go from 1 to 65535');
  if (range.from > range.to)
    return trouble('PICKET-P002', `the port range ${quoted(text)} is reversed`, `write ${range.to}-${range.from}`);
  return range;
}

function checkPorts(context: Context, fields: Fields, { protocol, ports }: Pick<Service, 'protocol' | 'ports'>): void {
  if (ports.length === 0 || (protocol !== null && hasPorts(protocol))) return;
  if (
    protocol === null &&
    isPresent(fields.entries.get('protocol')?.value) &&
    textOf(context, fields, 'protocol') !== 'any'
  )
    return;
  const what =
    protocol === null
      ? 'a service with ports names no protocol'
      : `the protocol ${protocolText(protocol)} has no ports`;
  context.report.error(
    trouble('PICKET-P023', what, protocol === null ? 'add protocol: tcp or protocol: udp' : 'delete "port"'),
    whereOf(fields, 'port'),
  );
}

function readApplication(context: Context, fields: Fields): string | null {
  const text = textOf(context, fields, 'application');
  if (text === null || text === 'any') return null;
  if (APPLICATIONS.some((known) => known === text)) return text;
  const help = didYouMean(text, APPLICATIONS, `applications are ${APPLICATIONS.join(', ')}`);
  context.report.error(
    trouble('PICKET-P024', `${quoted(text)} is not a known application`, help),
    whereOf(fields, 'application'),
  );
  return null;
}

function readLogonRequired(context: Context, fields: Fields): boolean {
  const text = textOf(context, fields, 'logon');
  if (text === null || text === 'no') return false;
  if (text !== 'required')
    context.report.error(
      trouble(
        'PICKET-P037',
        `a service's logon is "required" or left out, not ${quoted(text)}`,
        'name the factors in the rule: limits: { logon: person }',
      ),
      whereOf(fields, 'logon'),
    );
  return true;
}

interface TargetOptions {
  readonly services: ReadonlyMap<string, Service>;
  /** Guardrails may name a selector, which means every service there. */
  readonly maySelect: boolean;
}

/** The services that `to` names, in place or by id. */
export function readTargets(context: Context, fields: Fields, options: TargetOptions): readonly Service[] {
  const node = fields.entries.get('to')?.value;
  const path = pathOf(fields.path, 'to');
  if (!isPresent(node)) {
    missing(context, fields, { key: 'to', what: 'the entry', help: 'name the services it is about' });
    return [];
  }
  const items = node.kind === 'list' ? node.items : [node];
  if (items.length === 0)
    context.report.error(trouble('PICKET-P008', '"to" names no service', 'name at least one'), { span: node, path });
  if (items.length > TARGETS_MAX)
    context.report.error(trouble('PICKET-P004', `"to" names more than ${TARGETS_MAX} services`), { span: node, path });
  return items.slice(0, TARGETS_MAX).flatMap((item, at) => {
    const where = { span: item, path: node.kind === 'list' ? pathOf(path, at) : path };
    if (item.kind === 'map') return readService(context, item, { id: '', path: where.path }) ?? [];
    const target = item.kind === 'text' ? readTarget(context, item.text, options) : listTrouble();
    return settled(context, target, where) ?? [];
  });
}

function listTrouble(): Trouble {
  return trouble(
    'PICKET-P007',
    '"to" must name services',
    'write a service name, { on: …, protocol: …, port: … }, or a list of them',
  );
}

function readTarget({ names }: Context, text: string, { services, maySelect }: TargetOptions): Service | Trouble {
  const service = services.get(text);
  if (service !== undefined) return service;
  const selector = parseSelector(text, names);
  if (maySelect && !isTrouble(selector)) return serviceEverywhere(selector);
  if (maySelect && isTrouble(selector) && selector.code !== 'PICKET-P018') return selector;
  const isSelector = !isTrouble(selector);
  const everywhere = isSelector
    ? `write { on: ${text} } for every service there`
    : 'add it to "services", or write { on: …, protocol: …, port: … }';
  return trouble(
    'PICKET-P020',
    `no service is called ${quoted(text)}`,
    didYouMean(text, [...services.keys()], everywhere),
  );
}

function serviceEverywhere(on: Selector): Service {
  return { id: '', on, protocol: null, ports: [], application: null, isLogonRequired: false };
}

/** Whether a DNS name stands anywhere in the selector. */
export function hasName(selector: Selector): boolean {
  switch (selector.kind) {
    case 'name':
      return true;
    case 'not':
      return hasName(selector.of);
    case 'all':
    case 'either':
      return selector.of.some(hasName);
    default:
      return false;
  }
}

/** DNS names are known only for the client that asked, so they may stand in a rule's `to` and nowhere else. */
export function refuseNames(
  context: Context,
  { from, to, where }: { from: Selector; to: readonly Service[]; where: { from: Where; to: Where } },
): void {
  const help = 'only the client that asked for a name knows its addresses; use an element, a label or addresses';
  if (hasName(from))
    context.report.error(trouble('PICKET-P021', 'a DNS name cannot stand in "from"', help), where.from);
  if (to.some(({ on }) => hasName(on)))
    context.report.error(trouble('PICKET-P021', 'a DNS name cannot stand in a guardrail', help), where.to);
}
