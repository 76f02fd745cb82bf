// What the policy room refuses to edit, told with the agent's codes. Not the edits themselves.

import type { Element, Policy } from '#model';
import { type EditRefusal, elementOf, isRefused } from '#policy';
import { AgentError } from './trouble.ts';

const CODES: Readonly<Record<EditRefusal['refusal'], string>> = {
  unknown: 'PICKET-G029',
  taken: 'PICKET-G030',
  'not-in-place': 'PICKET-G035',
};

/** The value, where there is one. */
export function unlessRefused<Value extends object>(value: Value | EditRefusal): Value {
  if (!isRefused(value)) return value;
  throw new AgentError({ code: CODES[value.refusal], message: value.message, help: value.help });
}

export function knownElement(policy: Policy, id: string): Element {
  return unlessRefused(elementOf(policy, id));
}
