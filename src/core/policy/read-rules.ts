// Reads rules with their limits, and guardrails.

import { type Limits, type Micros, type Never, NO_LIMITS, type Require, type Rule, type Service } from '#model';
import { parseConnections, parseLimitDuration, parseRate, parseSize, parseVolume } from './budgets.ts';
import { parseUntil } from './calendar.ts';
import { parseLogon, parseOperations } from './conditions.ts';
import { LIMIT_KEYS, NEVER_KEYS, REQUIRE_KEYS, RULE_KEYS } from './fields.ts';
import { parseHours } from './hours.ts';
import { readSelector, readTargets, refuseNames } from './read-services.ts';
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
  wordOf,
} from './reading.ts';
import { pathOf } from './tree.ts';
import { quoted, type Trouble, trouble } from './trouble.ts';

export type Services = ReadonlyMap<string, Service>;

/** Limits of one kind in one rule. */
const LIMITS_MAX = 32;

export function readRules(context: Context, document: Fields, services: Services): readonly Rule[] {
  return sectionOf(context, document, 'rules').flatMap(({ key, value }) => {
    const fields = fieldsOf(context, value, { path: pathOf('rules', key), keys: RULE_KEYS, what: 'a rule' });
    return fields === null ? [] : [readRule(context, fields, { id: key, services })];
  });
}

function readRule(context: Context, fields: Fields, { id, services }: { id: string; services: Services }): Rule {
  requireFrom(context, fields, `rule ${quoted(id)}`);
  const from = readSelector(context, fields, 'from');
  refuseNames(context, { from, to: [], where: { from: whereOf(fields, 'from'), to: fields.where } });
  const mode = wordOf(context, fields, { key: 'mode', words: ['audit'] });
  return {
    id,
    from,
    to: readTargets(context, fields, { services, maySelect: false }),
    limits: readLimits(context, fields),
    isAudit: mode === 'audit',
    ...readRemarks(context, fields),
    until: readUntil(context, fields),
  };
}

function requireFrom(context: Context, fields: Fields, what: string): void {
  if (!isPresent(fields.entries.get('from')?.value))
    missing(context, fields, { key: 'from', what, help: 'say who begins, for instance from: role=camera' });
}

function readRemarks(context: Context, fields: Fields): { owner: string | null; why: string | null } {
  return { owner: textOf(context, fields, 'owner'), why: textOf(context, fields, 'why') };
}

function readUntil(context: Context, fields: Fields): number | null {
  const text = textOf(context, fields, 'until');
  if (text === null) return null;
  const until = parseUntil(text, context.zone);
  if (until !== null) return until;
  const help = 'write 2027-03-31 (the end of that day), 2027-03-31T18:00, or 2027-03-31T18:00:00Z';
  context.report.error(
    trouble('PICKET-P039', `${quoted(text)} is not a date or an instant`, help),
    whereOf(fields, 'until'),
  );
  return null;
}

function readLimits(context: Context, rule: Fields): Limits {
  const node = rule.entries.get('limits')?.value;
  if (!isPresent(node)) return NO_LIMITS;
  const fields = fieldsOf(context, node, { path: pathOf(rule.path, 'limits'), keys: LIMIT_KEYS, what: 'limits' });
  if (fields === null) return NO_LIMITS;
  const { zone } = context;
  return {
    hours: readHours(context, fields),
    volumes: each(context, fields, { key: 'volume', parse: (text) => parseVolume(text, zone) }),
    sizes: each(context, fields, { key: 'size', parse: parseSize }),
    rates: each(context, fields, { key: 'rate', parse: parseRate }),
    connections: each(context, fields, { key: 'connections', parse: (text) => parseConnections(text, zone) }),
    lifetime: readDuration(context, fields, { key: 'lifetime', least: 1 }),
    logon: one(context, fields, { key: 'logon', parse: parseLogon }),
    operations: readOperations(context, fields),
    drain: readDuration(context, fields, { key: 'drain', least: 0 }) ?? 0,
  };
}

interface Parse<Value> {
  readonly key: string;
  readonly parse: (text: string) => Value | Trouble;
}

function each<Value>(context: Context, fields: Fields, { key, parse }: Parse<Value>): readonly Value[] {
  const texts = textsOf(context, fields, key);
  if (texts.length > LIMITS_MAX)
    context.report.error(
      trouble('PICKET-P004', `a rule has more than ${LIMITS_MAX} limits of ${quoted(key)}`),
      whereOf(fields, key),
    );
  return texts.slice(0, LIMITS_MAX).flatMap(({ text, where }) => settled(context, parse(text), where) ?? []);
}

function one<Value>(context: Context, fields: Fields, { key, parse }: Parse<Value>): Value | null {
  const text = textOf(context, fields, key);
  return text === null ? null : settled(context, parse(text), whereOf(fields, key));
}

function readHours(context: Context, fields: Fields): Limits['hours'] {
  if (!isPresent(fields.entries.get('hours')?.value)) return null;
  const texts = textsOf(context, fields, 'hours');
  return settled(
    context,
    parseHours(
      texts.map(({ text }) => text),
      context.zone,
    ),
    texts[0]?.where ?? whereOf(fields, 'hours'),
  );
}

function readOperations(context: Context, fields: Fields): readonly string[] | null {
  if (!isPresent(fields.entries.get('operations')?.value)) return null;
  const texts = textsOf(context, fields, 'operations').map(({ text }) => text);
  return settled(context, parseOperations(texts), whereOf(fields, 'operations'));
}

function readDuration(context: Context, fields: Fields, { key, least }: { key: string; least: Micros }): Micros | null {
  return one(context, fields, { key, parse: (text) => parseLimitDuration(text, { least, what: key }) });
}

export function readNever(context: Context, document: Fields, services: Services): readonly Never[] {
  return sectionOf(context, document, 'never').flatMap(({ key, value }) => {
    const fields = fieldsOf(context, value, {
      path: pathOf('never', key),
      keys: NEVER_KEYS,
      what: 'a "never" guardrail',
    });
    return fields === null ? [] : [readGuardrail(context, fields, { id: key, services })];
  });
}

function readGuardrail(context: Context, fields: Fields, { id, services }: { id: string; services: Services }): Never {
  requireFrom(context, fields, `guardrail ${quoted(id)}`);
  const from = readSelector(context, fields, 'from');
  const to = readTargets(context, fields, { services, maySelect: true });
  refuseNames(context, { from, to, where: { from: whereOf(fields, 'from'), to: whereOf(fields, 'to') } });
  return { id, from, to, ...readRemarks(context, fields) };
}

export function readRequire(context: Context, document: Fields, services: Services): readonly Require[] {
  return sectionOf(context, document, 'require').flatMap(({ key, value }) => {
    const fields = fieldsOf(context, value, {
      path: pathOf('require', key),
      keys: REQUIRE_KEYS,
      what: 'a "require" guardrail',
    });
    if (fields === null) return [];
    const hours = readHours(context, fields);
    const logon = one(context, fields, { key: 'logon', parse: parseLogon });
    if (!fields.entries.has('hours') && !fields.entries.has('logon'))
      missing(context, fields, {
        key: 'hours',
        what: `guardrail ${quoted(key)}`,
        help: 'require hours, logon, or both; "never" denies outright',
      });
    return [{ ...readGuardrail(context, fields, { id: key, services }), hours, logon }];
  });
}
