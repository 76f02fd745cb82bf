// Requests as they arrive → requests as they are typed. What does not fit is refused with what was found and what is needed; nothing is guessed.

import type { Factor, Mode } from '#model';
import type { ChangeRequest } from './api.ts';
import type { ListRequest, RequestName, Requests } from './requests.ts';
import { AgentError } from './trouble.ts';

type Body = Readonly<Record<string, unknown>>;

type Decoders = { readonly [Name in RequestName]: (body: Body) => Requests[Name]['takes'] };

const nothing = (): Record<never, never> => ({});

export const DECODERS: Decoders = {
  status: nothing,
  elements: nothing,
  approve: (body) => ({
    ...changeOf(body),
    newcomer: text(body, 'newcomer'),
    ...optional('name', textOr(body, 'name')),
    ...optional('kind', textOr(body, 'kind')),
    ...optional('labels', textsByKey(body, 'labels')),
  }),
  label: (body) => ({ ...changeOf(body), element: text(body, 'element'), labels: labelsOf(body) }),
  remove: (body) => ({ ...changeOf(body), element: text(body, 'element') }),
  mode: (body) => ({ ...changeOf(body), selector: text(body, 'selector'), mode: modeOf(body) }),
  protect: (body) => ({
    ...changeOf(body),
    service: text(body, 'service'),
    ...optional('element', textOr(body, 'element')),
    ...optional('allow', allowOf(body)),
  }),
  unprotect: (body) => ({
    ...changeOf(body),
    service: text(body, 'service'),
    ...optional('element', textOr(body, 'element')),
  }),
  quarantine: (body) => ({
    element: text(body, 'element'),
    reason: text(body, 'reason'),
    ...optional('seconds', countOr(body, 'seconds')),
    ...optional('isForced', flagOr(body, 'isForced')),
  }),
  release: (body) => ({ element: text(body, 'element') }),
  policy: (body) => optional('revision', countOr(body, 'revision')),
  apply: (body) => ({ ...changeOf(body), text: text(body, 'text'), ...optional('file', textOr(body, 'file')) }),
  confirm: nothing,
  rollback: nothing,
  history: nothing,
  undo: (body) => ({ ...changeOf(body), ...optional('revision', countOr(body, 'revision')) }),
  flows: listOf,
  verdicts: listOf,
  names: listOf,
  findings: listOf,
  why: (body) => ({
    from: text(body, 'from'),
    to: text(body, 'to'),
    ...optional('service', textOr(body, 'service')),
    ...optional('protocol', countOr(body, 'protocol')),
    ...optional('port', countOr(body, 'port')),
  }),
  proposal: nothing,
  logon: (body) => ({ element: text(body, 'element'), factors: factorsOf(body) }),
  logoff: (body) => ({ element: text(body, 'element'), factors: factorsOf(body) }),
  ticket: (body) => ({ from: text(body, 'from'), service: text(body, 'service'), seconds: count(body, 'seconds') }),
  relink: nothing,
  takeSigned: (body) => ({ text: text(body, 'text') }),
  leave: nothing,
  stop: nothing,
  down: (body) => optional('isPurge', flagOr(body, 'isPurge')),
};

/** The name of a request that there is. */
export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(DECODERS, name);
}

/** The body of a request: a JSON object, nothing for none. */
export function bodyOf(text: string): Body {
  const value = text === '' ? {} : parsed(text);
  if (isRecord(value)) return value;
  throw wrong('the request', 'is no JSON object', 'send one object');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changeOf(body: Body): ChangeRequest {
  return {
    ...optional('isPlanOnly', flagOr(body, 'isPlanOnly')),
    ...optional('confirmSeconds', countOr(body, 'confirmSeconds')),
    ...optional('mayLoseSession', flagOr(body, 'mayLoseSession')),
    ...optional('isLocal', flagOr(body, 'isLocal')),
    ...optional('why', textOr(body, 'why')),
  };
}

function listOf(body: Body): ListRequest {
  return optional('count', countOr(body, 'count'));
}

function modeOf(body: Body): Mode {
  const mode = text(body, 'mode');
  if (mode === 'observe' || mode === 'protect' || mode === 'enforce') return mode;
  throw wrong(`"${mode}"`, 'is no mode', 'say observe, protect or enforce');
}

function allowOf(body: Body): 'seen' | 'nobody' | readonly string[] | undefined {
  const allow = body.allow;
  if (allow === undefined || allow === 'seen' || allow === 'nobody') return allow;
  if (isTexts(allow)) return allow;
  throw wrong('"allow"', 'is neither "seen", "nobody" nor a list of selectors', 'say who may use the service');
}

function factorsOf(body: Body): readonly Factor[] {
  const factors = body.factors;
  if (Array.isArray(factors) && factors.length > 0 && factors.every((one) => one === 'person' || one === 'device'))
    return factors;
  throw wrong('"factors"', 'is no list of factors', 'say person, device or both');
}

function labelsOf(body: Body): Readonly<Record<string, string | null>> {
  const labels = body.labels;
  if (!isRecord(labels))
    throw wrong('"labels"', 'is no object of labels', 'say { "role": "camera" }, and null to take one away');
  const found: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== 'string' && value !== null)
      throw wrong(`label "${key}"`, 'is no text', 'write a text, or null');
    found[key] = value;
  }
  return found;
}

function textsByKey(body: Body, name: string): Readonly<Record<string, string>> | undefined {
  if (body[name] === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(labelsOf(body))) if (value !== null) found[key] = value;
  return found;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function text(body: Body, name: string): string {
  const value = textOr(body, name);
  if (value !== undefined && value !== '') return value;
  throw wrong(`"${name}"`, 'is missing', 'give a text');
}

function textOr(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(`"${name}"`, 'is no text', 'give a text');
}

function count(body: Body, name: string): number {
  const value = countOr(body, name);
  if (value !== undefined) return value;
  throw wrong(`"${name}"`, 'is missing', 'give a whole number');
}

function countOr(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw wrong(`"${name}"`, 'is no whole number from 0', 'give one');
}

function flagOr(body: Body, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(`"${name}"`, 'is neither true nor false', 'give one of them');
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  const found: { [Key in Name]?: Value } = {};
  if (value !== undefined) found[name] = value;
  return found;
}

function wrong(what: string, trouble: string, help: string): AgentError {
  return new AgentError({
    code: 'PICKET-G039',
    message: `cannot read the request: ${what} ${trouble}; nothing was changed`,
    help,
  });
}
