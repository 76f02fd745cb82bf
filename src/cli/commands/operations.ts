// `picket operations`: what was asked for inside applications, by whom, of whom, how often.

import { buildCommand } from '@stricli/core';
import { OPERATIONS_HEADER, OperationsTable } from '#capture';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { description } from '../help.ts';
import { plain } from '../output/rows.ts';
import { list } from './listing.ts';
import { FILES, FORMAT_FLAG, type FormatFlags } from './parameters.ts';

export const operationsCommand = buildCommand<FormatFlags, string[], PicketContext>({
  func: command(operations),
  parameters: { flags: { format: FORMAT_FLAG }, positional: FILES },
  docs: {
    brief: 'List application operations (Modbus, S7, DNP3, HTTP, MCP …) in traffic',
    fullDescription: description(
      'Reads what packets ask for inside their application: Modbus unit/function, MQTT and CoAP type, DNP3 function, S7 kind/function, EtherNet/IP command/service, IEC 104 type/cause, BACnet kind and service, OPC UA service, HTTP method, JSON-RPC method, MCP method and tool. A policy can limit them.',
      [
        { line: 'picket operations plant.pcap', what: 'a table to read' },
        { line: 'picket operations --format csv plant.pcap', what: 'for other programs' },
        { line: 'picket operations agents.pcap', what: 'which tools AI agents call over plain HTTP' },
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

function operations(desk: Desk, { format }: FormatFlags, ...files: string[]): Promise<Exit> {
  return list(desk, files, {
    format,
    schema: 'picket.operations/v1',
    name: 'operations',
    columns: OPERATIONS_HEADER.split(','),
    numbers: new Set(['dst_port', 'count']),
    shown: SHOWN,
    isInspecting: true,
    lists: 'operations',
    newFacts: (addresses) => {
      const table = new OperationsTable(addresses);
      return {
        taker: { operation: (fact) => table.add(fact) },
        rows: () => table.rows(),
        omitted: () => table.dropped,
      };
    },
  });
}
