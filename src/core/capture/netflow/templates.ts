// Templates of one exporter's domain: how its data records are laid out. Bounded in number, fields and age; a hostile template is refused.

import type { Instant } from '#model';
import { u16, u32 } from '../inspect/bytes.ts';
import { ELEMENTS, REVERSE_ELEMENTS, type Take } from './elements.ts';

/** Field whose length stands in the record (RFC 7011, 7). */
export const VARIABLE = 65_535;

interface TemplateField {
  /** Bytes, or VARIABLE. */
  readonly length: number;
  /** What to do with it; null for a field that is skipped. */
  readonly take: Take | null;
}

export interface Template {
  readonly fields: readonly TemplateField[];
  /** Shortest possible record: at least 1, or data would never end. */
  readonly bytesMin: number;
  /** Options tell of the exporter, not of a flow. */
  readonly isOptions: boolean;
  readonly at: Instant;
}

/** Fields of a template; the richest exporters send below a hundred. */
const FIELDS_MAX = 1_024;
/** Templates of one domain. Real exporters have a few; 65,280 numbers exist. */
const TEMPLATES_MAX = 512;
/** First number of a template; the ones below are kinds of sets. */
export const TEMPLATE_MIN = 256;
/** Enterprise number of reverse elements (RFC 5103). */
const REVERSE_ENTERPRISE = 29_305;
const ENTERPRISE_BIT = 0x8000;

export class Templates {
  readonly #templates = new Map<number, Template>();

  get size(): number {
    return this.#templates.size;
  }

  /** The template of this number, unless it is older than `notBefore`. */
  get(id: number, notBefore: Instant): Template | undefined {
    const template = this.#templates.get(id);
    return template === undefined || template.at < notBefore ? undefined : template;
  }

  /** A known number is laid out anew; when there are too many, the oldest is forgotten. */
  set(id: number, template: Template): void {
    this.#templates.delete(id);
    const [oldest] = this.#templates.keys();
    if (this.#templates.size >= TEMPLATES_MAX && oldest !== undefined) this.#templates.delete(oldest);
    this.#templates.set(id, template);
  }

  withdraw(id: number): void {
    this.#templates.delete(id);
  }

  withdrawAll(isOptions: boolean): void {
    for (const [id, template] of this.#templates) if (template.isOptions === isOptions) this.#templates.delete(id);
  }
}

/** Where a template's fields stand. */
interface FieldList {
  readonly data: Uint8Array;
  readonly at: number;
  readonly to: number;
  readonly count: number;
  /** IPFIX: an enterprise number may follow a field. */
  readonly hasEnterprises: boolean;
}

/** The fields of a template and where they end, or null when they do not fit or could not be read by anyone. */
export function readFields({ data, at, to, count, hasEnterprises }: FieldList): {
  readonly fields: readonly TemplateField[];
  readonly at: number;
} | null {
  const fields: TemplateField[] = [];
  let next = at;
  for (let index = 0; index < count; index++) {
    const hasEnterprise = hasEnterprises && u16(data, next) >= ENTERPRISE_BIT;
    const size = hasEnterprise ? 8 : 4;
    if (next + size > to) return null;
    if (index < FIELDS_MAX) {
      const element = hasEnterprise ? u16(data, next) - ENTERPRISE_BIT : u16(data, next);
      const enterprise = hasEnterprise ? u32(data, next + 4) : 0;
      fields.push({ length: u16(data, next + 2), take: takerOf(element, enterprise) });
    }
    next += size;
  }
  return count > FIELDS_MAX ? null : { fields, at: next };
}

function takerOf(element: number, enterprise: number): Take | null {
  if (enterprise === 0) return ELEMENTS.get(element) ?? null;
  return enterprise === REVERSE_ENTERPRISE ? (REVERSE_ELEMENTS.get(element) ?? null) : null;
}

/** A template over these fields, or null when its records would have no bytes. A variable field has at least its length byte. */
export function templateOf(
  fields: readonly TemplateField[],
  more: { readonly isOptions: boolean; readonly isVariable: boolean; readonly at: Instant },
): Template | null {
  const lengths = fields.map(({ length }) => (length === VARIABLE && more.isVariable ? 1 : length));
  const bytesMin = lengths.reduce((sum, length) => sum + length, 0);
  return bytesMin < 1 ? null : { fields, bytesMin, isOptions: more.isOptions, at: more.at };
}
