// Bodies: type, size and reading within a budget shared by all requests. Not what is in them.

import { Refusal, type Route } from '#routes';
import { readJson } from './json-text.ts';

/** Whoever is not logged on has little to say: a logon, an enrolment. */
const OPEN_BODY_BYTES_MAX = 64 * 1_024;

/** Bytes of bodies in memory, of all requests. */
export class BodyBudget {
  #held = 0;
  readonly #max: number;

  constructor(bytesMax: number) {
    this.#max = bytesMax;
  }

  get held(): number {
    return this.#held;
  }

  /** False where there is no room. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#max) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

export function hasBody(request: Request): boolean {
  const length = request.headers.get('content-length');
  return request.headers.has('transfer-encoding') || (length !== null && length !== '0');
}

/** The JSON of a body as it is; the schema of the route judges it afterwards. */
export async function bodyOf(request: Request, route: Route, budget: BodyBudget): Promise<unknown> {
  refuseType(request);
  const bytesMax =
    route.access.kind === 'open' ? Math.min(route.bodyBytesMax, OPEN_BODY_BYTES_MAX) : route.bodyBytesMax;
  const read = readJson(await bytesOf(request, bytesMax, budget));
  if (read.kind === 'value') return read.value;
  throw new Refusal({
    code: 'PICKET-C423',
    message: `cannot read the body: ${read.found}; nothing was changed`,
    where: 'body',
  });
}

function refuseType({ headers }: Request): void {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const isUtf8 = parameters.every((one) => /^\s*charset\s*=\s*"?utf-8"?\s*$/.test(one));
  const isPlain = !headers.has('content-encoding');
  if (type.trim() === 'application/json' && isUtf8 && isPlain) return;
  throw new Refusal({
    code: 'PICKET-C415',
    message: 'cannot read the body: its type is not JSON in UTF-8, uncompressed; nothing was changed',
    help: 'send the header Content-Type: application/json',
    where: 'header.content-type',
  });
}

async function bytesOf(request: Request, bytesMax: number, budget: BodyBudget): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      if (length + chunk.length > bytesMax) throw tooLarge(bytesMax);
      if (!budget.take(chunk.length)) throw noRoom();
      length += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof Refusal ? error : brokenOff();
  } finally {
    budget.give(length);
  }
  return Buffer.concat(chunks);
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal({
    code: 'PICKET-C413',
    message: `cannot take the body: it has more than ${bytesMax} bytes; nothing was changed`,
    where: 'body',
  });
}

/** Told to nobody: the client is gone, or what it sent is no chunk and the connection has been ended with that answer. */
function brokenOff(): Refusal {
  return new Refusal({ code: 'PICKET-C400', message: 'cannot read the body: it broke off; nothing was changed' });
}

function noRoom(): Refusal {
  return new Refusal({
    code: 'PICKET-C441',
    message: 'cannot take the body: too many large requests at once; nothing was changed',
    help: 'repeat it in a few seconds',
    retryAfterSeconds: 5,
  });
}
