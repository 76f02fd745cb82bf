// Door of the service: the use cases of the control plane, as plain functions over its parts.
// In: who asks, a domain, values that were checked. Out: views for people and programs, revisions, refusals with codes.
// Never: HTTP; a change that is not in the ledger; an apply that calls itself done while an agent is behind; a wider policy by an error.

export {
  type ChangeHow,
  type ChangeRequest,
  type ChangeView,
  CONFIRM_SECONDS_MAX,
  changePolicy,
} from './changes.ts';
export { detailOf } from './checked.ts';
export { Deadlines, type DeadlinesOptions, SYSTEM } from './deadlines.ts';
export { type AgentDelivery, type DeliveryView, deliveryOf } from './delivery.ts';
export { type ElementView, labelElement, listElements, removeElement, setMode, showElement } from './elements.ts';
export { confirmPolicy, type EndingView, rollbackPolicy } from './endings.ts';
export {
  acknowledge,
  findingCursor,
  listFindings,
  listMutes,
  mute,
  showFinding,
  unmute,
} from './findings.ts';
export { approveNewcomer, listNewcomers } from './newcomers.ts';
export type { Page } from './paging.ts';
export type { AgentFacts, Conversation, Conversations, FourEyesChange, Recording, ServiceParts } from './parts.ts';
export type { PendingView } from './pending.ts';
export { checkPolicy, diffRevisions, policyHistory, showPolicy, showRevision } from './policies.ts';
export { acceptProposals, listProposals, rejectProposals, showProposal } from './proposals.ts';
export { endQuarantineOf, listQuarantines, quarantineElement } from './quarantines.ts';
export { listRules, type RuleView, showRule } from './rules.ts';
export { listServices, protectService, showService, unprotectService } from './services.ts';
export { PolicyShelf } from './shelf.ts';
