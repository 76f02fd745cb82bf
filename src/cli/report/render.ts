// The report page: one self-contained HTML document, readable offline, on screen and on paper. Draws data; judges nothing.

import { bytesText, countText, zonedText } from '../output/text.ts';
import type { DeniedRow, Link, ReportData } from './data.ts';
import { foldDenied, foldLinks } from './fold.ts';
import { type Html, html, NOTHING } from './html.ts';
import { drawMap, mapMarks } from './map.ts';
import { drawMatrix } from './matrix.ts';
import { drawPassport } from './passport.ts';
import { STYLE } from './style.ts';

/** A map of more marks than this cannot be read; the matrix is drawn instead. */
export const MAP_MARKS_MAX = 300;
/** Passports drawn in full, most denied and busiest first; the others stand in the table of elements. */
const PASSPORTS_MAX = 40;
/** Rows of a table on the page; the rest is said, not shown. */
const ROWS_MAX = 2_000;

export interface ReportHead {
  readonly title: string;
  /** Names of the files read, and of the policy they were judged by. */
  readonly files: readonly string[];
  readonly policy: string;
  /** Null when the whole input was read; else how it broke. */
  readonly damage: string | null;
  readonly denied: readonly DeniedRow[];
  /** Denied flows in all; `denied` may hold fewer. */
  readonly deniedTotal: number;
}

export function renderReport(data: ReportData, head: ReportHead): string {
  const passports = data.elements.filter(({ kind }) => kind !== '').slice(0, PASSPORTS_MAX);
  const page = html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${head.title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>${{ markup: STYLE }}</style></head><body><main>
${drawHead(data, head)}${drawTraffic(data)}${drawDenied(data, head)}${drawElements(data)}
<h2>Passports</h2>${passports.length === 0 ? html`<p class="none">The policy names no element.</p>` : passports.map((element) => drawPassport(element, data.timezone))}
</main></body></html>`;
  return `<!doctype html>\n${page.markup}\n`;
}

function drawHead(data: ReportData, head: ReportHead): Html {
  const { totals } = data;
  const period =
    data.from === null || data.to === null
      ? 'no traffic'
      : `${zonedText(data.from, data.timezone)} to ${zonedText(data.to, data.timezone)} (${data.timezone})`;
  const damage = head.damage === null ? NOTHING : html`<p><span class="tag no">✕ incomplete</span> ${head.damage}</p>`;
  return html`<h1>${head.title}</h1><p class="soft">${head.files.join(', ')} judged by ${head.policy}. ${period}.</p>${damage}
<div class="figures">${figure('packets', countText(totals.packets))}${figure('volume', bytesText(totals.bytes))}${figure('packets denied', countText(totals.denied), totals.denied > 0 ? 'no' : '')}
${figure('would be denied', countText(totals.recorded), totals.recorded > 0 ? 'would' : '')}${figure('flows denied', countText(head.deniedTotal), head.deniedTotal > 0 ? 'no' : '')}${figure('elements', countText(data.elements.filter(({ kind }) => kind !== '').length))}</div>
${data.notes.map((note) => html`<p class="soft">Note: ${note}.</p>`)}`;
}

function figure(words: string, value: string, style = ''): Html {
  return html`<div class="figure ${style}"><b>${value}</b>${words}</div>`;
}

function drawTraffic(data: ReportData): Html {
  if (data.links.length === 0)
    return html`<h2>Who talks to whom</h2><p class="none">There was no traffic to judge.</p>`;
  const drawn = foldLinks(data.links);
  const isMap = mapMarks(drawn) <= MAP_MARKS_MAX;
  const legend = html`<p class="legend">Blue: permitted. Orange with ✕: some of it denied. Brown with ○: would be denied, but no end enforces it.</p>`;
  return html`<h2>Who talks to whom</h2>${legend}${isMap ? drawMap(drawn) : html`<div class="wide">${drawMatrix(data.links)}</div>`}
<details><summary>Table (${countText(data.links.length)} lines)</summary>${linksTable(data.links)}</details>`;
}

function linksTable(links: readonly Link[]): Html {
  const rows = links
    .slice(0, ROWS_MAX)
    .map(
      (link) =>
        html`<tr><td>${link.from}</td><td>${link.to}</td><td>${link.service}</td><td>${link.rule ?? 'no rule'}</td><td class="n">${countText(link.packets)}</td><td class="n">${bytesText(link.bytes)}</td><td class="n">${countText(link.denied)}</td><td class="n">${countText(link.recorded)}</td></tr>`,
    );
  return html`<table><tr><th>begins</th><th>answers</th><th>service</th><th>rule</th><th class="n">packets</th><th class="n">volume</th><th class="n">denied</th><th class="n">recorded</th></tr>${rows}</table>${more(links.length)}`;
}

function drawDenied(data: ReportData, head: ReportHead): Html {
  const reasons = data.reasons.map(
    ({ reason, packets }) => html`<tr><td>${reason}</td><td class="n">${countText(packets)}</td></tr>`,
  );
  const folded = foldDenied(head.denied);
  const left = head.deniedTotal - head.denied.length;
  const unlisted = left > 0 ? html`<p class="soft">and ${countText(left)} more denied flows</p>` : NOTHING;
  const rows = folded
    .slice(0, ROWS_MAX)
    .map(
      (row) =>
        html`<tr><td>${zonedText(row.at, data.timezone)}</td><td>${row.from}</td><td>${row.to}</td><td>${row.service}</td><td>${row.rule ?? 'no rule'}</td><td>${row.isEnforced ? '✕' : '○'} ${row.reasons.join(', ')}</td><td>${row.why}</td><td class="n">${countText(row.packets)}</td></tr>`,
    );
  if (rows.length === 0) return html`<h2>Denied</h2><p class="none">Nothing was denied.</p>`;
  return html`<h2>Denied</h2><table><tr><th>first reason</th><th class="n">packets</th></tr>${reasons}</table>
<table><tr><th>first denied</th><th>from</th><th>to</th><th>service</th><th>rule</th><th>reasons</th><th>observed against limit</th><th class="n">packets</th></tr>${rows}</table>${more(folded.length)}${unlisted}`;
}

function drawElements(data: ReportData): Html {
  const rows = data.elements
    .slice(0, ROWS_MAX)
    .map(
      (element) =>
        html`<tr><td>${element.id}</td><td>${element.kind === '' ? 'no element' : element.kind}</td><td>${element.mode}</td><td class="n">${element.uses.length}</td><td class="n">${countText(element.packets)}</td><td class="n">${bytesText(element.bytes)}</td><td class="n">${countText(element.denied)}</td><td class="n">${countText(element.recorded)}</td></tr>`,
    );
  return html`<h2>Elements and other ends</h2><details ${data.elements.length <= 25 ? { markup: 'open' } : NOTHING}><summary>Table (${countText(data.elements.length)})</summary><table><tr><th>end</th><th>kind</th><th>mode</th><th class="n">rules used</th><th class="n">packets</th><th class="n">volume</th><th class="n">denied</th><th class="n">recorded</th></tr>${rows}</table>${more(data.elements.length)}</details>`;
}

function more(total: number, shown = Math.min(total, ROWS_MAX)): Html {
  return total > shown ? html`<p class="soft">and ${countText(total - shown)} more</p>` : NOTHING;
}
