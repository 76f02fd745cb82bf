// A policy as the entries of its canonical document. Layout and quoting are in layout.ts.

import {
  type Element,
  type Limits,
  macText,
  type Policy,
  type PortRange,
  prefixText,
  type Rule,
  type Selector,
  type Service,
} from '#model';
import { untilText } from './calendar.ts';
import { logonText } from './conditions.ts';
import { hoursText } from './hours.ts';
import { type LayoutEntry, type LayoutValue, layOut, type Remarks } from './layout.ts';
import { limitTexts } from './limits-text.ts';
import { selectorText } from './selector.ts';
import { pathOf } from './tree.ts';
import { protocolText } from './words.ts';

/** Writes a policy built in memory. `comments`: lines above the entry at a path, `''` for the top of the file. Unknown paths go to their nearest parent. */
export function printPolicy(policy: Policy, comments: ReadonlyMap<string, readonly string[]>): string {
  const entries = entriesOf(policy, NOTHING_STATED);
  const remarks = new Map<string, Remarks>();
  for (const [path, lines] of comments)
    addRemark(remarks, {
      path: nearestPath(path, pathsOf(entries)),
      above: lines.flatMap((line) => line.split(/\r\n|\n|\r/)),
    });
  return layOut(entries, { remarks, tail: [], isJson: false });
}

const NOTHING_STATED: ReadonlySet<string> = new Set();

export function addRemark(
  remarks: Map<string, Remarks>,
  { path, above = [], behind = null }: { path: string; above?: readonly string[]; behind?: string | null },
): void {
  const known = remarks.get(path) ?? { above: [], behind: null };
  // A second remark behind the same line has no room there, so it goes above.
  const pushed = behind !== null && known.behind !== null ? [known.behind] : [];
  remarks.set(path, { above: [...known.above, ...pushed, ...above], behind: behind ?? known.behind });
}

/** Every path of the entries, so that a comment finds its place. */
export function pathsOf(entries: readonly LayoutEntry[], paths = new Set<string>()): ReadonlySet<string> {
  for (const { path, value } of entries) {
    paths.add(path);
    if (value.kind === 'branch') pathsOf(value.entries, paths);
  }
  return paths;
}

/** The path itself, or the nearest one above it that is written; '' when none is. */
export function nearestPath(path: string, paths: ReadonlySet<string>): string {
  let at = path;
  while (at !== '' && !paths.has(at)) at = at.includes('.') ? at.slice(0, at.lastIndexOf('.')) : '';
  return at;
}

interface Printing {
  readonly policy: Policy;
  readonly ids: ReadonlySet<string>;
  /** Paths that the source states although their value is the default: kept, because the writer meant them. */
  readonly stated: ReadonlySet<string>;
}

export function entriesOf(policy: Policy, stated: ReadonlySet<string>): readonly LayoutEntry[] {
  const printing: Printing = { policy, stated, ids: new Set(policy.elements.map(({ id }) => id)) };
  const sections: readonly (readonly [string, readonly (LayoutEntry | null)[]])[] = [
    ['elements', policy.elements.map((element) => elementEntry(printing, element))],
    ['services', policy.services.map((service) => serviceEntry(printing, service, `services.${service.id}`))],
    ['rules', policy.rules.map((rule) => ruleEntry(printing, rule))],
    [
      'never',
      policy.never.map((guardrail) =>
        branch(guardrail.id, `never.${guardrail.id}`, [
          ...guardrailEnds(printing, guardrail, 'never'),
          ...remarkFields(guardrail, `never.${guardrail.id}`),
        ]),
      ),
    ],
    ['require', policy.require.map((guardrail) => requireEntry(printing, guardrail))],
  ];
  const tests = policy.tests.map(({ text }, at) => leaf('', `tests.${at}`, text));
  return present([
    number('picket', 'picket', 1),
    leaf('timezone', 'timezone', policy.timezone),
    leaf('mode', 'mode', policy.mode),
    ...sections.map(([key, entries]) =>
      entries.length === 0 && !stated.has(key) ? null : branch(key, key, entries, 'block'),
    ),
    tests.length === 0 && !stated.has('tests')
      ? null
      : { key: 'tests', path: 'tests', value: { kind: 'branch', isList: true, style: 'block', entries: tests } },
  ]);
}

function present(entries: readonly (LayoutEntry | null)[]): readonly LayoutEntry[] {
  return entries.filter((entry) => entry !== null);
}

function leaf(key: string, path: string, text: string): LayoutEntry {
  return { key, path, value: { kind: 'leaf', text, isNumber: false } };
}

function number(key: string, path: string, value: number): LayoutEntry {
  return { key, path, value: { kind: 'leaf', text: String(value), isNumber: true } };
}

function optional(key: string, parent: string, text: string | null): LayoutEntry | null {
  return text === null ? null : leaf(key, pathOf(parent, key), text);
}

function branch(
  key: string,
  path: string,
  entries: readonly (LayoutEntry | null)[],
  style: 'line' | 'block' = 'line',
): LayoutEntry {
  return { key, path, value: { kind: 'branch', isList: false, style, entries: present(entries) } };
}

/** Nothing, one text, or a list of texts. */
function texts(key: string, parent: string, all: readonly string[]): LayoutEntry | null {
  const path = pathOf(parent, key);
  const [first] = all;
  if (first === undefined) return null;
  return all.length === 1
    ? leaf(key, path, first)
    : {
        key,
        path,
        value: list(
          path,
          all.map((text) => leaf('', '', text)),
        ),
      };
}

function list(path: string, items: readonly LayoutEntry[]): LayoutValue {
  return {
    kind: 'branch',
    isList: true,
    style: 'line',
    entries: items.map((item, at) => ({ ...item, path: pathOf(path, at) })),
  };
}

function elementEntry({ policy, stated }: Printing, element: Element): LayoutEntry {
  const path = `elements.${element.id}`;
  const labels = element.labels.map(([key, value]) => leaf(key, `${path}.labels.${key}`, value));
  const safety = element.isSafetyCritical ? 'critical' : stated.has(`${path}.safety`) ? 'normal' : null;
  const protect = element.protect.map((id) => leaf('', '', id));
  return branch(element.id, path, [
    leaf('kind', `${path}.kind`, element.kind),
    texts('address', path, element.addresses.map(prefixText)),
    texts('mac', path, element.macs.map(macText)),
    optional('login', path, element.login),
    labels.length === 0 ? null : branch('labels', `${path}.labels`, labels),
    element.data.length === 0
      ? null
      : {
          key: 'data',
          path: `${path}.data`,
          value: list(
            `${path}.data`,
            element.data.map((text) => leaf('', '', text)),
          ),
        },
    optional('mode', path, element.mode !== policy.mode || stated.has(`${path}.mode`) ? element.mode : null),
    protect.length === 0 ? null : { key: 'protect', path: `${path}.protect`, value: list(`${path}.protect`, protect) },
    optional('safety', path, safety),
    optional('owner', path, element.owner),
  ]);
}

function serviceEntry(printing: Printing, service: Service, path: string): LayoutEntry {
  return branch(service.id, path, [
    leaf('on', `${path}.on`, selector(printing, service.on)),
    optional('protocol', path, service.protocol === null ? null : protocolText(service.protocol)),
    portsEntry(path, service.ports),
    optional('application', path, service.application),
    optional('logon', path, service.isLogonRequired ? 'required' : null),
  ]);
}

function selector({ ids }: Printing, of: Selector): string {
  return selectorText(of, ids);
}

function portsEntry(parent: string, ports: readonly PortRange[]): LayoutEntry | null {
  const path = pathOf(parent, 'port');
  const items = ports.map(({ from, to }) => (from === to ? number('', '', from) : leaf('', '', `${from}-${to}`)));
  const [first] = items;
  if (first === undefined) return null;
  return items.length === 1 ? { ...first, key: 'port', path } : { key: 'port', path, value: list(path, items) };
}

/** `to`: an id, a service in place, in a guardrail a bare selector, or a list of these. */
function targetsEntry(
  printing: Printing,
  to: readonly Service[],
  { parent, maySelect }: { parent: string; maySelect: boolean },
): LayoutEntry {
  const path = pathOf(parent, 'to');
  const target = (service: Service, at: string): LayoutEntry => {
    if (service.id !== '') return leaf('', at, service.id);
    if (maySelect && isEverywhere(service)) return leaf('', at, selector(printing, service.on));
    return serviceEntry(printing, service, at);
  };
  const [first] = to;
  if (to.length === 1 && first !== undefined) return { ...target(first, path), key: 'to' };
  return {
    key: 'to',
    path,
    value: list(
      path,
      to.map((service, at) => target(service, pathOf(path, at))),
    ),
  };
}

function isEverywhere({ protocol, ports, application, isLogonRequired }: Service): boolean {
  return protocol === null && ports.length === 0 && application === null && !isLogonRequired;
}

function ruleEntry(printing: Printing, rule: Rule): LayoutEntry {
  const path = `rules.${rule.id}`;
  const zone = printing.policy.timezone;
  return branch(
    rule.id,
    path,
    [
      leaf('from', `${path}.from`, selector(printing, rule.from)),
      targetsEntry(printing, rule.to, { parent: path, maySelect: false }),
      limitsEntry(rule.limits, `${path}.limits`, zone),
      optional('mode', path, rule.isAudit ? 'audit' : null),
      ...remarkFields(rule, path),
      optional('until', path, rule.until === null ? null : untilText(rule.until, zone)),
    ],
    'block',
  );
}

function limitsEntry(limits: Limits, path: string, zone: string): LayoutEntry | null {
  const rows = limitTexts(limits, zone).map(([key, all]) => texts(key, path, all));
  return rows.length === 0 ? null : branch('limits', path, rows);
}

type Guardrail = Pick<Rule, 'id' | 'from' | 'to' | 'owner' | 'why'>;

function guardrailEnds(printing: Printing, { id, from, to }: Guardrail, section: string): readonly LayoutEntry[] {
  const parent = `${section}.${id}`;
  return [
    leaf('from', `${parent}.from`, selector(printing, from)),
    targetsEntry(printing, to, { parent, maySelect: true }),
  ];
}

function requireEntry(printing: Printing, guardrail: Policy['require'][number]): LayoutEntry {
  const path = `require.${guardrail.id}`;
  const { hours, logon } = guardrail;
  return branch(guardrail.id, path, [
    ...guardrailEnds(printing, guardrail, 'require'),
    optional('hours', path, hours === null ? null : hoursText(hours, printing.policy.timezone)),
    optional('logon', path, logon === null ? null : logonText(logon)),
    ...remarkFields(guardrail, path),
  ]);
}

function remarkFields({ owner, why }: Pick<Guardrail, 'owner' | 'why'>, path: string): readonly (LayoutEntry | null)[] {
  return [optional('owner', path, owner), optional('why', path, why)];
}
