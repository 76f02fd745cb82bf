// Requests generated from the OpenAPI document, valid, nearly valid and hostile, for every operation of a real controller with a real store: no answer that the
// document does not describe, and none that is the server's fault. Replayed with PICKET_SEED.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OWN, TestController } from './controller.testing.ts';
import { type Generated, Judge, type Operation, readDocument, requests } from './generate.testing.ts';

/** Requests of each operation: few each time, others the next time; PICKET_RUNS asks for more. */
const RUNS = Number(process.env.PICKET_RUNS ?? 8);
const SEED = Number(process.env.PICKET_SEED ?? Date.now() % 2_147_483_647);
const KNOWN = { domain: OWN, element: 'cam-lobby', service: 'rtsp', revision: '1', user: 'viewer', 'If-Match': '"r1"' };

/** No session or token was shown, or one that is over. */
const NOT_LOGGED_ON = /"code":"PICKET-C(?:401|500|501)"/;

const controller = new TestController();

beforeAll(() => controller.start(), 120_000);
afterAll(() => controller.close(), 60_000);

/** Owners' sessions in turn, because some operations end the one that asks; now and then somebody with less. */
function secretFor(at: number): string {
  const names = Object.keys(controller.secrets);
  const owners = names.filter((name) => name === 'all' || name.startsWith('all-'));
  const name = at % 7 === 6 ? names[at % names.length] : owners[at % owners.length];
  return controller.secrets[name ?? 'all'] ?? '';
}

test(`every operation answers as the document says (seed ${SEED})`, async () => {
  const { text } = await controller.ask({ method: 'GET', target: '/v1/openapi.json', headers: {}, body: null });
  const document = readDocument(text);
  const judge = new Judge(document);
  const faults: string[] = [];
  const reached = new Set<string>();
  let asked = 0;
  const ask = async (operation: Operation, generated: Generated): Promise<void> => {
    asked += 1;
    const authorization = `Bearer ${secretFor(asked)}`;
    const answer = await controller.ask({ ...generated, headers: { ...generated.headers, authorization } });
    if (!NOT_LOGGED_ON.test(answer.text)) reached.add(operation.operationId);
    // A path that is another one, because a hostile part left it empty or ended it.
    const isElsewhere = generated.kind !== 'valid' && /"PICKET-C40[045]"/.test(answer.text);
    const fault = isElsewhere ? '' : judge.fault(operation, answer);
    if (fault !== '')
      faults.push(
        `${operation.operationId}: ${fault}\n  ${shown(generated)}\n  ${answer.status} ${answer.text.slice(0, 300)}`,
      );
  };
  for (const operation of document.operations) {
    const sample = fc.sample(requests({ document, operation, known: KNOWN }), { numRuns: RUNS, seed: SEED + asked });
    for (let at = 0; at < sample.length; at += 4)
      await Promise.all(sample.slice(at, at + 4).map((one) => ask(operation, one)));
  }
  expect(faults.slice(0, 10).join('\n')).toBe('');
  expect([...reached].sort()).toEqual(document.operations.map(({ operationId }) => operationId).sort());
  expect(controller.troubles).toEqual([]);
}, 300_000);

function shown({ method, target, headers, body }: Generated): string {
  return `${method} ${target.slice(0, 200)} ${JSON.stringify(headers).slice(0, 200)} ${(body ?? '').slice(0, 300)}`;
}
