// The little language of the scripted cases: a usual policy to change, packets in few words, answers as text.

import {
  AddressTable,
  type DeciderEvent,
  type Element,
  type Instant,
  type Limits,
  NO_LIMITS,
  newObservation,
  newVerdict,
  type Observation,
  type Policy,
  parseAddress,
  type Rule,
  reasonsOf,
  SECOND,
  type Selector,
  type Service,
  TCP,
} from '#model';
import type { DeciderFactory } from './telling.ts';

/** Monday 2024-01-01T00:00:00Z, at which every script begins. */
export const MONDAY: Instant = 1_704_067_200 * SECOND;

export interface Line {
  /** Seconds after `MONDAY`. */
  readonly at: number;
  readonly packet?: Partial<Omit<Observation, 'source' | 'destination'>> & {
    readonly from?: string;
    readonly to?: string;
  };
  readonly logon?: { readonly element: string; readonly factor: 'person' | 'device'; readonly at: number | null };
  readonly quarantine?: { readonly element: string; readonly is: boolean };
  /** Given to the camera for `to`, which is `PUBLIC` where it is not said. */
  readonly name?: { readonly name: string; readonly ttlSeconds: number; readonly to?: string };
  readonly apply?: Policy;
  /** `permit`, or the reasons with blanks between, with ` (recorded)` where they are not held. */
  readonly gives?: string;
}

export interface Script {
  /** Starts with the number of the sentence of docs/semantics.md. */
  readonly title: string;
  readonly policy: Policy;
  readonly lines: readonly Line[];
  /** All events of the script as `seconds reason`, a missed floor as `seconds under-volume bytes`. */
  readonly events?: readonly string[];
}

export const CAMERA = '10.0.0.1';
export const RECORDER = '10.0.0.2';
export const STRANGER = '10.9.9.9';
export const PUBLIC = '93.184.216.34';
export const CAMERA_MAC = 0x0242ac110005;

function elementOf(id: string, more: Partial<Element>): Element {
  const usual = {
    kind: 'device',
    macs: [],
    addresses: [],
    login: null,
    labels: [],
    data: [],
    mode: 'enforce',
  } as const;
  return { id, ...usual, protect: [], isSafetyCritical: false, owner: null, ...more };
}

export function exact(text: string): Element['addresses'][number] {
  return { version: text.includes(':') ? 6 : 4, bytes: parseAddress(text) ?? new Uint8Array(16), length: 128 };
}

export const camera = elementOf('camera', { addresses: [exact(CAMERA)], labels: [['role', 'camera']] });
export const recorder = elementOf('recorder', { kind: 'server', addresses: [exact(RECORDER)] });
export const rtsp = serviceTo({ kind: 'element', id: 'recorder' }, { id: 'rtsp' });

export function serviceTo(on: Selector, more: Partial<Service> = {}): Service {
  return {
    id: '',
    on,
    protocol: 6,
    ports: [{ from: 554, to: 554 }],
    application: null,
    isLogonRequired: false,
    ...more,
  };
}

export function ruleWith(more: Partial<Rule>): Rule {
  const usual = { id: 'stream', limits: NO_LIMITS, isAudit: false, owner: null, why: null, until: null };
  return { ...usual, from: { kind: 'element', id: 'camera' }, to: [rtsp], ...more };
}

export function policyWith(more: Partial<Policy> = {}): Policy {
  const elements = [camera, recorder];
  const usual = { timezone: 'UTC', mode: 'enforce', services: [rtsp], never: [], require: [], tests: [] } as const;
  return { ...usual, elements, rules: [ruleWith({})], ...more };
}

export function limited(limits: Partial<Limits>, more: Partial<Rule> = {}): Policy {
  return policyWith({ rules: [ruleWith({ limits: { ...NO_LIMITS, ...limits }, ...more })] });
}

/** A packet from the camera: SYN unless told otherwise. */
export const syn = (port = 40_000) => ({ sourcePort: port, tcpFlags: TCP.syn });
export const sent = (bytes = 100) => ({ sourcePort: 40_000, tcpFlags: TCP.ack, bytes, packetSize: bytes });
/** A packet of the recorder to the camera. */
export const answered = (bytes = 100) => ({
  from: RECORDER,
  to: CAMERA,
  sourcePort: 554,
  destinationPort: 40_000,
  tcpFlags: TCP.ack,
  bytes,
  packetSize: bytes,
});

/** Runs a script: the answers in order, and the events. */
export function runScript(script: Script, factory: DeciderFactory): { answers: string[]; events: string[] } {
  const addresses = new AddressTable();
  const decider = factory({ policy: script.policy, addresses, start: MONDAY });
  const verdict = newVerdict();
  const answers: string[] = [];
  const events: string[] = [];
  for (const line of script.lines) {
    const at = MONDAY + line.at * SECOND;
    if (line.logon !== undefined) {
      const since = line.logon.at === null ? null : MONDAY + line.logon.at * SECOND;
      decider.setLogon({ ...line.logon, at: since }, at);
    }
    if (line.quarantine !== undefined) decider.setQuarantine(line.quarantine.element, line.quarantine.is, at);
    if (line.apply !== undefined) decider.apply(line.apply, at);
    if (line.name !== undefined)
      decider.bindName({
        name: line.name.name,
        ttlSeconds: line.name.ttlSeconds,
        client: addresses.intern(CAMERA),
        server: addresses.intern(line.name.to ?? PUBLIC),
        at,
      });
    if (line.packet === undefined) decider.advance(at);
    else {
      const { from = CAMERA, to = RECORDER, ...fields } = line.packet;
      const ends = { source: addresses.intern(from), destination: addresses.intern(to) };
      const usual = { protocol: 6, sourcePort: 40_000, destinationPort: 554, bytes: 60, packetSize: 60, at };
      decider.judge({ ...newObservation(), ...usual, ...ends, ...fields }, verdict);
      const reasons = reasonsOf(verdict.reasons).join(' ');
      answers.push(reasons === '' ? 'permit' : `${reasons}${verdict.isEnforced ? '' : ' (recorded)'}`);
    }
    events.push(...decider.takeEvents().map(eventText));
  }
  return { answers, events };
}

function eventText(event: DeciderEvent): string {
  const seconds = (event.at - MONDAY) / SECOND;
  return event.kind === 'cut' ? `${seconds} ${event.reason}` : `${seconds} under-volume ${event.observedBytes}`;
}
