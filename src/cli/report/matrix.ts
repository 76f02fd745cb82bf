// The matrix: groups that begin × groups that answer, for traffic too wide for a map. Same picture at a hundred and at ten thousand ends.

import { bytesText, countText } from '../output/text.ts';
import type { Counts, Link } from './data.ts';
import { type Html, html, NOTHING } from './html.ts';
import { verdictStyle } from './map.ts';

/** Groups drawn a side; the rest is one group "others". */
const GROUPS_MAX = 48;
const CELL = 18;
const LABEL = 200;
/** Room for the last slanted heading. */
const SLANT = 110;

type Cells = Map<string, Counts>;

export function drawMatrix(links: readonly Link[]): Html {
  const rows = groupsOf(links, ({ from }) => from);
  const columns = groupsOf(links, ({ to }) => to);
  const cells = sums(links, rows, columns);
  const rowNames = [...new Set(rows.values())].sort(othersLast);
  const columnNames = [...new Set(columns.values())].sort(othersLast);
  const most = Math.max(1, ...[...cells.values()].map(({ packets }) => packets));
  const width = LABEL + columnNames.length * CELL + SLANT;
  const height = LABEL + rowNames.length * CELL + 10;
  return html`<svg class="matrix" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Matrix of who talks to whom: ${rowNames.length} groups begin, ${columnNames.length} answer">
${columnNames.map((name, at) => html`<text transform="translate(${LABEL + at * CELL + 13} ${LABEL - 6}) rotate(-60)">${name}</text>`)}
${rowNames.map((name, at) => html`<text x="${LABEL - 6}" y="${LABEL + at * CELL + 13}" text-anchor="end">${name}</text>`)}
${rowNames.flatMap((row, y) => columnNames.map((column, x) => drawCell(`${row} → ${column}`, cells.get(`${row}\n${column}`), { x, y, most })))}
</svg>`;
}

function drawCell(name: string, counts: Counts | undefined, at: { x: number; y: number; most: number }): Html {
  if (counts === undefined) return NOTHING;
  const style = verdictStyle(counts);
  const left = LABEL + at.x * CELL;
  const top = LABEL + at.y * CELL;
  const strength = (0.25 + (0.75 * Math.log(1 + counts.packets)) / Math.log(1 + at.most)).toFixed(2);
  const words = `${name}: ${countText(counts.packets)} packets, ${bytesText(counts.bytes)}, ${countText(counts.denied)} denied, ${countText(counts.recorded)} recorded`;
  const mark =
    style === 'ok'
      ? NOTHING
      : html`<text class="cellmark" x="${left + CELL / 2}" y="${top + 13}" text-anchor="middle">${style === 'no' ? '✕' : '○'}</text>`;
  return html`<g><title>${words}</title><rect class="cell ${style}" x="${left + 1}" y="${top + 1}" width="${CELL - 2}" height="${CELL - 2}" fill-opacity="${strength}"/>${mark}</g>`;
}

/** Label → group: the label itself while they are few, else a common stem, else "others" for the least busy. */
function groupsOf(links: readonly Link[], labelOf: (link: Link) => string): Map<string, string> {
  const labels = new Map<string, number>();
  for (const link of links) labels.set(labelOf(link), (labels.get(labelOf(link)) ?? 0) + link.packets);
  if (labels.size <= GROUPS_MAX) return new Map([...labels.keys()].map((label) => [label, label]));
  const groups = new Map<string, number>();
  for (const [label, packets] of labels) groups.set(stemOf(label), (groups.get(stemOf(label)) ?? 0) + packets);
  const kept = new Set(
    [...groups]
      .sort((a, b) => b[1] - a[1])
      .slice(0, GROUPS_MAX - 1)
      .map(([group]) => group),
  );
  return new Map([...labels.keys()].map((label) => [label, kept.has(stemOf(label)) ? stemOf(label) : 'others']));
}

/** `10.0.3.7` → `10.0.3.*`; `2001:db8:1::5` → `2001:db8:1:*`; `a.b.example.com` → `*.example.com`; `cam-17` → `cam-*`. */
function stemOf(label: string): string {
  if (/^[0-9.]+$/.test(label)) return label.replace(/\.[0-9]+$/, '.*');
  if (label.includes(':')) return `${label.split(':').slice(0, 3).join(':')}:*`;
  if (label.includes('.')) return `*.${label.split('.').slice(-2).join('.')}`;
  return label.replace(/-[^-]*$/, '-*');
}

function sums(links: readonly Link[], rows: ReadonlyMap<string, string>, columns: ReadonlyMap<string, string>): Cells {
  const cells: Cells = new Map();
  for (const link of links) {
    const key = `${rows.get(link.from) ?? ''}\n${columns.get(link.to) ?? ''}`;
    const counts = cells.get(key) ?? { packets: 0, bytes: 0, denied: 0, recorded: 0 };
    counts.packets += link.packets;
    counts.bytes += link.bytes;
    counts.denied += link.denied;
    counts.recorded += link.recorded;
    cells.set(key, counts);
  }
  return cells;
}

function othersLast(a: string, b: string): number {
  return Number(a === 'others') - Number(b === 'others') || (a < b ? -1 : 1);
}
