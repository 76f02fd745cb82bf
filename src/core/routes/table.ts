// The route table: every area of the API, one file each. An area that is added here needs handlers in the API room, or nothing compiles.

import { accountRoutes } from './account.ts';
import { agentRoutes } from './agents.ts';
import { authorityRoutes } from './authority.ts';
import { backupRoutes } from './backup.ts';
import { domainRoutes } from './domains.ts';
import { elementRoutes } from './elements.ts';
import { enrolmentRoutes } from './enrolment.ts';
import { findingRoutes } from './findings.ts';
import { flowRoutes } from './flows.ts';
import { healthRoutes } from './health.ts';
import { identityRoutes } from './identities.ts';
import { ledgerRoutes } from './ledger.ts';
import { logonRoutes } from './logon.ts';
import { meRoutes } from './me.ts';
import { metricsRoutes } from './metrics.ts';
import { policyRoutes } from './policies.ts';
import { proposalRoutes } from './proposals.ts';
import { quarantineRoutes } from './quarantines.ts';
import { ruleRoutes } from './rules.ts';
import { serviceRoutes } from './services.ts';
import { userRoutes } from './users.ts';

export const routes = {
  health: healthRoutes,
  me: meRoutes,
  domains: domainRoutes,
  backup: backupRoutes,
  policies: policyRoutes,
  elements: elementRoutes,
  rules: ruleRoutes,
  services: serviceRoutes,
  quarantines: quarantineRoutes,
  findings: findingRoutes,
  flows: flowRoutes,
  proposals: proposalRoutes,
  logon: logonRoutes,
  account: accountRoutes,
  users: userRoutes,
  authority: authorityRoutes,
  identities: identityRoutes,
  enrolment: enrolmentRoutes,
  agents: agentRoutes,
  ledger: ledgerRoutes,
  metrics: metricsRoutes,
} as const;

export type Routes = typeof routes;
