// HTTP requests and calls made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes } from './inspect.testing.ts';

/** A request of JSON with its length. */
export function post(body: string, headers = ''): Uint8Array {
  return bytes(`POST /mcp HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
}

/** A request of JSON in chunks of `size` characters. */
export function chunked(body: string, size: number): Uint8Array {
  const chunks: string[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size);
    chunks.push(`${part.length.toString(16)}\r\n${part}\r\n`);
  }
  return bytes(`POST /mcp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`);
}

export const TOOL_CALL =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_docs","arguments":{"q":"a"}}}';

export const SEEDS: readonly Uint8Array[] = [
  post(TOOL_CALL),
  chunked(TOOL_CALL, 20),
  post(`[${TOOL_CALL},{"a":[1,{}]}]`),
];
