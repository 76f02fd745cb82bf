// A process that writes a ledger until it is killed, and says after each append what was acknowledged. For the crash test.

import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { openLedger, signerOf } from '#ledger';

const [folder, keyPath, round] = process.argv.slice(2);
const signer = signerOf(createPrivateKey(readFileSync(keyPath)));
let ids = 0;
const ledger = await openLedger({
  folder,
  now: () => Date.now(),
  newId: () => `${round}-own-${ids++}`,
  signer,
  segmentBytesMax: 30_000,
  checkpointEvery: 40,
  checkpointMs: 5,
});
if (ledger.health().state !== 'ready') {
  console.error(JSON.stringify(ledger.health()));
  process.exit(3);
}

async function writeOn(caller) {
  for (let number = 0; ; number++) {
    const id = `${round}-${caller}-${number}`;
    const act = { action: 'policy.apply', subject: id, domain: 'plant.example', detail: 'x'.repeat(number % 900) };
    await ledger.append([{ id, at: Date.now(), actor: { kind: 'person', id: 'u1', name: 'ada' }, act }]);
    // The pipe holds what was written when the process dies.
    writeSync(1, `${id}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, (_, caller) => writeOn(caller)));
