// A configuration is taken whole or not at all: every fault is told with its place.

import { expect, it } from 'vitest';
import { readConfig } from './config-file.ts';

const read = (text: string) => readConfig(text, 'controller.yaml');

it('needs nothing but its version', () => {
  const { config, problems } = read('picket: 1\n');
  expect(problems).toEqual([]);
  expect(config).toMatchObject({ data: '/var/lib/picket/controller', listen: '0.0.0.0:7443', oidc: [], events: [] });
});

it('takes all that it knows', () => {
  const { config, problems } = read(`picket: 1
data: /srv/picket
domain: plant.example
names: [picket.plant.example, 10.0.0.5]
listen: "[::]:7443"
agents: 0.0.0.0:0
controllers: [a.plant.example:7444, b.plant.example:7444]
database: { url: postgres://picket@db/picket, password: /etc/picket/db }
certificate: { chain: /c.pem, key: /k.pem }
certificateMinutes: { human: 5, host: 1440 }
oidc:
  - { id: main, name: Example, issuer: https://id.example, client: picket, scopes: [groups], origins: [https://api.id.example], authority: /ca.pem, device: false, roles: [{ value: admins, domain: plant.example, role: approver }] }
events:
  - { to: file, file: /var/log/picket.ocsf }
  - { to: syslog, address: 10.0.0.9:6514 }
  - { to: webhook, url: https://siem.example/in, secret: /s }
`);
  expect(problems).toEqual([]);
  expect(config?.events.map(({ to, format }) => [to, format])).toEqual([
    ['file', 'ocsf'],
    ['syslog', 'cef'],
    ['webhook', 'ocsf'],
  ]);
});

it.each([
  ['', 'picket', 1, /picket.*needed/],
  ['picket: 2\n', 'picket', 1, /one of 1 is needed/],
  ['picket: 1\nlistn: x\n', 'listn', 2, /"listn" is no field/],
  ['picket: 1\nlisten: 7443\n', 'listen', 2, /a string is needed/],
  ['picket: 1\nlisten: 0.0.0.0:70000\n', 'listen', 2, /65535/],
  ['picket: 1\nagents: nowhere\n', 'agents', 2, /address and a port/],
  ['picket: 1\ndomain: Plant\n', 'domain', 2, /domain id/],
  ['picket: 1\noidc:\n  - issuer: http://x\n    client: p\n', 'oidc.0.issuer', 3, /https/],
  ['picket: 1\noidc:\n  - issuer: https://x\n', 'oidc.0.client', 3, /needed/],
  [
    'picket: 1\noidc:\n  - { issuer: https://x, client: p }\n  - { id: oidc-1, issuer: https://y, client: p }\n',
    'oidc',
    2,
    /id of its own/,
  ],
  ['picket: 1\noidc:\n  - { id: A, issuer: https://x, client: p }\n', 'oidc.0.id', 3, /lower-case/],
  ['picket: 1\noidc:\n  - { issuer: https://x, client: p, origins: [http://y] }\n', 'oidc.0.origins.0', 3, /https/],
  [
    'picket: 1\noidc:\n  - { issuer: https://x, client: p, roles: [{ value: a, domain: d.e, role: owner }] }\n',
    'oidc.0.roles.0.role',
    3,
    /one of viewer, operator, approver/,
  ],
  ['picket: 1\ndatabase: { url: mysql://x }\n', 'database.url', 2, /postgres/],
  ['picket: 1\nevents: [{ to: pager }]\n', 'events.0.to', 2, /file, syslog, webhook/],
  ['picket: 1\nnames: []\n', 'names', 2, /at least 1/],
  ['picket: 1\ncertificateMinutes: { host: 4 }\n', 'certificateMinutes.host', 2, /too small \(at least 5\)/],
  ['picket: 1\ncertificateMinutes: { host: 1441 }\n', 'certificateMinutes.host', 2, /too large \(at most 1440\)/],
  ['picket: 1\ncertificateMinutes: { root: 5 }\n', 'certificateMinutes.root', 2, /no field/],
  ['picket: 1\nlog: loud\n', 'log', 2, /debug, info/],
  ['- 1\n', '', 1, /object/],
])('refuses %j at %s', (text, path, line, message) => {
  const { config, problems } = read(text);
  expect(config).toBeNull();
  expect(problems[0]).toMatchObject({ code: 'PICKET-C801', place: { file: 'controller.yaml', line, path } });
  expect(problems[0]?.message).toMatch(message);
});

it.each(['picket: [', 'a: &a 1\npicket: *a\n', '\u0000', 'picket: 1\npicket: 1\n', 'picket: !!js 1'])(
  'refuses %j without throwing',
  (text) => {
    expect(read(text).config).toBeNull();
  },
);

it('guesses what was meant', () => {
  expect(read('picket: 1\nlistn: x\n').problems[0]?.help).toBe('did you mean "listen"?');
});
