// Scripts for semantics 11 to 18 and 24: what denies an opening, and whether that is held.

import { SECOND, TCP } from '#model';
import {
  answered,
  camera,
  limited,
  policyWith,
  RECORDER,
  recorder,
  rtsp,
  ruleWith,
  type Script,
  STRANGER,
  sent,
  serviceTo,
  syn,
} from './scripts.ts';

const guardrail = {
  id: 'g',
  from: { kind: 'any' },
  to: [{ ...rtsp, application: 'tls' }],
  owner: null,
  why: null,
} as const;
const FIN = TCP.fin | TCP.ack;
const workHours = { zone: 'UTC', spans: [{ days: 1, fromMinute: 60, toMinute: 120 }] };
const logon = (factors: readonly ('person' | 'device')[], within: number | null = null) =>
  limited({ logon: { factors, within: within === null ? null : within * SECOND } });
const person = (at: number | null) => ({ element: 'camera', factor: 'person', at }) as const;
const observing = policyWith({
  mode: 'observe',
  elements: [
    { ...camera, mode: 'observe' },
    { ...recorder, mode: 'observe' },
  ],
});
const protecting = (protect: readonly string[]) => ({
  ...observing,
  elements: [
    { ...camera, mode: 'observe' as const },
    { ...recorder, mode: 'protect' as const, protect },
  ],
});

const badFlags: readonly (readonly [flags: number, gives: string])[] = [
  [TCP.syn | TCP.fin, 'bad-state'],
  [TCP.syn | TCP.rst, 'bad-state'],
  [0, 'bad-state'],
  [TCP.syn | TCP.ece | TCP.cwr, 'permit'],
  [TCP.fin | TCP.ack, 'permit'],
  [-1, 'permit'],
];

export const openingScripts: readonly Script[] = [
  {
    title: '11: quarantine denies alone, and forgets nothing',
    policy: policyWith(),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, quarantine: { element: 'camera', is: true } },
      { at: 2, packet: syn(2), gives: 'quarantined' },
      { at: 2, packet: { ...syn(3), to: STRANGER }, gives: 'quarantined' },
      { at: 3, packet: sent(), gives: 'quarantined' },
      { at: 4, quarantine: { element: 'camera', is: false } },
      { at: 5, packet: sent(), gives: 'permit' },
    ],
  },
  {
    title: '12: never denies whatever its application, and other reasons are listed too',
    policy: policyWith({ never: [guardrail] }),
    lines: [
      { at: 0, packet: syn(), gives: 'guardrail' },
      { at: 1, packet: { ...syn(), from: RECORDER, to: RECORDER }, gives: 'guardrail no-rule' },
      { at: 2, packet: { ...syn(), destinationPort: 555 }, gives: 'no-rule' },
    ],
  },
  {
    title: '12: require hours: closed just before, open on opening, closed on closing',
    policy: policyWith({ require: [{ ...guardrail, hours: workHours, logon: null }] }),
    lines: [
      { at: 3_599.999999, packet: syn(1), gives: 'guardrail' },
      { at: 3_600, packet: syn(2), gives: 'permit' },
      { at: 7_199.999999, packet: syn(3), gives: 'permit' },
      { at: 7_200, packet: syn(4), gives: 'guardrail' },
    ],
  },
  {
    title: '13: the first rule in order governs, though a later one would permit',
    policy: policyWith({
      rules: [
        ruleWith({ id: 'first', limits: { ...ruleWith({}).limits, hours: workHours } }),
        ruleWith({ id: 'second' }),
      ],
    }),
    lines: [{ at: 0, packet: syn(), gives: 'outside-hours' }],
  },
  {
    title: '13: a rule governs before its until and not on it',
    policy: policyWith({ rules: [ruleWith({ until: (1_704_067_200 + 60) * SECOND })] }),
    lines: [
      { at: 59.999999, packet: syn(1), gives: 'permit' },
      { at: 60, packet: syn(2), gives: 'no-rule' },
    ],
    events: ['60 no-rule'],
  },
  {
    title: '13: ports: both ends of the range and one beyond',
    policy: policyWith({ rules: [ruleWith({ to: [serviceTo(rtsp.on, { ports: [{ from: 554, to: 556 }] })] })] }),
    lines: [
      { at: 0, packet: { ...syn(), destinationPort: 553 }, gives: 'no-rule' },
      { at: 1, packet: { ...syn(), destinationPort: 554 }, gives: 'permit' },
      { at: 2, packet: { ...syn(), destinationPort: 556 }, gives: 'permit' },
      { at: 3, packet: { ...syn(), destinationPort: 557 }, gives: 'no-rule' },
    ],
  },
  {
    title: '14: no rule, unknown element, wrong protocol, and nothing else',
    policy: policyWith(),
    lines: [
      { at: 0, packet: { protocol: 17, tcpFlags: -1 }, gives: 'no-rule wrong-protocol' },
      { at: 1, packet: { ...syn(), from: STRANGER }, gives: 'unknown-element no-rule' },
      { at: 2, packet: { ...syn(), destinationPort: 80, tcpFlags: 0 }, gives: 'no-rule' },
    ],
  },
  ...badFlags.map(([tcpFlags, gives]) => ({
    title: `15: flags ${tcpFlags} give ${gives}`,
    policy: policyWith(),
    lines: [{ at: 0, packet: { ...syn(), tcpFlags }, gives }],
  })),
  {
    title: '15: a later fragment whose ports are unknown',
    policy: policyWith({ rules: [ruleWith({ to: [serviceTo(rtsp.on, { ports: [] })] })] }),
    lines: [{ at: 0, packet: { sourcePort: -1, destinationPort: -1, tcpFlags: -1 }, gives: 'bad-state' }],
  },
  {
    title: '16: every named factor must be logged on',
    policy: logon(['person', 'device']),
    lines: [
      { at: 0, packet: syn(1), gives: 'not-logged-on' },
      { at: 1, logon: person(1) },
      { at: 1, packet: syn(2), gives: 'not-logged-on' },
      { at: 2, logon: { element: 'camera', factor: 'device', at: 2 } },
      { at: 2, packet: syn(3), gives: 'permit' },
    ],
  },
  {
    title: '16: the logon is the from element’s, not the to element’s',
    policy: logon(['person']),
    lines: [
      { at: 0, logon: { element: 'recorder', factor: 'person', at: 0 } },
      { at: 1, packet: syn(1), gives: 'not-logged-on' },
    ],
  },
  {
    title: '16: a service that requires logon takes any factor',
    policy: policyWith({ rules: [ruleWith({ to: [{ ...rtsp, isLogonRequired: true }] })] }),
    lines: [
      { at: 0, packet: syn(1), gives: 'not-logged-on' },
      { at: 1, logon: { element: 'camera', factor: 'device', at: 1 } },
      { at: 1, packet: syn(2), gives: 'permit' },
    ],
  },
  {
    title: '16: within: just inside, on and just outside; a live session is not asked again',
    policy: logon(['person'], 60),
    lines: [
      { at: 0, logon: person(0) },
      { at: 59.999999, packet: syn(), gives: 'permit' },
      { at: 60, packet: syn(2), gives: 'permit' },
      { at: 60.000001, packet: syn(3), gives: 'session-expired' },
      { at: 61, packet: sent(), gives: 'permit' },
    ],
  },
  {
    title: '18: open connections: on the limit, beyond it, and again when one idles out',
    policy: limited({ connections: [{ kind: 'open', max: 2, scope: 'pair' }] }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 1, packet: syn(2), gives: 'permit' },
      { at: 2, packet: syn(3), gives: 'too-many-connections' },
      { at: 7_440, packet: syn(3), gives: 'permit' },
      { at: 7_440, packet: syn(4), gives: 'too-many-connections' },
    ],
  },
  {
    title: '18: a connection counts until both ends sent FIN, not after one did, however often it is sent again',
    policy: limited({ connections: [{ kind: 'open', max: 1, scope: 'pair' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: { ...sent(), tcpFlags: FIN }, gives: 'permit' },
      { at: 2, packet: { ...sent(), tcpFlags: FIN }, gives: 'permit' },
      { at: 3, packet: syn(2), gives: 'too-many-connections' },
      { at: 4, packet: { ...answered(), tcpFlags: FIN }, gives: 'permit' },
      { at: 4, packet: syn(2), gives: 'permit' },
      { at: 5, packet: sent(), gives: 'permit' },
      { at: 6, packet: syn(3), gives: 'too-many-connections' },
    ],
  },
  {
    title: '18: a connection counts no more after a RST of either end, and once only',
    policy: limited({ connections: [{ kind: 'open', max: 1, scope: 'rule' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: { ...answered(), tcpFlags: TCP.rst }, gives: 'permit' },
      { at: 1, packet: { ...sent(), tcpFlags: TCP.rst }, gives: 'permit' },
      { at: 2, packet: syn(2), gives: 'permit' },
      { at: 3, packet: syn(3), gives: 'too-many-connections' },
    ],
  },
  {
    title: '8, 18: a SYN begins a closed connection anew, also within a second; one that opens with RST counts nowhere',
    policy: limited({ connections: [{ kind: 'open', max: 1, scope: 'rule' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 0.1, packet: { ...sent(), tcpFlags: TCP.rst }, gives: 'permit' },
      { at: 0.2, packet: syn(), gives: 'permit' },
      { at: 0.3, packet: syn(2), gives: 'too-many-connections' },
      { at: 0.4, packet: { ...sent(), tcpFlags: TCP.rst }, gives: 'permit' },
      { at: 0.5, packet: syn(2), gives: 'permit' },
    ],
  },
  {
    title: '18: flags that are not known close nothing, and a closed connection stays closed under another policy',
    policy: limited({ connections: [{ kind: 'open', max: 2, scope: 'rule' }] }),
    lines: [
      { at: 0, packet: syn(), gives: 'permit' },
      { at: 1, packet: { ...sent(), tcpFlags: -1 }, gives: 'permit' },
      { at: 2, packet: syn(2), gives: 'permit' },
      { at: 3, packet: syn(3), gives: 'too-many-connections' },
      { at: 4, packet: { ...sent(), tcpFlags: TCP.rst }, gives: 'permit' },
      { at: 5, apply: limited({ connections: [{ kind: 'open', max: 1, scope: 'rule' }] }) },
      { at: 6, packet: syn(3), gives: 'too-many-connections' },
      { at: 7, packet: { ...syn(2), tcpFlags: TCP.rst }, gives: 'permit' },
      { at: 8, packet: syn(3), gives: 'permit' },
    ],
  },
  {
    title: '18: connections per window: denied openings do not count, the next window begins anew',
    policy: limited({
      connections: [{ kind: 'period', max: 2, window: { kind: 'fixed', length: 60 * SECOND }, scope: 'rule' }],
    }),
    lines: [
      { at: 0, packet: { ...syn(1), tcpFlags: 0 }, gives: 'bad-state' },
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 1, packet: syn(2), gives: 'permit' },
      { at: 59.999999, packet: syn(3), gives: 'too-many-connections' },
      { at: 60, packet: syn(3), gives: 'permit' },
    ],
  },
  {
    title: '24: in mode observe a denial is recorded and opens the session',
    policy: observing,
    lines: [
      { at: 0, packet: { ...syn(), destinationPort: 80 }, gives: 'no-rule (recorded)' },
      { at: 1, packet: { ...answered(), sourcePort: 80 }, gives: 'no-rule (recorded)' },
    ],
  },
  {
    title: '24: mode protect holds the named services',
    policy: { ...protecting(['rtsp']), rules: [] },
    lines: [
      { at: 0, packet: syn(), gives: 'no-rule' },
      { at: 1, packet: { ...syn(), destinationPort: 80 }, gives: 'no-rule (recorded)' },
    ],
  },
  {
    title: '24: mode protect does not hold services it does not name, and all named ones when it names none',
    policy: { ...protecting(['ssh']), rules: [] },
    lines: [
      { at: 0, packet: syn(), gives: 'no-rule (recorded)' },
      { at: 1, apply: { ...protecting([]), rules: [] } },
      { at: 2, packet: syn(2), gives: 'no-rule' },
    ],
  },
  {
    title: '24: an audit rule holds no limit of its own, but guardrails',
    policy: limited({ sizes: [{ min: null, max: 50, direction: 'both' }] }, { isAudit: true }),
    lines: [
      { at: 0, packet: syn(), gives: 'packet-size (recorded)' },
      { at: 1, quarantine: { element: 'recorder', is: true } },
      { at: 2, packet: sent(), gives: 'quarantined' },
    ],
  },
];
