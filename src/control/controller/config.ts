// What a controller is told: one YAML file, each field with a default but none needed. Here are the fields; config-file.ts reads the text.

import * as z from 'zod';
import { type IdentityKind, LEAF_LIFE, LEAF_LIFE_LEAST } from '#identity';
import { MINUTE } from '#model';

/** Where a controller keeps everything: database, ledger, keys. */
export const DATA_FOLDER = '/var/lib/picket/controller';
export const CONFIG_FILE = '/etc/picket/controller.yaml';

const PATH_CHARS_MAX = 4_096;
const ISSUERS_MAX = 16;
const SINKS_MAX = 16;
const NAMES_MAX = 16;
const HOSTS_MAX = 64;
const ROLES_MAX = 256;

const path = z.string().min(1).max(PATH_CHARS_MAX);
const word = z.string().min(1).max(256);

/** `0.0.0.0:7443`, `[::]:7443`; port 0 takes one that is free. */
const listen = z
  .string()
  .max(300)
  .regex(
    /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/,
    'an address and a port is needed, such as 0.0.0.0:7443 or [::]:7443',
  )
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'ports go up to 65535');

const hostName = z
  .string()
  .max(253)
  .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, 'a host name is needed, such as picket.example.com');

/** Same form as in a trust domain of SPIFFE: lower case, dots and dashes. */
const domain = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'a domain id is needed, such as plant.example',
  );

const httpsUrl = z
  .string()
  .max(2_048)
  .regex(/^https:\/\/[^\s]+$/, 'a URL that begins with https:// is needed');

const certificate = z.strictObject({
  /** PEM files: the chain with the leaf first, and its key. */
  chain: path,
  key: path,
});

const issuer = z.strictObject({
  /** In the address to which the provider sends browsers back. */
  id: z
    .string()
    .max(32)
    .regex(/^[a-z0-9-]{1,32}$/, 'lower-case letters, digits and "-" are needed')
    .optional(),
  /** On the button. */
  name: word.optional(),
  issuer: httpsUrl,
  client: word,
  /** File with the client's secret; none for a public client. */
  secret: path.optional(),
  /** Beside `openid`. */
  scopes: z.array(word).max(NAMES_MAX).default([]),
  /** Where its endpoints may be, beside the issuer's own origin. */
  origins: z.array(httpsUrl).max(NAMES_MAX).default([]),
  /** PEM file of the authority of its certificate; none: those of this system. */
  authority: path.optional(),
  /** Whether programs without a browser log on there; false for a provider that knows no device flow. */
  device: z.boolean().default(true),
  /** Claim whose values give roles. */
  claim: word.default('groups'),
  roles: z
    .array(z.strictObject({ value: word, domain, role: z.enum(['viewer', 'operator', 'approver']) }))
    .max(ROLES_MAX)
    .default([]),
});

/** A provider's own id, or one by its place. */
export function issuerId({ id }: { readonly id?: string | undefined }, at: number): string {
  return id ?? `oidc-${at + 1}`;
}

const sink = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('file'), file: path, format: z.enum(['ocsf', 'ecs', 'cef']).default('ocsf') }),
  z.strictObject({
    to: z.literal('syslog'),
    address: word,
    over: z.enum(['tls', 'tcp', 'udp', 'unix']).default('tls'),
    format: z.enum(['ocsf', 'ecs', 'cef']).default('cef'),
  }),
  z.strictObject({
    to: z.literal('webhook'),
    url: httpsUrl,
    /** File with the secret that signs each message. */
    secret: path,
    format: z.enum(['ocsf', 'ecs']).default('ocsf'),
  }),
]);

/** At most what the kind may have: agents refuse a longer life. */
const minutesOf = (kind: IdentityKind) =>
  z
    .int()
    .min(LEAF_LIFE_LEAST / MINUTE)
    .max(LEAF_LIFE[kind] / MINUTE)
    .optional();
/** A field for each kind, so that a wrong one is told with those that there are. */
const certificateMinutes = z.strictObject({
  human: minutesOf('human'),
  service: minutesOf('service'),
  model: minutesOf('model'),
  agent: minutesOf('agent'),
  device: minutesOf('device'),
  server: minutesOf('server'),
  instance: minutesOf('instance'),
  gateway: minutesOf('gateway'),
  host: minutesOf('host'),
  relay: minutesOf('relay'),
  controller: minutesOf('controller'),
});

export const configSchema = z.strictObject({
  /** Version of this form. */
  picket: z.literal(1),
  data: path.default(DATA_FOLDER),
  /** Domain that a first start makes; later ones are made by its owners. Not stated: the public name, or the name of the host. */
  domain: domain.optional(),
  /** Names by which people and agents reach this controller; the first one is the public name. Not stated: the name of the host. */
  names: z.array(hostName).min(1).max(NAMES_MAX).optional(),
  /** For people and programs. */
  listen: listen.default('0.0.0.0:7443'),
  /** For agents. */
  agents: listen.default('0.0.0.0:7444'),
  /** Addresses of all controllers' agents' ports, told to agents. Not stated: the public name with this one's port. */
  controllers: z.array(listen).min(1).max(HOSTS_MAX).optional(),
  /** Not stated: an SQLite file in the data folder. */
  database: z
    .strictObject({
      url: z
        .string()
        .max(2_048)
        .regex(/^postgres(ql)?:\/\//, 'a URL that begins with postgres:// is needed'),
      /** File with the password, so that it stands in no configuration. */
      password: path.optional(),
    })
    .optional(),
  /** File with the passphrase that seals keys: the root's and those in the database. Several controllers on one database need the same. */
  passphrase: path.optional(),
  certificate: certificate.optional(),
  /** Shorter lives of certificates than their kinds have, in minutes. */
  certificateMinutes: certificateMinutes.optional(),
  /** Peers whose X-Forwarded-For is believed: reverse proxies. */
  proxies: z.array(word).max(HOSTS_MAX).default([]),
  oidc: z
    .array(issuer)
    .max(ISSUERS_MAX)
    .refine((all) => new Set(all.map(issuerId)).size === all.length, 'each provider needs an id of its own')
    .default([]),
  events: z.array(sink).max(SINKS_MAX).default([]),
  log: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export type Config = z.infer<typeof configSchema>;
