// Events as ECS (Elastic Common Schema) documents. Pure.

import type { EventDoer, EventEnd, SecurityEvent, Severity, VerdictEvent } from '../event.ts';
import { known, PRODUCT, type Product, protocolName, VENDOR } from './product.ts';

/** Version of the schema that the fields are taken from. */
export const ECS_VERSION = '8.17.0';

type Fields = Readonly<Record<string, unknown>>;

const SEVERITIES: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 7, critical: 9 };

interface Described {
  readonly action: string;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly eventKind: 'event' | 'alert' | 'asset' | 'state';
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly reason: string | null;
  readonly fields: Fields;
}

export function ecsOf(event: SecurityEvent, product: Product): Fields {
  const { action, outcome, eventKind, category, type, reason, fields } = described(event);
  return {
    '@timestamp': new Date(event.at).toISOString(),
    ecs: { version: ECS_VERSION },
    event: known({
      id: event.id,
      kind: eventKind,
      category,
      type,
      action,
      outcome,
      reason,
      severity: SEVERITIES[event.severity],
      module: 'picket',
      dataset: `picket.${event.kind}`,
    }),
    observer: { vendor: VENDOR, product: PRODUCT, type: 'firewall', version: product.version, hostname: product.host },
    organization: { name: event.domain },
    ...fields,
  };
}

function described(event: SecurityEvent): Described {
  switch (event.kind) {
    case 'verdict':
      return verdict(event);
    case 'logon':
      return {
        action: event.act,
        outcome: event.isSuccess ? 'success' : 'failure',
        eventKind: 'event',
        category: ['authentication'],
        type: [event.act === 'logon' ? 'start' : 'end'],
        reason: event.reason,
        fields: { ...userFields(event.who), ...source(event.who) },
      };
    case 'grant':
      return {
        action: event.act === 'give' ? 'privileges-given' : 'privileges-taken',
        outcome: 'success',
        eventKind: 'event',
        category: ['iam'],
        type: ['user', 'change'],
        reason: null,
        fields: {
          user: { ...user(event.by), target: { ...user(event.who), roles: event.privileges } },
          ...source(event.by),
        },
      };
    case 'finding':
      return {
        action: event.name,
        outcome: 'unknown',
        eventKind: 'alert',
        category: ['intrusion_detection'],
        type: ['info'],
        reason: event.title,
        fields: { rule: { name: event.name, id: event.finding }, ...element(event.element) },
      };
    case 'control':
      return {
        action: 'control-checked',
        outcome: event.outcome === 'fail' ? 'failure' : 'success',
        eventKind: 'state',
        category: ['configuration'],
        type: ['info'],
        reason: event.title,
        fields: { rule: { name: event.control, ruleset: event.standard, id: event.finding } },
      };
    case 'element':
      return {
        action: 'element-seen',
        outcome: 'success',
        eventKind: 'asset',
        category: ['host'],
        type: ['info'],
        reason: null,
        fields: {
          host: known({
            id: event.element,
            name: event.name,
            ip: event.address,
            mac: event.mac,
            type: event.elementKind,
          }),
          labels: event.labels,
        },
      };
    case 'policy':
      return {
        action: `policy-${event.state}`,
        outcome: 'success',
        eventKind: 'event',
        category: ['configuration'],
        type: ['change'],
        reason: event.why === '' ? null : event.why,
        fields: {
          rule: { ruleset: event.domain, version: String(event.revision) },
          ...userFields(event.by),
          ...source(event.by),
        },
      };
    case 'agent':
      return {
        action: `agent-${event.act}`,
        outcome: 'success',
        eventKind: 'event',
        category: ['host'],
        type: [event.act === 'connected' ? 'start' : 'end'],
        reason: null,
        fields: {
          agent: { id: event.agent, type: 'picket', version: event.program },
          picket: { controller: event.controller },
        },
      };
    case 'act':
      return {
        action: event.action,
        outcome: event.isSuccess ? 'success' : 'failure',
        eventKind: 'event',
        category: ['configuration'],
        type: ['change'],
        reason: null,
        fields: {
          ...userFields(event.by),
          ...source(event.by),
          picket: known({ subject: event.subject, record: event.record, chain: event.chain }),
        },
      };
  }
}

function verdict(event: VerdictEvent): Described {
  const isDenied = event.effect !== 'allowed' && event.effect !== 'logged';
  return {
    action: event.effect,
    outcome: isDenied ? 'failure' : 'success',
    eventKind: 'event',
    category: ['network'],
    type: ['connection', isDenied ? 'denied' : 'allowed'],
    reason: event.reason,
    fields: {
      source: end(event.from, event.bytesOut, event.packetsOut),
      destination: end(event.to, event.bytesIn, event.packetsIn),
      network: known({
        iana_number: String(event.protocol),
        transport: protocolName(event.protocol),
        application: event.application,
        type: event.from.address === null ? null : event.from.address.includes(':') ? 'ipv6' : 'ipv4',
        bytes: event.bytesIn + event.bytesOut,
        packets: event.packetsIn + event.packetsOut,
      }),
      ...(event.rule === null ? {} : { rule: { id: event.rule, name: event.rule, ruleset: event.domain } }),
      picket: known({
        mode: event.mode,
        verdict: event.verdict,
        agent: event.agent,
        count: event.count,
        revision: event.revision,
      }),
    },
  };
}

function end({ address, port, mac, name, element: id }: EventEnd, bytes: number, packets: number): Fields {
  const isIp = address !== null && /^[\d.]+$|:/.test(address);
  return known({
    ip: isIp ? address : null,
    address: address ?? name ?? id,
    port,
    mac: macText(mac),
    domain: name,
    bytes,
    packets,
    user: id === null ? null : { id },
  });
}

/** ECS writes MAC addresses as RFC 7042 does: capitals and hyphens. */
function macText(mac: string | null): string | null {
  return mac === null ? null : mac.toUpperCase().replaceAll(':', '-');
}

function user({ id, name }: EventDoer): Fields {
  return { id, name };
}

function userFields(doer: EventDoer): Fields {
  return { user: user(doer) };
}

function source({ address }: EventDoer): Fields {
  return address === null ? {} : { source: { ip: address, address } };
}

function element(id: string | null): Fields {
  return id === null ? {} : { host: { id } };
}
