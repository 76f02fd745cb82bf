// Door of the enforcement room: a policy held in the kernel by one nftables table of Picket's own.
// In: a checked policy, an instant, a book of numbers. Out: the table's text, its content, the difference between two contents, and a list
// of what the policy says and the kernel does not hold. Never: a permission wider than the policy; text of a policy in nft syntax; a table,
// set or chain of anyone else's.

export { closedTable, OPEN_LINE } from './closed.ts';
export { type CompileOptions, compileTable } from './compile.ts';
export type { Compiled } from './compile-types.ts';
export type { Content, KernelObject, SetElement, SetName } from './content.ts';

export { Gateway } from './gateway.ts';
export {
  type Applied,
  GatewayError,
  type GatewayOptions,
  type GatewayTrouble,
  type Grant,
  type MarkMeaning,
  type TicketAsked,
  type UpOptions,
} from './gateway-types.ts';
export { Memory } from './memory.ts';
export type { NameAnswer } from './name-book.ts';
export type { Neighbours } from './neighbours.ts';
export type { NotHeld, NotHeldEffect, NotHeldSubject } from './not-held.ts';
export { KERNEL_REASONS, type KernelReason, type NumberBook, numberBook } from './numbers.ts';
export { type ContentOpinion, contentOpinion } from './opinion.ts';
export { type MarkUser, markUsers } from './others.ts';
export { type KernelAnswer, ProbeError, type ProbeOptions, type ProbeQuestion, probeKernel } from './probe.ts';
export { contentCommands, differenceCommands, tableFile, tableText } from './transaction.ts';
export type { BudgetUsage, Usage } from './usage.ts';
export type { FlowAsked } from './walk.ts';
export { kernelShare, watchedNotes } from './watched.ts';
