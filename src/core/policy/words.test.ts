// The small grammars one by one: what each reads, just inside and just outside, and that its text reads back.

import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '#model';
import { defaultBurst, parseConnections, parseRate, parseSize, parseVolume } from './budgets.ts';
import { parseInstant, parseUntil, untilText } from './calendar.ts';
import { operationTexts, parseOperations } from './conditions.ts';
import { hoursText, parseHours } from './hours.ts';
import { connectionsText, rateText, sizeText, volumeText } from './limits-text.ts';
import { didYouMean } from './nearest.ts';
import { bytesText, parseBytes, parseDuration } from './quantities.ts';
import { parseSentence } from './question.ts';
import { parseSelector, selectorText } from './selector.ts';
import { isTrouble } from './trouble.ts';

const NAMES = { elements: new Set(['cam', 'nvr', 'plc.one']), services: new Set(['rtsp']) };

describe('parseDuration() and parseBytes()', () => {
  it.each([
    ['90 s', 90 * SECOND],
    ['15min', 15 * MINUTE],
    ['1.5 h', 90 * MINUTE],
    ['2 d', 48 * HOUR],
    ['0 s', 0],
    ['12', null],
    ['-1 s', null],
    ['0.5 us', null],
    ['1e3 s', null],
    ['', null],
  ])('reads the duration %j as %j', (text, micros) => expect(parseDuration(text)).toBe(micros));

  it.each([
    ['1500 B', 1500],
    ['1.1 GB', 1_100_000_000],
    ['64 KiB', 65_536],
    ['2 kB', 2_000],
    ['0.5 B', null],
    ['99999999 TB', null],
    ['2 XB', null],
  ])('reads the size %j as %j', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each([
    [1500, '1500 B'],
    [2e9, '2 GB'],
    [65_536, '64 KiB'],
    [0, '0 B'],
  ])('writes %j bytes as %j', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});

describe('parseInstant()', () => {
  it.each([
    ['2026-03-01', 'Europe/Berlin', '2026-02-28T23:00:00Z'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['2026-03-01T08:30:00Z', 'Asia/Kathmandu', '2026-03-01T08:30:00Z'],
    ['2026-03-01T08:30:00+02:00', 'UTC', '2026-03-01T06:30:00Z'],
  ])('reads %s in %s as %s', (text, zone, expected) =>
    expect(parseInstant(text, zone)).toBe(Date.parse(expected) * 1_000),
  );

  it.each(['2026-02-29', '2026-3-1', 'tomorrow', '2026-03-01T25:00', '2026-03-01T24:00Z', ''])('refuses %j', (text) =>
    expect(parseInstant(text, 'UTC')).toBeNull(),
  );

  it('takes a date as the end of its day, on days of 23 and 25 hours too', () => {
    for (const date of ['2026-03-29', '2026-10-25', '2027-03-31'])
      expect(untilText(parseUntil(date, 'Europe/Berlin') ?? 0, 'Europe/Berlin')).toBe(date);
  });
});

describe('hours', () => {
  it.each([
    ['Mon-Fri 06:00-22:00', 'Mon-Fri 06:00-22:00'],
    ['monday, Wed 22:00-06:00', 'Mon,Wed 22:00-06:00'],
    ['Sat-Mon 8:00-24:00', 'Mon,Sat,Sun 08:00-24:00'],
    ['daily 08:00-00:00', 'daily 08:00-24:00'],
    ['always', 'always'],
    ['Mon 01:00-02:00;Tue 03:00-04:00 in Asia/Kathmandu', 'Mon 01:00-02:00; Tue 03:00-04:00 in Asia/Kathmandu'],
  ])('reads %j as %j', (text, canonical) => {
    const hours = parseHours([text], 'UTC');
    expect(isTrouble(hours) ? hours.trouble : hoursText(hours, 'UTC')).toBe(canonical);
  });

  it.each([
    'Mon 24:00-25:00',
    'Mon 23:60-24:00',
    'Mon 08:00',
    'Mo-Fr 08:00-18:00',
    'Mon-Tue-Wed 08:00-18:00',
    '08:00-18:00',
    'never',
    ';',
  ])('refuses %j', (text) => expect(isTrouble(parseHours([text], 'UTC'))).toBe(true));
});

describe('selectors', () => {
  it.each([
    ['cam', 'cam'],
    ['role=camera&!cam', 'role=camera & !cam'],
    ['not ( cam | nvr )', '!(cam | nvr)'],
    ['role != camera | kind=human & any', 'role!=camera | kind=human & any'],
    ['API.Example.com', 'api.example.com'],
    ['plc.one', 'plc.one'],
    ['name=plc.one', 'name=plc.one'],
    ['name=Printer', 'name=printer'],
    ['02-42-AC-11-00-05', '02:42:ac:11:00:05'],
    ['2001:DB8::/32 | 10.0.0.0/8 | ::1', '2001:db8::/32 | 10.0.0.0/8 | ::1'],
    ['!!any', '!!any'],
  ])('reads %j as %j', (text, canonical) => {
    const selector = parseSelector(text, NAMES);
    if (isTrouble(selector)) throw new Error(selector.trouble);
    expect(selectorText(selector, NAMES.elements)).toBe(canonical);
    expect(parseSelector(canonical, NAMES)).toEqual(selector);
  });

  it.each([
    '',
    '&',
    'cam &',
    'cam nvr',
    '(cam',
    'cam)',
    'role=',
    '=camera',
    'kind=robot',
    '10.0.0.300',
    '10.0.0.1/24',
    '1.2.3',
    'a..b',
    'name=-x',
    '*.',
    'cam and nvr',
    'toString',
  ])('refuses %j', (text) => expect(isTrouble(parseSelector(text, NAMES))).toBe(true));
});

describe('limits', () => {
  it.each([
    ['<= 2 GB per day', '<= 2 GB per day'],
    ['at most 2000 MB per 1 h received', '<= 2 GB per hour received'],
    ['up to 5 MB per 24 h rolling for the rule', '<= 5 MB per 24 h rolling for the rule'],
    ['at least 2 kB per 10 min sent', '>= 2 kB per 10 min sent'],
    ['1 MB - 2 GB per month in Asia/Kathmandu', '1 MB - 2 GB per month in Asia/Kathmandu'],
    ['5 - 5 kB per 24 h', '5 kB - 5 kB per 24 h'.replace('5 kB -', '5 kB -')],
  ])('reads the volume %j as %j', (text, canonical) => {
    const volume = parseVolume(text, 'UTC');
    expect(isTrouble(volume) ? volume.trouble : volumeText(volume, 'UTC')).toBe(canonical);
  });

  it.each([
    '2 GB per hour',
    '<= 2 GB',
    '<= GB per hour',
    '<= 2 GB per fortnight',
    '<= 2 GB per 0 s',
    '<= 1 B per 1 s rolling',
    '<= 2 GB per hour in UTC',
    '<= 0 B per hour',
    '2 GB - 1 GB per hour',
  ])('refuses the volume %j', (text) => expect(isTrouble(parseVolume(text, 'UTC'))).toBe(true));

  it.each([
    ['20 Mbit/s', '20 Mbit/s'],
    ['2 MB/s', '16 Mbit/s'],
    ['12.5 B/s', '12.5 B/s'],
    ['100 kbit/s burst 128 KiB sent', '100 kbit/s burst 128 KiB sent'],
    ['100 kbit/s burst 64 KiB', '100 kbit/s'],
    ['50 packets/s burst 100 for the rule', '50 packets/s burst 100 for the rule'],
    ['10 packets/s burst 10', '10 packets/s'],
  ])('reads the rate %j as %j', (text, canonical) => {
    const rate = parseRate(text);
    expect(isTrouble(rate) ? rate.trouble : rateText(rate)).toBe(canonical);
  });

  it('lets one segment burst or ten packets through at once at least', () => {
    expect(defaultBurst({ unit: 'bytes', perSecond: 65_535 })).toBe(65_536);
    expect(defaultBurst({ unit: 'bytes', perSecond: 65_537 })).toBe(65_537);
    expect(defaultBurst({ unit: 'packets', perSecond: 9 })).toBe(10);
    expect(defaultBurst({ unit: 'packets', perSecond: 10.5 })).toBe(11);
  });

  it.each(['0 B/s', '20 Mbit', '20 Mbit/h', '20/s', '1 B/s rolling', '1 B/s burst 0 B', '1 packets/s burst x'])(
    'refuses the rate %j',
    (text) => expect(isTrouble(parseRate(text))).toBe(true),
  );

  it.each([
    ['40-1500 B', '40 - 1500 B'],
    ['<= 65535 B received', '<= 65535 B received'],
  ])('reads the size %j as %j', (text, canonical) => {
    const size = parseSize(text);
    expect(isTrouble(size) ? size.trouble : sizeText(size)).toBe(canonical);
  });

  it.each(['<= 65536 B', '1500 B', '41 - 40 B', '<= 0 B', '<= 5 B for the rule'])('refuses the size %j', (text) =>
    expect(isTrouble(parseSize(text))).toBe(true),
  );

  it.each([
    ['4 open', '4 open'],
    ['10 per min for the rule', '10 per min for the rule'],
    ['10 new per day', '10 per day'],
  ])('reads the connections %j as %j', (text, canonical) => {
    const limit = parseConnections(text, 'UTC');
    expect(isTrouble(limit) ? limit.trouble : connectionsText(limit, 'UTC')).toBe(canonical);
  });

  it.each(['0 open', '-1 open', '4', '4 open rolling', '4 open sent'])('refuses the connections %j', (text) =>
    expect(isTrouble(parseConnections(text, 'UTC'))).toBe(true),
  );

  it.each([
    [['modbus read'], ['modbus read']],
    [['modbus 1/3, mqtt publish'], ['modbus 1/3', 'mqtt publish']],
    [
      ['mqtt 14', 'modbus */5'],
      ['mqtt disconnect', 'modbus */5'],
    ],
    [
      ['dnp3 1', 's7comm 1/5, s7comm 7/', 'enip 0x6f/82', 'enip 0x0065/', 'bacnet 0/12/', 'opcua 631'],
      ['dnp3 1', 's7comm 1/0x05', 's7comm 7/', 'enip 0x006f/0x52', 'enip 0x0065/', 'bacnet 0/12/', 'opcua 631'],
    ],
    [
      ['http GET', 'mcp tools/call search_*', 'mcp tools/list', 'jsonrpc eth_*', 'modbus ?'],
      ['http GET', 'mcp tools/call search_*', 'mcp tools/list', 'jsonrpc eth_*', 'modbus ?'],
    ],
  ])('reads the operations %j as %j', (texts, canonical) => {
    const patterns = parseOperations(texts);
    expect(isTrouble(patterns) ? patterns.trouble : operationTexts(patterns)).toEqual(canonical);
  });

  it.each([
    'modbus 256/3',
    'modbus 1',
    'mqtt 16',
    'mqtt publsh',
    'mqtt 1*6x',
    'dns a',
    's7comm 1/256',
    'enip 0x12345/1',
    '',
  ])('refuses the operation %j', (text) => expect(isTrouble(parseOperations([text]))).toBe(true));
});

describe('parseSentence()', () => {
  it.each([
    'cam may use nvr ftp',
    'cam may use nvr tcp',
    'cam may use nvr tcp/0',
    'cam may use nvr icmp/1',
    'cam may use 10.0.0.0/8 rtsp',
    'x.example.com may use nvr rtsp',
    'cam may use nvr rtsp on Mon',
    'cam may use nvr rtsp on Mon 24:00',
    'cam may use nvr rtsp at noon',
    'cam may use nvr rtsp after 2',
    'cam may use nvr rtsp with packet 70000 B',
    'cam may use nvr rtsp with operation modbus read',
    'cam may use nvr rtsp logged on person 10 min',
    'cam may use nvr rtsp logged on person and person',
    'cam may use nvr rtsp on Mon 12:00 at 2026-01-01',
    'cam may use nvr rtsp tomorrow',
    'cam may not use nvr rtsp because',
    'cam may',
    '',
  ])('refuses %j', (text) => expect(isTrouble(parseSentence(text, NAMES, 'UTC'))).toBe(true));

  it('reads a DNS name to use and a logon of this moment', () => {
    expect(parseSentence('10.0.0.1 may use api.example.com udp/53 logged on person', NAMES, 'UTC')).toMatchObject({
      isExpectedToPermit: true,
      question: {
        from: '10.0.0.1',
        to: 'api.example.com',
        protocol: 17,
        port: 53,
        logon: [{ factor: 'person', age: 0 }],
      },
    });
  });
});

describe('didYouMean()', () => {
  it.each([
    ['protocl', 'did you mean "protocol"?'],
    ['prot', null],
    ['x', null],
    ['fro', 'did you mean "from"?'],
    ['form', 'did you mean "from"?'],
  ])('answers %j with %j', (input, answer) => expect(didYouMean(input, ['protocol', 'from', 'to'])).toBe(answer));
});
