// `picket names`: every name seen in the traffic, with who used it.

import { buildCommand } from '@stricli/core';
import { NamesTable } from '#capture';
import { AddressTable } from '#model';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { description } from '../help.ts';
import { exitOfEnds, inputsJson, readTraffic, type Taker } from '../input/traffic.ts';
import { type Format, plain, RowPrinter } from '../output/rows.ts';
import { FILES, FORMAT_FLAG } from './parameters.ts';

interface Flags {
  readonly format: Format;
}

export const namesCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(names),
  parameters: { flags: { format: FORMAT_FLAG }, positional: FILES },
  docs: {
    brief: 'List DNS, TLS, HTTP, DHCP and MQTT names in captures',
    fullDescription: description(
      'Reads names from DNS queries and answers, TLS server names, HTTP hosts, DHCP host names and MQTT clients and topics.',
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

async function names(desk: Desk, { format }: Flags, ...files: string[]): Promise<Exit> {
  const addresses = new AddressTable();
  const printer = new RowPrinter(desk, {
    format,
    schema: 'picket.names/v1',
    name: 'names',
    columns: ['kind', 'client', 'server', 'port', 'name', 'value', 'count', 'first_frame'],
    numbers: new Set(['port', 'count', 'first_frame']),
    hasFile: files.length > 1,
    shown: SHOWN,
  });
  let print = (): void => {};
  const begin = (file: string): Taker => {
    print();
    const table = new NamesTable(addresses);
    print = () => printer.print(file, table.rows());
    return { name: (fact, frame) => table.add(fact, frame) };
  };
  const ends = await readTraffic(desk, files, {
    addresses,
    begin,
    order: 'given',
    isInspecting: true,
    mayReadLogs: false,
  });
  print();
  printer.end(inputsJson(ends));
  return exitOfEnds(ends);
}
