// Door of the reference evaluator: the page docs/semantics.md as plain, slow code, one numbered sentence after the other.
// In: a policy, observations, facts (names, logons, quarantine). Out: verdicts and events. Never: speed, I/O, a clock, engine code.

export { isOpenAt, isOpenDuring, type Span, spansAround } from './hours.ts';
export { Reference } from './reference.ts';
export { windowOf } from './windows.ts';
