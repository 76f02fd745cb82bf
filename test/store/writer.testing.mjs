// A process that writes pairs of rows until it is killed, and says after each commit that it was acknowledged. For the durability test.

import { writeSync } from 'node:fs';
import { openStore, setSetting } from '#store';

const [file, url, round] = process.argv.slice(2);
const store = await openStore({ file, url: url === '' ? null : url });
for (let number = 0; number < 100_000; number++) {
  await store.transaction(async (db) => {
    await setSetting(db, `${round}-${number}-a`, 'x'.repeat(number % 3_000));
    await setSetting(db, `${round}-${number}-b`, 'x'.repeat(number % 3_000));
  });
  writeSync(1, `${round}-${number}\n`);
}
