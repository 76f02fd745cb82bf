// MUD files of real devices, and the traffic of the same models in another laboratory judged by them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Engine } from '#engine';
import { exportMud, GENERIC, type Imported, importMud, type MudOptions } from '#exchange';
import {
  AddressTable,
  NO_MAC,
  newVerdict,
  type Observation,
  type Policy,
  PROTOCOL,
  parseMac,
  parsePrefix,
  type Selector,
  TCP,
} from '#model';
import { parsePolicy, printPolicy } from '#policy';
import { CAPTURES, hasData, NEEDED, readCapture } from './learn-support.ts';

const FILES = hasData
  ? readdirSync(join(CAPTURES, 'mud')).filter((name) => name.endsWith('.json'))
  : ['every MUD file'];

const OPTIONS: MudOptions = {
  element: { id: null, macs: [], addresses: [] },
  labels: [],
  controllers: new Map(),
  myController: null,
  localNetworks: null,
  generic: new Set(GENERIC),
};

function imported(name: string, options: Partial<MudOptions> = {}): Imported {
  const text = readFileSync(join(CAPTURES, 'mud', name), 'utf8');
  const result = importMud([{ name, text }], { ...OPTIONS, ...options });
  if (result.kind === 'refused') throw new Error(JSON.stringify(result.problems));
  return result.imported;
}

describe('MUD files of real devices', () => {
  it.skipIf(!hasData)(`there are 15 of them${NEEDED}`, () => expect(FILES).toHaveLength(15));

  it.skipIf(!hasData).each(FILES)(`%s becomes a policy without errors that prints as it is${NEEDED}`, (name) => {
    const { policy, comments } = imported(name);
    const text = printPolicy(policy, comments);
    const parsed = parsePolicy(text, name);
    expect(parsed.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(parsed.policy).toEqual(policy);
    expect(policy.rules.length).toBeGreaterThan(0);
  });
});

/** Lists of a MUD file have an order of their own; imported rules do not depend on it. */
function sorted(policy: Policy): Policy {
  return { ...policy, rules: policy.rules.toSorted((one, other) => (one.id < other.id ? -1 : 1)) };
}

describe('export of an imported file', () => {
  it.skipIf(!hasData).each(FILES)(`%s comes back with the same rules${NEEDED}`, (name) => {
    const { policy } = imported(name);
    const exported = exportMud(policy, {
      element: policy.elements[0]?.id ?? '',
      url: null,
      lastUpdate: '2026-03-02T12:00:00Z',
      localNetworks: null,
    });
    if (exported.kind === 'refused') throw new Error(exported.reason);
    const again = importMud([{ name, text: exported.text }], OPTIONS);
    if (again.kind === 'refused') throw new Error(JSON.stringify(again.problems));
    expect(sorted(again.imported.policy)).toEqual(sorted(policy));
    expect(exported.notSaid.filter(({ what }) => what !== 'that answers come back')).toEqual([]);
  });
});

interface Flow {
  isDenied: boolean;
  hasPassed: boolean;
  /** Bit per end that sent. */
  sides: number;
  /** The recording shows how it begins. */
  readonly isWhole: boolean;
  readonly protocol: number;
}

interface Count {
  readonly flows: number;
  readonly denied: number;
}

/** Conversations of the device in all captures of a folder, judged packet by packet; one denied packet denies its conversation. */
function judged(imported: Policy, { folder, mac }: { readonly folder: string; readonly mac: number }): readonly Flow[] {
  const policy = enforced(imported);
  const files = readdirSync(join(CAPTURES, 'iot-setup', folder)).filter((name) => name.endsWith('.pcap'));
  return files.flatMap((file) => {
    const addresses = new AddressTable();
    const flows = new Map<string, Flow>();
    const verdict = newVerdict();
    let engine: Engine | null = null;
    readCapture(`iot-setup/${folder}/${file}`, addresses, {
      observe: (observation: Observation) => {
        engine ??= new Engine({ policy, addresses, start: observation.at });
        engine.judge(observation, verdict);
        if (observation.sourceMac === mac || observation.destinationMac === mac)
          note(flows, observation, { addresses, isDenied: verdict.reasons !== 0 });
      },
      name: (fact) => {
        if (fact.kind !== 'dns-answer' || fact.address < 0) return;
        const { client, address: server, name, at, ttlSeconds } = fact;
        engine?.bindName({ client, server, name: name.toLowerCase(), at, ttlSeconds });
      },
    });
    return [...flows.values()];
  });
}

/** Where a denial is only recorded, it opens a session of denials; enforced, each packet is judged for itself. */
function enforced(policy: Policy): Policy {
  return { ...policy, mode: 'enforce', elements: policy.elements.map((element) => ({ ...element, mode: 'enforce' })) };
}

function note(
  flows: Map<string, Flow>,
  observation: Observation,
  { addresses, isDenied }: { readonly addresses: AddressTable; readonly isDenied: boolean },
): void {
  const { source, destination, protocol, sourcePort, destinationPort, tcpFlags } = observation;
  const from = `${addresses.text(source)} ${sourcePort}`;
  const to = `${addresses.text(destination)} ${destinationPort}`;
  const key = [protocol, ...[from, to].toSorted()].join(' ');
  const isWhole = protocol !== PROTOCOL.tcp || (tcpFlags & TCP.syn) !== 0;
  const flow = flows.get(key) ?? { isDenied: false, hasPassed: false, sides: 0, isWhole, protocol };
  flow.isDenied ||= isDenied;
  flow.hasPassed ||= !isDenied;
  flow.sides |= from < to ? 1 : 2;
  flows.set(key, flow);
}

/** TCP openings and ICMP that nobody answered carry nothing; what began before the recording did its lookup before it, too. */
function cameAbout({ protocol, sides, isWhole }: Flow): boolean {
  return isWhole && (sides === 3 || (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.icmp));
}

function count(flows: readonly Flow[]): Count {
  return { flows: flows.length, denied: flows.filter(({ isDenied }) => isDenied).length };
}

/** Of the conversations that came about. Errors and echoes of ICMP share one tuple, and errors are about other conversations. */
function countReal(flows: readonly Flow[]): Count {
  const real = flows.filter(cameAbout);
  const isDenied = (flow: Flow): boolean => flow.isDenied && !(flow.protocol === PROTOCOL.icmp && flow.hasPassed);
  return { flows: real.length, denied: real.filter(isDenied).length };
}

/**
 * `bare` with nothing generic, `all` as imported with the gateway named, of all conversations; `real` of those that came about. What is left of
 * the Hue bridge is ICMP errors; of the WeMo switch, openings to one absent host and ICMP about them; of the plug, what is older than the recording.
 */
const PAIRS = [
  { name: 'HueBulbMud.json', folder: 'HueBridge', mac: '00:17:88:24:76:ff', flows: 1573, bare: 728, all: 19, real: 3 },
  {
    name: 'wemoswitchMud.json',
    folder: 'WeMoSwitch',
    mac: '94:10:3e:35:01:c1',
    flows: 239,
    bare: 114,
    all: 108,
    real: 0,
  },
  {
    name: 'tplinkplugMud.json',
    folder: 'TP-LinkPlugHS100',
    mac: '50:c7:bf:00:fc:a3',
    flows: 161,
    bare: 86,
    all: 8,
    real: 0,
  },
] as const;

/** Of the conversations that came about. */
const DENIED_SHARE_MAX = 0.02;

describe('MUD files of one laboratory on the traffic of another', () => {
  it.skipIf(!hasData).each(PAIRS)(`$name on $folder${NEEDED}`, (pair) => {
    const mac = parseMac(pair.mac) ?? NO_MAC;
    const element = { id: null, macs: [mac], addresses: [] };
    const controllers = new Map([['urn:ietf:params:mud:gateway', prefixSelector('10.10.10.1')]]);
    const alone = judged(imported(pair.name, { element, generic: new Set() }).policy, { folder: pair.folder, mac });
    const flows = judged(imported(pair.name, { element, controllers }).policy, { folder: pair.folder, mac });
    const real = countReal(flows);
    expect(count(alone)).toEqual({ flows: pair.flows, denied: pair.bare });
    expect(count(flows)).toEqual({ flows: pair.flows, denied: pair.all });
    expect(real.denied).toBe(pair.real);
    expect(real.denied / real.flows).toBeLessThanOrEqual(DENIED_SHARE_MAX);
  });
});

function prefixSelector(text: string): Selector {
  const prefix = parsePrefix(text);
  if (prefix === null) throw new Error(text);
  return { kind: 'prefix', prefix };
}
