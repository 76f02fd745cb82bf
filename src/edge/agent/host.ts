// This machine as an element: its name, its own addresses and MACs, who listens on it. Not its traffic.

import { hostname } from 'node:os';
import { type AddressId, type AddressTable, addressText, type Mac, type Micros, NO_MAC, PROTOCOL } from '#model';
import { type HostFacts, hostFacts } from '#observe';
import type { Door } from '#policy';

/** Looking walks /proc, so one look serves all who ask within this time. */
const FRESH: Micros = 5_000_000;
/** Addresses that the first policy names; a machine with more is a router whose rules name prefixes. */
const ADDRESSES_MAX = 64;

export interface Listener {
  readonly protocol: number;
  readonly port: number;
  readonly program: string;
}

export interface HostOptions {
  readonly addresses: AddressTable;
  readonly prefix: readonly string[];
  readonly elapsed: () => Micros;
}

export class Host {
  readonly name = hostname();
  readonly #options: HostOptions;
  #facts: HostFacts | null = null;
  #lookedAt: Micros = Number.NEGATIVE_INFINITY;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Looks, unless that was done a moment ago. What cannot be seen stays unknown. */
  async look(): Promise<void> {
    const { addresses, prefix, elapsed } = this.#options;
    if (elapsed() - this.#lookedAt < FRESH) return;
    this.#lookedAt = elapsed();
    this.#facts = await hostFacts({ addresses, prefix }).catch(() => this.#facts);
  }

  /** Those that others reach it by: neither loopback nor link-local. */
  get addresses(): readonly AddressId[] {
    const all = (this.#facts?.interfaces ?? []).filter(({ isLoopback }) => !isLoopback).flatMap((one) => one.addresses);
    const own = new Set(all.map(({ address }) => address).filter((address) => this.#isReachable(address)));
    return [...own].slice(0, ADDRESSES_MAX);
  }

  get macs(): ReadonlySet<Mac> {
    return new Set((this.#facts?.interfaces ?? []).map(({ mac }) => mac).filter((mac) => mac !== NO_MAC && mac !== 0));
  }

  /** Who listens for others: what is bound to loopback serves this host alone, and a client's socket serves nobody. */
  get listeners(): readonly Listener[] {
    const doors = new Map<string, Listener>();
    for (const { protocol, address, port, program, mayBeClient } of this.#facts?.listeners ?? []) {
      if (mayBeClient || this.#isLoopback(address)) continue;
      const key = `${protocol}/${port}`;
      if (!doors.has(key) || doors.get(key)?.program === '') doors.set(key, { protocol, port, program });
    }
    return [...doors.values()];
  }

  /** Where a program of that name listens. */
  doorOf(program: string): Door | null {
    const found = this.listeners.find((one) => one.program === program);
    return found === undefined ? null : { protocol: found.protocol === PROTOCOL.udp ? 'udp' : 'tcp', port: found.port };
  }

  #isReachable(address: AddressId): boolean {
    const text = addressText(this.#options.addresses.bytes(address));
    return !this.#isLoopback(address) && !/^(fe[89ab]|169\.254\.|0\.0\.0\.0$|::$)/.test(text);
  }

  #isLoopback(address: AddressId): boolean {
    return /^(127\.|::1$)/.test(addressText(this.#options.addresses.bytes(address)));
  }
}
