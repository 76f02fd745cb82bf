// What MUD entries become: who may begin what, what is asked, what is left out, and that nothing is wider than the file without saying so.

import { describe, expect, it } from 'vitest';
import { type Prefix, parsePrefix, type Selector } from '#model';
import { parsePolicy, printPolicy, selectorText, serviceText } from '#policy';
import type { Imported } from '../imported.ts';
import { importMud } from './import.ts';
import { type Ace, ALL_GENERIC, imported, mudText, OPTIONS, permits } from './mud.testing.ts';

const tcp = (ports: object): object => ({ ipv4: { protocol: 6 }, tcp: ports });
const udp = (ports: object): object => ({ ipv4: { protocol: 17 }, udp: ports });
const eq = (port: number): object => ({ operator: 'eq', port });
const named = (side: 'src' | 'dst', name: string): object => ({ ipv4: { [`ietf-acldns:${side}-dnsname`]: name } });
const of = (key: string, value: unknown = [null]): object => ({ 'ietf-mud:mud': { [key]: value } });

/** `bulb > 203.0.113.9 tcp/443`. */
function told({ policy }: Imported): readonly string[] {
  return policy.rules.flatMap(({ from, to }) =>
    to.map((service) => {
      const text = serviceText({ ...service, on: { kind: 'any' } }).replace(' on anything', '');
      return `${selectorText(from)} > ${selectorText(service.on)} ${text.replace('every service', 'any')}`;
    }),
  );
}

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

const address = (text: string): Selector => ({ kind: 'prefix', prefix: prefix(text) });
const LOCAL = { localNetworks: [prefix('192.168.1.0/24')] };

describe('importMud() tells who begins', () => {
  const peer = { ipv4: { 'destination-ipv4-network': '203.0.113.9/32' } };
  const back = { ipv4: { 'source-ipv4-network': '203.0.113.9/32' } };
  it.each<[string, readonly Ace[], readonly Ace[], readonly string[]]>([
    [
      'the far port serves',
      [{ matches: { ...peer, tcp: { 'destination-port': eq(443) } } }],
      [],
      ['bulb > 203.0.113.9 tcp/443'],
    ],
    [
      'the device port serves',
      [],
      [{ matches: { ...back, tcp: { 'destination-port': eq(80) } } }],
      ['203.0.113.9 > bulb tcp/80'],
    ],
    [
      'both ways are one rule',
      [{ matches: { ...peer, udp: { 'destination-port': eq(123) } } }],
      [{ matches: { ...back, udp: { 'source-port': eq(123) } } }],
      ['bulb > 203.0.113.9 udp/123'],
    ],
    [
      'direction-initiated decides without ports',
      [{ matches: { ...peer, tcp: { 'ietf-mud:direction-initiated': 'to-device' } } }],
      [{ matches: { ...back, tcp: { 'ietf-mud:direction-initiated': 'to-device' } } }],
      ['203.0.113.9 > bulb tcp'],
    ],
    [
      'nothing decides: whoever sends',
      [{ matches: peer }],
      [{ matches: back }],
      ['bulb > 203.0.113.9 any', '203.0.113.9 > bulb any'],
    ],
    ['an answer alone begins nothing', [], [{ matches: { ...back, udp: { 'source-port': eq(123) } } }], []],
    [
      'an answer of the device alone begins nothing',
      [{ matches: { ...peer, udp: { 'source-port': eq(9999) } } }],
      [],
      [],
    ],
  ])('%s', (_title, from, to, expected) => {
    expect(told(imported(mudText({ from, to })))).toEqual(expected);
  });

  it('permits the device and not the far end, and the reverse', () => {
    const { policy } = imported(mudText({ from: [{ matches: { ...peer, tcp: { 'destination-port': eq(443) } } }] }), {
      element: { id: 'bulb', macs: [], addresses: [prefix('192.168.1.7')] },
    });
    expect(permits(policy, { from: '192.168.1.7', to: '203.0.113.9', protocol: 6, port: 443 })).toBe(true);
    expect(permits(policy, { from: '192.168.1.7', to: '203.0.113.9', protocol: 6, port: 442 })).toBe(false);
    expect(permits(policy, { from: '203.0.113.9', to: '192.168.1.7', protocol: 6, port: 443 })).toBe(false);
  });
});

describe('importMud() reads ports', () => {
  it.each([
    [{ operator: 'eq', port: 80 }, 'tcp/80'],
    [{ port: '80' }, 'tcp/80'],
    [{ operator: 'lte', port: 80 }, 'tcp/1-80'],
    [{ operator: 'lseq', port: 80 }, 'tcp/1-80'],
    [{ operator: 'gte', port: 65_535 }, 'tcp/65535'],
    [{ operator: 'gteq', port: 1_024 }, 'tcp/1024-65535'],
    [{ operator: 'neq', port: 1 }, 'tcp/2-65535'],
    [{ 'lower-port': 30, 'upper-port': 40 }, 'tcp/30-40'],
    [{ operator: 'eq', 'lower-port': 30, 'upper-port': 40 }, 'tcp/30-40'],
  ])('%j is %s', (port, text) => {
    expect(told(imported(mudText({ from: [{ matches: tcp({ 'destination-port': port }) }] })))).toEqual([
      `bulb > 0.0.0.0/0 ${text}`,
    ]);
  });

  it('leaves out the one port of neq', () => {
    const { policy } = imported(
      mudText({ from: [{ matches: tcp({ 'destination-port': { operator: 'neq', port: 22 } }) }] }),
    );
    expect(policy.rules[0]?.to[0]?.ports).toEqual([
      { from: 1, to: 21 },
      { from: 23, to: 65_535 },
    ]);
  });

  it('never takes port 0 for every port', () => {
    const { policy, notCarried } = imported(mudText({ from: [{ matches: tcp({ 'destination-port': eq(0) }) }] }));
    expect(policy.rules).toEqual([]);
    expect(notCarried[0]?.what).toContain('without a port that exists');
  });

  it.each([
    [{ operator: 'eq' }, 'must name a port'],
    [{ operator: 'eq', port: 65_536 }, 'whole number from 0 to 65535'],
    [{ operator: 'eq', port: 1.5 }, 'whole number'],
    [{ operator: 'like', port: 80 }, 'operators eq, neq, lte, gte'],
    [{ 'lower-port': 40, 'upper-port': 30 }, 'from the smaller'],
    ['80', 'must be a map'],
  ])('refuses %j', (port, message) => {
    const result = importMud(
      [{ name: 'x', text: mudText({ from: [{ matches: tcp({ 'destination-port': port }) }] }) }],
      OPTIONS,
    );
    expect(result.kind === 'refused' ? result.problems[0]?.message : '').toContain(message);
  });
});

describe('importMud() fills classes', () => {
  const aces = (match: object): readonly Ace[] => [{ matches: { ...match, udp: { 'destination-port': eq(7) } } }];
  const controllers = new Map([['urn:example:hub', address('192.168.1.2')]]);
  it.each<[string, object, object, string, string | null]>([
    ['local networks', of('local-networks'), LOCAL, '192.168.1.0/24', null],
    [
      'local networks unsaid',
      of('local-networks'),
      {},
      '10.0.0.0/8 | 172.16.0.0/12 | 192.168.0.0/16 | 169.254.0.0/16',
      'Which are the local networks?',
    ],
    ['a controller', of('controller', 'urn:example:hub'), { controllers }, '192.168.1.2', null],
    [
      'a controller unsaid',
      of('controller', 'urn:example:hub'),
      {},
      'mud-controller=urn:example:hub',
      'Which element is the controller',
    ],
    ['my controller', of('my-controller'), { myController: address('192.168.1.3') }, '192.168.1.3', null],
    [
      'my controller unsaid',
      of('my-controller'),
      {},
      'mud-my-controller=https://maker.example/bulb',
      'Which element controls',
    ],
    ['a manufacturer', of('manufacturer', 'Other.Example'), {}, 'manufacturer=other.example', 'made by other.example'],
    ['the same manufacturer', of('same-manufacturer'), {}, 'manufacturer=maker.example', 'made by maker.example'],
    ['a model', of('model', 'https://other.example/a=1'), {}, 'model=https://other.example/a%3D1', 'of the model'],
    ['a name', named('dst', 'API.Example.com.'), {}, 'api.example.com', null],
    ['an address for a name', named('dst', '203.0.113.5'), {}, '203.0.113.5', null],
    ['nothing', {}, {}, '0.0.0.0/0', 'for every address'],
  ])('%s', (_title, match, options, selector, question) => {
    const made = imported(mudText({ from: aces(match) }), options);
    expect(told(made)).toEqual([`bulb > ${selector} udp/7`]);
    expect(made.questions.filter((text) => !text.startsWith('Which MAC'))).toEqual(
      question === null ? [] : [expect.stringContaining(question)],
    );
  });

  it('permits nobody for a class that nobody filled, and only the labelled element once one is', () => {
    const element = { id: 'bulb', macs: [], addresses: [prefix('192.168.1.7')] };
    const { policy } = imported(mudText({ from: aces(of('controller', 'urn:example:hub')) }), { element });
    const hub = { from: '192.168.1.7', to: '192.168.1.2', protocol: 17, port: 7 };
    expect(permits(policy, hub)).toBe(false);
    const [bulb] = policy.elements;
    if (bulb === undefined) throw new Error('no element');
    const labels = [['mud-controller', 'urn:example:hub']] as const;
    const filled = {
      ...policy,
      elements: [bulb, { ...bulb, id: 'hub', addresses: [prefix('192.168.1.2')], labels }],
    };
    expect(permits(filled, hub)).toBe(true);
    expect(permits(filled, { ...hub, to: '192.168.1.3' })).toBe(false);
  });

  it('keeps group addresses on the link apart from local networks', () => {
    const match = { ...of('local-networks'), ipv4: { protocol: 17, 'destination-ipv4-network': '239.255.255.250/32' } };
    const made = imported(mudText({ from: [{ matches: { ...match, udp: { 'destination-port': eq(1900) } } }] }), LOCAL);
    expect(told(made)).toEqual(['bulb > 239.255.255.250 udp/1900']);
  });

  it('holds a local network and an address together', () => {
    const match = { ...of('local-networks'), ipv4: { protocol: 6, 'destination-ipv4-network': '192.168.1.9/32' } };
    const made = imported(mudText({ from: [{ matches: match }] }), LOCAL);
    expect(told(made)).toEqual(['bulb > 192.168.1.0/24 & 192.168.1.9 tcp']);
  });
});

describe('importMud() reads both containers', () => {
  const from = [{ matches: tcp({ 'destination-port': eq(80) }) }];
  it.each(['acls', 'access-lists'])('%s', (container) => {
    expect(told(imported(mudText({ from, container })))).toEqual(['bulb > 0.0.0.0/0 tcp/80']);
  });
});

describe('importMud() adds what every device may', () => {
  const ntp = (name: string): Ace => ({ matches: { ...named('dst', name), udp: { 'destination-port': eq(123) } } });
  const element = { id: 'bulb', macs: [], addresses: [prefix('192.168.1.7')] };
  const options = { ...LOCAL, element, generic: ALL_GENERIC };
  const ask = (text: string, name: string): boolean =>
    permits(imported(text, options).policy, { from: '192.168.1.7', to: '203.0.113.1', protocol: 17, port: 123 }, [
      [name, '203.0.113.1'],
    ]);

  it.each([
    ['time-b.nist.gov', 'time-b.nist.gov', true],
    ['time-b.nist.gov', 'time-a.nist.gov', true],
    ['time-b.nist.gov', '2.asia.pool.ntp.org', true],
    ['time-b.nist.gov', 'nist.gov', false],
    ['time-b.nist.gov', 'time.example.com', false],
    ['ntp.com.au', 'other.com.au', false],
    ['ntp.example.com.au', 'ntp2.example.com.au', true],
    ['de.pool.ntp.org', 'evil.ntp.org', false],
  ])('a file that asks %s permits %s: %s', (said, asked, expected) => {
    expect(ask(mudText({ from: [ntp(said)] }), asked)).toBe(expected);
  });

  it('permits no public time where the file asks none, and only local DNS', () => {
    const { policy } = imported(mudText({}), options);
    const from = '192.168.1.7';
    expect(ask(mudText({}), 'pool.ntp.org')).toBe(false);
    for (const protocol of [6, 17]) {
      expect(permits(policy, { from, to: '192.168.1.1', protocol, port: 53 })).toBe(true);
      expect(permits(policy, { from, to: '8.8.8.8', protocol, port: 53 })).toBe(false);
    }
    expect(permits(policy, { from: '192.168.1.1', to: from, protocol: 17, port: 68, clientPort: 67 })).toBe(true);
    expect(permits(policy, { from: '192.168.1.1', to: from, protocol: 17, port: 67 })).toBe(false);
    expect(imported(mudText({}), LOCAL).policy.rules).toEqual([]);
  });
});

describe('importMud() keeps refusals', () => {
  const to = (network: string): object => ({ ipv4: { protocol: 6, 'destination-ipv4-network': network } });
  const element = { id: 'bulb', macs: [], addresses: [prefix('192.168.1.7')] };
  const on = (host: string): Parameters<typeof permits>[1] => ({
    from: '192.168.1.7',
    to: host,
    protocol: 6,
    port: 80,
  });

  it('as a guardrail where something is accepted behind them', () => {
    const from = [{ matches: to('203.0.113.0/28'), forwarding: 'drop' }, { matches: to('203.0.113.0/24') }];
    const { policy } = imported(mudText({ from }), { element });
    expect(policy.never).toHaveLength(1);
    expect([permits(policy, on('203.0.113.15')), permits(policy, on('203.0.113.16'))]).toEqual([false, true]);
    expect(parsePolicy(printPolicy(policy, new Map()), 'x').policy).toEqual(policy);
  });

  it('as nothing where nothing is', () => {
    const from = [{ matches: to('203.0.113.0/24') }, { matches: {}, forwarding: 'reject' }];
    const { policy } = imported(mudText({ from }), { element });
    expect(policy.never).toEqual([]);
    expect(permits(policy, on('203.0.113.15'))).toBe(true);
  });

  it.each([
    ['a name', { ...named('dst', 'bad.example.com') }],
    ['an unknown condition', { ipv4: { dscp: 4 } }],
    ['a class that nobody filled', of('controller', 'urn:example:hub')],
  ])('by leaving out what follows, where no guardrail can say %s', (_title, matches) => {
    const from = [
      { matches: to('198.51.100.0/24') },
      { matches, forwarding: 'drop' },
      { matches: to('203.0.113.0/24') },
    ];
    const { policy, notCarried } = imported(mudText({ from }), { element });
    expect([permits(policy, on('198.51.100.1')), permits(policy, on('203.0.113.1'))]).toEqual([true, false]);
    expect(notCarried.some(({ why }) => why.includes('permits less'))).toBe(true);
  });
});

describe('importMud() lists what it leaves out', () => {
  it.each<[string, Ace, string, string]>([
    ['EAPOL', { matches: { eth: { ethertype: '0x888e' } } }, 'frames of type 0x888e', 'only IP is judged'],
    ['ARP', { matches: { eth: { ethertype: '0x0806' } } }, 'frames of type 0x0806', 'only IP is judged'],
    ['DSCP', { matches: { ipv4: { protocol: 6, dscp: 4 } } }, '"dscp"', 'permits less'],
    [
      'TLS profiles',
      { matches: { ...tcp({ 'destination-port': eq(443) }), 'ietf-acl-tls:client-profile': {} } },
      '"client-profile"',
      'permits less',
    ],
    [
      'the address of the device',
      { matches: { ipv4: { 'source-ipv4-network': '192.0.2.0/24' } } },
      'the device itself',
      'permits less',
    ],
    ['two protocols', { matches: { ipv4: { protocol: 17 }, tcp: {} } }, 'together with', 'permits less'],
    [
      'ICMP types',
      { matches: { ipv4: { protocol: 1 }, icmp: { type: 8, code: 0 } } },
      'ICMP type 8 code 0',
      'permits more',
    ],
    [
      'client ports',
      { matches: udp({ 'source-port': eq(68), 'destination-port': eq(67) }) },
      'end that begins',
      'permits more',
    ],
  ])('%s', (_title, ace, what, why) => {
    const { policy, notCarried } = imported(mudText({ from: [ace], type: '' }));
    expect(notCarried[0]?.place).toBe('from-0');
    expect(notCarried[0]?.what).toContain(what);
    expect(notCarried[0]?.why).toContain(why);
    expect(policy.rules).toHaveLength(why === 'permits more' ? 1 : 0);
  });

  it('extensions, signatures, unknown keys and lists that nobody names', () => {
    const mud = {
      extensions: ['mud-tls'],
      'mud-signature': 'https://maker.example/bulb.p7s',
      colour: 'red',
      'is-supported': false,
      'to-device-policy': {},
    };
    const { notCarried, questions, comments } = imported(mudText({ mud }));
    expect(notCarried.map(({ place, what }) => `${place}: ${what}`)).toEqual([
      'mud-signature: https://maker.example/bulb.p7s',
      'extensions: mud-tls',
      'ietf-mud:mud: colour',
      'acls: to',
    ]);
    expect(questions.at(-1)).toContain('stay on the network');
    expect(comments.get('elements.bulb')?.join()).toContain('no longer supports');
  });
});
