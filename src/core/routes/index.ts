// Door of the routes: the table from which the API's validation, authorisation, documents, typed client and tests are made.
// In: zod schemas, one file an area; a fetch-like port for the client. Out: the table, who may ask what, problems, the OpenAPI document, calls.
// Never: I/O; a handler; a decision who somebody is (only what an actor that is known may do).

export { type Access, FRESH_MS_MAX, type Judgement, judge } from './access.ts';
export type { accountRoutes } from './account.ts';
export {
  type Actor,
  type Authenticate,
  type Authenticated,
  CONTROLLER,
  isRoleAtLeast,
  type Means,
  NOBODY,
  type RequestFacts,
  ROLES,
  type Role,
  roleIn,
  SCOPES,
  type Scope,
} from './actor.ts';
export type { agentRoutes } from './agents.ts';
export type { authorityRoutes } from './authority.ts';
export type { backupRoutes } from './backup.ts';
export {
  type CallOptions,
  type Client,
  type ClientRequest,
  type ClientResponse,
  controllerClient,
  type FetchLike,
  type Outcome,
  type ReceivedFile,
  type ReceivedOf,
  targetOf,
} from './client.ts';
export { codesOf } from './codes.ts';
export type { domainRoutes } from './domains.ts';
export type { elementRoutes } from './elements.ts';
export type { enrolmentRoutes } from './enrolment.ts';
export { apiErrors, type ErrorKind, type ErrorKinds } from './error-kinds.ts';
export { errorKinds, routesCodes, routesPage } from './error-pages.ts';
export type { findingRoutes } from './findings.ts';
export type { flowRoutes } from './flows.ts';
export type { healthRoutes } from './health.ts';
export type { identityRoutes } from './identities.ts';
export type { ledgerRoutes } from './ledger.ts';
export type { logonRoutes } from './logon.ts';
export type { meRoutes } from './me.ts';
export type { metricsRoutes } from './metrics.ts';
export { type DocumentOptions, openApiDocument } from './openapi.ts';
export type { policyRoutes } from './policies.ts';
export {
  type ApiProblem,
  DETAILS_MAX,
  notFound,
  type ProblemDetail,
  problem,
  Refusal,
  type RefusalOptions,
} from './problem.ts';
export type { proposalRoutes } from './proposals.ts';
export type { quarantineRoutes } from './quarantines.ts';
export type {
  Answer,
  Area,
  AreaHandlers,
  Asked,
  FileValue,
  Handler,
  Handlers,
  Method,
  Reply,
  Route,
  RouteTable,
  ServerEvent,
  ValueOf,
} from './route.ts';
export { events, file, json, nothing, redirect, route } from './route.ts';
export type { ruleRoutes } from './rules.ts';
export type { serviceRoutes } from './services.ts';
export { type EventBatch, eventText, HEARTBEAT_TEXT, isEventId } from './sse.ts';
export { type Routes, routes } from './table.ts';
export type { userRoutes } from './users.ts';
export { PAGE_ROWS_MAX, pageOf, pageQuery, revisionOfTag, revisionTag, timeOf } from './values.ts';
export { listOf, type NamedRoute, paramsOfPath } from './walk.ts';
export type { PasskeyMade, PasskeyProof } from './webauthn.ts';
