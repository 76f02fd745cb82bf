// Calls in HTTP bodies made by hand: methods and tools, batches, chunks, segments, and bodies that two parsers could read in two ways.

import { describe, expect, test } from 'vitest';
import { newFound } from './decoder.ts';
import { chunked, post, TOOL_CALL } from './http.seeds.testing.ts';
import { httpDecoder } from './http.ts';
import { Bench, bytes, operationsOf } from './inspect.testing.ts';
import { mayBeCalls, readCalls } from './jsonrpc.ts';

function callsOf(body: string, isMcp = false): readonly string[] {
  const found = newFound();
  const data = bytes(body);
  readCalls({ data, from: 0, to: data.length, isMcp }, found);
  return operationsOf(httpDecoder, found);
}

const call = (members: string): string => `{"jsonrpc":"2.0","id":1,${members}}`;

describe('readCalls()', () => {
  test.each([
    ['a method', call('"method":"eth_call","params":[1]'), ['jsonrpc eth_call']],
    ['a notification', '{"method":"log","jsonrpc":"2.0"}', ['jsonrpc log']],
    ['a tool', TOOL_CALL, ['mcp tools/call search_docs']],
    ['a tool with escaped slashes', call('"method":"tools\\/call","params":{"name":"a\\/b"}'), ['mcp tools/call a/b']],
    ['a tool with odd letters', call('"method":"tools/call","params":{"name":"a b*"}'), ['mcp tools/call a%20b%2a']],
    ['a list of tools', call('"method":"tools/list"'), ['mcp tools/list']],
    [
      'a notification of MCP',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      ['mcp notifications/initialized'],
    ],
    ['the beginning of MCP', call('"method":"initialize","params":{"protocolVersion":"1"}'), ['mcp initialize']],
    ['the beginning of another', call('"method":"initialize","params":{"rootUri":"/"}'), ['jsonrpc initialize']],
    ['a batch', `[${TOOL_CALL}, ${call('"method":"a"')}]`, ['mcp tools/call search_docs', 'jsonrpc a']],
    ['an empty batch', '[]', []],
    ['an answer', call('"result":{"method":"a"}'), []],
    ['other JSON', '{"method":"a","x":{"y":[1,2,"]"]}}', []],
    ['a call inside the parameters', call('"method":"a","params":{"params":{"name":"b"},"name":3}'), ['jsonrpc a']],
    ['a tool without a name', call('"method":"tools/call"'), ['mcp tools/call ?']],
    ['a tool with another escape', call('"method":"tools/call","params":{"name":"\\u0061"}'), ['mcp tools/call ?']],
    [
      'a tool of 129 letters',
      call(`"method":"tools/call","params":{"name":"${'a'.repeat(129)}"}`),
      ['mcp tools/call ?'],
    ],
    ['a method with another escape', call('"method":"\\u0061"'), ['jsonrpc ?']],
  ])('reads %s', (_, body, expected) => expect(callsOf(body)).toEqual(expected));

  test('a head that says MCP makes every method one of MCP', () => {
    expect(callsOf(call('"method":"ping"'), true)).toEqual(['mcp ping']);
  });

  test.each([
    ['two methods', call('"method":"a","method":"b"')],
    ['two methods in different case', call('"method":"a","Method":"b"')],
    ['two tools', call('"method":"tools/call","params":{"name":"a","NAME":"b"}')],
    ['two versions', call('"jsonrpc":"2.0","method":"a"')],
    ['parameters twice', call('"method":"a","params":{},"params":{"name":"b"}')],
    ['a key with an escape', call('"m\\u0065thod":"a"')],
    ['another version', '{"jsonrpc":"1.0","method":"a"}'],
    ['a method that is no text', call('"method":1')],
    ['no end', '{"jsonrpc":"2.0","method":"a"'],
    ['something behind', `${call('"method":"a"')}{}`],
    ['a comment', '{/* */"jsonrpc":"2.0","method":"a"}'],
    ['65 calls', `[${Array.from({ length: 65 }, () => call('"result":1')).join()}]`],
    ['values 65 deep', call(`"x":${'['.repeat(65)}${']'.repeat(65)},"method":"a"`)],
  ])('says that %s is unreadable', (_, body) => expect(callsOf(body)).toContain('jsonrpc ?'));

  test.each([
    ['64 calls', `[${Array.from({ length: 64 }, () => call('"result":1')).join()}]`],
    ['values 64 deep', call(`"x":${'['.repeat(64)}${']'.repeat(64)},"result":1`)],
  ])('reads %s', (_, body) => expect(callsOf(body)).toEqual([]));
});

test.each([
  ['{"a":1}', true],
  [' \r\n[{', true],
  ['\u00ef\u00bb\u00bf{"', true],
  ['{', true],
  ['[w', false],
  ['<a/>', false],
  ['', false],
])('mayBeCalls(%j) is %s', (text, expected) => {
  const data = bytes(text);
  expect(mayBeCalls(data, 0, data.length)).toBe(expected);
});

describe('a request', () => {
  const WANTED = ['http POST', 'mcp tools/call search_docs'];

  test.each([
    ['with a length', post(TOOL_CALL)],
    ['in one chunk', chunked(TOOL_CALL, 1_000)],
    ['in many chunks', chunked(TOOL_CALL, 3)],
  ])('%s carries method and call, wherever it is cut', (_, data) => {
    expect(new Bench().send({ data }).operations).toEqual(WANTED);
    for (let cut = 1; cut < data.length; cut++) {
      const bench = new Bench();
      const first = bench.send({ data: data.subarray(0, cut) }).operations;
      const second = bench.send({ data: data.subarray(cut), sequence: cut }).operations;
      expect([...new Set([...first, ...second])]).toEqual(WANTED);
    }
  });

  test.each([
    ['with a length', post(TOOL_CALL)],
    ['in chunks', chunked(TOOL_CALL, 30)],
    ['of other content', post('hello, world')],
    ['in chunks of other content', chunked('hello, world', 5)],
    ['of JSON that is no call', post('{"a":1}')],
  ])('%s is followed by the next one', (_, data) => {
    const bench = new Bench();
    expect(bench.send({ data: bytes(data, 'DELETE /b HTTP/1.1\r\n\r\n') }).operations).toContain('http DELETE');
    expect(bench.send({ data, sequence: data.length + 22 }).operations.join()).not.toContain('?');
  });

  test.each([
    ['a body of 61,440 bytes', 61_440, false],
    ['a body of 61,441 bytes', 61_441, true],
  ])('%s is unreadable: %s', (_, length, isUnreadable) => {
    const empty = call('"result":""');
    const body = call(`"result":"${'a'.repeat(length - empty.length)}"`);
    const data = post(body);
    const bench = new Bench();
    const operations = new Set<string>();
    for (let at = 0; at < data.length; at += 1_400)
      for (const one of bench.send({ data: data.subarray(at, at + 1_400), sequence: at }).operations)
        operations.add(one);
    expect([...operations]).toEqual(isUnreadable ? ['http POST', 'jsonrpc ?'] : ['http POST']);
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\n'],
    ['a length and chunks', 'Transfer-Encoding: chunked\r\n'],
    ['a folded line', ' x\r\n'],
  ])('with %s could be read in two ways', (_, header) => {
    expect(new Bench().send({ data: post('abc', header) }).operations).toContain('http ?');
  });

  test('of compressed JSON is unreadable', () => {
    const headers = 'Content-Type: application/json\r\nContent-Encoding: gzip\r\n';
    expect(new Bench().send({ data: post('\u001f\u008b1234', headers) }).operations).toEqual([
      'http POST',
      'jsonrpc ?',
    ]);
  });

  test('of an unknown method, or of another version, is unreadable', () => {
    const bench = new Bench();
    bench.send({ data: bytes('GET / HTTP/1.1\r\n\r\n') });
    expect(bench.send({ data: bytes('BREW / HTTP/1.1\r\n\r\n'), sequence: 18 }).operations).toEqual(['http ?']);
    expect(new Bench().send({ data: bytes('PRI * HTTP/2.0\r\n\r\n') }).operations).toEqual(['http ?']);
  });

  test('what the server says is no request', () => {
    const bench = new Bench();
    bench.send({ data: post(TOOL_CALL) });
    const answer = bench.answer({ data: bytes('HTTP/1.1 200 OK\r\n\r\ndata: ', TOOL_CALL) });
    expect(answer.operations).toEqual([]);
  });
});
