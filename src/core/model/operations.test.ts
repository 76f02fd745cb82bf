// The forms of operations and of patterns over them.

import { describe, expect, it } from 'vitest';
import { isOperation, isOperationPattern, isUnreadable } from './operations.ts';

describe('isOperation()', () => {
  it.each([
    'modbus 255/0',
    'mqtt 15',
    'dnp3 129',
    's7comm 1/0x04',
    's7comm 7/',
    's7userdata 4/1',
    'enip 0x006f/0x52',
    'enip 0x0065/',
    'iec104 45/6',
    'bacnet 0/12/',
    'bacnet 1//8',
    'bacnet 4//',
    'bvlc 5',
    'npdu 1',
    'coap 69',
    'opcua 446',
    'http M-SEARCH',
    'jsonrpc eth_call',
    'mcp tools/list',
    'mcp tools/call search_docs',
    'mcp tools/call delete%20all',
    'mcp tools/call ?',
    'modbus ?',
  ])('takes %j', (text) => expect([isOperation(text), isOperationPattern(text)]).toEqual([true, true]));

  it.each([
    'modbus 256/1',
    'modbus 1',
    'modbus */3',
    'mqtt 16',
    'mqtt 0',
    'dnp3 256',
    's7comm 1/5',
    'enip 0x6f/0x52',
    'bacnet 12',
    'http get',
    'mcp tools/call a b',
    'dns a',
    'ip contradiction',
    '',
    ' ?',
  ])('refuses %j', (text) => expect(isOperation(text)).toBe(false));
});

describe('isOperationPattern()', () => {
  it.each(['modbus */3', 'mcp tools/call search_*', 'mcp *', 'enip 0x0070/*', 'bacnet */*/', 'http P*'])(
    'takes %j',
    (text) => expect(isOperationPattern(text)).toBe(true),
  );

  it.each(['modbus a*', 'dns *', '*', '* 3', 'http p*', `mcp ${'a'.repeat(600)}*`])('refuses %j', (text) =>
    expect(isOperationPattern(text)).toBe(false),
  );
});

it.each([
  ['modbus ?', true],
  ['mcp tools/call ?', true],
  ['modbus 1/3', false],
])('isUnreadable(%j) is %s', (operation, expected) => expect(isUnreadable(operation)).toBe(expected));
