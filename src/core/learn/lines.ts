// The book of lines: one for each (initiator, responder, service, name) that was seen, bounded. Not rules yet.

import { type AddressId, type AddressTable, isGroupAddress, isInternet, type Mac } from '#model';
import { type NameId, NO_NAME } from './bindings.ts';
import { FOLDED_LINES_MAX, LINES_MAX, LINES_PER_INITIATOR_MAX } from './bounds.ts';
import { newSketch, type Sketch } from './sketch.ts';

/** Where an address lies, as rules see it. */
export type Scope = 'internet' | 'local' | 'group';

export interface End {
  readonly id: number;
  /** -1 for internet and group addresses: there the MAC is the router's, or none. */
  readonly mac: Mac;
  /** -1 for a folded end: any address of its scope. */
  readonly address: AddressId;
  readonly scope: Scope;
}

export interface Line {
  readonly from: End;
  readonly to: End;
  readonly protocol: number;
  /** Responder's port; NO_PORT for protocols without; HIGH_PORTS for the class of high ports. */
  readonly port: number;
  readonly name: NameId;
  readonly sketch: Sketch;
  /** Least and greatest port of the initiator. */
  fromPortMin: number;
  fromPortMax: number;
}

interface LineKey {
  readonly from: End;
  readonly to: End;
  readonly protocol: number;
  readonly port: number;
  readonly name: NameId;
}

export class LineBook {
  readonly #addresses: AddressTable;
  readonly #ends = new Map<string, End>();
  readonly #scopes: Scope[] = [];
  readonly #lines = new Map<string, Line>();
  readonly #perInitiator = new Map<number, number>();
  /** Conversations whose peer was folded away, and those that found no line at all. */
  folded = 0;
  refused = 0;

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  get lines(): IterableIterator<Line> {
    return this.#lines.values();
  }

  scope(address: AddressId): Scope {
    const known = this.#scopes[address];
    if (known !== undefined) return known;
    const bytes = this.#addresses.bytes(address);
    const scope = isGroupAddress(bytes) ? 'group' : isInternet(bytes) ? 'internet' : 'local';
    this.#scopes[address] = scope;
    return scope;
  }

  end(mac: Mac, address: AddressId, scope: Scope = this.scope(address)): End {
    const own = scope === 'local' ? mac : -1;
    const key = `${own} ${address} ${scope}`;
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    const end = { id: this.#ends.size, mac: own, address, scope };
    this.#ends.set(key, end);
    return end;
  }

  /** The line of a key; a folded one when the book is full, null when even that has no room. */
  line(key: LineKey): Line | null {
    const text = keyText(key);
    const known = this.#lines.get(text);
    if (known !== undefined) return known;
    const ofInitiator = this.#perInitiator.get(key.from.id) ?? 0;
    if (this.#lines.size < LINES_MAX && ofInitiator < LINES_PER_INITIATOR_MAX) {
      this.#perInitiator.set(key.from.id, ofInitiator + 1);
      return this.#add(text, key);
    }
    return this.#foldedLine(key);
  }

  #foldedLine(key: LineKey): Line | null {
    this.folded++;
    const from = key.from.scope === 'internet' ? this.end(-1, -1, 'internet') : key.from;
    const to = key.to.scope === 'group' ? key.to : this.end(-1, -1, key.to.scope);
    const folded = { ...key, from, to: key.from.scope === 'internet' ? key.to : to, name: NO_NAME };
    const text = keyText(folded);
    const known = this.#lines.get(text);
    if (known !== undefined) return known;
    if (this.#lines.size < LINES_MAX + FOLDED_LINES_MAX) return this.#add(text, folded);
    this.refused++;
    return null;
  }

  #add(text: string, key: LineKey): Line {
    const line = { ...key, sketch: newSketch(), fromPortMin: 65_536, fromPortMax: -1 };
    this.#lines.set(text, line);
    return line;
  }
}

function keyText({ from, to, protocol, port, name }: LineKey): string {
  return `${from.id} ${to.id} ${protocol} ${port} ${name}`;
}
