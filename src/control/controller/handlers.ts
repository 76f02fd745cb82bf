// A handler for every route, by area: the one list. An area that is added to the route table and not here does not compile.

import {
  accountHandlers,
  agentHandlers,
  authorityHandlers,
  type BackupParts,
  backupHandlers,
  type DomainBook,
  domainHandlers,
  elementHandlers,
  enrolmentHandlers,
  findingHandlers,
  flowHandlers,
  type HealthOptions,
  healthHandlers,
  identityHandlers,
  type LedgerParts,
  ledgerHandlers,
  logonHandlers,
  meHandlers,
  metricsHandlers,
  policyHandlers,
  proposalHandlers,
  quarantineHandlers,
  ruleHandlers,
  type SignedPolicy,
  serviceHandlers,
  userHandlers,
} from '#api';
import type { Authority } from '#authority';
import type { People } from '#people';
import type { Handlers, Routes } from '#routes';
import type { ServiceParts } from '#service';

export interface HandlerParts {
  readonly service: ServiceParts;
  readonly signedPolicy: SignedPolicy;
  readonly people: People;
  readonly authority: Authority;
  readonly domains: DomainBook;
  readonly health: HealthOptions;
  readonly ledger: LedgerParts;
  readonly backup: BackupParts;
  readonly metricsText: () => Promise<string>;
}

export function handlersOf({
  service,
  signedPolicy,
  people,
  authority,
  domains,
  health,
  ledger,
  backup,
  metricsText,
}: HandlerParts): Handlers<Routes> {
  return {
    health: healthHandlers(health),
    me: meHandlers(),
    domains: domainHandlers(domains),
    backup: backupHandlers(backup),
    policies: policyHandlers(service, signedPolicy),
    elements: elementHandlers(service),
    rules: ruleHandlers(service),
    services: serviceHandlers(service),
    quarantines: quarantineHandlers(service),
    findings: findingHandlers(service),
    flows: flowHandlers(service),
    proposals: proposalHandlers(service),
    logon: logonHandlers(people),
    account: accountHandlers(people),
    users: userHandlers(people),
    agents: agentHandlers(service),
    authority: authorityHandlers(authority),
    identities: identityHandlers(authority),
    enrolment: enrolmentHandlers(authority),
    ledger: ledgerHandlers(ledger),
    metrics: metricsHandlers(metricsText),
  };
}
