// Door of the API: the HTTP server of people and programs, made from the route table.
// In: the table, a handler for each route, who somebody is (a port), a certificate (a port). Out: an app and a server; answers, problems, streams.
// Never: a decision about a policy, a user or a key; a request carried out whose sender, route, values or origin are not as the table says.

export { accountHandlers } from './account.ts';
export { agentHandlers } from './agents.ts';
export { authorityHandlers } from './authority.ts';
export { type BackupParts, backupHandlers } from './backup.ts';
export { type Api, type ApiApp, createApi } from './create.ts';
export { type DomainBook, type DomainRecord, domainHandlers } from './domains.ts';
export { elementHandlers } from './elements.ts';
export { enrolmentHandlers } from './enrolment.ts';
export { findingHandlers } from './findings.ts';
export { flowHandlers } from './flows.ts';
export { type HealthOptions, type HealthState, type HealthStatus, healthHandlers } from './health.ts';
export { identityHandlers } from './identities.ts';
export { type LedgerParts, ledgerHandlers } from './ledger.ts';
export { logonHandlers } from './logon.ts';
export { meHandlers } from './me.ts';
export { metricsHandlers } from './metrics.ts';
export { API_LIMITS, type ApiLimits, type ApiOptions, type RequestRecord, type StaticFile } from './options.ts';
export { policyHandlers, type SignedPolicy } from './policies.ts';
export { proposalHandlers } from './proposals.ts';
export { quarantineHandlers } from './quarantines.ts';
export { ruleHandlers } from './rules.ts';
export {
  type ApiServer,
  type CertificateSource,
  SERVER_LIMITS,
  type ServeOptions,
  type ServerCertificate,
  type ServerLimits,
  serveApi,
} from './server.ts';
export { serviceHandlers } from './services.ts';
export { userHandlers } from './users.ts';
