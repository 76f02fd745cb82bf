// `picket names`: every name seen in the traffic, with who used it.

import { buildCommand } from '@stricli/core';
import { NAMES_HEADER, NamesTable } from '#capture';
import { NAME_KINDS, type NameKind } from '#model';
import { command, type Desk, type PicketContext } from '../context.ts';
import type { Exit } from '../exits.ts';
import { description } from '../help.ts';
import { plain } from '../output/rows.ts';
import { list } from './listing.ts';
import { FILES, FORMAT_FLAG, type FormatFlags } from './parameters.ts';

interface NamesFlags extends FormatFlags {
  readonly kind?: NameKind;
}

export const namesCommand = buildCommand<NamesFlags, string[], PicketContext>({
  func: command(names),
  parameters: {
    flags: {
      format: FORMAT_FLAG,
      kind: { kind: 'enum', values: NAME_KINDS, optional: true, brief: 'Only names of this kind' },
    },
    positional: FILES,
  },
  docs: {
    brief: 'List the names in captures and logs, who asked for them and who hides them',
    fullDescription: description(
      'Reads names from DNS, TLS, QUIC, HTTP, DHCP and MQTT, what devices call themselves in mDNS, NetBIOS and SSDP, the JA4 fingerprint of each TLS client, and the signs that a client hides the names it asks for (DNS over TLS, HTTPS or QUIC, DNSCrypt, encrypted hellos, which cannot be told from GREASE). In CSV a name that a spreadsheet would run as a formula has an apostrophe before it.',
      [
        { line: 'picket names site.pcap', what: 'a table to read' },
        { line: 'picket names --kind hides-names site.pcap', what: 'clients whose names cannot be seen' },
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

function names(desk: Desk, { format, kind }: NamesFlags, ...files: string[]): Promise<Exit> {
  return list(desk, files, {
    format,
    schema: 'picket.names/v1',
    name: 'names',
    columns: NAMES_HEADER.split(','),
    numbers: new Set(['port', 'count', 'first_frame']),
    shown: SHOWN,
    isInspecting: true,
    lists: 'names',
    newFacts: (addresses) => {
      const table = new NamesTable(addresses);
      return {
        taker: {
          name: (fact, frame) => {
            if (kind === undefined || fact.kind === kind) table.add(fact, frame);
          },
        },
        rows: () => table.rows(),
        omitted: () => table.dropped,
      };
    },
  });
}
