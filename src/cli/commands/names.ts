// `picket names`: every name seen in the traffic, with who used it.

import { buildCommand } from '@stricli/core';
import { NamesTable } from '#capture';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { description } from '../help.ts';
import { plain } from '../output/rows.ts';
import { list } from './listing.ts';
import { FILES, FORMAT_FLAG, type FormatFlags } from './parameters.ts';

export const namesCommand = buildCommand<FormatFlags, string[], PicketContext>({
  func: command(names),
  parameters: { flags: { format: FORMAT_FLAG }, positional: FILES },
  docs: {
    brief: 'List DNS, TLS, HTTP, DHCP and MQTT names in captures',
    fullDescription: description(
      'Reads names from DNS queries and answers, TLS server names, HTTP hosts, DHCP host names and MQTT clients and topics. In CSV a name that a spreadsheet would run as a formula has an apostrophe before it.',
      [
        { line: 'picket names site.pcap', what: 'a table to read' },
        { line: 'picket names --format json site.pcap', what: "with the input's completeness" },
      ],
    ),
  },
});

const SHOWN = [
  plain('kind', 'kind', 0),
  plain('client', 'client', 0),
  plain('server', 'server', 2),
  plain('name', 'name', 0),
  plain('value', 'value', 1),
  plain('count', 'count', 3, true),
];

function names(desk: Desk, { format }: FormatFlags, ...files: string[]): Promise<Exit> {
  return list(desk, files, {
    format,
    schema: 'picket.names/v1',
    name: 'names',
    columns: ['kind', 'client', 'server', 'port', 'name', 'value', 'count', 'first_frame'],
    numbers: new Set(['port', 'count', 'first_frame']),
    shown: SHOWN,
    isInspecting: true,
    lists: 'names',
    newFacts: (addresses) => {
      const table = new NamesTable(addresses);
      return {
        taker: { name: (fact, frame) => table.add(fact, frame) },
        rows: () => table.rows(),
        omitted: () => table.dropped,
      };
    },
  });
}
