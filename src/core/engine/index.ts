// Door of the engine: judges traffic by a policy, exactly as docs/semantics.md says.
// In: a checked policy, observations, names, logons, instants. Out: verdicts with reasons, events, answers to questions, calendars as instants.
// Never: I/O, a clock, randomness, a word of policy text.

export { type Answer, type AnswerReason, ask } from './ask.ts';
export { BATCH_FLAGS, PacketBatch } from './batch.ts';
export type { Change } from './change.ts';
export { Engine, type EngineMemory, type EngineOptions, type TableLimits, type TableMemory } from './engine.ts';
export { type HoursState, hoursOpen, nextOpening } from './hours.ts';
export { openerOf } from './opening.ts';
export { applicationCode } from './plans.ts';
export { runPolicyTests, type TestResult } from './policy-tests.ts';
export { compile, type Program } from './program.ts';
export type { Step } from './rail.ts';
export { Recogniser } from './recognise.ts';
export { Reference } from './reference/index.ts';
export { type Span, windowAt } from './window.ts';
