// A problem as the bytes of a whole HTTP answer, for what never became a request: malformed, too large, too slow. Not for requests.

import { STATUS_CODES } from 'node:http';
import { Refusal } from '#routes';
import { COMMON_HEADERS, problemOf } from './answers.ts';
import { toldOf } from './refusals.ts';

/** `reason` is a code of Node's HTTP parser. */
export function rawProblem(reason: string, trace: string): string {
  const { error, kind } = toldOf(refusalFor(reason));
  const body = JSON.stringify(problemOf({ error, kind, trace }));
  const headers = {
    ...COMMON_HEADERS,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'picket-trace': trace,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${kind.status} ${STATUS_CODES[kind.status] ?? 'Error'}`, ...lines, '', body].join('\r\n');
}

function refusalFor(reason: string): Refusal {
  if (reason === 'HPE_HEADER_OVERFLOW' || reason === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return refusal('PICKET-C431', 'the header is too large');
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal('PICKET-C408', 'it did not arrive whole in time');
  return refusal('PICKET-C400', reason === 'UPGRADE' ? 'it asks for another protocol' : 'it is not HTTP');
}

function refusal(code: string, found: string): Refusal {
  return new Refusal({ code, message: `cannot take the request: ${found}; nothing was changed` });
}
