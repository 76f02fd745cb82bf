// The map: who talks to whom as lines from those who begin to the services that answer. For at most 300 marks; above that the matrix.

import { bytesText, countText } from '../output/text.ts';
import type { Link } from './data.ts';
import { type Html, html } from './html.ts';

const ROW = 24;
const WIDTH = 1180;
const LEFT = 330;
const RIGHT = 760;
const TOP = 30;

interface Node {
  readonly label: string;
  readonly y: number;
}

/** Marks a map of these links would draw: every end and every line. */
export function mapMarks(links: readonly Link[]): number {
  return new Set(links.map(({ from }) => from)).size + new Set(links.map(rightLabel)).size + links.length;
}

export function drawMap(links: readonly Link[]): Html {
  const begins = new Set(links.map(({ from }) => from));
  const answers = new Set(links.map(rightLabel));
  const rows = Math.max(begins.size, answers.size);
  const left = spread([...begins], rows);
  const right = spread(ordered([...answers], links, left), rows);
  const height = TOP + rows * ROW + 10;
  const lines = [...links].sort((a, b) => Number(a.denied > 0) - Number(b.denied > 0));
  return html`<svg class="map" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Map of who talks to whom: ${links.length} lines">
<text class="head" x="${LEFT}" y="14" text-anchor="end">begins</text><text class="head" x="${RIGHT}" y="14">answers</text>
${lines.map((link) => drawLink(link, left.get(link.from)?.y ?? 0, right.get(rightLabel(link))?.y ?? 0))}
${[...left.values()].map(({ label, y }) => html`<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${shortened(label)}<title>${label}</title></text>`)}
${[...right.values()].map(({ label, y }) => html`<text x="${RIGHT + 8}" y="${y + 4}">${shortened(label)}<title>${label}</title></text>`)}
</svg>`;
}

function drawLink(link: Link, y1: number, y2: number): Html {
  const style = verdictStyle(link);
  const width = Math.min(5, 1 + Math.log10(1 + link.bytes / 1000)).toFixed(1);
  const middle = (LEFT + RIGHT) / 2;
  const mark =
    style === 'ok'
      ? html``
      : html`<text class="mark ${style}" x="${middle}" y="${(y1 + y2) / 2 + 5}" text-anchor="middle">${style === 'no' ? '✕' : '○'}</text>`;
  const words = `${link.from} → ${link.to} ${link.service}: ${countText(link.packets)} packets, ${bytesText(link.bytes)}, ${countText(link.denied)} denied, ${countText(link.recorded)} recorded, rule ${link.rule ?? 'none'}`;
  return html`<g><title>${words}</title><path class="line ${style}" stroke-width="${width}" d="M${LEFT} ${y1} C${middle} ${y1} ${middle} ${y2} ${RIGHT} ${y2}"/>${mark}</g>`;
}

/** ok: all permitted. no: something was held. would: something would be held where the ends enforced. */
export function verdictStyle(counts: { readonly denied: number; readonly recorded: number }): 'ok' | 'no' | 'would' {
  if (counts.denied > 0) return 'no';
  return counts.recorded > 0 ? 'would' : 'ok';
}

function rightLabel({ to, service }: Link): string {
  return `${to}  ${service}`;
}

/** Places the labels one below the other over the height of `rows` rows. */
function spread(labels: readonly string[], rows: number): Map<string, Node> {
  const step = (rows * ROW) / Math.max(1, labels.length);
  return new Map(labels.map((label, at) => [label, { label, y: Math.round(TOP + (at + 0.5) * step) }]));
}

/** Right ends in the order of the mean height of what talks to them, so that lines cross little. */
function ordered(labels: readonly string[], links: readonly Link[], left: ReadonlyMap<string, Node>): string[] {
  const heights = new Map<string, number[]>(labels.map((label) => [label, []]));
  for (const link of links) heights.get(rightLabel(link))?.push(left.get(link.from)?.y ?? 0);
  const mean = (label: string): number => {
    const list = heights.get(label) ?? [];
    return list.reduce((sum, y) => sum + y, 0) / Math.max(1, list.length);
  };
  return [...labels].sort((a, b) => mean(a) - mean(b) || (a < b ? -1 : 1));
}

function shortened(label: string): string {
  return label.length <= 56 ? label : `${label.slice(0, 55)}…`;
}
