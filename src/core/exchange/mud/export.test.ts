// What an element's rules become in a MUD file: its form, the way back, and what MUD cannot say.

import { describe, expect, it } from 'vitest';
import { type Policy, parsePrefix, type Selector } from '#model';
import { parsePolicy } from '#policy';
import { exportMud, type MudExportOptions } from './export.ts';
import { imported } from './mud.testing.ts';

const OPTIONS: MudExportOptions = {
  element: 'bulb',
  url: null,
  lastUpdate: '2026-03-02T12:00:00Z',
  localNetworks: null,
};

function policyOf(text: string): Policy {
  const head = `picket: 1
elements:
  bulb: { kind: device, address: 192.168.1.7, labels: { manufacturer: maker.example, model: https://maker.example/bulb } }
  hub: { kind: device, mac: "02:00:00:00:00:01", labels: { role: hub } }
  nvr: { kind: server, address: 192.168.1.9 }
`;
  const { policy, problems } = parsePolicy(head + text, 'policy.yaml');
  if (policy === null) throw new Error(JSON.stringify(problems));
  return policy;
}

function exported(
  text: string,
  options: Partial<MudExportOptions> = {},
): Extract<ReturnType<typeof exportMud>, { kind: 'exported' }> {
  const result = exportMud(policyOf(text), { ...OPTIONS, ...options });
  if (result.kind === 'refused') throw new Error(result.reason);
  return result;
}

const rule = (to: string, from = 'bulb'): string => `rules:\n  r:\n    from: ${from}\n    to: { on: "${to}" }\n`;
const RTSP = rule('nvr').replace('"nvr"', 'nvr, protocol: tcp, port: 554');

describe('exportMud()', () => {
  it('writes the form of RFC 8520', () => {
    const document: unknown = JSON.parse(exported(RTSP).text);
    const match = { 'destination-port': { operator: 'eq', port: 554 }, 'ietf-mud:direction-initiated': 'from-device' };
    const back = { 'source-port': { operator: 'eq', port: 554 }, 'ietf-mud:direction-initiated': 'from-device' };
    const list = (name: string, side: string, tcp: object, number: number): object => ({
      name,
      type: 'ipv4-acl-type',
      aces: {
        ace: [
          {
            name: `r-${number}`,
            matches: { ipv4: { protocol: 6, [`${side}-ipv4-network`]: '192.168.1.9/32' }, tcp },
            actions: { forwarding: 'accept' },
          },
        ],
      },
    });
    expect(document).toEqual({
      'ietf-mud:mud': {
        'mud-version': 1,
        'mud-url': 'https://maker.example/bulb',
        'last-update': '2026-03-02T12:00:00Z',
        'cache-validity': 48,
        'is-supported': true,
        systeminfo: 'bulb',
        'from-device-policy': { 'access-lists': { 'access-list': [{ name: 'from-ipv4-bulb' }] } },
        'to-device-policy': { 'access-lists': { 'access-list': [{ name: 'to-ipv4-bulb' }] } },
      },
      'ietf-access-control-list:acls': {
        acl: [list('from-ipv4-bulb', 'destination', match, 1), list('to-ipv4-bulb', 'source', back, 2)],
      },
    });
  });

  it.each([
    ['an element that is not there', { element: 'lamp' }, 'no-element'],
    ['an element without a URL', { element: 'hub' }, 'no-url'],
    ['a URL that is none', { url: 'bulb.json' }, 'no-url'],
  ])('refuses %s', (_title, options, reason) => {
    expect(exportMud(policyOf(RTSP), { ...OPTIONS, ...options })).toEqual({ kind: 'refused', reason });
  });

  it.each([
    ['tcp, port: 443', 'api.example.com'],
    ['udp, port: 8000-8100', '203.0.113.0/24'],
    ['tcp', '2001:db8::/32'],
    ['tcp, port: 80', '0.0.0.0/0'],
    ['udp, port: 7', 'any'],
    ['tcp, port: 7', '10.0.0.0/8 | 172.16.0.0/12 | 192.168.0.0/16 | 169.254.0.0/16'],
    ['tcp, port: 7', '10.0.0.0/8 | 172.16.0.0/12 | 192.168.0.0/16 | 169.254.0.0/16 | fc00::/7 | fe80::/10'],
    ['udp, port: 7', 'manufacturer=other.example'],
    ['udp, port: 7', 'manufacturer=maker.example'],
    ['udp, port: 7', 'model=https://other.example/a%3D1'],
    ['udp, port: 7', 'mud-controller=urn:example:hub'],
    ['tcp, port: 7', 'mud-my-controller=https://maker.example/bulb'],
    ['tcp, port: 7', 'mud-controller=urn:example:hub & 192.168.1.0/24'],
    ['udp, port: 1900', '239.255.255.250'],
    ['udp, port: 1900', 'ff:ff:ff:ff:ff:ff'],
    ['icmp', '203.0.113.1'],
    ['47', '203.0.113.1'],
    ['tcp, port: [1-21, 23-65535]', '203.0.113.1'],
  ])('comes back: %s on %s', (service, on) => {
    const ways = on.includes('.com') || on.startsWith('2') || on.startsWith('ff') ? ['out'] : ['out', 'in'];
    for (const way of ways) {
      const [from, to] = way === 'out' ? ['bulb', on] : [on, 'bulb'];
      const text = `rules:\n  r: { from: "${from}", to: { on: "${to}", protocol: ${service} } }\n`;
      const { rules } = policyOf(text);
      const made = exported(text);
      const again = imported(made.text, { element: { id: 'bulb', macs: [], addresses: [] } }).policy.rules;
      expect(again.map((other) => [other.from, other.to])).toEqual(rules.map((other) => [other.from, other.to]));
      expect(made.notSaid.filter(({ what }) => what !== 'that answers come back')).toEqual([]);
    }
  });

  it('comes back with refusals first', () => {
    const text = `rules:
  r: { from: bulb, to: { on: 203.0.113.0/24, protocol: tcp } }
never:
  n: { from: bulb, to: { on: 203.0.113.0/28, protocol: tcp } }
`;
    const { never } = policyOf(text);
    const again = imported(exported(text).text).policy;
    expect(again.never.map(({ from, to }) => [from, to])).toEqual(never.map(({ from, to }) => [from, to]));
  });

  it('comes back with classes of its own, where the import is told who they are', () => {
    const text = rule('role=hub').replace('}', ', protocol: udp, port: 7 }');
    const { classes, text: mud } = exported(text);
    expect([...classes]).toEqual([['urn:picket:label:role:hub', { kind: 'label', key: 'role', value: 'hub' }]]);
    const untold: Selector = { kind: 'label', key: 'mud-controller', value: 'urn:picket:label:role:hub' };
    expect(imported(mud).policy.rules[0]?.to[0]?.on).toEqual(untold);
    expect(imported(mud, { controllers: classes }).policy.rules[0]?.to[0]?.on).toEqual(
      classes.get('urn:picket:label:role:hub'),
    );
  });

  it.each([
    ['hours', 'more', RTSP.replace('}', '}\n    limits: { hours: daily 06:00-22:00 }')],
    ['volumes', 'more', RTSP.replace('}', '}\n    limits: { volume: <= 2 GB per day }')],
    ['sizes', 'more', RTSP.replace('}', '}\n    limits: { size: <= 1500 B }')],
    ['rates', 'more', RTSP.replace('}', '}\n    limits: { rate: 1 Mbit/s }')],
    ['connections', 'more', RTSP.replace('}', '}\n    limits: { connections: 4 open }')],
    ['lifetime', 'more', RTSP.replace('}', '}\n    limits: { lifetime: 1 h }')],
    ['operations', 'more', RTSP.replace('}', '}\n    limits: { operations: modbus read }')],
    ['until', 'more', RTSP.replace('}', '}\n    until: 2027-03-31')],
    ['application', 'more', RTSP.replace('}', ', application: rtsp }')],
    ['internet', 'more', rule('internet')],
    ['*.example.com', 'less', rule('*.example.com')],
    ['a selector with "not"', 'less', rule('!role=hub')],
    ['required hours or logon', 'more', `${RTSP}require:\n  q: { from: bulb, to: any, hours: daily 06:00-22:00 }\n`],
  ])('lists %s, permitting %s', (what, effect, text) => {
    const { notSaid } = exported(text);
    const found = notSaid.find((entry) => entry.what === what);
    expect(found?.why).toContain(`permits ${effect}`);
  });

  it('says nothing of rules of others', () => {
    const { text, notSaid } = exported(rule('nvr', 'role=hub').replace('}', '}\n    limits: { lifetime: 1 h }'));
    expect(text).not.toContain('192.168.1.9');
    expect(notSaid).toEqual([]);
  });

  it('keeps names of lists and entries within 64 characters', () => {
    const long = 'r'.repeat(128);
    const { text } = exported(RTSP.replace('  r:', `  ${long}:`));
    const names = [...text.matchAll(/"name": "([^"]*)"/g)].map(([, name = '']) => name.length);
    expect(Math.max(...names)).toBeLessThanOrEqual(64);
    expect(imported(text).policy.rules).toHaveLength(1);
  });

  it('uses the local networks it is told', () => {
    const prefix = parsePrefix('192.168.1.0/24');
    if (prefix === null) throw new Error('no prefix');
    const text = rule('192.168.1.0/24').replace('}', ', protocol: tcp }');
    expect(exported(text).text).not.toContain('local-networks');
    expect(exported(text, { localNetworks: [prefix] }).text).toContain('local-networks');
  });
});
