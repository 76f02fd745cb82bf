// Events as CEF lines (ArcSight Common Event Format, version 0). Pure. What comes from outside is escaped as the format wants it.

import type { EventDoer, EventEnd, SecurityEvent, Severity } from '../event.ts';
import { PRODUCT, type Product, protocolName, VENDOR } from './product.ts';

const SEVERITIES: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 };
/** The format gives the field `msg` 1,023 characters. */
const TEXT_CHARACTERS_MAX = 1_023;

type Pair = readonly [key: string, value: string | number | null];

interface Described {
  readonly classId: string;
  readonly name: string;
  readonly pairs: readonly Pair[];
}

/** One line, without its end. */
export function cefOf(event: SecurityEvent, product: Product): string {
  const { classId, name, pairs } = described(event);
  const head = [VENDOR, PRODUCT, product.version, classId, name, String(SEVERITIES[event.severity])];
  const common: readonly Pair[] = [
    ['rt', event.at],
    ['externalId', event.id],
    ['dvchost', product.host],
    ['cs6Label', 'domain'],
    ['cs6', event.domain],
  ];
  const extension = [...common, ...pairs].flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${extensionText(String(value))}`],
  );
  return `CEF:0|${head.map(headerText).join('|')}|${extension.join(' ')}`;
}

function described(event: SecurityEvent): Described {
  switch (event.kind) {
    case 'verdict':
      return {
        classId: event.reason ?? event.verdict,
        name: `${event.verdict === 'permit' ? 'permitted' : 'denied'} ${event.effect}`,
        pairs: [
          ['act', event.effect],
          ...endPairs('s', event.from),
          ...endPairs('d', event.to),
          ['proto', protocolName(event.protocol) ?? String(event.protocol)],
          ['app', event.application],
          ['cnt', event.count],
          ['in', event.bytesIn],
          ['out', event.bytesOut],
          ...custom(1, 'rule', event.rule),
          ...custom(2, 'reason', event.reason),
          ...custom(3, 'element', event.from.element ?? event.to.element),
          ...custom(4, 'mode', event.mode),
          ...custom(5, 'agent', event.agent),
        ],
      };
    case 'logon':
      return {
        classId: `${event.act}-${event.isSuccess ? 'success' : 'failure'}`,
        name: event.act,
        pairs: [
          ...doerPairs(event.who),
          ['outcome', event.isSuccess ? 'success' : 'failure'],
          ['reason', event.reason],
          ...custom(1, 'method', event.method),
        ],
      };
    case 'grant':
      return {
        classId: event.act === 'give' ? 'privileges-given' : 'privileges-taken',
        name: 'privileges changed',
        pairs: [
          ...doerPairs(event.by),
          ['duser', event.who.name],
          ['duid', event.who.id],
          ['dpriv', event.privileges.join(', ')],
        ],
      };
    case 'finding':
      return {
        classId: event.name,
        name: event.title,
        pairs: [
          ['cnt', event.count],
          ['start', event.firstAt],
          ['act', event.act],
          ...custom(3, 'element', event.element),
        ],
      };
    case 'control':
      return {
        classId: event.control,
        name: event.title,
        pairs: [['outcome', event.outcome], ...custom(1, 'standard', event.standard)],
      };
    case 'element':
      return {
        classId: 'element-seen',
        name: 'element',
        pairs: [
          ['dst', event.address],
          ['dmac', event.mac],
          ['dhost', event.name],
          ...custom(3, 'element', event.element),
          ...custom(1, 'kind', event.elementKind),
        ],
      };
    case 'policy':
      return {
        classId: `policy-${event.state}`,
        name: `policy revision ${event.revision} ${event.state}`,
        pairs: [
          ...doerPairs(event.by),
          ['msg', event.why === '' ? null : event.why],
          ...custom(1, 'revision', String(event.revision)),
        ],
      };
    case 'agent':
      return {
        classId: `agent-${event.act}`,
        name: `agent ${event.act}`,
        pairs: [...custom(5, 'agent', event.agent), ...custom(1, 'controller', event.controller)],
      };
    case 'act':
      return {
        classId: event.action,
        name: event.action,
        pairs: [
          ...doerPairs(event.by),
          ['outcome', event.isSuccess ? 'success' : 'failure'],
          ...custom(1, 'subject', event.subject),
          ...custom(2, 'record', event.record === null ? null : String(event.record)),
        ],
      };
  }
}

/** `src`, `spt`, `smac`, `shost` and the same of the destination. */
function endPairs(side: 's' | 'd', { address, port, mac, name, element }: EventEnd): readonly Pair[] {
  return [
    [side === 's' ? 'src' : 'dst', address],
    [`${side}pt`, port],
    [`${side}mac`, mac],
    [`${side}host`, name ?? element],
  ];
}

function doerPairs({ id, name, address }: EventDoer): readonly Pair[] {
  return [
    ['suser', name],
    ['suid', id],
    ['src', address],
  ];
}

function custom(number: number, label: string, value: string | null): readonly Pair[] {
  return value === null
    ? []
    : [
        [`cs${number}Label`, label],
        [`cs${number}`, value],
      ];
}

/** In the header a pipe and a backslash are escaped, and there are no line breaks. */
function headerText(text: string): string {
  return plain(text)
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/[\r\n]+/g, ' ');
}

/** In the extension an equals sign and a backslash are escaped; line breaks are written `\n`. */
function extensionText(text: string): string {
  return plain(text)
    .replaceAll('\\', '\\\\')
    .replaceAll('=', '\\=')
    .replace(/\r\n|\r|\n/g, '\\n');
}

/** No control characters but line breaks, and no more than a field may hold. */
function plain(text: string): string {
  return text.slice(0, TEXT_CHARACTERS_MAX).replace(/[^\P{Cc}\r\n]|[\u2028\u2029]/gu, '?');
}
