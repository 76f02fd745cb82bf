// Whole documents: each mistake with its code, severity and marked text; several at once; hostile texts.

import { describe, expect, it } from 'vitest';
import { definePolicy } from './build.ts';
import { frameProblems } from './frame.ts';
import { parsePolicy } from './parse.ts';
import { PROBLEMS_MAX } from './report.ts';

const BASE = `picket: 1
timezone: Europe/Berlin
elements:
  cam: { kind: device, mac: "02:42:ac:11:00:05", labels: { role: camera } }
  nvr: { kind: server, address: 10.0.3.10, labels: { role: recorder } }
  six: { kind: server, address: "2001:db8::1" }
  alice: { kind: human, login: alice@example.com, address: 10.0.9.1 }
services:
  rtsp: { on: role=recorder, protocol: tcp, port: 554, application: rtsp }
  ntp: { on: nvr, protocol: udp, port: 123 }
`;

const rule = (limits: string, to = 'rtsp'): string =>
  `${BASE}rules:\n  r: { from: cam, to: ${to}, limits: { ${limits} } }\n`;
const sentence = (text: string): string => `${BASE}tests:\n  - ${text}\n`;

/** [what is wrong, document, code, the text that is marked] */
const ERRORS: readonly (readonly [string, string, string, string])[] = [
  ['broken YAML', 'picket: 1\nrules: {', 'PICKET-P001', ''],
  [
    'a plain text that begins with >',
    `${BASE}rules:\n  r: { from: cam, to: rtsp, limits: { volume: >= 2 kB per hour } }\n`,
    'PICKET-P001',
    '',
  ],
  ['port 70000', `picket: 1\nservices: { s: { on: any, protocol: tcp, port: [443, 70000] } }`, 'PICKET-P002', '70000'],
  ['port 0', `picket: 1\nservices: { s: { on: any, protocol: tcp, port: 0 } }`, 'PICKET-P002', '0'],
  ['port 65536', `picket: 1\nservices: { s: { on: any, protocol: tcp, port: 65536 } }`, 'PICKET-P002', '65536'],
  ['a reversed range', `picket: 1\nservices: { s: { on: any, protocol: tcp, port: 90-80 } }`, 'PICKET-P002', '90-80'],
  ['an unknown key', 'picket: 1\nelments: {}', 'PICKET-P003', 'elments'],
  ['a key of the prototype', 'picket: 1\nconstructor: {}', 'PICKET-P003', 'constructor'],
  ['a key twice', 'picket: 1\nmode: observe\nmode: enforce', 'PICKET-P005', 'mode'],
  ['an id twice', `${BASE}  rtsp: { on: any }\n`, 'PICKET-P005', 'rtsp'],
  ['an alias', 'picket: 1\nmode: *x', 'PICKET-P006', '*x'],
  ['an anchor', 'picket: 1\nmode: &x observe', 'PICKET-P006', 'observe'],
  ['a tag', 'picket: 1\nmode: !x observe', 'PICKET-P006', 'observe'],
  ['a merge key', 'picket: 1\nelements: { <<: { a: { kind: device } } }', 'PICKET-P006', '<<'],
  ['a list for a map', 'picket: 1\nrules: [a]', 'PICKET-P007', '[a]'],
  ['a scalar document', 'hello', 'PICKET-P007', 'hello'],
  ['no version', 'mode: observe', 'PICKET-P009', 'm'],
  ['another version', 'picket: 2', 'PICKET-P009', '2'],
  ['no kind', 'picket: 1\nelements: { a: { address: 10.0.0.1 } }', 'PICKET-P008', '{ address: 10.0.0.1 }'],
  ['no from', `${BASE}rules: { r: { to: rtsp } }`, 'PICKET-P008', '{ to: rtsp }'],
  ['no to', `${BASE}rules: { r: { from: cam } }`, 'PICKET-P008', '{ from: cam }'],
  [
    'a require that requires nothing',
    `${BASE}require: { r: { from: cam, to: rtsp } }`,
    'PICKET-P008',
    '{ from: cam, to: rtsp }',
  ],
  ['an unknown zone', 'picket: 1\ntimezone: Berlin', 'PICKET-P010', 'Berlin'],
  [
    'an unknown zone of hours',
    rule('hours: daily 08:00-18:00 in Mars/Base'),
    'PICKET-P010',
    'daily 08:00-18:00 in Mars/Base',
  ],
  ['a bad name', 'picket: 1\nelements: { Kamera: { kind: device } }', 'PICKET-P011', 'Kamera'],
  ['__proto__', 'picket: 1\nelements: { __proto__: { kind: device } }', 'PICKET-P011', '__proto__'],
  ['a reserved name', 'picket: 1\nelements: { internet: { kind: device } }', 'PICKET-P011', 'internet'],
  [
    'an address for a name',
    'picket: 1\nelements: { 10.0.0.1: { kind: device, address: 10.0.0.1 } }',
    'PICKET-P011',
    '10.0.0.1',
  ],
  ['an unknown kind', 'picket: 1\nelements: { a: { kind: devise } }', 'PICKET-P012', 'devise'],
  ['an unknown mode', 'picket: 1\nmode: enforced', 'PICKET-P012', 'enforced'],
  ['a bad address', 'picket: 1\nelements: { a: { kind: device, address: 10.0.3.7/24 } }', 'PICKET-P013', '10.0.3.7/24'],
  ['a bad MAC', 'picket: 1\nelements: { a: { kind: device, mac: "02:42" } }', 'PICKET-P013', '"02:42"'],
  [
    'a group MAC',
    'picket: 1\nelements: { a: { kind: device, mac: "01:00:5e:00:00:01" } }',
    'PICKET-P014',
    '"01:00:5e:00:00:01"',
  ],
  [
    'two elements with one address',
    `picket: 1\nelements: { a: { kind: device, address: 10.0.0.1 }, b: { kind: device, address: 10.0.0.1 } }`,
    'PICKET-P016',
    'address',
  ],
  [
    'two elements with one MAC',
    `picket: 1\nelements: { a: { kind: device, mac: "02:00:00:00:00:01" }, b: { kind: device, mac: "02-00-00-00-00-01" } }`,
    'PICKET-P016',
    'mac',
  ],
  [
    'an element and a service of one name',
    'picket: 1\nelements: { x: { kind: device, address: 10.0.0.1 } }\nservices: { x: { on: any } }',
    'PICKET-P017',
    'x',
  ],
  ['an unknown element', `${BASE}rules: { r: { from: kam, to: rtsp } }`, 'PICKET-P018', 'kam'],
  ['a service for an element', `${BASE}rules: { r: { from: rtsp, to: rtsp } }`, 'PICKET-P018', 'rtsp'],
  ['an unreadable selector', `${BASE}rules: { r: { from: "(cam", to: rtsp } }`, 'PICKET-P019', '"(cam"'],
  ['an unknown service', `${BASE}rules: { r: { from: cam, to: rstp } }`, 'PICKET-P020', 'rstp'],
  [
    'a selector where a rule names services',
    `${BASE}rules: { r: { from: cam, to: internet } }`,
    'PICKET-P020',
    'internet',
  ],
  [
    'an unknown protected service',
    `picket: 1\nelements: { a: { kind: device, address: 10.0.0.1, mode: protect, protect: [x] } }`,
    'PICKET-P020',
    'x',
  ],
  ['a name in from', `${BASE}rules: { r: { from: api.example.com, to: rtsp } }`, 'PICKET-P021', 'api.example.com'],
  [
    'a name in a guardrail',
    `${BASE}never: { r: { from: cam, to: "!api.example.com" } }`,
    'PICKET-P021',
    '"!api.example.com"',
  ],
  [
    'a name in a requirement',
    `${BASE}require: { r: { from: cam, to: name=printer, logon: person } }`,
    'PICKET-P021',
    'name=printer',
  ],
  ['an unknown protocol', 'picket: 1\nservices: { s: { on: any, protocol: tpc } }', 'PICKET-P022', 'tpc'],
  ['ports without a protocol', 'picket: 1\nservices: { s: { on: any, port: 80 } }', 'PICKET-P023', '80'],
  ['ports of icmp', 'picket: 1\nservices: { s: { on: any, protocol: icmp, port: 80 } }', 'PICKET-P023', '80'],
  ['an unknown application', 'picket: 1\nservices: { s: { on: any, application: rtps } }', 'PICKET-P024', 'rtps'],
  ['unreadable hours', rule('hours: nine to five'), 'PICKET-P025', 'nine to five'],
  ['hours that never open', rule('hours: []'), 'PICKET-P026', '[]'],
  ['an unreadable volume', rule('volume: 2 GB'), 'PICKET-P027', '2 GB'],
  ['a rolling month', rule('volume: <= 2 GB per month rolling'), 'PICKET-P027', '<= 2 GB per month rolling'],
  ['a floor above its ceiling', rule('volume: 4 MB - 1 MB per hour'), 'PICKET-P028', '4 MB - 1 MB per hour'],
  ['a floor above another ceiling', rule('volume: [">= 4 MB per hour", "<= 1 MB per hour"]'), 'PICKET-P028', 'volume'],
  [
    'a floor over a day in office hours',
    rule('hours: Mon-Fri 08:00-18:00, volume: ">= 1 MB per day"'),
    'PICKET-P029',
    'volume',
  ],
  ['an unreadable size', rule('size: small'), 'PICKET-P030', 'small'],
  ['a size floor on TCP', rule('size: ">= 60 B"'), 'PICKET-P031', 'size'],
  ['sizes that exclude each other', rule('size: [">= 500 B", "<= 400 B"]', 'ntp'), 'PICKET-P032', 'size'],
  ['a reversed size', rule('size: 500 - 400 B', 'ntp'), 'PICKET-P032', '500 - 400 B'],
  ['a size of 65536', rule('size: <= 65536 B'), 'PICKET-P032', '<= 65536 B'],
  ['an unreadable rate', rule('rate: fast'), 'PICKET-P033', 'fast'],
  ['a rate of 0', rule('rate: 0 Mbit/s'), 'PICKET-P034', '0 Mbit/s'],
  ['no connections', rule('connections: 0 open'), 'PICKET-P034', '0 open'],
  ['unreadable connections', rule('connections: few'), 'PICKET-P035', 'few'],
  ['a duration without unit', rule('lifetime: 12'), 'PICKET-P036', '12'],
  ['an unreadable logon', rule('logon: persn'), 'PICKET-P037', 'persn'],
  ['an unreadable operation', rule('operations: modbus reads'), 'PICKET-P038', 'modbus reads'],
  ['an unreadable date', `${BASE}rules: { r: { from: cam, to: rtsp, until: 31.3.2027 } }`, 'PICKET-P039', '31.3.2027'],
  [
    'a day that does not exist',
    `${BASE}rules: { r: { from: cam, to: rtsp, until: 2027-02-29 } }`,
    'PICKET-P039',
    '2027-02-29',
  ],
  ['a sentence that is none', sentence('cam can use nvr'), 'PICKET-P040', 'cam can use nvr'],
  [
    'a sentence with a reason to permit',
    sentence('cam may use nvr rtsp because no-rule'),
    'PICKET-P040',
    'cam may use nvr rtsp because no-rule',
  ],
  [
    'a sentence with an unknown reason',
    sentence('cam may not use nvr rtsp because outside-hour'),
    'PICKET-P012',
    'cam may not use nvr rtsp because outside-hour',
  ],
  ['a guardrail that guards nothing', `${BASE}never: { n: { from: role=camra, to: internet } }`, 'PICKET-P043', 'n'],
  ['a reserved label', 'picket: 1\nelements: { a: { kind: device, labels: { kind: x } } }', 'PICKET-P050', 'kind'],
  ['tabs', 'picket: 1\nelements:\n\ta: { kind: device }', 'PICKET-P052', ''],
];

const WARNINGS: readonly (readonly [string, string, string, string])[] = [
  ['an element without identifier', 'picket: 1\nelements: { a: { kind: device } }', 'PICKET-P015', 'a'],
  [
    'rules that overlap',
    `${BASE}rules: { a: { from: cam, to: rtsp }, b: { from: [cam, alice], to: rtsp } }`,
    'PICKET-P041',
    'b',
  ],
  [
    'a shadowed rule',
    `${BASE}rules: { a: { from: any, to: rtsp }, b: { from: role=camera, to: rtsp } }`,
    'PICKET-P042',
    'b',
  ],
  [
    'a rule shadowed by name',
    `${BASE}rules: { a: { from: cam, to: { on: "*.x.com", protocol: tcp, port: 1-99 } }, b: { from: cam, to: { on: a.x.com, protocol: tcp, port: 5 } } }`,
    'PICKET-P042',
    'b',
  ],
  ['a label nobody has', `${BASE}rules: { r: { from: role=camra, to: rtsp } }`, 'PICKET-P043', 'from'],
  ['a kind nobody is', `${BASE}rules: { r: { from: kind=agent, to: rtsp } }`, 'PICKET-P043', 'from'],
  [
    'a guardrail that denies a rule',
    `${BASE}rules: { r: { from: cam, to: rtsp } }\nnever: { n: { from: any, to: nvr } }`,
    'PICKET-P044',
    'r',
  ],
  [
    'hours that a guardrail closes',
    `${BASE}rules: { r: { from: cam, to: rtsp, limits: { hours: Mon 08:00-09:00 } } }\nrequire: { n: { from: any, to: rtsp, hours: Tue 08:00-09:00 } }`,
    'PICKET-P044',
    'r',
  ],
  ['a logon that nobody has', rule('logon: person'), 'PICKET-P045', 'logon'],
  [
    'the whole internet',
    `${BASE}rules: { r: { from: cam, to: { on: internet, protocol: tcp } } }`,
    'PICKET-P046',
    'to',
  ],
  [
    'IPv4 to IPv6',
    `${BASE}rules: { r: { from: 10.0.0.0/8, to: { on: six, protocol: tcp, port: 1 } } }`,
    'PICKET-P047',
    'r',
  ],
  [
    'protect without effect',
    `picket: 1\nelements: { a: { kind: device, address: 10.0.0.1, protect: [s] } }\nservices: { s: { on: any } }`,
    'PICKET-P049',
    'protect',
  ],
];

function marked(text: string, place: { line: number; column: number; length: number } | null): string {
  return place === null
    ? ''
    : (text.split('\n')[place.line - 1] ?? '').slice(place.column - 1, place.column - 1 + place.length);
}

describe('parsePolicy()', () => {
  it.each(ERRORS)('refuses %s', (_, text, code, mark) => {
    const { policy, problems } = parsePolicy(text, 'p.yaml');
    expect(policy).toBeNull();
    const found = problems.find((problem) => problem.severity === 'error');
    expect(found?.code).toBe(code);
    if (mark !== '') expect(marked(text, found?.place ?? null)).toBe(mark);
  });

  it.each(WARNINGS)('warns of %s', (_, text, code, mark) => {
    const { policy, problems } = parsePolicy(text, 'p.yaml');
    expect(policy).not.toBeNull();
    const found = problems.find((problem) => problem.code === code);
    expect(found?.severity).toBe('warning');
    expect(marked(text, found?.place ?? null)).toBe(mark);
  });

  /** Close to a mistake, and none. */
  const FINE: readonly (readonly [string, string])[] = [
    ['ports 1 and 65535', 'picket: 1\nservices: { s: { on: any, protocol: tcp, port: [1, 65535, 5-5] } }'],
    ['a size floor on UDP', rule('size: 60 - 1500 B', 'ntp')],
    ['a floor in a window inside the hours', rule('hours: Mon-Fri 08:00-18:00, volume: ">= 1 kB per 10 min"')],
    [
      'rules that touch but do not overlap',
      `${BASE}rules: { a: { from: cam, to: rtsp }, b: { from: alice, to: rtsp } }`,
    ],
    ['a rule above that ends sooner', `${BASE}rules: { a: { from: cam, to: rtsp, until: 2027-01-01 } }`],
    [
      'names in services of rules',
      `${BASE}rules: { a: { from: cam, to: [{ on: "*.example.com", protocol: tcp, port: 443, application: tls }, ntp] } }`,
    ],
    [
      'one address with two MACs apart',
      `picket: 1\nelements: { a: { kind: device, address: 10.0.0.1, mac: "02:00:00:00:00:01" }, b: { kind: device, address: 10.0.0.1, mac: "02:00:00:00:00:02" } }`,
    ],
    [
      'every form of sentence',
      sentence(
        'cam may not use nvr tcp/554 at 2026-03-29T02:30 after 2 GB with packet 1600 B with application tls with operation modbus 1/5 logged on person 10 min ago and device 5 min ago because outside-hours',
      ),
    ],
    ['JSON', '{"picket": 1, "elements": {"a": {"kind": "device", "address": ["10.0.0.1"]}}}'],
    ['an empty section', 'picket: 1\nrules:\n'],
  ];
  it.each(FINE)('takes %s without a word', (_, text) => {
    expect(parsePolicy(text, 'p.yaml').problems).toEqual([]);
  });

  it('gives the model of the whole language', () => {
    const { policy } = parsePolicy(
      rule(
        'volume: [1 MB - 2 GB per day received, ">= 1 B per 10 min rolling for the rule"], rate: 20 Mbit/s, connections: [4 open, 10 per min], drain: 30 s, operations: mqtt publish',
      ),
      'p.yaml',
    );
    expect(policy?.rules[0]?.limits).toMatchObject({
      volumes: [
        {
          minBytes: 1e6,
          maxBytes: 2e9,
          window: { kind: 'calendar', unit: 'day', zone: 'Europe/Berlin' },
          direction: 'received',
          scope: 'pair',
        },
        { minBytes: 1, maxBytes: null, window: { kind: 'rolling', length: 6e8 }, direction: 'both', scope: 'rule' },
      ],
      rates: [{ unit: 'bytes', perSecond: 2.5e6, burst: 2.5e6 }],
      connections: [
        { kind: 'open', max: 4 },
        { kind: 'period', max: 10, window: { kind: 'fixed', length: 6e7 } },
      ],
      operations: ['mqtt 3'],
      drain: 3e7,
    });
  });

  it('reads a byte order mark and CRLF, and counts columns without the mark', () => {
    expect(parsePolicy('\ufeffpicket: 1\r\nmode: enforce\r\n', 'p').policy?.mode).toBe('enforce');
    expect(parsePolicy('\ufeffpickt: 1\r\n', 'p').problems[0]?.place).toMatchObject({ line: 1, column: 1 });
  });

  it('gives all fifty errors of a policy with fifty', () => {
    const lines = Array.from({ length: 50 }, (_, at) => `  s${at}: { on: any, protocol: tcp, port: ${70_000 + at} }`);
    const { problems } = parsePolicy(`picket: 1\nservices:\n${lines.join('\n')}\n`, 'p.yaml');
    expect(problems.map(({ code }) => code)).toEqual(new Array(50).fill('PICKET-P002'));
  });

  it('stops listing at a bound and counts the rest', () => {
    const lines = Array.from({ length: 250 }, (_, at) => `  s${at}: { on: any, protocol: tcp, port: 0 }`);
    const { problems } = parsePolicy(`picket: 1\nservices:\n${lines.join('\n')}\n`, 'p.yaml');
    expect(problems).toHaveLength(PROBLEMS_MAX + 1);
    expect(problems.at(-1)?.message).toBe('and 150 more problems');
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['maps', '{a: '.repeat(50_000)],
    ['dashes', '- '.repeat(100_000)],
    ['indentation', Array.from({ length: 1_500 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['negations', `picket: 1\nrules: { r: { from: "${'!'.repeat(8_000)}any", to: [] } }`],
    ['parentheses', `picket: 1\nrules: { r: { from: "${'('.repeat(8_000)}", to: [] } }`],
  ])('refuses depth made of %s', (_, text) => {
    const { policy, problems } = parsePolicy(text, 'p.yaml');
    expect(policy).toBeNull();
    expect(problems.length).toBeGreaterThan(0);
  });

  it('refuses a text above four mebibytes', () => {
    expect(parsePolicy(`picket: 1\n${'#'.repeat(4 * 1024 * 1024)}`, 'p.yaml').problems[0]?.code).toBe('PICKET-P004');
  });
});

describe('definePolicy()', () => {
  it('shares the checks and names paths', () => {
    const { policy, problems } = definePolicy({
      picket: 1,
      elements: { a: { kind: 'device', address: '10.0.0.300' } },
    });
    expect(policy).toBeNull();
    expect(problems[0]).toMatchObject({
      code: 'PICKET-P013',
      place: null,
      message: '"10.0.0.300" is not an address (elements.a.address)',
    });
  });

  it('gives the same policy as the text', () => {
    const text = parsePolicy(BASE, 'p.yaml').policy;
    const built = definePolicy({
      picket: 1,
      timezone: 'Europe/Berlin',
      elements: {
        cam: { kind: 'device', mac: '02:42:ac:11:00:05', labels: { role: 'camera' } },
        nvr: { kind: 'server', address: '10.0.3.10', labels: { role: 'recorder' } },
        six: { kind: 'server', address: '2001:db8::1' },
        alice: { kind: 'human', login: 'alice@example.com', address: '10.0.9.1' },
      },
      services: {
        rtsp: { on: 'role=recorder', protocol: 'tcp', port: 554, application: 'rtsp' },
        ntp: { on: 'nvr', protocol: 'udp', port: 123 },
      },
    }).policy;
    expect(built).toEqual(text);
  });
});

describe('frameProblems()', () => {
  it('shows code, place, line, caret, help and what was not changed', () => {
    const text = 'picket: 1\nservices:\n  s: { on: any, protocol: tcp, port: [443, 70000] }\n';
    expect(
      frameProblems(parsePolicy(text, 'pos.yaml').problems, text),
    ).toBe(`error[PICKET-P002]: port 70000 does not exist
  --> pos.yaml:3:44  (services.s.port.1)
   3 |   s: { on: any, protocol: tcp, port: [443, 70000] }
     |                                            ^^^^^
   help: ports go from 1 to 65535

1 error. Nothing was changed. Run "picket explain PICKET-P002" to read more.
`);
  });

  it('cuts wide lines around the mark, widens tabs and steers no terminal', () => {
    const text = `picket: 1\n"mode\\e": ${'x'.repeat(300)}\t\u001b[31m\u202e`;
    const problem = {
      code: 'C',
      severity: 'error' as const,
      message: 'm',
      place: { file: 'f', line: 2, column: 311, length: 3, path: '' },
      help: null,
    };
    const [, , line = '', caret = ''] = frameProblems([problem], text).split('\n');
    expect(line.length).toBeLessThan(112);
    expect(line.endsWith('x  ?[31m?')).toBe(true);
    expect(caret.indexOf('^')).toBe(line.indexOf('  ?[31m'));
  });
});
