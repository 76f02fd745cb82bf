// What is proposed of what was learned: names that the policy has, what it says already, and names that are taken.

import { describe, expect, it } from 'vitest';
import { policyOf } from './agent.testing.ts';
import { proposedEntries } from './proposing.ts';

const LEARNED = policyOf(`
mode: observe
elements:
  camera-lobby: { kind: device, address: 10.0.3.20, mac: "02:00:00:00:00:20" }
  recorder-1: { kind: server, address: 10.0.3.10 }
services:
  recorder-1-rtsp: { on: recorder-1, protocol: tcp, port: 554 }
rules:
  lobby-rtsp: { from: camera-lobby, to: recorder-1-rtsp, limits: { rate: 1 Mbit/s } }
`);

const told = (inForce: string) => proposedEntries(LEARNED, policyOf(inForce));
const names = (inForce: string) => told(inForce).map(({ section, entry }) => `${section}.${entry}`);

describe('proposedEntries()', () => {
  it.each([
    [
      'an empty policy',
      'mode: observe',
      ['elements.camera-lobby', 'elements.recorder-1', 'services.recorder-1-rtsp', 'rules.lobby-rtsp'],
    ],
    [
      'one that knows the recorder by its address',
      'elements: { nvr: { kind: server, address: 10.0.3.10 } }',
      ['elements.camera-lobby', 'services.recorder-1-rtsp', 'rules.lobby-rtsp'],
    ],
    [
      'one that knows the camera by its MAC, and the service by another name',
      `elements:
  cam: { kind: device, mac: "02:00:00:00:00:20" }
  nvr: { kind: server, address: 10.0.3.10 }
services: { video: { on: nvr, protocol: tcp, port: 554 } }`,
      ['rules.lobby-rtsp'],
    ],
    [
      'one that says all of it, with limits of its own',
      `elements:
  cam: { kind: device, address: 10.0.3.20 }
  nvr: { kind: server, address: 10.0.3.10 }
services: { video: { on: nvr, protocol: tcp, port: 554 } }
rules: { mine: { from: cam, to: video } }`,
      [],
    ],
    [
      'one that uses a name for somebody else',
      'elements: { camera-lobby: { kind: device, address: 10.9.9.9 } }',
      ['elements.camera-lobby-2', 'elements.recorder-1', 'services.recorder-1-rtsp', 'rules.lobby-rtsp'],
    ],
  ])('of %s', (_, inForce, expected) => {
    expect(names(inForce)).toEqual(expected);
  });

  it('speaks of elements and services by the names that the policy has', () => {
    const entries = told(`elements:
  cam: { kind: device, address: 10.0.3.20 }
  nvr: { kind: server, address: 10.0.3.10 }
services: { video: { on: nvr, protocol: tcp, port: 554 } }`);
    expect(entries).toHaveLength(1);
    expect(JSON.parse(entries[0]?.json ?? '')).toMatchObject({ from: 'cam', to: 'video' });
    expect(entries[0]?.learnedAs).toBe('rules.lobby-rtsp');
  });

  it('proposes a rule for what another rule does not cover', () => {
    const inForce = `elements:
  cam: { kind: device, address: 10.0.3.20 }
  nvr: { kind: server, address: 10.0.3.10 }
services:
  video: { on: nvr, protocol: tcp, port: 554 }
  web: { on: nvr, protocol: tcp, port: 80 }
rules: { lobby-rtsp: { from: cam, to: web } }`;
    expect(names(inForce)).toEqual(['rules.lobby-rtsp-2']);
    expect(told(inForce)[0]?.learnedAs).toBe('rules.lobby-rtsp');
  });

  it('says the mode of a new element where the policy has another one for all', () => {
    const [first] = told('mode: enforce');
    expect(JSON.parse(first?.json ?? '')).toMatchObject({ mode: 'observe' });
  });
});
