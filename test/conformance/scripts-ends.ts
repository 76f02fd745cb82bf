// Scripts for semantics 1 to 10: ends, selectors, names, sessions.

import { parsePrefix, type Selector, TCP } from '#model';
import {
  answered,
  CAMERA,
  CAMERA_MAC,
  camera,
  exact,
  PUBLIC,
  policyWith,
  RECORDER,
  recorder,
  ruleWith,
  type Script,
  STRANGER,
  sent,
  serviceTo,
  syn,
} from './scripts.ts';

const withMac = policyWith({ elements: [{ ...camera, macs: [CAMERA_MAC] }, recorder] });
const macOnly = policyWith({ elements: [{ ...camera, macs: [CAMERA_MAC], addresses: [] }, recorder] });
const toInternet = (on: Selector) => policyWith({ rules: [ruleWith({ to: [serviceTo(on, { ports: [] })] })] });
const named = (pattern: string) => toInternet({ kind: 'name', pattern });
const lan = parsePrefix('10.0.0.0/24') ?? exact(CAMERA);

/** Two elements that recognise the camera's end: the rule is for `winner` only. */
function contest(
  title: string,
  more: { winner: string; loser: Partial<typeof camera>; won: Partial<typeof camera> },
): Script {
  const elements = [{ ...camera, id: 'loser', ...more.loser }, { ...camera, id: more.winner, ...more.won }, recorder];
  const rules = [ruleWith({ from: { kind: 'element', id: more.winner } })];
  return {
    title,
    policy: policyWith({ elements, rules }),
    lines: [{ at: 0, packet: { ...syn(), sourceMac: CAMERA_MAC }, gives: 'permit' }],
  };
}

export const endScripts: readonly Script[] = [
  {
    title: '2: an element with MAC and address is recognised when both fit',
    policy: withMac,
    lines: [{ at: 0, packet: { ...syn(), sourceMac: CAMERA_MAC }, gives: 'permit' }],
  },
  {
    title: '2: not when its MAC is another',
    policy: withMac,
    lines: [{ at: 0, packet: { ...syn(), sourceMac: CAMERA_MAC + 1 }, gives: 'unknown-element no-rule' }],
  },
  {
    title: '2: not when its address is another',
    policy: withMac,
    lines: [{ at: 0, packet: { ...syn(), from: STRANGER, sourceMac: CAMERA_MAC }, gives: 'unknown-element no-rule' }],
  },
  {
    title: '2: by its address alone where no MAC is shown',
    policy: withMac,
    lines: [{ at: 0, packet: syn(), gives: 'permit' }],
  },
  {
    title: '2: an element with MACs only is recognised by its MAC behind any private address',
    policy: macOnly,
    lines: [{ at: 0, packet: { ...syn(), from: STRANGER, sourceMac: CAMERA_MAC }, gives: 'permit' }],
  },
  {
    title: '2: an element with MACs only is not recognised where no MAC is shown',
    policy: macOnly,
    lines: [{ at: 0, packet: syn(), gives: 'unknown-element no-rule' }],
  },
  {
    title: '2: an element with MACs only never recognises an internet address',
    policy: macOnly,
    lines: [{ at: 0, packet: { ...syn(), from: PUBLIC, sourceMac: CAMERA_MAC }, gives: 'no-rule' }],
  },
  {
    title: '2: an element with neither recognises nothing',
    policy: policyWith({ elements: [{ ...camera, addresses: [] }, recorder] }),
    lines: [{ at: 0, packet: syn(), gives: 'unknown-element no-rule' }],
  },
  contest('3: MAC and address go before address alone', {
    winner: 'both',
    loser: {},
    won: { macs: [CAMERA_MAC], addresses: [lan] },
  }),
  contest('3: an exact address goes before a MAC', {
    winner: 'address',
    loser: { macs: [CAMERA_MAC], addresses: [] },
    won: {},
  }),
  contest('3: a MAC goes before a prefix', {
    winner: 'mac',
    loser: { addresses: [lan] },
    won: { macs: [CAMERA_MAC], addresses: [] },
  }),
  {
    title: '4: internet holds for public addresses only',
    policy: toInternet({ kind: 'internet' }),
    lines: [
      { at: 0, packet: { ...syn(), to: PUBLIC }, gives: 'permit' },
      { at: 1, packet: { ...syn(), to: STRANGER }, gives: 'unknown-element no-rule' },
      { at: 2, packet: { ...syn(), to: '224.0.0.251' }, gives: 'no-rule' },
    ],
  },
  {
    title: '4: not holds where its inside does not',
    policy: toInternet({ kind: 'not', of: { kind: 'element', id: 'recorder' } }),
    lines: [
      { at: 0, packet: { ...syn(), to: PUBLIC }, gives: 'permit' },
      { at: 1, packet: syn(), gives: 'no-rule' },
    ],
  },
  {
    title: '5: a name holds from its answer until an hour later when its TTL is shorter',
    policy: named('api.example.com'),
    lines: [
      { at: 0, packet: { ...syn(1), to: PUBLIC }, gives: 'no-rule' },
      { at: 1, name: { name: 'API.example.com', ttlSeconds: 30 } },
      { at: 3_600, packet: { ...syn(2), to: PUBLIC, protocol: 17, tcpFlags: -1 }, gives: 'no-rule wrong-protocol' },
      { at: 3_600, packet: { ...syn(3), to: STRANGER }, gives: 'unknown-element no-rule' },
      { at: 3_601, packet: { ...syn(4), to: PUBLIC }, gives: 'no-rule' },
    ],
  },
  {
    title: '5: a binding lives on while a session opened under it lives',
    policy: named('*.example.com'),
    lines: [
      { at: 0, name: { name: 'api.example.com', ttlSeconds: 30 } },
      { at: 3_599, packet: { ...syn(1), to: PUBLIC }, gives: 'permit' },
      { at: 3_600, packet: { ...syn(2), to: PUBLIC }, gives: 'permit' },
    ],
  },
  {
    title: '5: *.x holds for names below x, not for x',
    policy: named('*.example.com'),
    lines: [
      { at: 0, name: { name: 'example.com', ttlSeconds: 30 } },
      { at: 1, packet: { ...syn(1), to: PUBLIC }, gives: 'no-rule' },
    ],
  },
  {
    title: '5: a name never holds for an element, inside or outside',
    policy: policyWith({
      elements: [camera, recorder, { ...recorder, id: 'cloud', addresses: [exact(PUBLIC)] }],
      rules: [ruleWith({ to: [serviceTo({ kind: 'name', pattern: 'api.example.com' }, { ports: [] })] })],
    }),
    lines: [
      { at: 0, name: { name: 'api.example.com', ttlSeconds: 30, to: RECORDER } },
      { at: 0, name: { name: 'api.example.com', ttlSeconds: 30 } },
      { at: 1, packet: syn(1), gives: 'no-rule' },
      { at: 1, packet: { ...syn(2), to: PUBLIC }, gives: 'no-rule' },
    ],
  },
  {
    title: '5: a name never holds for an address that is not internet, element or not',
    policy: named('api.example.com'),
    lines: [
      { at: 0, name: { name: 'api.example.com', ttlSeconds: 30, to: STRANGER } },
      { at: 1, packet: { ...syn(1), to: STRANGER }, gives: 'unknown-element no-rule' },
    ],
  },
  {
    title: '5: in a from selector a name never holds',
    policy: policyWith({ rules: [ruleWith({ from: { kind: 'name', pattern: 'api.example.com' } })] }),
    lines: [
      { at: 0, name: { name: 'api.example.com', ttlSeconds: 30 } },
      { at: 1, packet: syn(), gives: 'no-rule' },
    ],
  },
  {
    title: '7: SYN with ACK: the destination began',
    policy: policyWith(),
    lines: [{ at: 0, packet: { ...answered(), tcpFlags: TCP.syn | TCP.ack }, gives: 'permit' }],
  },
  {
    title: '7: a conversation older than the recording is turned to where a rule governs',
    policy: policyWith(),
    lines: [
      { at: 0, packet: answered(), gives: 'permit' },
      { at: 1, packet: sent(), gives: 'permit' },
    ],
  },
  {
    title: '7: a SYN is never turned',
    policy: policyWith(),
    lines: [{ at: 0, packet: { ...answered(), tcpFlags: TCP.syn }, gives: 'no-rule' }],
  },
  {
    title: '7: a log that knows who began is believed',
    policy: policyWith(),
    lines: [{ at: 0, packet: { ...answered(), initiator: 1 }, gives: 'no-rule' }],
  },
  {
    title: '7: a reset answers: the destination began, whatever the rules',
    policy: policyWith(),
    lines: [
      { at: 0, packet: { ...answered(), tcpFlags: TCP.rst | TCP.ack }, gives: 'permit' },
      { at: 1, packet: { ...sent(), sourcePort: 2, tcpFlags: TCP.rst }, gives: 'no-rule' },
    ],
  },
  {
    title: '8: a TCP session idles out after exactly 7,440 s, seen from its lifetime',
    policy: policyWith({
      rules: [ruleWith({ limits: { ...ruleWith({}).limits, connections: [{ kind: 'open', max: 1, scope: 'pair' }] } })],
    }),
    lines: [
      { at: 0, packet: syn(1), gives: 'permit' },
      { at: 7_439.999999, packet: syn(2), gives: 'too-many-connections' },
      { at: 7_440, packet: syn(2), gives: 'permit' },
      { at: 7_441, packet: syn(3), gives: 'too-many-connections' },
    ],
  },
  {
    title: '10: a denied opening leaves no session',
    policy: policyWith(),
    lines: [
      { at: 0, packet: { ...syn(), to: PUBLIC }, gives: 'no-rule' },
      { at: 1, packet: { ...sent(), to: PUBLIC }, gives: 'no-rule' },
      { at: 2, packet: { ...answered(), from: PUBLIC }, gives: 'no-rule' },
      { at: 3, packet: { ...syn(), from: RECORDER }, gives: 'no-rule' },
    ],
  },
];
