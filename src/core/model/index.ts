// Door of the model: elements, services, limits, verdicts, observations, instants and addresses as plain data.
// In: nothing. Out: types, small pure functions, the address table. Never: I/O, a clock, a decision.

export * from './addresses.ts';
export * from './decider.ts';
export * from './instant.ts';
export * from './observation.ts';
export * from './operations.ts';
export * from './policy.ts';
export * from './problem.ts';
export * from './service-ports.ts';
export * from './verdict.ts';
