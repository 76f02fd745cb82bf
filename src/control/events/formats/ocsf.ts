// Events as OCSF (Open Cybersecurity Schema Framework): classes, activities and dispositions by their numbers. Pure.

import type {
  ActEvent,
  AgentEvent,
  ControlEvent,
  Effect,
  ElementEvent,
  EventDoer,
  EventEnd,
  FindingEvent,
  GrantEvent,
  LogonEvent,
  PolicyEvent,
  SecurityEvent,
  Severity,
  VerdictEvent,
} from '../event.ts';
import { known, PRODUCT, type Product, protocolName, VENDOR } from './product.ts';

/** Every attribute used here is in this version and was not taken back in a later one. */
export const OCSF_VERSION = '1.6.0';

type Fields = Readonly<Record<string, unknown>>;

interface Classed {
  readonly class_uid: number;
  readonly activity_id: number;
  readonly fields: Fields;
}

const SEVERITIES: Readonly<Record<Severity, number>> = { info: 1, low: 2, medium: 3, high: 4, critical: 5 };

const ALLOWED = 1;
const DENIED = 2;
const OBSERVED = 3;

/** action_id and disposition_id of the profile security_control. */
const OUTCOMES: Readonly<Record<Effect, readonly [action: number, disposition: number]>> = {
  allowed: [ALLOWED, 1],
  dropped: [DENIED, 6],
  cut: [DENIED, 21],
  challenged: [DENIED, 23],
  revoked: [DENIED, 24],
  unauthorised: [DENIED, 26],
  logged: [OBSERVED, 17],
};

/** The event as one OCSF object. */
export function ocsfOf(event: SecurityEvent, product: Product): Fields {
  const { class_uid, activity_id, fields } = classed(event, product);
  const profiles = event.kind === 'verdict' ? ['security_control'] : [];
  return {
    activity_id,
    category_uid: Math.floor(class_uid / 1000),
    class_uid,
    type_uid: class_uid * 100 + activity_id,
    time: event.at,
    severity_id: SEVERITIES[event.severity],
    metadata: {
      version: OCSF_VERSION,
      uid: event.id,
      product: { name: PRODUCT, vendor_name: VENDOR, version: product.version },
      tenant_uid: event.domain,
      ...(profiles.length === 0 ? {} : { profiles }),
    },
    ...fields,
  };
}

function classed(event: SecurityEvent, product: Product): Classed {
  switch (event.kind) {
    case 'verdict':
      return verdict(event);
    case 'logon':
      return logon(event, product);
    case 'grant':
      return grant(event);
    case 'finding':
      return finding(event);
    case 'control':
      return control(event);
    case 'element':
      return inventory(event);
    case 'policy':
      return policy(event, product);
    case 'agent':
      return agent(event);
    case 'act':
      return act(event, product);
  }
}

/** Network Activity (Traffic, or Refuse where it was denied); Tunnel Activity where the conversation carries others. */
function verdict(event: VerdictEvent): Classed {
  const [action_id, disposition_id] = OUTCOMES[event.effect];
  const fields = {
    action_id,
    disposition_id,
    is_alert: action_id === DENIED,
    count: event.count,
    src_endpoint: endpoint(event.from),
    dst_endpoint: endpoint(event.to),
    connection_info: known({
      direction_id: 0,
      protocol_num: event.protocol,
      protocol_name: protocolName(event.protocol),
      protocol_ver_id: ipVersion(event.from.address ?? event.to.address),
    }),
    traffic: {
      bytes: event.bytesIn + event.bytesOut,
      bytes_in: event.bytesIn,
      bytes_out: event.bytesOut,
      packets: event.packetsIn + event.packetsOut,
      packets_in: event.packetsIn,
      packets_out: event.packetsOut,
    },
    ...known({
      app_name: event.application,
      status_detail: event.reason,
      firewall_rule: event.rule === null ? null : { uid: event.rule, name: event.rule },
      policy:
        event.revision === null ? null : { uid: event.domain, name: event.domain, version: String(event.revision) },
    }),
    unmapped: known({ mode: event.mode, reason: event.reason, agent: event.agent }),
  };
  if (event.isTunnel) return { class_uid: 4014, activity_id: 1, fields: { ...fields, tunnel_type_id: 0 } };
  return { class_uid: 4001, activity_id: action_id === DENIED ? 5 : 6, fields };
}

function logon(event: LogonEvent, product: Product): Classed {
  return {
    class_uid: 3002,
    activity_id: event.act === 'logon' ? 1 : 2,
    fields: {
      status_id: event.isSuccess ? 1 : 2,
      user: user(event.who),
      service: { name: 'picket controller' },
      dst_endpoint: { hostname: product.host },
      auth_protocol_id: 99,
      auth_protocol: event.method,
      is_remote: true,
      ...known({
        src_endpoint: event.who.address === null ? null : { ip: event.who.address },
        status_detail: event.reason,
        session: event.session === null ? null : { uid: event.session },
      }),
    },
  };
}

function grant(event: GrantEvent): Classed {
  return {
    class_uid: 3005,
    activity_id: event.act === 'give' ? 1 : 2,
    fields: {
      status_id: 1,
      user: user(event.who),
      actor: { user: user(event.by) },
      privileges: event.privileges,
      ...known({ src_endpoint: event.by.address === null ? null : { ip: event.by.address } }),
    },
  };
}

const FINDING_ACTIVITY = { open: 1, update: 2, close: 3 } as const;

function finding(event: FindingEvent): Classed {
  return {
    class_uid: 2004,
    activity_id: FINDING_ACTIVITY[event.act],
    fields: {
      status_id: event.act === 'close' ? 4 : 1,
      count: event.count,
      finding_info: {
        uid: event.finding,
        title: event.title,
        types: [event.name],
        analytic: { type_id: 1, type: 'Rule', name: event.name, uid: event.name },
        first_seen_time: event.firstAt,
        last_seen_time: event.at,
      },
      ...known({ resources: event.element === null ? null : [{ uid: event.element, name: event.element }] }),
    },
  };
}

const CONTROL_STATUS = { pass: 1, warning: 2, fail: 3 } as const;

function control(event: ControlEvent): Classed {
  return {
    class_uid: 2003,
    activity_id: 1,
    fields: {
      status_id: 1,
      finding_info: { uid: event.finding, title: event.title },
      compliance: {
        standards: [event.standard],
        control: event.control,
        status_id: CONTROL_STATUS[event.outcome],
      },
    },
  };
}

/** device.type_id of the kinds of elements; a person or a program is no device (99). */
const DEVICE_TYPES: ReadonlyMap<string, number> = new Map([
  ['server', 1],
  ['instance', 6],
  ['device', 7],
]);

function inventory(event: ElementEvent): Classed {
  const type_id = DEVICE_TYPES.get(event.elementKind) ?? 99;
  return {
    class_uid: 5001,
    activity_id: 1,
    fields: {
      device: {
        uid: event.element,
        type_id,
        ...known({
          type: type_id === 99 ? event.elementKind : null,
          name: event.name,
          ip: event.address,
          mac: event.mac,
        }),
      },
      unmapped: { labels: event.labels },
    },
  };
}

/** A policy is the configuration of what enforces it: Device Config State Change of the controller. */
function policy(event: PolicyEvent, product: Product): Classed {
  return {
    class_uid: 5019,
    activity_id: 1,
    fields: {
      device: { uid: product.host, hostname: product.host, type_id: 9 },
      actor: { user: user(event.by) },
      status_id: 1,
      message: `policy revision ${event.revision} is ${event.state}`,
      ...known({ status_detail: event.why === '' ? null : event.why }),
      unmapped: known({ revision: event.revision, before: event.before, state: event.state }),
    },
  };
}

/** Application Lifecycle: for a controller an agent starts when it comes, and stops when it goes. */
function agent({ act, agent: id, program, controller }: AgentEvent): Classed {
  return {
    class_uid: 6002,
    activity_id: act === 'connected' ? 3 : 4,
    fields: {
      app: { name: 'Picket agent', vendor_name: VENDOR, uid: id, version: program },
      message: `agent ${id} ${act}`,
      unmapped: { controller },
    },
  };
}

/** Verbs of acts that are no update. */
const CREATES = /(^|\.)(add|create|make|invite|enrol|register|begin|open)$/;
const DELETES = /(^|\.)(remove|delete|revoke|end|purge|rm)$/;

function act(event: ActEvent, product: Product): Classed {
  const activity_id = CREATES.test(event.action) ? 1 : DELETES.test(event.action) ? 4 : 3;
  return {
    class_uid: 6003,
    activity_id,
    fields: {
      status_id: event.isSuccess ? 1 : 2,
      actor: { user: user(event.by) },
      api: { operation: event.action, service: { name: 'picket controller' } },
      src_endpoint: event.by.address === null ? { name: event.by.kind } : { ip: event.by.address },
      dst_endpoint: { hostname: product.host },
      resources: [{ uid: event.subject, name: event.subject }],
      unmapped: known({ record: event.record, chain: event.chain }),
    },
  };
}

/** An endpoint has at least one of address, id or name; where nothing is known it is called so. */
function endpoint(end: EventEnd): Fields {
  const fields = known({ ip: end.address, port: end.port, mac: end.mac, uid: end.element, hostname: end.name });
  const isNamed = end.address !== null || end.element !== null || end.name !== null;
  return isNamed ? fields : { ...fields, name: 'unknown' };
}

function user({ id, name, kind }: EventDoer): Fields {
  return {
    uid: id,
    name,
    type_id: kind === 'person' ? 1 : kind === 'system' ? 3 : 99,
    ...(kind === 'person' || kind === 'system' ? {} : { type: kind }),
  };
}

function ipVersion(address: string | null): number {
  if (address === null) return 0;
  return address.includes(':') ? 6 : 4;
}
