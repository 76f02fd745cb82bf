// EtherNet/IP messages made by hand, for tests and for the fuzzer. Not part of the product.

import { bytes, type Part } from './inspect.testing.ts';

/** Two bytes, little-endian. */
export function low(value: number): readonly number[] {
  return [value & 0xff, value >> 8];
}

export function enipMessage(command: number, ...body: readonly Part[]): Uint8Array {
  const all = bytes(...body);
  return bytes(low(command), low(all.length), new Uint8Array(20), all);
}

/** A CIP service as a request to one path, by default class 1, instance 1. */
export function cipRequest(service: number, data: Uint8Array = bytes(), path = [0x20, 1, 0x24, 1]): Uint8Array {
  return bytes(service, path.length / 2, path, data);
}

export const MANAGER: number[] = [0x20, 6, 0x24, 1];

/** An unconnected send of a service inside. */
export function unconnectedSend(inside: Uint8Array): Uint8Array {
  return cipRequest(0x52, bytes([5, 0x9d], low(inside.length), inside, [1, 0, 1, 0]), MANAGER);
}

/** Count, offsets and services of a multiple service packet. */
export function several(services: readonly Uint8Array[]): Uint8Array {
  let at = 2 + 2 * services.length;
  const offsets = services.map((service) => {
    const offset = at;
    at += service.length;
    return low(offset);
  });
  return bytes(low(services.length), ...offsets, ...services);
}

export function unconnected(service: Uint8Array): Uint8Array {
  return enipMessage(0x6f, [0, 0, 0, 0, 0, 0], low(2), [0, 0, 0, 0], low(0xb2), low(service.length), service);
}

export function connected(service: Uint8Array): Uint8Array {
  const address = [...low(0xa1), ...low(4), 1, 2, 3, 4];
  return enipMessage(0x70, [0, 0, 0, 0, 0, 0], low(2), address, low(0xb1), low(service.length + 2), [1, 0], service);
}

export const REGISTER: Uint8Array = enipMessage(0x65, [1, 0, 0, 0]);

export const SEEDS: readonly Uint8Array[] = [
  REGISTER,
  unconnected(unconnectedSend(cipRequest(0x4c))),
  connected(cipRequest(0x0a, several([cipRequest(0x4c), cipRequest(0x4d)]))),
];
