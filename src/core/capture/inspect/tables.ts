// Names and operations of a capture as tables of counts, in the form in which they are written as CSV.
// Not a filter: every fact given is counted, up to a bound.

import type { AddressTable, NameFact } from '#model';
import { readableText } from './bytes.ts';
import type { OperationFact } from './inspector.ts';

/** Different rows kept per table; further ones are counted as dropped. About 200 bytes each. */
export const ROWS_MAX = 1_000_000;

export const NAMES_HEADER = 'kind,client,server,port,name,value,count,first_frame';
export const OPERATIONS_HEADER = 'protocol,src,dst,dst_port,operation,count';

interface Row {
  count: number;
  readonly cells: readonly string[];
  readonly firstFrame: number;
}

/** Rows by what they say, in the order in which they were first met. Rows that find no room are counted. */
class CountedTable {
  protected readonly addresses: AddressTable;
  readonly #rows = new Map<string, Row>();
  readonly #rowsMax: number;
  #dropped = 0;

  constructor(addresses: AddressTable, rowsMax = ROWS_MAX) {
    this.addresses = addresses;
    this.#rowsMax = rowsMax;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Facts that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  protected count(key: string, firstFrame: number, cells: () => readonly string[]): void {
    const row = this.#rows.get(key);
    if (row !== undefined) row.count++;
    else if (this.#rows.size < this.#rowsMax) this.#rows.set(key, { count: 1, cells: cells(), firstFrame });
    else this.#dropped++;
  }

  protected counted(): Iterable<Row> {
    return this.#rows.values();
  }
}

export class NamesTable extends CountedTable {
  add(fact: NameFact, frame: { readonly index: number }): void {
    const { kind, client, server, port, value } = fact;
    const name = readableText(fact.name);
    const key = `${kind} ${client} ${server} ${port} ${value.length} ${value} ${name}`;
    this.count(key, frame.index, () => [
      kind,
      this.addresses.text(client),
      this.addresses.text(server),
      String(port),
      name,
      value,
    ]);
  }

  /** The cells of each row in the order of the header. */
  *rows(): Iterable<readonly string[]> {
    for (const { cells, count, firstFrame } of this.counted()) yield [...cells, String(count), String(firstFrame)];
  }
}

export class OperationsTable extends CountedTable {
  add(fact: OperationFact): void {
    const { protocol, source, destination, port, operation } = fact;
    this.count(`${protocol} ${source} ${destination} ${port} ${operation}`, 0, () => [
      protocol,
      this.addresses.text(source),
      this.addresses.text(destination),
      String(port),
      operation,
    ]);
  }

  /** The cells of each row in the order of the header. */
  *rows(): Iterable<readonly string[]> {
    for (const { cells, count } of this.counted()) yield [...cells, String(count)];
  }
}
