// Parameters that several commands share, so that the same flag means and says the same everywhere. No command lives here.

import type { Format } from '../output/rows.ts';

/** Any text. */
export const word = (input: string): string => input;

export const FILES = {
  kind: 'array',
  minimum: 1,
  parameter: {
    parse: word,
    brief: 'captures, logs, or a folder of them (gzip too); "-" is standard input',
    placeholder: 'FILE',
  },
} as const;

export const FORMAT_FLAG = {
  kind: 'enum',
  values: ['table', 'csv', 'json'],
  default: 'table',
  brief: 'How to print',
} as const;

export interface FormatFlags {
  readonly format: Format;
}

export const JSON_FLAG = { kind: 'boolean', optional: true, withNegated: false, brief: 'Print JSON' } as const;

export const POLICY_FLAG = { kind: 'parsed', parse: word, brief: 'Policy file', placeholder: 'POLICY' } as const;

export const FROM_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: 'Count from here on: 2026-03-01, or 2026-03-01T08:00',
  placeholder: 'T',
} as const;

export const TO_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: 'Count up to here, exclusive',
  placeholder: 'T',
} as const;

export const REPORT_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: 'Also write one self-contained HTML page',
  placeholder: 'FILE',
} as const;

export const OUTPUT_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: 'Write to this file, whole or not at all, instead of stdout',
  placeholder: 'FILE',
} as const;
