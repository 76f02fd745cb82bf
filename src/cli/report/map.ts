// The map: who talks to whom as lines from those who begin to the services that answer. For at most 300 marks; above that the matrix.

import type { Link } from './data.ts';
import { type Html, html } from './html.ts';
import { bytesText, countText } from './words.ts';

const ROW = 24;
const WIDTH = 1180;
const LEFT = 330;
const RIGHT = 770;
const TOP = 30;

interface Node {
  readonly label: string;
  y: number;
}

/** Marks a map of these links would draw: every end and every line. */
export function mapMarks(links: readonly Link[]): number {
  return new Set(links.map(({ from }) => from)).size + new Set(links.map(rightLabel)).size + links.length;
}

export function drawMap(links: readonly Link[]): Html {
  const left = nodesOf(links.map(({ from }) => from));
  const right = ordered(nodesOf(links.map(rightLabel)), links, left);
  const height = TOP + Math.max(left.size, right.size) * ROW + 10;
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

function nodesOf(labels: readonly string[]): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const label of labels) if (!nodes.has(label)) nodes.set(label, { label, y: TOP + nodes.size * ROW + ROW / 2 });
  return nodes;
}

/** Right ends in the order of the mean height of what talks to them, so that lines cross little. */
function ordered(right: Map<string, Node>, links: readonly Link[], left: ReadonlyMap<string, Node>): Map<string, Node> {
  const heights = new Map<string, number[]>();
  for (const link of links) {
    const list = heights.get(rightLabel(link)) ?? [];
    list.push(left.get(link.from)?.y ?? 0);
    heights.set(rightLabel(link), list);
  }
  const mean = (label: string): number => {
    const list = heights.get(label) ?? [0];
    return list.reduce((sum, y) => sum + y, 0) / list.length;
  };
  return nodesOf([...right.keys()].sort((a, b) => mean(a) - mean(b) || (a < b ? -1 : 1)));
}

function shortened(label: string): string {
  return label.length <= 46 ? label : `${label.slice(0, 22)}…${label.slice(-23)}`;
}
