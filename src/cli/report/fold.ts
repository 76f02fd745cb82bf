// Folds rows that differ in the service only, as a port scan makes them, so that a reader sees one line and how many services it stands for.

import type { DeniedRow, Link } from './data.ts';

/** Services listed by name in a folded row. */
const SERVICES_NAMED = 3;
/** From so many services on, rows between the same two ends become one. */
const FOLD_FROM = 4;

/** Denied rows with the same ends, rule and reasons as one, in the order of their first. */
export function foldDenied(rows: readonly DeniedRow[]): readonly DeniedRow[] {
  const groups = grouped(rows, (row) =>
    [row.from, row.to, row.rule ?? '', row.reasons.join(), String(row.isEnforced)].join('\n'),
  );
  return groups.map((group) => ({
    ...group.first,
    service: servicesText(group.rows),
    packets: sum(group.rows, ({ packets }) => packets),
  }));
}

/** Links with the same ends and the same kind of verdict as one where they are many. */
export function foldLinks(links: readonly Link[]): readonly Link[] {
  const groups = grouped(links, (link) =>
    [link.from, link.to, String(link.denied > 0), String(link.recorded > 0)].join('\n'),
  );
  return groups.flatMap(({ rows, first }) => {
    if (rows.length < FOLD_FROM) return rows;
    const counts = { packets: sum(rows, ({ packets }) => packets), bytes: sum(rows, ({ bytes }) => bytes) };
    const held = { denied: sum(rows, ({ denied }) => denied), recorded: sum(rows, ({ recorded }) => recorded) };
    return [{ ...first, ...counts, ...held, service: servicesText(rows) }];
  });
}

function grouped<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): { readonly first: Row; readonly rows: Row[] }[] {
  const groups = new Map<string, { readonly first: Row; readonly rows: Row[] }>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), { first: row, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

/** `tcp/22`, or `50 services: tcp/22, tcp/23, tcp/25, …`. */
function servicesText(rows: readonly { readonly service: string }[]): string {
  const services = [...new Set(rows.map(({ service }) => service))];
  if (services.length === 1) return services[0] ?? '';
  const more = services.length > SERVICES_NAMED ? ', …' : '';
  return `${services.length} services: ${services.slice(0, SERVICES_NAMED).join(', ')}${more}`;
}

function sum<Row>(rows: readonly Row[], value: (row: Row) => number): number {
  return rows.reduce((total, row) => total + value(row), 0);
}
