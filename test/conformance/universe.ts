// The small world of the random stories: few addresses, names and places, so that most of what happens hits something.

import { DAY, type Instant, type Prefix, parsePrefix } from '#model';

export const MACS: readonly [number, ...number[]] = [0x020000000001, 0x020000000002, 0x020000000003];

export const HOSTS: readonly [string, ...string[]] = [
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.3',
  '10.0.1.7',
  '192.168.5.5',
  '93.184.216.34',
  '8.8.8.8',
  '224.0.0.251',
  'fd00::1',
  'fd00::2',
  '2600::1',
  'ff02::fb',
];

export const PREFIXES: readonly [Prefix, ...Prefix[]] = [
  prefix('10.0.0.0/24'),
  prefix('10.0.0.1'),
  prefix('10.0.0.2'),
  prefix('10.0.0.0/16'),
  prefix('fd00::/64'),
  prefix('fd00::1'),
  prefix('93.184.216.0/24'),
];

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === null) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

export const NAMES: readonly [string, ...string[]] = [
  'api.example.com',
  'API.Example.com',
  'example.com',
  'cdn.api.example.com',
];
export const PATTERNS: readonly [string, ...string[]] = ['api.example.com', '*.example.com', 'printer'];

export const PORTS: readonly [number, ...number[]] = [22, 80, 443, 502];
export const CLIENT_PORTS: readonly [number, ...number[]] = [40_000, 40_001, 40_002];

/** A zone and the night its clock changes, as a UTC midnight shortly before. */
export const PLACES: readonly [readonly [zone: string, near: Instant], ...(readonly [string, Instant])[]] = [
  ['Europe/Berlin', day('2021-03-27')],
  ['Europe/Berlin', day('2021-10-30')],
  ['America/New_York', day('2021-03-13')],
  ['America/New_York', day('2021-11-06')],
  ['Australia/Lord_Howe', day('2021-04-03')],
  ['Asia/Kathmandu', day('2021-06-30')],
  ['America/Sao_Paulo', day('2018-11-03')],
  ['UTC', day('2024-02-28')],
];

function day(text: string): Instant {
  return (Date.parse(text) / 86_400_000) * DAY;
}
