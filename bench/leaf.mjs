// What issuing one certificate costs, as a ratio to one mutual TLS 1.3 handshake in the same run: CPU of this process, both sides of the handshake.

import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { contextOf } from '../dist/control/authority/context.js';
import { issuingRow, policyRow, rootRow } from '../dist/control/authority/establish.js';
import { draftLeaf } from '../dist/control/authority/issue.js';
import { openKey } from '../dist/control/authority/keys.js';
import { sealOf } from '../dist/control/authority/seal.js';
import { newSigningKey } from '../dist/control/authority/x509.js';
import { BACKDATED, spiffeId } from '../dist/core/identity/index.js';
import { interleaved } from './measure.mjs';

const TIMES = 60;
const DOMAIN = 'plant.example';

export async function bench() {
  const world = await authorityOf();
  const handshake = await handshakes(world);
  const times = (work) => async () => {
    for (let time = 0; time < TIMES; time += 1) await work();
  };
  const spent = await interleaved({
    handshake: times(() => handshake.once()),
    imported: times(() => leafWith(world, newKeyObject(world.by))),
    kept: times(() => leafWith(world, world.by)),
    whole: times(() => draftLeaf(world.context, { ...world.order(), keys: world.keys })),
  });
  handshake.close();
  const ratio = (seconds) => (seconds / spent.handshake).toFixed(2);
  return {
    what: 'CPU of issuing one certificate, as a ratio to one mutual TLS 1.3 handshake, both sides',
    rows: [
      { what: 'certificate, key imported for each', ratio: ratio(spent.imported) },
      { what: 'certificate, imported key kept', ratio: ratio(spent.kept) },
      { what: 'the whole issue, with our own verification', ratio: ratio(spent.whole) },
    ],
  };
}

/** A domain's authority in memory: no store is written to. */
async function authorityOf() {
  const seal = sealOf({ kind: 'key', key: randomBytes(32) }, randomBytes(16));
  const options = { now: Date.now, folder: '/nowhere', store: null, recorder: null };
  const context = contextOf(options, { seal, gateSecret: randomBytes(32) });
  const root = newSigningKey();
  const rows = [
    await rootRow(context, { domain: DOMAIN, key: root, state: 'active', sequence: 1 }),
    await issuingRow(context, { domain: DOMAIN, root, rootEnd: (Date.now() + 1e10) * 1_000 }),
    policyRow(context, { domain: DOMAIN, state: 'active', sequence: 1 }),
  ];
  const keys = { domain: DOMAIN, bundle_sequence: 1, revocation_sequence: 0, rows };
  const id = spiffeId({ domain: DOMAIN, kind: 'gateway', path: 'north' }).value;
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  return { context, keys, by: openKey(context, rows[1]), order: () => ({ id, spki }) };
}

/** The same key as an object that was never seen before. */
function newKeyObject(by) {
  const key = by.privateKey.export({ format: 'der', type: 'pkcs8' });
  return { ...by, privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) };
}

function leafWith({ context, order }, by) {
  const { id, spki } = order();
  const now = Date.now() * 1_000;
  const hosts = { dns: [], ips: [] };
  const span = { notBefore: now - BACKDATED, notAfter: now + 3_600_000_000 };
  return context.maker.makeLeaf({ id: id.text, spki, by, hosts, ...span });
}

async function handshakes({ context, keys, order }) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const { issued } = await draftLeaf(context, { ...order(), spki, keys });
  const pem = (der) => `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
  const own = {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    cert: issued.chain.map(pem).join(''),
    ca: pem(keys.rows[0].certificate),
    minVersion: 'TLSv1.3',
  };
  const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true }, (socket) => socket.end('x'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    async once() {
      const socket = connect({ ...own, port, host: '127.0.0.1', checkServerIdentity: () => undefined });
      socket.resume();
      await once(socket, 'close');
      if (socket.bytesRead === 0) throw new Error('the handshake failed');
    },
    close: () => server.close(),
  };
}
