// `picket operations`: what was asked for inside Modbus and MQTT, by whom, of whom, how often.

import { buildCommand } from '@stricli/core';
import { OperationsTable } from '#capture';
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

export const operationsCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(operations),
  parameters: { flags: { format: FORMAT_FLAG }, positional: FILES },
  docs: {
    brief: 'List application operations (Modbus, MQTT) in captures',
    fullDescription: description(
      'Reads what packets ask for inside their application: Modbus unit/function, MQTT packet type. A policy can limit them.',
      [
        { line: 'picket operations plant.pcap', what: 'a table to read' },
        { line: 'picket operations --format csv plant.pcap', what: 'for other programs' },
      ],
    ),
  },
});

const SHOWN = [
  plain('protocol', 'protocol', 0),
  plain('from', 'src', 0),
  plain('to', 'dst', 0),
  plain('to port', 'dst_port', 1, true),
  plain('operation', 'operation', 0),
  plain('count', 'count', 0, true),
];

async function operations(desk: Desk, { format }: Flags, ...files: string[]): Promise<Exit> {
  const addresses = new AddressTable();
  const printer = new RowPrinter(desk, {
    format,
    schema: 'picket.operations/v1',
    name: 'operations',
    columns: ['protocol', 'src', 'dst', 'dst_port', 'operation', 'count'],
    numbers: new Set(['dst_port', 'count']),
    hasFile: files.length > 1,
    shown: SHOWN,
  });
  let print = (): void => {};
  const begin = (file: string): Taker => {
    print();
    const table = new OperationsTable(addresses);
    print = () => printer.print(file, table.rows());
    return { operation: (fact) => table.add(fact) };
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
