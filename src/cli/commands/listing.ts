// What flows, names and operations have in common: one table of facts per input, printed as soon as its input is read.

import { AddressTable } from '#model';
import type { Desk } from '../context.ts';
import { EXIT, type Exit } from '../exits.ts';
import { hasFolder } from '../input/folder.ts';
import { exitOfEnds, inputsJson, readTraffic, type Taker, type TrafficOptions, tellsOf } from '../input/traffic.ts';
import { type Cells, RowPrinter, type RowsOptions } from '../output/rows.ts';
import { countText } from '../output/text.ts';

/** The facts of one input: filled by its taker, then asked for as rows. */
export interface Facts {
  readonly taker: Taker;
  readonly rows: () => Iterable<Cells>;
  /** Facts that are in no row because the table was full. */
  readonly omitted: () => number;
}

export interface Listing extends Omit<RowsOptions, 'hasFile'>, Pick<TrafficOptions, 'isInspecting'> {
  /** Which facts are listed: an input that cannot tell them is named as the reason for an empty table. */
  readonly lists: 'flows' | 'names' | 'operations';
  readonly newFacts: (addresses: AddressTable) => Facts;
}

export async function list(desk: Desk, files: readonly string[], listing: Listing): Promise<Exit> {
  const addresses = new AddressTable();
  const isFolder = await hasFolder(desk.io, files);
  const printer = new RowPrinter(desk, { ...listing, hasFile: files.length > 1 || isFolder });
  let isEmpty = true;
  let omitted = 0;
  let print = (): void => {};
  const begin = (file: string): Taker => {
    print();
    const { taker, ...facts } = listing.newFacts(addresses);
    print = () => {
      // Of a folder only the files that have something are shown: most of a sensor's logs tell other things.
      if (isFolder && !hasAny(facts.rows())) return;
      isEmpty = false;
      printer.print(file, facts.rows());
      omitted += facts.omitted();
    };
    return taker;
  };
  const { isInspecting } = listing;
  const ends = await readTraffic(desk, files, { addresses, begin, order: 'given', isInspecting });
  print();
  if (isEmpty && ends.length > 0) printer.print(files.join(', '), []);
  printer.end({ ...inputsJson(ends), omitted });
  if (ends.length > 0 && !tellsOf(ends)[listing.lists])
    desk.say(`note: no input tells ${listing.lists}: logs tell what their kind is made for`);
  if (omitted === 0) return exitOfEnds(ends);
  desk.say(`warning: the table is full; ${countText(omitted)} packets or facts of further rows are not in it`);
  return EXIT.partlyDone;
}

function hasAny(rows: Iterable<Cells>): boolean {
  for (const _ of rows) return true;
  return false;
}
