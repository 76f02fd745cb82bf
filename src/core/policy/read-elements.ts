// Reads `elements`: kind, identifiers, labels, mode. Whether two elements collide is checked elsewhere.

import {
  ELEMENT_KINDS,
  type Element,
  isGroupMac,
  type Mac,
  type Mode,
  type Prefix,
  parseMac,
  parsePrefix,
} from '#model';
import { ELEMENT_KEYS } from './fields.ts';
import { didYouMean } from './nearest.ts';
import {
  type Context,
  type Fields,
  fieldsOf,
  isPresent,
  missing,
  sectionOf,
  textOf,
  textsOf,
  whereOf,
  wordOf,
} from './reading.ts';
import { addressTrouble } from './selector.ts';
import { pathOf } from './tree.ts';
import { quoted, trouble } from './trouble.ts';
import { LABEL_KEY, LABEL_VALUE, MODES, RESERVED_LABELS } from './words.ts';

/** Identifiers of one element. A site with more describes a network, and a prefix says that better. */
const IDENTIFIERS_MAX = 1_000;

export function readElements(context: Context, document: Fields, mode: Mode): readonly Element[] {
  return sectionOf(context, document, 'elements').flatMap(({ key, value }) => {
    const fields = fieldsOf(context, value, { path: pathOf('elements', key), keys: ELEMENT_KEYS, what: 'an element' });
    return fields === null ? [] : [readElement(context, fields, { id: key, mode })];
  });
}

function readElement(context: Context, fields: Fields, { id, mode }: { id: string; mode: Mode }): Element {
  const kind = wordOf(context, fields, { key: 'kind', words: ELEMENT_KINDS });
  if (kind === undefined)
    missing(context, fields, {
      key: 'kind',
      what: `element ${quoted(id)}`,
      help: `kinds are ${ELEMENT_KINDS.join(', ')}`,
    });
  return {
    id,
    kind: kind ?? 'device',
    macs: readMacs(context, fields),
    addresses: readAddresses(context, fields),
    login: textOf(context, fields, 'login'),
    labels: readLabels(context, fields),
    data: textsOf(context, fields, 'data').map(({ text }) => text),
    mode: wordOf(context, fields, { key: 'mode', words: MODES }) ?? mode,
    protect: readProtect(context, fields),
    isSafetyCritical: wordOf(context, fields, { key: 'safety', words: ['critical', 'normal'] }) === 'critical',
    owner: textOf(context, fields, 'owner'),
  };
}

function readMacs(context: Context, fields: Fields): readonly Mac[] {
  return textsOf(context, fields, 'mac')
    .slice(0, IDENTIFIERS_MAX)
    .flatMap(({ text, where }) => {
      const mac = parseMac(text);
      if (mac === null)
        context.report.error(
          trouble('PICKET-P013', `${quoted(text)} is not a MAC address`, 'write "02:42:ac:11:00:05", in quotes'),
          where,
        );
      else if (isGroupMac(mac))
        context.report.error(
          trouble(
            'PICKET-P014',
            `the MAC ${quoted(text)} is a group address, which no element has`,
            'the second digit of a device is even',
          ),
          where,
        );
      else return [mac];
      return [];
    });
}

function readAddresses(context: Context, fields: Fields): readonly Prefix[] {
  return textsOf(context, fields, 'address')
    .slice(0, IDENTIFIERS_MAX)
    .flatMap(({ text, where }) => {
      const prefix = parsePrefix(text);
      if (prefix === null) context.report.error(addressTrouble(text), where);
      return prefix ?? [];
    });
}

function readLabels({ report }: Context, fields: Fields): readonly (readonly [string, string])[] {
  const node = fields.entries.get('labels')?.value;
  if (!isPresent(node)) return [];
  if (node.kind !== 'map') {
    report.error(
      trouble('PICKET-P007', '"labels" must be a map', 'write labels: { role: camera }'),
      whereOf(fields, 'labels'),
    );
    return [];
  }
  const labels: (readonly [string, string])[] = [];
  for (const { key, keySpan, value } of node.entries) {
    const where = { span: keySpan, path: pathOf(pathOf(fields.path, 'labels'), key) };
    if (RESERVED_LABELS.has(key))
      report.error(
        trouble('PICKET-P050', `the label ${quoted(key)} has a meaning of its own in selectors`, 'choose another key'),
        where,
      );
    else if (!LABEL_KEY.test(key))
      report.error(
        trouble('PICKET-P011', `${quoted(key)} cannot be the key of a label`, 'letters, digits, _ . / -'),
        where,
      );
    else if (value.kind !== 'text' || !LABEL_VALUE.test(value.text))
      report.error(
        trouble(
          'PICKET-P011',
          `the label ${quoted(key)} needs a value that a selector can name`,
          'a text without spaces and without ( ) & | ! = , quotes or #',
        ),
        { ...where, span: value },
      );
    else labels.push([key, value.text]);
  }
  return labels;
}

function readProtect(context: Context, fields: Fields): readonly string[] {
  return textsOf(context, fields, 'protect').flatMap(({ text, where }) => {
    if (context.names.services.has(text)) return [text];
    const help = didYouMean(text, [...context.names.services], 'only services named under "services" can be protected');
    context.report.error(trouble('PICKET-P020', `no service is called ${quoted(text)}`, help), where);
    return [];
  });
}
