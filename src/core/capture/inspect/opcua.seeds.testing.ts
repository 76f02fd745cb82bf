// OPC UA chunks made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes, type Part } from './inspect.testing.ts';

const NO_POLICY = 'http://opcfoundation.org/UA/SecurityPolicy#None';

/** Four bytes, little-endian. */
function four(value: number): readonly number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
}

export function opcuaChunk(kind: string, ...content: readonly Part[]): Uint8Array {
  const all = bytes(...content);
  return bytes(kind, four(all.length + 8), all);
}

/** The node number of a service in its usual form of four bytes. */
export function node(service: number): readonly number[] {
  return [1, 0, service & 0xff, service >> 8];
}

export function opcuaMessage(kind: string, ...body: readonly Part[]): Uint8Array {
  return opcuaChunk(kind, new Uint8Array(16), ...body);
}

export function opcuaOpening(policy: string, certificateBytes: number, ...body: readonly Part[]): Uint8Array {
  const certificate = bytes(four(certificateBytes), new Uint8Array(certificateBytes));
  const head = bytes(four(1), four(policy.length), policy, certificate, four(0xffff_ffff), new Uint8Array(8));
  return opcuaChunk('OPNF', head, ...body);
}

export const OPENING: Uint8Array = opcuaOpening(NO_POLICY, 0, node(446));

export const SEEDS: readonly Uint8Array[] = [
  opcuaChunk('HELF', new Uint8Array(24)),
  OPENING,
  opcuaMessage('MSGF', node(631), 'abc'),
  bytes(opcuaMessage('MSGC', node(673)), opcuaMessage('MSGF', 'abc')),
];
