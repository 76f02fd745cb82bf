// The dashboards that are shipped: every metric and label in them is one that the controller has, and no metric is in none.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { METRICS } from './metric-names.ts';

const folder = fileURLToPath(new URL('../../../packaging/grafana/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const definitions = Object.values(METRICS);

/** Every text of the document that may be a query. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

const texts = new Map(files.map((name) => [name, textsOf(JSON.parse(readFileSync(`${folder}${name}`, 'utf8')))]));

describe('the dashboards', () => {
  it.each(files)('%s asks only for metrics and labels that there are', (name) => {
    const queries = (texts.get(name) ?? []).filter((text) => text.includes('picket_'));
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      const asked = [...query.matchAll(/picket_[a-z_]+/g)].map(([metric]) =>
        metric.replace(/_(bucket|sum|count)$/, ''),
      );
      const known = definitions.filter((metric) => asked.includes(metric.name));
      expect(known.map((metric) => metric.name).toSorted(), query).toEqual([...new Set(asked)].toSorted());
      const labels = new Set<string>(['le', 'instance', ...known.flatMap((metric) => [...metric.labels])]);
      for (const [, list = ''] of query.matchAll(/by \(([a-z, ]+)\)/g))
        for (const label of list.split(', ')) expect(labels, query).toContain(label);
      for (const [, label = ''] of query.matchAll(/[{,]([a-z]+)=/g)) expect(labels, query).toContain(label);
    }
  });

  it('leave out no metric', () => {
    const all = [...texts.values()].flat().join('\n');
    expect(definitions.map(({ name }) => name).filter((name) => !all.includes(name))).toEqual([]);
  });
});
