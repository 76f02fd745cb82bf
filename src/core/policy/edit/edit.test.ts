// From what a person asks for to a changed text: comments stay, nothing else changes, and a wrong name changes nothing.

import { describe, expect, it } from 'vitest';
import type { Mode } from '#model';
import { parsePolicy } from '../parse.ts';
import { type Draft, type EditRefusal, type InForce, isRefused } from './draft.ts';
import * as elements from './elements.ts';
import * as services from './services.ts';
import { editText } from './text.ts';

/** The value, or the refusal thrown, so that a test reads like its story. */
function made<Value extends object>(value: Value | EditRefusal): Value {
  if (isRefused(value)) throw new Error(value.message);
  return value;
}

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(`picket: 1\n${text}`, 'test');
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return policy;
}

const modeDraft = (held: InForce, selector: string, mode: Mode): Draft =>
  made(elements.modeDraft(held, selector, mode));
const labelDraft = (held: InForce, id: string, labels: Readonly<Record<string, string | null>>): Draft =>
  made(elements.labelDraft(held, id, labels));
const removeDraft = (held: InForce, id: string): Draft => made(elements.removeDraft(held, id));
const approveDraft = (held: InForce, newcomer: elements.Newcomer, approval: elements.Approval): Draft =>
  made(elements.approveDraft(held, newcomer, approval));
const newcomerOf = (inbox: readonly elements.Newcomer[], text: string) => made(elements.newcomerOf(inbox, text));
const unprotectDraft = (held: InForce, service: string, element: string): Draft =>
  made(services.unprotectDraft(held, service, element));

const TEXT = `# kept
picket: 1
mode: observe
elements:
  nvr: { kind: server, address: 10.0.3.10, labels: { role: recorder } } # the recorder
  cam: { kind: device, mac: "02:42:ac:11:00:05", mode: enforce, labels: { role: camera } }
services:
  rtsp: { on: role=recorder, protocol: tcp, port: 554 }
`;

const held = (text = TEXT): InForce => ({ text, policy: policyOf(text.replace(/^picket: 1\n/m, '')) });
const result = (text: string) => {
  const { policy, problems } = parsePolicy(text, 'test');
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policy;
};

describe('modes', () => {
  it.each([
    ['nvr', 'enforce', false, { nvr: 'enforce', cam: 'enforce' }],
    ['cam', 'observe', true, { nvr: 'observe', cam: 'observe' }],
    ['cam', 'enforce', true, { nvr: 'observe', cam: 'enforce' }],
    ['role=camera', 'protect', true, { nvr: 'observe', cam: 'protect' }],
    ['kind=server', 'protect', false, { nvr: 'protect', cam: 'enforce' }],
    ['all', 'enforce', false, { nvr: 'enforce', cam: 'enforce' }],
  ] as const)('%s → %s', (selector, mode, isLoosening, modes) => {
    const draft = modeDraft(held(), selector, mode);
    expect(draft.isLoosening).toBe(isLoosening);
    expect(draft.text).toContain('# kept');
    expect(draft.text).toContain('# the recorder');
    expect(Object.fromEntries(result(draft.text)?.elements.map((one) => [one.id, one.mode]) ?? [])).toEqual(modes);
  });

  it.each(['nobody', 'role=printer', 'kind=human', '', 'a=b=c'])('refuses %j', (selector) => {
    expect(() => modeDraft(held(), selector, 'observe')).toThrow(/nothing was changed/);
  });
});

it('sets and takes away labels', () => {
  const draft = labelDraft(held(), 'nvr', { role: null, site: 'north' });
  expect(result(draft.text)?.elements[0]?.labels).toEqual([['site', 'north']]);
  expect(result(labelDraft(held(), 'nvr', { role: null }).text)?.elements[0]?.labels).toEqual([]);
});

it('removes an element, and leaves what still names it to the checker', () => {
  expect(result(removeDraft(held(), 'cam').text)?.elements.map(({ id }) => id)).toEqual(['nvr']);
  expect(() => removeDraft(held(), 'x')).toThrow(/no element "x"/);
});

describe('newcomers', () => {
  const newcomer = {
    id: '02:00:00:00:00:09',
    mac: '02:00:00:00:00:09',
    addresses: ['10.0.3.20'],
    names: ['Cam "9"'],
    interface: 'eth0',
    proposedName: 'cam-9',
    firstSeen: '',
    lastSeen: '',
  };

  it('are taken in by MAC where one was seen', () => {
    const element = result(approveDraft(held(), newcomer, { labels: { role: 'camera' } }).text)?.elements[2];
    expect(element).toMatchObject({ id: 'cam-9', kind: 'device', addresses: [], labels: [['role', 'camera']] });
  });

  it('are taken in by address where none was', () => {
    const element = result(approveDraft(held(), { ...newcomer, mac: null }, { name: 'x', kind: 'server' }).text)
      ?.elements[2];
    expect(element).toMatchObject({ id: 'x', kind: 'server', macs: [] });
    expect(element?.addresses).toHaveLength(1);
  });

  it('get no name that is taken', () => {
    expect(() => approveDraft(held(), newcomer, { name: 'nvr' })).toThrow(/already/);
  });

  it.each(['02:00:00:00:00:09', '10.0.3.20', 'Cam "9"'])('are found by %s', (text) => {
    expect(newcomerOf([newcomer], text)).toBe(newcomer);
  });

  it('cannot write into the policy by their names', () => {
    const hostile = { ...newcomer, proposedName: 'x: { kind: server }\n  y', names: ['\u001b[31m'] };
    const policy = result(approveDraft(held(), hostile, {}).text);
    expect(policy?.elements).toHaveLength(3);
    expect(policy?.elements[2]?.id).toMatch(/^[a-z0-9-]+$/);
  });
});

describe('protected services', () => {
  const facts: services.ProtectFacts = {
    doorOfProgram: (program) => (program === 'sshd' ? { protocol: 'tcp', port: 22 } : null),
    peersOf: ({ port }) => (port === 22 ? ['cam', '203.0.113.9', '2001:db8::9'] : []),
  };
  const protect = (service: string, allow: 'seen' | 'nobody' | readonly string[] = 'seen', text = TEXT) =>
    made(services.protectDraft(held(text), { service, element: 'nvr', allow }, facts));

  it.each(['ssh', '22', 'tcp/22', '22/tcp', 'sshd'])(
    '%s becomes a service, with a rule for those who used it',
    (service) => {
      const policy = result(protect(service).text);
      expect(policy?.elements[0]).toMatchObject({ mode: 'protect', protect: ['ssh'] });
      expect(policy?.services.find(({ id }) => id === 'ssh')).toMatchObject({
        protocol: 6,
        ports: [{ from: 22, to: 22 }],
      });
      expect(policy?.rules[0]).toMatchObject({
        id: 'use-ssh',
        from: { kind: 'either', of: expect.objectContaining({ length: 3 }) },
      });
    },
  );

  it('takes the policy’s own service, and its rules as they are', () => {
    const ruled = `${TEXT}rules:\n  r: { from: role=camera, to: rtsp }\n`;
    const policy = result(protect('554', 'seen', ruled).text);
    expect(policy?.services.map(({ id }) => id)).toEqual(['rtsp']);
    expect(policy?.rules.map(({ id }) => id)).toEqual(['r']);
  });

  it('lets in nobody, or those who are named', () => {
    expect(result(protect('ssh', 'nobody').text)?.rules).toEqual([]);
    expect(result(protect('ssh', ['role=camera']).text)?.rules[0]?.from).toMatchObject({ kind: 'label' });
  });

  it('adds to those that are protected already', () => {
    const policy = result(protect('rtsp', 'nobody', protect('ssh').text).text);
    expect(policy?.elements[0]?.protect).toEqual(['ssh', 'rtsp']);
    const left = result(
      unprotectDraft(
        { text: protect('rtsp', 'nobody', protect('ssh').text).text, policy: policy ?? held().policy },
        'ssh',
        'nvr',
      ).text,
    );
    expect(left?.elements[0]).toMatchObject({ mode: 'protect', protect: ['rtsp'] });
  });

  it('goes back to observing with the last one', () => {
    const one = protect('ssh').text;
    const draft = unprotectDraft(held(one), 'ssh', 'nvr');
    expect(draft.isLoosening).toBe(true);
    expect(result(draft.text)?.elements[0]).toMatchObject({ mode: 'observe', protect: [] });
  });

  it.each(['nonsense', '70000', '22/icmp', ''])('refuses %j', (service) => {
    expect(() => protect(service)).toThrow(/nothing was changed/);
  });

  it.each(['ssh', 'rtsp'])('refuses to unprotect %s, which is not protected', (service) => {
    expect(() => unprotectDraft(held(), service, 'nvr')).toThrow(/is not protected/);
  });
});

it('stays JSON where the text is JSON', () => {
  const text = '{ "picket": 1, "elements": { "a": { "kind": "device", "address": "10.0.0.1" } } }';
  const draft = modeDraft(
    { text, policy: policyOf('elements: { a: { kind: device, address: 10.0.0.1 } }') },
    'a',
    'enforce',
  );
  expect(JSON.parse(draft.text)).toMatchObject({ elements: { a: { mode: 'enforce' } } });
});

it.each([
  ['YAML', TEXT],
  ['JSON', '{ "picket": 1, "elements": { "cam": { "kind": "device", "address": "10.0.3.20" } } }'],
])('writes entries that came out of JSON into %s', (_, text) => {
  const json = '{"from":"cam","to":{"on":"internet","protocol":"tcp","port":[443,8443]},"mode":"audit"}';
  const changed = editText(text, [{ path: ['rules', 'cam-web'], value: JSON.parse(json) }]);
  const rule = result(changed ?? '')?.rules[0];
  expect(rule).toMatchObject({ id: 'cam-web', isAudit: true });
  expect(rule?.to[0]?.ports).toEqual([
    { from: 443, to: 443 },
    { from: 8443, to: 8443 },
  ]);
});
