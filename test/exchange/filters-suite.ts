// Random packet filters, imported from each way of writing them, against an interpreter that follows the packet. Run in two sizes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FirewallOptions, type Imported, importIptables, importNftables, type Source } from '#exchange';
import { type Problem, parsePrefix, type Selector } from '#model';
import {
  arbitraryFilter,
  ENDS,
  type Filter,
  INTERFACES,
  iptablesSave,
  nftJson,
  nftText,
  PORTS,
  passes,
  SELF,
  SIXES,
} from './filters.ts';
import { arbitraryConnection, compare, importedOf, newTally, runsOf, SEED } from './judge.ts';

interface Writing {
  readonly name: string;
  readonly write: (filter: Filter) => string;
  readonly read: (sources: readonly Source[], options: FirewallOptions) => Imported | Problem;
  readonly many: boolean;
  readonly ends: readonly string[];
}

const WRITINGS: readonly Writing[] = [
  { name: 'nft text', write: nftText, read: importNftables, many: true, ends: [...ENDS, ...SIXES] },
  { name: 'nft JSON', write: nftJson, read: importNftables, many: true, ends: [...ENDS, ...SIXES] },
  { name: 'iptables-save', write: iptablesSave, read: importIptables, many: false, ends: ENDS },
];

const OPTIONS: FirewallOptions = {
  self: [parsePrefix(SELF)].filter((prefix) => prefix !== null),
  interfaces: new Map(
    Object.entries(INTERFACES).flatMap(([name, range]): [string, Selector][] => {
      const prefix = parsePrefix(range);
      return prefix === null ? [] : [[name, { kind: 'prefix', prefix }]];
    }),
  ),
};

/** Losses that even a filter of known conditions may meet. */
const MAY_LOSE = /many denials|less a few|returns before/;

export function suiteOf(runs: number): void {
  describe.each(WRITINGS)('$name', (writing) => describeWriting(writing, runs));
}

function describeWriting({ write, read, many, ends }: Writing, runs: number): void {
  const story = (odd: boolean) =>
    fc.tuple(
      arbitraryFilter({ odd, many }),
      fc.array(arbitraryConnection(ends, PORTS), { minLength: 40, maxLength: 40 }),
    );

  it('permits exactly what the filter accepts, where every condition is known', () => {
    const tally = newTally();
    fc.assert(
      fc.property(story(false), ([filter, connections]) => {
        const text = write(filter);
        const imported = importedOf(read([{ file: 'fw', text }], OPTIONS));
        const hasLoss = imported.notCarried.some(({ what }) => MAY_LOSE.test(what));
        compare({
          imported,
          connections,
          foreign: (one) => passes(filter, one),
          mayPermitLess: () => hasLoss,
          tally,
          text,
        });
      }),
      { seed: SEED, numRuns: runsOf(runs) },
    );
    expect(tally.permitted).toBeGreaterThan(tally.connections / 10);
    expect(tally.less).toBeLessThan(tally.connections / 100);
    console.log(`seed ${SEED}: ${JSON.stringify(tally)}`);
  });

  it('permits nothing that the filter denies, whatever it does not understand', () => {
    const tally = newTally();
    fc.assert(
      fc.property(story(true), ([filter, connections]) => {
        const text = write(filter);
        const imported = importedOf(read([{ file: 'fw', text }], OPTIONS));
        compare({
          imported,
          connections,
          foreign: (one) => passes(filter, one),
          mayPermitLess: () => true,
          tally,
          text,
        });
      }),
      { seed: SEED + 1, numRuns: runsOf(runs) },
    );
    expect(tally.permitted).toBeGreaterThan(tally.connections / 20);
    console.log(`seed ${SEED + 1}: ${JSON.stringify(tally)}`);
  });
}
