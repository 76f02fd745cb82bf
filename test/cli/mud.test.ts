// `picket import mud` and `picket export mud`: flags, what is told, and signatures made here by openssl.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './fake-io.testing.ts';

const MUD = JSON.stringify({
  'ietf-mud:mud': {
    'mud-version': 1,
    'mud-url': 'https://maker.example/bulb',
    'mud-signature': 'https://maker.example/bulb.p7s',
    systeminfo: 'Bulb',
    'from-device-policy': { 'access-lists': { 'access-list': [{ name: 'from' }] } },
  },
  'ietf-access-control-list:acls': {
    acl: [
      {
        name: 'from',
        type: 'ipv4-acl-type',
        aces: {
          ace: [
            {
              name: 'cloud',
              matches: {
                ipv4: { protocol: 6, 'ietf-acldns:dst-dnsname': 'api.maker.example' },
                tcp: { 'destination-port': { operator: 'eq', port: 443 } },
              },
              actions: { forwarding: 'accept' },
            },
            {
              name: 'hub',
              matches: { 'ietf-mud:mud': { controller: 'urn:example:hub' }, ipv4: { protocol: 17 } },
              actions: { forwarding: 'accept' },
            },
            { name: 'eapol', matches: { eth: { ethertype: '0x888e' } }, actions: { forwarding: 'accept' } },
          ],
        },
      },
    ],
  },
});

const FLAGS = ['--mac', '02:00:00:00:00:07', '--generic', 'none'];

describe('picket import mud', () => {
  it('gives the policy to stdout, what is missing to stderr', async () => {
    const { exit, out, err } = await new World().put('bulb.json', MUD).run('import', 'mud', 'bulb.json', ...FLAGS);
    expect(exit).toBe(0);
    expect(out).toContain('mode: observe');
    expect(out).toContain('# No signature was checked.');
    expect(out).toContain('# To answer: Which element is the controller urn:example:hub?');
    expect(out).toContain('to: { on: api.maker.example, protocol: tcp, port: 443 }');
    expect(err).toContain('https://maker.example/bulb.p7s');
    expect(err).toContain('frames of type 0x888e');
    expect(err).toContain('Which element is the controller urn:example:hub?');
  });

  it('takes what people say', async () => {
    const world = new World().put('bulb.json', MUD);
    const said = [
      '--element',
      'lamp',
      '--address',
      '10.0.0.7',
      '--label',
      'site=plant',
      '--controller',
      'urn:example:hub=10.0.0.2',
    ];
    const { exit, out } = await world.run('import', 'mud', 'bulb.json', ...said, '-o', 'policy.yaml');
    expect([exit, out]).toEqual([0, '']);
    const text = world.text('policy.yaml');
    expect(text).toMatch(/lamp:\n(.*\n)*? {4}address: 10\.0\.0\.7/);
    expect(text).toContain('site: plant');
    expect(text).toContain('to: { on: 10.0.0.2, protocol: udp }');
    expect((await world.run('policy', 'check', 'policy.yaml')).exit).toBe(0);
  });

  it('reads several files into one policy', async () => {
    const world = new World().put('a.json', MUD).put('b.json', MUD);
    const { exit, out } = await world.run('import', 'mud', 'a.json', 'b.json');
    expect(exit).toBe(0);
    expect(out).toContain('\n  bulb: {');
    expect(out).toContain('\n  bulb-2: {');
  });

  it.each([
    ['a MAC that is none', ['--mac', '02:00'], 'PICKET-U002'],
    ['a label that is none', ['--label', 'site'], 'PICKET-U002'],
    ['a reserved label', ['--label', 'kind=lamp'], 'PICKET-U002'],
    ['a controller without selector', ['--controller', 'urn:example:hub'], 'PICKET-U002'],
    ['a selector that is none', ['--controller', 'urn:example:hub=a b'], 'PICKET-U002'],
    ['local networks that are none', ['--local-networks', '10.0.0.1/8'], 'PICKET-U002'],
    ['an unknown class', ['--generic', 'smtp'], 'PICKET-U002'],
    ['a signature without trust', ['--signature', 'bulb.p7s'], 'PICKET-U002'],
    ['one name for two', ['bulb.json', '--element', 'lamp'], 'PICKET-U002'],
  ])('refuses %s', async (_title, words, code) => {
    const { exit, out, err } = await new World().put('bulb.json', MUD).run('import', 'mud', 'bulb.json', ...words);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(code);
  });

  it('refuses a broken file with every problem and its path, and writes nothing', async () => {
    const world = new World().put(
      'bulb.json',
      MUD.replace('"port":443', '"port":"x"').replace('"forwarding":"accept"', '"forwarding":7'),
    );
    const { exit, out, err } = await world.run('import', 'mud', 'bulb.json', '-o', 'policy.yaml');
    expect([exit, out, world.files.has('policy.yaml')]).toEqual([1, '', false]);
    expect(err).toContain('error[PICKET-I030]');
    expect(err).toContain('acl[0].aces.ace[0].matches.tcp.destination-port.port must be a whole number');
    expect(err).toContain('acl[0].aces.ace[0].actions.forwarding must be a text');
    expect((await world.run('explain', 'PICKET-I030')).exit).toBe(0);
  });
});

describe('picket export mud', () => {
  it('comes back as the same policy', async () => {
    const world = new World().put('bulb.json', MUD);
    const first = await world.run('import', 'mud', 'bulb.json', ...FLAGS);
    world.put('policy.yaml', first.out);
    const exported = await world.run('export', 'mud', 'policy.yaml', '--element', 'bulb', '-o', 'again.json');
    expect(exported.exit).toBe(0);
    expect(world.text('again.json')).toContain('"last-update": "2026-03-02T12:00:00.000Z"');
    const again = await world.run('import', 'mud', 'again.json', ...FLAGS);
    const plain = (text: string): string => text.replace(/^ *#.*\n/gm, '');
    expect(plain(again.out)).toBe(plain(first.out));
  });

  it.each([
    ['an unknown element', ['--element', 'lamp'], 3, 'PICKET-U004'],
    ['no URL', ['--element', 'recorder'], 2, 'PICKET-U002'],
  ])('refuses %s', async (_title, words, exit, code) => {
    const policy = 'picket: 1\nelements:\n  recorder: { kind: server, address: 10.0.3.10 }\n';
    const ran = await new World().put('policy.yaml', policy).run('export', 'mud', 'policy.yaml', ...words);
    expect([ran.exit, ran.out]).toEqual([exit, '']);
    expect(ran.err).toContain(code);
  });
});

const hasOpenssl = canRun();
const NEEDED = hasOpenssl ? '' : ' (skipped: no openssl here)';

function canRun(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl)(`signatures${NEEDED}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-mud-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  };

  /** A certificate of `issuer`, or of itself. */
  function certify(
    name: string,
    { issuer = name, extensions = '', digest = 'sha256' }: { issuer?: string; extensions?: string; digest?: string },
  ): void {
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/O=Maker/CN=${name}`,
    );
    writeFileSync(at(`${name}.ext`), extensions);
    const by =
      issuer === name
        ? ['-signkey', `${name}.key`]
        : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      '-days',
      '36500',
      `-${digest}`,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  }

  function sign(out: string, signer: string, ...words: string[]): void {
    openssl(
      'cms',
      '-sign',
      '-binary',
      '-outform',
      'DER',
      '-signer',
      `${signer}.crt`,
      '-inkey',
      `${signer}.key`,
      '-in',
      'bulb.json',
      '-out',
      out,
      ...words,
    );
  }

  const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign';
  const LEAF = 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature';

  beforeAll(() => {
    writeFileSync(at('bulb.json'), MUD);
    certify('root', { extensions: CA });
    certify('other-root', { extensions: CA });
    certify('middle', { issuer: 'root', extensions: CA });
    certify('maker', { issuer: 'middle', extensions: LEAF });
    certify('no-sign', { issuer: 'root', extensions: 'basicConstraints=CA:FALSE\nkeyUsage=critical,keyAgreement' });
    certify('weak', { issuer: 'root', extensions: LEAF, digest: 'sha1' });
    certify('from-leaf', { issuer: 'maker', extensions: LEAF });
    sign('good.p7s', 'maker', '-certfile', 'middle.crt');
    sign('keyid.p7s', 'maker', '-certfile', 'middle.crt', '-keyid');
    sign('bare.p7s', 'maker', '-certfile', 'middle.crt', '-noattr');
    sign('no-middle.p7s', 'maker');
    sign('no-sign.p7s', 'no-sign');
    sign('weak.p7s', 'weak');
    sign('sha1.p7s', 'maker', '-certfile', 'middle.crt', '-md', 'sha1');
    sign('attached.p7s', 'maker', '-certfile', 'middle.crt', '-nodetach');
    sign('two.p7s', 'maker', '-certfile', 'middle.crt', '-signer', 'other-root.crt', '-inkey', 'other-root.key');
    writeFileSync(at('chain.crt'), readFileSync(at('middle.crt'), 'utf8') + readFileSync(at('maker.crt'), 'utf8'));
    sign('from-leaf.p7s', 'from-leaf', '-certfile', 'chain.crt');
    writeFileSync(at('noise.p7s'), Buffer.from('30800609', 'hex'));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(
    signature: string,
    { ca = 'root.crt', mud = MUD, year = 0 }: { ca?: string; mud?: string; year?: number } = {},
  ): ReturnType<World['run']> {
    const world = new World().put('bulb.json', mud);
    world.put('bulb.p7s', readFileSync(at(signature))).put('ca.pem', readFileSync(at(ca)));
    world.now = year === 0 ? Date.now() * 1000 : Date.UTC(year, 0, 1) * 1000;
    return world.run('import', 'mud', 'bulb.json', ...FLAGS, '--signature', 'bulb.p7s', '--ca', 'ca.pem');
  }

  it.each(['good.p7s', 'keyid.p7s', 'bare.p7s'])('%s is good, and the signer is named', async (signature) => {
    const { exit, out, err } = await run(signature);
    expect([exit, err.includes('error')]).toEqual([0, false]);
    expect(out).toContain('# Signature checked and good, by O=Maker, CN=maker.');
    expect(err).not.toContain('bulb.p7s');
  });

  it.each([
    ['a changed file', 'good.p7s', { mud: MUD.replace('api.maker', 'api.taker') }, 'is bad'],
    ['an empty file', 'good.p7s', { mud: '' }, 'is bad'],
    ['another root', 'good.p7s', { ca: 'other-root.crt' }, 'is bad'],
    ['a time before the certificate', 'good.p7s', { year: 2001 }, 'is bad'],
    ['a time after it', 'good.p7s', { year: 2200 }, 'is bad'],
    ['a chain with a gap', 'no-middle.p7s', {}, 'is bad'],
    ['a certificate issued by a leaf', 'from-leaf.p7s', {}, 'is bad'],
    ['a certificate that may not sign', 'no-sign.p7s', {}, 'may not sign'],
    ['a certificate signed with SHA-1', 'weak.p7s', {}, 'MD5 or SHA-1'],
    ['a digest of SHA-1', 'sha1.p7s', {}, 'digest that can be forged'],
    ['a content of its own', 'attached.p7s', {}, 'not detached'],
    ['two signers', 'two.p7s', {}, '2 signers'],
    ['noise', 'noise.p7s', {}, 'no CMS signature'],
    ['a certificate for a signature', 'maker.crt', {}, 'no CMS signature'],
    ['trust in nobody', 'good.p7s', { ca: 'maker.key' }, 'no PEM certificate'],
  ])('refuses %s', async (_title, signature, options, message) => {
    const { exit, out, err } = await run(signature, options);
    expect([exit, out]).toEqual([1, '']);
    expect(err).toContain('error[PICKET-I031]');
    expect(err).toContain(message);
  });
});
