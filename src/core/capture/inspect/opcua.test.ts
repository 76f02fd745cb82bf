// OPC UA chunks made by hand: services, openings, messages in several chunks, and what is enciphered.

import { describe, expect, test } from 'vitest';
import { NEEDS_MORE, NOT_MINE } from './decoder.ts';
import { Bench, bytes, decodeOnce, operationsOf } from './inspect.testing.ts';
import { node, OPENING, opcuaChunk, opcuaMessage, opcuaOpening } from './opcua.seeds.testing.ts';
import { isOpcua, opcuaDecoder } from './opcua.ts';

const OPEN = { isTcp: true, isFinal: false };

describe('opcuaDecoder', () => {
  test.each([
    ['a hello', opcuaChunk('HELF', new Uint8Array(24)), [], false],
    ['an opening', OPENING, ['opcua 446'], false],
    ['a read', opcuaMessage('MSGF', node(631)), ['opcua 631'], false],
    ['a service of two bytes', opcuaMessage('MSGF', [0, 77]), ['opcua 77'], false],
    ['a service in its long form', opcuaMessage('MSGF', [2, 0, 0, 0x77, 2, 0, 0]), ['opcua 631'], false],
    ['an end', opcuaMessage('CLOF', node(452)), ['opcua 452'], false],
    ['an abortion', opcuaMessage('MSGA', [0, 0, 0, 0]), [], false],
    ['a service of another namespace', opcuaMessage('MSGF', [1, 1, 0x77, 2]), [], true],
    ['an enciphered message', opcuaMessage('MSGF', [0xd9, 1, 2, 3, 4, 5, 6, 7]), [], true],
    ['a message without a service', opcuaMessage('MSGF', [1, 0]), [], true],
    ['an enciphered opening', opcuaOpening('http://opcfoundation.org/UA/SecurityPolicy#Basic', 3, node(446)), [], true],
  ])('reads %s', (_, data, operations, isUnreadable) => {
    const { length, found } = decodeOnce(opcuaDecoder, data, OPEN);
    expect([length, operationsOf(opcuaDecoder, found), found.isUnreadable]).toEqual([
      data.length,
      operations,
      isUnreadable,
    ]);
  });

  test('names a message once, by its first chunk', () => {
    const chunks = [opcuaMessage('MSGC', node(673)), opcuaMessage('MSGC', node(631)), opcuaMessage('MSGF', node(631))];
    const { operations } = new Bench().send({ data: bytes(...chunks, opcuaMessage('MSGF', node(461))) });
    expect(operations).toEqual(['opcua 673', 'opcua 461']);
  });

  test.each([1, 7, 8, 27])('waits behind %d bytes', (cut) => {
    expect(decodeOnce(opcuaDecoder, opcuaMessage('MSGF', node(631)).subarray(0, cut), OPEN).length).toBe(NEEDS_MORE);
  });

  test.each([
    ['another kind', opcuaChunk('XXXF', 'abcd')],
    ['another chunk', opcuaChunk('MSGX', 'abcd')],
    ['an opening in parts', opcuaChunk('OPNC', 'abcd')],
    ['no content', opcuaChunk('MSGF')],
  ])('refuses %s', (_, data) => {
    expect(decodeOnce(opcuaDecoder, data, OPEN).length).toBe(NOT_MINE);
    expect(isOpcua(data, 0, data.length)).toBe(false);
  });
});
