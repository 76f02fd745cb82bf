// The API of this controller on its port: routes, handlers, who somebody is, the certificate.

import { type ApiServer, createApi, serveApi } from '#api';
import type { Authority } from '#authority';
import { METRICS, type Metrics } from '#events';
import type { Hub } from '#hub';
import { loginFiles, type People } from '#people';
import { openApiDocument, routes } from '#routes';
import type { ServiceParts } from '#service';
import { backupParts } from './backup.ts';
import type { Base, Outside } from './base.ts';
import type { HeldCertificate } from './certificate.ts';
import { type DomainParts, domainBook } from './domains.ts';
import { handlersOf } from './handlers.ts';
import type { HealthBook } from './health.ts';
import { metricsText } from './measuring.ts';
import type { Settled } from './settled.ts';

export interface Serving {
  readonly settled: Settled;
  readonly outside: Outside;
  readonly version: string;
  readonly service: ServiceParts;
  readonly hub: Pick<Hub, 'signedPolicy'>;
  readonly domainParts: DomainParts;
  readonly certificate: HeldCertificate;
  readonly health: HealthBook;
  readonly people: People;
  readonly authority: Authority;
  readonly ledger: Base;
  readonly metrics: Metrics;
}

export function openApiPort(serving: Serving): Promise<ApiServer> {
  const {
    settled,
    outside,
    version,
    service,
    hub,
    domainParts,
    certificate,
    health,
    people,
    authority,
    ledger,
    metrics,
  } = serving;
  const { now, newId, log } = outside;
  let document: string | null = null;
  const api = createApi({
    table: routes,
    handlers: handlersOf({
      service,
      signedPolicy: (domain) => hub.signedPolicy(domain),
      people,
      authority,
      ledger,
      backup: { store: ledger.store, recorder: ledger.recorder, parts: backupParts(settled.folder), now },
      metricsText: () => metricsText({ metrics, base: ledger, health, now }),
      domains: domainBook(domainParts),
      health: {
        version,
        status: () => health.status,
        states: () => health.states,
        document: () => {
          document ??= JSON.stringify(openApiDocument({ table: routes, version }));
          return document;
        },
      },
    }),
    authenticate: people.authenticate,
    now,
    newTrace: newId,
    hosts: settled.hosts,
    origins: settled.names.map((name) => `https://${name}:${settled.listen.port}`),
    trustedProxies: settled.config.proxies,
    files: loginFiles(),
    bug: (trace, error) => log.error({ trace, error }, 'a request failed'),
    told: ({ trace, route, status, code, actor, tookMs }) => {
      metrics.add(METRICS.requests, { route: route ?? 'none', status: `${Math.floor(status / 100)}xx` });
      metrics.observe(METRICS.requestSeconds, {}, tookMs / 1_000);
      log.debug({ trace, route, status, code, actor, tookMs }, 'request');
    },
  });
  return serveApi({ api, ...settled.listen, certificate });
}
