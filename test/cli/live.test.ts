// Commands of a running gateway: what they ask of the agent, what they print at 80 columns, and how they end.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BARE_MACHINE } from '../../src/cli/machine.testing.ts';
import { CannedAgent, planAnswer, refusal, statusAnswer } from './canned-agent.testing.ts';
import { type Ran, World } from './fake-io.testing.ts';

let agent: CannedAgent;

beforeEach(async () => {
  agent = new CannedAgent();
  await agent.open();
});
afterEach(() => agent.close());

/** `answer`: what the person at the terminal says; null where nobody is there. */
async function picket(words: readonly string[], answer: string | null = null): Promise<Ran> {
  const world = new World().put('policy.yaml', 'picket: 1\nrules: 5\n');
  world.machine = { ...BARE_MACHINE, uid: 0, ask: async () => answer };
  world.columns = 80;
  return world.run(...words, '--socket', agent.socket);
}

const PENDING = {
  revision: 2,
  by: 'root',
  at: '2026-03-02T12:00:00Z',
  deadline: '2026-03-02T12:01:30Z',
  secondsLeft: 90,
  revertsTo: 1,
};

function plansThenApplies(more: Parameters<typeof planAnswer>[0] = {}): void {
  const apply = (takes: Readonly<Record<string, unknown>>): object =>
    takes.isPlanOnly === true
      ? planAnswer(more)
      : planAnswer({ ...more, isApplied: true, revision: 2, pending: PENDING });
  agent.answers = { mode: apply, protect: apply, apply, undo: apply, label: apply };
}

function longest(text: string): number {
  return Math.max(...text.split('\n').map((line) => [...line].length));
}

describe('a change of the policy', () => {
  test('plans, asks, applies, and says how to keep it and how to take it back', async () => {
    plansThenApplies();
    const { exit, out } = await picket(['mode', 'this-host', 'enforce'], 'y');
    expect(exit).toBe(0);
    expect(agent.asked.map(({ takes }) => takes)).toEqual([
      { selector: 'this-host', mode: 'enforce', isPlanOnly: true },
      { selector: 'this-host', mode: 'enforce' },
    ]);
    expect(out).toContain('changed elements.this-host: mode');
    expect(out).toContain('It reverts by itself in 90 s');
    expect(out).toContain('picket policy confirm');
    expect(out).toContain('picket policy rollback');
  });

  test.each([
    ['n', 0],
    ['', 0],
    ['yess', 0],
    [null, 7],
  ])('is not made where the person says %j', async (answer, exit) => {
    plansThenApplies();
    const ran = await picket(['mode', 'this-host', 'enforce'], answer);
    expect(ran.exit).toBe(exit);
    expect(agent.asked).toHaveLength(1);
    expect(ran.err).toMatch(/nothing was changed/i);
  });

  test('is made without asking after --yes, with the time to confirm', async () => {
    plansThenApplies();
    const { exit } = await picket(['protect', 'ssh', 'on', 'nvr', '--yes', '--confirm', '2min', '--why', 'night']);
    expect(exit).toBe(0);
    expect(agent.asked[1]?.takes).toEqual({ service: 'ssh', element: 'nvr', confirmSeconds: 120, why: 'night' });
  });

  test('is only planned with --dry-run', async () => {
    plansThenApplies();
    const { exit, out } = await picket(['undo', '--dry-run']);
    expect(exit).toBe(0);
    expect(agent.asked).toHaveLength(1);
    expect(out).toContain('Nothing was changed (--dry-run).');
  });

  test('that changes nothing asks nothing', async () => {
    plansThenApplies({ changes: [] });
    const { exit, out } = await picket(['mode', 'this-host', 'observe']);
    expect(exit).toBe(0);
    expect(out).toContain('Nothing would change.');
  });

  test('that would cut the own connection is refused before anything is asked', async () => {
    const own = { from: '10.0.0.5', to: '10.0.0.1', port: 22, isPermitted: false, reasons: ['no-rule'] as const };
    plansThenApplies({ ownConnection: own });
    const { exit, err } = await picket(['mode', 'all', 'enforce', '--yes']);
    expect(exit).toBe(7);
    expect(err).toContain('PICKET-A002');
    expect(agent.asked).toHaveLength(1);
    expect((await picket(['mode', 'all', 'enforce', '--yes', '--lose-session'])).exit).toBe(0);
  });

  test('prints one JSON document, planned or done', async () => {
    plansThenApplies();
    expect(JSON.parse((await picket(['mode', 'a', 'observe', '--dry-run', '--json'])).out)).toMatchObject({
      isApplied: false,
    });
    expect(JSON.parse((await picket(['mode', 'a', 'observe', '--yes', '--json'])).out)).toMatchObject({
      isApplied: true,
    });
  });

  test('shows the problems of a policy in its lines', async () => {
    const place = { file: 'policy.yaml', line: 2, column: 8, length: 1, path: 'rules' };
    const problem = { code: 'PICKET-P002', severity: 'error', message: 'rules is no map', place, help: null } as const;
    agent.answers = { apply: refusal('PICKET-I009', 'the policy has errors', { problems: [problem] }) };
    const { exit, err } = await picket(['policy', 'apply', 'policy.yaml', '--yes']);
    expect(exit).toBe(4);
    expect(err).toContain('policy.yaml:2:8');
    expect(err).toContain('rules: 5');
  });

  test.each([
    [['mode', 'a', 'enforced'], 2],
    [['protect', 'ssh', 'at', 'nvr'], 2],
    [['protect', 'ssh', 'on'], 2],
    [['protect', 'ssh', '--confirm', '9s'], 2],
    [['protect', 'ssh', '--confirm', '25h'], 2],
    [['protect', 'ssh', '--allow', 'a,,b'], 2],
    [['undo', '--to', 'x'], 2],
    [['elements', 'label', 'a', 'role'], 2],
    [['elements', 'quarantine', 'a', '--for', '1ms'], 2],
    [['ticket', 'a', 'ssh', '--within', '2h'], 2],
    [['policy', 'apply', 'missing.yaml'], 3],
  ])('%j is refused with %i, and nothing is asked', async (words, exit) => {
    plansThenApplies();
    expect((await picket(words)).exit).toBe(exit);
    expect(agent.asked).toHaveLength(0);
  });
});

describe('a deed', () => {
  test.each([
    [
      ['elements', 'quarantine', 'cam', '--for', '2h', '--reason', 'scans'],
      { element: 'cam', seconds: 7200, reason: 'scans' },
    ],
    [['elements', 'quarantine', 'cam', '--force'], { element: 'cam', reason: 'by hand', isForced: true }],
    [['elements', 'release', 'cam'], { element: 'cam' }],
    [['ticket', 'alice', 'shell', '--within', '2min'], { from: 'alice', service: 'shell', seconds: 120 }],
    [['agent', 'stop'], {}],
  ])('%j', async (words, takes) => {
    const done = { schema: 'picket.done/v1', message: 'done', undo: 'picket other' };
    agent.answers = { quarantine: done, release: done, ticket: done, stop: done };
    expect((await picket(words)).exit).toBe(7);
    expect(agent.asked).toHaveLength(0);
    const { exit, out } = await picket([...words, '--yes']);
    expect({ exit, asked: agent.asked[0]?.takes }).toEqual({ exit: 0, asked: takes });
    expect(out).toContain('Undo: picket other');
  });

  test('logon says since when, and how to log off', async () => {
    agent.answers = {
      logon: { schema: 'picket.logon/v1', element: 'alice', factors: ['person'], since: '2026-03-02T12:00:00Z' },
    };
    const { out } = await picket(['logon', 'alice', '--yes']);
    expect(out).toContain('alice is logged on since');
    expect(out).toContain('Undo: picket logoff alice');
  });
});

describe('what is shown', () => {
  const service = (at: number) => ({
    service: null,
    element: 'this-host',
    address: '10.0.0.1',
    protocol: 'tcp',
    port: at,
    program: `program-${at}`,
    application: null,
    isHere: true,
    isEnforced: at % 2 === 0,
    connections: at,
    peers: [{ address: '10.0.0.5', element: 'admin-laptop', connections: 214, denied: 6 }],
    peerCount: 3,
    lastSeen: '2026-03-02T12:00:00Z',
  });

  test.each([0, 1, 10_000])('status with %i services fits 80 columns', async (count) => {
    const services = Array.from({ length: count }, (_, at) => service(at + 1));
    agent.answers = { status: statusAnswer({ services }) };
    const { exit, out } = await picket(['status']);
    expect(exit).toBe(0);
    expect(longest(out)).toBeLessThanOrEqual(80);
    expect(out.split('\n').length).toBeLessThan(40);
  });

  test('status tells what waits, what is lost and what is wrong', async () => {
    agent.answers = {
      status: statusAnswer({
        pending: PENDING,
        inboxCount: 1234,
        losses: { packets: 5, flowEvents: 0, verdictRecords: 0, restarts: 1 },
        health: [{ code: 'PICKET-G036', message: 'tcpdump does not start' }],
        verdicts: [
          { by: 'kernel', reason: 'no-rule', isEnforced: true, count: 7 },
          { by: 'engine', reason: 'over-volume', isEnforced: false, count: 2 },
        ],
      }),
    };
    const { out } = await picket(['status']);
    expect(out).toContain('WAITING');
    expect(out).toContain('ATTENTION  tcpdump does not start [PICKET-G036]');
    expect(out).toContain('1,234 new: picket elements ls --new');
    expect(out).toContain('denied     7 no-rule');
    expect(out).toContain('recorded   2 over-volume (seen); would be denied if enforced');
    expect(out).toContain('5 packets unseen, 1 restart of what looks');
  });

  test.each([0, 1, 10_000])('the inbox with %i fits 80 columns, every row of it', async (count) => {
    const inbox = Array.from({ length: count }, (_, at) => ({
      id: `n${at}`,
      mac: '02:42:ac:11:00:05',
      addresses: ['fd00:0000:0000:0001:0242:acff:fe11:0005', `10.0.${at >> 8}.${at & 255}`],
      names: ['ESP_\u001b[2J123', 'x'],
      interface: 'eth0',
      proposedName: 'esp-123',
      firstSeen: '2026-03-02T12:00:00Z',
      lastSeen: '2026-03-02T12:00:00Z',
    }));
    agent.answers = { elements: { schema: 'picket.elements/v1', elements: [], inbox } };
    const { exit, out } = await picket(['elements', 'ls', '--new']);
    expect(exit).toBe(0);
    expect(longest(out)).toBeLessThanOrEqual(80);
    expect(out.trimEnd().split('\n')).toHaveLength(count === 0 ? 1 : count + 1);
    expect(out).not.toContain('\u001b');
  });

  test('an element that is not there is told its nearest', async () => {
    agent.answers = { elements: { schema: 'picket.elements/v1', elements: [], inbox: [] } };
    expect(await picket(['elements', 'show', 'cam'])).toMatchObject({ exit: 3, out: '' });
  });

  const end = { address: '10.0.0.5', port: 51514, element: 'admin-laptop', name: null };
  const flow = {
    at: '2026-03-02T12:00:00Z',
    end: null,
    from: end,
    to: { address: '10.0.0.1', port: 22, element: null, name: null },
    protocol: 'tcp',
    application: 'ssh',
    name: null,
    packetsSent: 3,
    packetsReceived: 4,
    bytesSent: 500,
    bytesReceived: 1_500_000,
    verdict: 'permit',
    isEnforced: false,
    reasons: [],
    rule: 'admins',
  };
  const denied = { ...flow, verdict: 'deny', isEnforced: true, reasons: ['no-rule'], rule: null };

  test.each([0, 1, 10_000])('%i flows fit 80 columns', async (count) => {
    const flows = Array.from({ length: count }, (_, at) => (at % 2 === 0 ? flow : denied));
    agent.answers = { flows: { schema: 'picket.live-flows/v1', flows, isCut: false } };
    const { exit, out } = await picket(['flows']);
    expect(exit).toBe(0);
    expect(longest(out)).toBeLessThanOrEqual(80);
    expect(out.trimEnd().split('\n')).toHaveLength(count === 0 ? 1 : count + 1);
    const json = JSON.parse((await picket(['flows', '--format', 'json'])).out);
    expect(json).toMatchObject({ schema: 'picket.live-flows/v1' });
    expect(json.flows).toHaveLength(count);
  });

  test('flows are followed line by line until the agent ends', async () => {
    agent.rows = [flow, denied];
    const { exit, out, err } = await picket(['flows', '-f']);
    expect(exit).toBe(6);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(out).toMatch(/✓ permit +ssh +admin-laptop:51514 → 10\.0\.0\.1:22/);
    expect(out).toMatch(/✕ no-rule/);
    expect(err).toContain('the agent ended');
    const rows = (await picket(['flows', '-f', '--format', 'json', '--denied'])).out.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).schema)).toEqual(['picket.live-flows-row/v1']);
  });

  test('flags of the running gateway are refused beside a file', async () => {
    expect((await picket(['flows', 'site.pcap', '-f'])).exit).toBe(2);
  });

  test.each([
    ['elements', 'nft', 0],
    ['other', 'nft', 1],
  ])('why --live: %s', async (_, __, exit) => {
    const opinion = {
      isPermitted: false,
      isEnforced: true,
      reasons: ['no-rule'],
      rule: null,
      guardrail: null,
      steps: ['✕ rule none'],
    };
    const kernel = exit === 0 ? opinion : { ...opinion, isPermitted: true, reasons: [] };
    agent.answers = {
      why: { schema: 'picket.why-live/v1', intent: opinion, compiled: opinion, kernel, doAgree: exit === 0 },
    };
    const ran = await picket(['why', 'camera-1', 'recorder:554', '--live']);
    expect(ran.exit).toBe(exit);
    expect(agent.asked[0]?.takes).toEqual({ from: 'camera-1', to: 'recorder', protocol: 6, port: 554 });
    expect(ran.out).toContain('blocked[no-rule]: camera-1 may not use recorder:554');
  });
});

describe('where no agent is', () => {
  test.each([
    ['status'],
    ['elements', 'ls'],
    ['flows'],
    ['flows', '-f'],
    ['policy', 'history'],
    ['policy', 'confirm'],
    ['protect', 'ssh', '--yes'],
    ['why', 'a', 'b:1', '--live'],
  ])('%s %s says so and ends with 6', async (...words) => {
    const world = new World();
    const { exit, out, err } = await world.run(...words, '--socket', '/nowhere/agent.sock');
    expect({ exit, out }).toEqual({ exit: 6, out: '' });
    expect(err).toContain('PICKET-G020');
  });
});

describe('a signed policy from a file', () => {
  const words = ['policy', 'import', 'policy.yaml'];

  test('goes to the agent as it is, once somebody agrees', async () => {
    const message = 'revision 3 of "plant.example" is in force';
    agent.answers = { takeSigned: () => ({ schema: 'picket.done/v1', message, undo: null }) };
    expect(await picket(words)).toMatchObject({ exit: 7 });
    expect(await picket([...words, '--dry-run'])).toMatchObject({ exit: 0 });
    expect(agent.asked).toEqual([]);
    expect((await picket(words, 'y')).out).toContain(message);
    expect(agent.asked.map(({ name, takes }) => [name, takes])).toEqual([
      ['takeSigned', { text: 'picket: 1\nrules: 5\n' }],
    ]);
  });

  test.each(['PICKET-C654', 'PICKET-C655', 'PICKET-C656', 'PICKET-C657', 'PICKET-C666'])(
    'that the agent refuses with %s ends with exit code 7',
    async (code) => {
      agent.answers = { takeSigned: () => refusal(code, 'it is refused; nothing was changed') };
      const { exit, err } = await picket([...words, '--yes']);
      expect(exit).toBe(7);
      expect(err).toContain(`error[${code}]: it is refused; nothing was changed`);
    },
  );

  test('is not asked for where there is no file', async () => {
    expect(await picket(['policy', 'import', 'none.signed', '--yes'])).toMatchObject({ exit: 3 });
    expect(agent.asked).toEqual([]);
  });
});
