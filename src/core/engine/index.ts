// Door of the engine: judges traffic by a policy, exactly as docs/semantics.md says.
// In: a checked policy, observations, names, logons, instants. Out: verdicts with reasons, events, answers to questions, calendars as instants.
// Never: I/O, a clock, randomness, a word of policy text.

export { Engine, type EngineOptions } from './engine.ts';
export { type HoursState, hoursOpen, nextOpening } from './hours.ts';
export { openerOf } from './opening.ts';
export { compile, type Program } from './program.ts';
export { Reference } from './reference/index.ts';
export { type Span, windowAt } from './window.ts';
