// Random packet filters, how each system writes them, and what they mean: an interpreter that follows a packet through the chains.

import fc from 'fast-check';
import { PROTOCOL } from '#model';
import { type Connection, lies, numberOf } from './judge.ts';

export interface Filter {
  readonly policies: Readonly<Record<Hook, 'accept' | 'drop'>>;
  readonly chains: Readonly<Record<Hook | 'first' | 'second', readonly Rule[]>>;
}

export type Hook = 'input' | 'forward' | 'output';

export interface Rule {
  readonly source: Match | null;
  readonly destination: Match | null;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | null;
  readonly isProtocolNegated: boolean;
  /** Only with tcp or udp. */
  readonly ports: Match | null;
  readonly inside: string | null;
  /** A condition that no policy can say; true or false by the packet. */
  readonly isOdd: boolean;
  readonly verdict: 'accept' | 'drop' | 'return' | 'first' | 'second' | 'goto first' | 'goto second';
}

export interface Match {
  readonly values: readonly string[];
  readonly isNegated: boolean;
}

export const SELF = '10.0.0.1';
export const ENDS = [SELF, '10.0.1.5', '10.0.1.6', '10.0.2.7', '10.0.2.200', '192.0.2.9', '8.8.8.8'];
export const SIXES = ['2001:db8::7', 'fd00::1'];
export const PORTS = [22, 80, 443, 8080, 53];
/** What is behind each interface, and so where a packet comes in. */
export const INTERFACES: Readonly<Record<string, string>> = { eth1: '10.0.1.0/24', eth2: '10.0.2.0/24' };

const RANGES = [
  '10.0.1.0/24',
  '10.0.1.5',
  '10.0.0.0/16',
  '10.0.2.0/25',
  '0.0.0.0/0',
  '192.0.2.0/24',
  '10.0.1.6-10.0.2.100',
  '8.0.0.0/7',
];
const PORT_RANGES = ['22', '80', '80-443', '1-1023', '8080', '0-65535'];

export function arbitraryFilter(what: { readonly odd: boolean; readonly many: boolean }): fc.Arbitrary<Filter> {
  const rules = (verdicts: readonly Rule['verdict'][], most: number): fc.Arbitrary<readonly Rule[]> =>
    fc.array(arbitraryRule(verdicts, what), { maxLength: most });
  const calls = ['first', 'second', 'goto first', 'goto second'] as const;
  const policy = fc.constantFrom('accept' as const, 'drop' as const, 'drop' as const);
  return fc.record({
    policies: fc.record({ input: policy, forward: policy, output: policy }),
    chains: fc.record({
      input: rules(['accept', 'accept', 'drop', 'return', ...calls], 5),
      forward: rules(['accept', 'accept', 'accept', 'drop', 'drop', ...calls], 7),
      output: rules(['accept', 'drop', ...calls], 3),
      first: rules(['accept', 'accept', 'drop', 'return', 'return', 'second', 'goto second'], 4),
      second: rules(['accept', 'drop', 'return'], 3),
    }),
  });
}

function arbitraryRule(
  verdicts: readonly Rule['verdict'][],
  { odd, many }: { odd: boolean; many: boolean },
): fc.Arbitrary<Rule> {
  const match = (values: readonly string[]): fc.Arbitrary<Match> =>
    fc.record({
      values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: many ? 3 : 1 }),
      isNegated: fc.boolean().map((value) => value),
    });
  const rarely = (values: readonly string[]): fc.Arbitrary<Match | null> =>
    fc.option(match(values), { freq: 2, nil: null });
  return fc
    .record({
      source: rarely(RANGES),
      destination: rarely(RANGES),
      protocol: fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const, 'icmp' as const, null),
      isProtocolNegated: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
      ports: rarely(PORT_RANGES),
      inside: fc.option(fc.constantFrom(...Object.keys(INTERFACES)), { freq: 1, nil: null }),
      isOdd: fc.integer({ min: 0, max: 3 }).map((value) => odd && value === 0),
      verdict: fc.constantFrom(...verdicts),
    })
    .map((rule) => {
      const hasPorts = (rule.protocol === 'tcp' || rule.protocol === 'udp') && !rule.isProtocolNegated;
      return {
        ...rule,
        ports: hasPorts ? rule.ports : null,
        isProtocolNegated: rule.isProtocolNegated && rule.protocol !== null,
      };
    });
}

/** What the kernel does with the first packet of a connection. */
export function passes(filter: Filter, connection: Connection): boolean {
  const hook = connection.to === SELF ? 'input' : connection.from === SELF ? 'output' : 'forward';
  const end = follow(filter, filter.chains[hook], connection);
  return (end === 'accept' || end === 'drop' ? end : filter.policies[hook]) === 'accept';
}

function follow(filter: Filter, rules: readonly Rule[], connection: Connection): 'accept' | 'drop' | 'goes on' {
  for (const rule of rules) {
    if (!fits(rule, connection)) continue;
    if (rule.verdict === 'accept' || rule.verdict === 'drop') return rule.verdict;
    if (rule.verdict === 'return') return 'goes on';
    const end = follow(filter, filter.chains[rule.verdict.endsWith('first') ? 'first' : 'second'], connection);
    if (end !== 'goes on') return end;
    if (rule.verdict.startsWith('goto')) return 'goes on';
  }
  return 'goes on';
}

function fits(rule: Rule, { from, to, protocol, port }: Connection): boolean {
  const isWanted = rule.protocol === null || (protocol === PROTOCOL[rule.protocol]) !== rule.isProtocolNegated;
  return (
    isWanted &&
    holds(rule.source, (value) => isIn(from, value), from) &&
    holds(rule.destination, (value) => isIn(to, value), to) &&
    holds(rule.ports, (value) => isPortIn(port, value), '') &&
    (rule.inside === null || lies(from, INTERFACES[rule.inside] ?? '')) &&
    (!rule.isOdd || (from.length + to.length + port) % 2 === 0)
  );
}

/** A condition on IPv4 addresses, negated or not, is about IPv4 packets. */
function holds(match: Match | null, isOne: (value: string) => boolean, address: string): boolean {
  if (match === null) return true;
  return !address.includes(':') && match.values.some(isOne) !== match.isNegated;
}

function isIn(address: string, value: string): boolean {
  const [first = '', last] = value.split('-');
  if (last === undefined) return lies(address, value);
  return numberOf(first) <= numberOf(address) && numberOf(address) <= numberOf(last);
}

function isPortIn(port: number, value: string): boolean {
  const [from, to = from] = value.split('-').map(Number);
  return from !== undefined && to !== undefined && from <= port && port <= to;
}

export function nftText({ policies, chains }: Filter): string {
  const body = (rules: readonly Rule[]): string => rules.map((rule) => `\t\t${nftRule(rule)}\n`).join('');
  const base = (hook: Hook): string =>
    `\tchain ${hook} {\n\t\ttype filter hook ${hook} priority filter; policy ${policies[hook]};\n\t\tct state established,related accept\n${body(chains[hook])}\t}\n`;
  return `table inet fw {\n\tchain first {\n${body(chains.first)}\t}\n\tchain second {\n${body(chains.second)}\t}\n${base('input')}${base('forward')}${base('output')}}\n`;
}

function nftRule(rule: Rule): string {
  const list = ({ values, isNegated }: Match): string =>
    `${isNegated ? '!= ' : ''}${values.length === 1 ? values[0] : `{ ${values.join(', ')} }`}`;
  const parts = [
    rule.inside === null ? '' : `iifname "${rule.inside}"`,
    rule.source === null ? '' : `ip saddr ${list(rule.source)}`,
    rule.destination === null ? '' : `ip daddr ${list(rule.destination)}`,
    rule.ports !== null ? `${rule.protocol} dport ${list(rule.ports)}` : '',
    rule.ports === null && rule.protocol !== null
      ? `meta l4proto ${rule.isProtocolNegated ? '!= ' : ''}${rule.protocol}`
      : '',
    rule.isOdd ? 'meta mark 0x00000007' : '',
    'counter packets 1 bytes 60',
    rule.verdict.startsWith('goto')
      ? rule.verdict
      : rule.verdict === 'first' || rule.verdict === 'second'
        ? `jump ${rule.verdict}`
        : rule.verdict,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

export function nftJson({ policies, chains }: Filter): string {
  const objects: unknown[] = [
    { metainfo: { json_schema_version: 1 } },
    { table: { family: 'inet', name: 'fw', handle: 1 } },
  ];
  const names = ['first', 'second', 'input', 'forward', 'output'] as const;
  for (const name of names)
    objects.push({
      chain: {
        family: 'inet',
        table: 'fw',
        name,
        ...(name === 'first' || name === 'second'
          ? {}
          : { type: 'filter', hook: name, prio: 0, policy: policies[name] }),
      },
    });
  const established = { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } };
  for (const name of names) {
    const rules = chains[name].map(jsonRule);
    const all = name === 'first' || name === 'second' ? rules : [[established, { accept: null }], ...rules];
    for (const expr of all) objects.push({ rule: { family: 'inet', table: 'fw', chain: name, expr } });
  }
  return JSON.stringify({ nftables: objects });
}

function jsonRule(rule: Rule): readonly unknown[] {
  const value = (text: string): unknown => {
    const [first = '', last] = text.split('-');
    if (last !== undefined)
      return { range: [first, last].map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part)) };
    const [addr, len] = text.split('/');
    return len === undefined ? (/^[0-9]+$/.test(text) ? Number(text) : text) : { prefix: { addr, len: Number(len) } };
  };
  const match = (left: unknown, { values, isNegated }: Match): unknown => ({
    match: {
      op: isNegated ? '!=' : '==',
      left,
      right: values.length === 1 ? value(values[0] ?? '') : { set: values.map(value) },
    },
  });
  const parts: unknown[] = [];
  if (rule.inside !== null)
    parts.push(match({ meta: { key: 'iifname' } }, { values: [rule.inside], isNegated: false }));
  if (rule.source !== null) parts.push(match({ payload: { protocol: 'ip', field: 'saddr' } }, rule.source));
  if (rule.destination !== null) parts.push(match({ payload: { protocol: 'ip', field: 'daddr' } }, rule.destination));
  if (rule.ports !== null) parts.push(match({ payload: { protocol: rule.protocol, field: 'dport' } }, rule.ports));
  else if (rule.protocol !== null)
    parts.push(match({ meta: { key: 'l4proto' } }, { values: [rule.protocol], isNegated: rule.isProtocolNegated }));
  if (rule.isOdd) parts.push({ match: { op: '==', left: { meta: { key: 'mark' } }, right: 7 } });
  parts.push({ counter: { packets: 1, bytes: 60 } });
  const [verb = '', target] =
    rule.verdict === 'first' || rule.verdict === 'second' ? ['jump', rule.verdict] : rule.verdict.split(' ');
  parts.push({ [verb]: target === undefined ? null : { target } });
  return parts;
}

export function iptablesSave({ policies, chains }: Filter): string {
  const lines = ['# Generated by iptables-save v1.8.9', '*filter'];
  for (const hook of ['input', 'forward', 'output'] as const)
    lines.push(`:${hook.toUpperCase()} ${policies[hook].toUpperCase()} [0:0]`);
  lines.push(':first - [0:0]', ':second - [0:0]');
  for (const hook of ['input', 'forward', 'output'] as const)
    lines.push(
      `-A ${hook.toUpperCase()} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      ...chains[hook].map((rule) => saveRule(hook.toUpperCase(), rule)),
    );
  for (const name of ['first', 'second'] as const) lines.push(...chains[name].map((rule) => saveRule(name, rule)));
  return `${lines.join('\n')}\nCOMMIT\n`;
}

function saveRule(chain: string, rule: Rule): string {
  const not = ({ isNegated }: Match): string => (isNegated ? '! ' : '');
  const end = (match: Match | null, short: string, long: string): string => {
    const [value = ''] = match?.values ?? [];
    if (match === null) return '';
    return value.includes('-') ? `-m iprange ${not(match)}${long} ${value}` : `${not(match)}${short} ${value}`;
  };
  const parts = [
    `-A ${chain}`,
    end(rule.source, '-s', '--src-range'),
    end(rule.destination, '-d', '--dst-range'),
    rule.inside === null ? '' : `-i ${rule.inside}`,
    rule.protocol === null ? '' : `${rule.isProtocolNegated ? '! ' : ''}-p ${rule.protocol}`,
    rule.ports === null
      ? ''
      : `-m multiport ${not(rule.ports)}--dports ${rule.ports.values.map((value) => value.replace('-', ':')).join(',')}`,
    rule.isOdd ? '-m mark --mark 0x7' : '',
    rule.verdict.startsWith('goto') ? `-g ${rule.verdict.slice(5)}` : `-j ${TARGETS[rule.verdict] ?? rule.verdict}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

const TARGETS: Readonly<Record<string, string>> = { accept: 'ACCEPT', drop: 'DROP', return: 'RETURN' };
