// A handler for every route, by area: the one list. An area that is added to the route table and not here does not compile.

import {
  type DomainBook,
  domainHandlers,
  elementHandlers,
  findingHandlers,
  type HealthOptions,
  healthHandlers,
  meHandlers,
  policyHandlers,
  proposalHandlers,
  quarantineHandlers,
  serviceHandlers,
} from '#api';
import type { Handlers, Routes } from '#routes';
import type { ServiceParts } from '#service';

export interface HandlerParts {
  readonly service: ServiceParts;
  readonly domains: DomainBook;
  readonly health: HealthOptions;
}

export function handlersOf({ service, domains, health }: HandlerParts): Handlers<Routes> {
  return {
    health: healthHandlers(health),
    me: meHandlers(),
    domains: domainHandlers(domains),
    policies: policyHandlers(service),
    elements: elementHandlers(service),
    services: serviceHandlers(service),
    quarantines: quarantineHandlers(service),
    findings: findingHandlers(service),
    proposals: proposalHandlers(service),
  };
}
