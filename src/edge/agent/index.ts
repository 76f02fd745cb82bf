// Door of the agent: the process that holds a gateway or a host, and the client that speaks to it.
// In: a state directory, a run directory, requests over a Unix socket. Out: a table kept in the kernel, records of what was seen and judged, answers.
// Never: a permission wider than the policy in force; a change that nobody confirmed past its deadline; a secret in an answer.

export type { BridgeLayout } from '#bridge';
export { Agent, type AgentEnd } from './agent.ts';
export type * from './api.ts';
export type * from './api-records.ts';
export { type AgentClient, agentClient, type ClientOptions } from './client.ts';
export type { AgentOptions, KernelQuestion } from './options.ts';
export { agentCodes, agentPage } from './pages.ts';
export {
  type FollowName,
  type Follows,
  type ListRequest,
  type RequestName,
  type Requests,
  RUN_DIRECTORY,
  SOCKET_NAME,
  STATE_DIRECTORY,
} from './requests.ts';
export { type RunOptions, runAgent, takeDown } from './run.ts';
export { AgentError } from './trouble.ts';
