// The import commands from outside: what goes where, what is refused, what the exit code is.

import { describe, expect, it } from 'vitest';
import { parsePolicy } from '#policy';
import { World } from '../cli/fake-io.testing.ts';

const NFT =
  'table inet t {\n chain i { type filter hook input priority 0; policy drop; ct state established accept\n iifname "eth1" tcp dport 22 accept\n }\n}\n';
const SAVE = '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';

describe('picket import', () => {
  it('prints the policy on stdout and the lists on stderr', async () => {
    const ran = await new World().put('fw.nft', NFT).run('import', 'nftables', 'fw.nft');
    expect(ran.exit).toBe(0);
    expect(parsePolicy(ran.out, 'out').policy?.mode).toBe('observe');
    expect(ran.out).toContain('# Imported from a packet filter (fw.nft).');
    expect(ran.err).toContain('questions');
    expect(ran.err).toContain('--interface eth1=');
  });

  it('takes the interfaces and the addresses of the firewall', async () => {
    const world = new World().put('fw.nft', NFT);
    const ran = await world.run(
      'import',
      'nftables',
      'fw.nft',
      '--interface',
      'eth1=10.0.2.0/24',
      '--self',
      '10.0.2.1',
      '-o',
      'p.yaml',
    );
    expect(ran.out).toBe('');
    expect(world.text('p.yaml')).toContain('from: 10.0.2.0/24 & !this-host');
    expect(world.text('p.yaml')).toContain('address: 10.0.2.1');
  });

  it('answers in JSON', async () => {
    const ran = await new World().put('v4', SAVE).run('import', 'iptables', 'v4', '--json');
    const answer: unknown = JSON.parse(ran.out);
    expect(answer).toMatchObject({ schema: 'picket.import/v1', policy: expect.stringContaining('picket: 1') });
  });

  it('says where a text is broken, and writes nothing', async () => {
    const world = new World().put('v4', `${SAVE}nonsense\n`);
    const ran = await world.run('import', 'iptables', 'v4', '-o', 'p.yaml');
    expect(ran.exit).toBe(1);
    expect(ran.err).toContain('error[PICKET-I020]');
    expect(ran.err).toContain('v4:5:1');
    expect(world.files.has('p.yaml')).toBe(false);
  });

  it.each([
    [['import', 'tailscale', 'a', 'b'], 'one policy file'],
    [['import', 'nftables', 'a', '--interface', 'eth1'], 'eth1=10.0.2.0/24'],
    [['import', 'nftables', 'a', '--self', '10.0.0.1/8'], '10.0.2.0/24'],
    [['import', 'networkpolicy'], 'FILE is missing'],
    [['import', 'iptables', 'a', '-o', 'a'], 'an input'],
  ])('refuses %j', async (argv, words) => {
    const ran = await new World()
      .put('a', '{}')
      .put('b', '{}')
      .run(...argv);
    expect(ran.exit).toBe(2);
    expect(ran.err).toContain(words);
  });

  it.each(['PICKET-I020', 'PICKET-I021'])('explains %s', async (code) => {
    expect((await new World().run('explain', code)).out).toContain(code);
  });
});

describe.each(['networkpolicy', 'tailscale', 'nftables', 'iptables', 'security-groups', 'mud'])(
  'import %s',
  (language) => {
    it.each([
      ['', 'error[PICKET-I004]: cannot import "f": it is empty, so nothing was written'],
      [' \n\n', 'error[PICKET-I004]: cannot import "f": it is empty, so nothing was written'],
      ['a\0b', 'error[PICKET-I005]: cannot read "f": it is no UTF-8 text; byte 1 is zero'],
    ])('refuses %j', async (text, message) => {
      const ran = await new World().put('f', text).run('import', language, 'f', '-o', 'p.yaml');
      expect(ran.exit).toBe(1);
      expect(ran.err).toContain(message);
      expect(ran.out).toBe('');
    });
  },
);
