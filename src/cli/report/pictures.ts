// The small pictures of a passport: hours of the week, volume per window with its band, packet sizes with their range.

import { bytesText, countText, zonedText } from '../output/text.ts';
import { type Band, type RuleUse, SIZE_BINS, SIZE_STEP } from './data.ts';
import { type Html, html, NOTHING } from './html.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOUR_CELL = 16;

/** 24 × 7 cells: filled where there was traffic, outlined where a rule is open. */
export function drawHours(hours: readonly number[], open: readonly number[]): Html {
  const most = Math.max(1, ...hours);
  const cells = hours.map((packets, at) => {
    const x = 34 + (at % 24) * HOUR_CELL;
    const y = 16 + Math.floor(at / 24) * HOUR_CELL;
    const share = open[at] ?? 0;
    const strength = packets === 0 ? 0 : 0.2 + (0.8 * Math.log(1 + packets)) / Math.log(1 + most);
    const state = share === 0 ? 'shut' : share < 1 ? 'partly' : 'open';
    const place = `${DAYS[Math.floor(at / 24)] ?? ''} ${String(at % 24).padStart(2, '0')}:00`;
    return html`<rect class="hour ${packets > 0 ? 'busy' : 'quiet'} ${state}" x="${x + 1}" y="${y + 1}" width="${HOUR_CELL - 2}" height="${HOUR_CELL - 2}" fill-opacity="${strength.toFixed(2)}"><title>${place}: ${countText(packets)} packets, ${state}</title></rect>`;
  });
  return html`<svg class="hours" viewBox="0 0 424 134" role="img" aria-label="Hours of the week: filled where there was traffic, outlined where a rule is open">
${[0, 6, 12, 18].map((hour) => html`<text x="${34 + hour * HOUR_CELL}" y="11">${String(hour).padStart(2, '0')}</text>`)}
${DAYS.map((day, at) => html`<text x="28" y="${28 + at * HOUR_CELL}" text-anchor="end">${day}</text>`)}
${cells}</svg>`;
}

const PLOT = { width: 560, height: 150, left: 62, right: 10, top: 14, bottom: 24 };

/** Bytes per window as bars (sent and received stacked), with floor and ceiling lines. */
export function drawVolume(use: RuleUse, timezone: string): Html {
  if (use.volume.length === 0) return html`<p class="none">No permitted traffic in this period.</p>`;
  const scaleMax = volumeMax(use);
  const inner = PLOT.width - PLOT.left - PLOT.right;
  const first = use.volume[0];
  const last = use.volume.at(-1);
  const begin = first?.start ?? 0;
  const scale = inner / Math.max(1, (last?.end ?? 0) - begin);
  const y = (bytes: number): number =>
    PLOT.height - PLOT.bottom - ((PLOT.height - PLOT.top - PLOT.bottom) * Math.min(bytes, scaleMax)) / scaleMax;
  const bars = use.volume.map(({ start, end, sent, received }) => {
    const x = PLOT.left + (start - begin) * scale;
    const step = (end - start) * scale;
    const width = Math.max(1, step - (step > 3 ? 1 : 0)).toFixed(2);
    const foot = y(0);
    return html`<g><title>${zonedText(start, timezone)}: ${bytesText(sent)} sent, ${bytesText(received)} received</title>
<rect class="sent" x="${x.toFixed(2)}" y="${y(sent).toFixed(1)}" width="${width}" height="${(foot - y(sent)).toFixed(1)}"/>
<rect class="received" x="${x.toFixed(2)}" y="${y(sent + received).toFixed(1)}" width="${width}" height="${(y(sent) - y(sent + received)).toFixed(1)}"/></g>`;
  });
  return html`<svg class="plot" viewBox="0 0 ${PLOT.width} ${PLOT.height}" role="img" aria-label="Volume per ${use.windowText}">
${ticks(scaleMax).map((value) => html`<line class="tick" x1="${PLOT.left}" x2="${PLOT.width - PLOT.right}" y1="${y(value)}" y2="${y(value)}"/><text x="${PLOT.left - 5}" y="${y(value) + 4}" text-anchor="end">${bytesText(value)}</text>`)}
${bars}${use.bands.map((band) => drawBand(band, y, scaleMax))}
<text x="${PLOT.left}" y="${PLOT.height - 6}">${zonedText(first?.start ?? 0, timezone).slice(0, 16)}</text>
<text x="${PLOT.width - PLOT.right}" y="${PLOT.height - 6}" text-anchor="end">${use.volume.length > 1 ? zonedText(last?.start ?? 0, timezone).slice(0, 16) : ''}</text></svg>`;
}

/** Top of the scale: the traffic, and the ceiling unless it is so far above that the traffic would vanish. */
function volumeMax(use: RuleUse): number {
  const traffic = Math.max(1, ...use.volume.map(({ sent, received }) => sent + received));
  const ceilings = use.bands.flatMap(({ max }) => max ?? []).filter((max) => max <= traffic * 6);
  return Math.max(traffic, ...ceilings) * 1.08;
}

function drawBand(band: Band, y: (bytes: number) => number, scaleMax: number): Html {
  const line = (bytes: number | null, word: string): Html => {
    if (bytes === null) return NOTHING;
    const isOff = bytes > scaleMax;
    const height = isOff ? PLOT.top - 4 : y(bytes);
    const label = `${word} ${bytesText(bytes)}${band.direction === 'both' ? '' : ` ${band.direction}`}${isOff ? ' (above this picture)' : ''}`;
    const rule = isOff
      ? NOTHING
      : html`<line class="bound" x1="${PLOT.left}" x2="${PLOT.width - PLOT.right}" y1="${height}" y2="${height}"/>`;
    return html`${rule}<text class="bound" x="${PLOT.width - PLOT.right - 4}" y="${height + (isOff ? 2 : -3)}" text-anchor="end">${label}</text>`;
  };
  return html`${line(band.max, 'ceiling')}${line(band.min, 'floor')}`;
}

function ticks(max: number): number[] {
  const step = tickStep(max, 3);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, at) => at * step);
}

/** Packets by size, sent upward and received downward, the allowed range shaded. */
export function drawSizes(use: RuleUse): Html {
  const most = Math.max(...use.sizesSent, ...use.sizesReceived);
  if (most === 0) return html`<p class="none">The input does not tell packet sizes.</p>`;
  const inner = PLOT.width - PLOT.left - PLOT.right;
  const step = inner / SIZE_BINS;
  const middle = PLOT.height / 2 - 4;
  const half = middle - PLOT.top;
  const bar = (packets: number): number =>
    packets === 0 ? 0 : Math.max(1.5, (half * Math.log(1 + packets)) / Math.log(1 + most));
  const bars = use.sizesSent.map((sent, at) => {
    const received = use.sizesReceived[at] ?? 0;
    const x = (PLOT.left + at * step + 0.5).toFixed(1);
    const range =
      at === SIZE_BINS - 1
        ? `${at * SIZE_STEP + 1} B and more`
        : `${at * SIZE_STEP + 1} to ${at * SIZE_STEP + SIZE_STEP} B`;
    return html`<g><title>${range}: ${countText(sent)} packets sent, ${countText(received)} received</title><rect class="sent" x="${x}" y="${(middle - bar(sent)).toFixed(1)}" width="${(step - 1).toFixed(1)}" height="${bar(sent).toFixed(1)}"/><rect class="received" x="${x}" y="${middle}" width="${(step - 1).toFixed(1)}" height="${bar(received).toFixed(1)}"/></g>`;
  });
  const allowed = use.sizeLimits.map(({ min, max, direction }) => {
    const x1 = PLOT.left + (Math.min(Math.max(0, (min ?? 0) - 1), SIZE_BINS * SIZE_STEP) / SIZE_STEP) * step;
    const x2 = PLOT.left + Math.min(SIZE_BINS, (max ?? SIZE_BINS * SIZE_STEP) / SIZE_STEP) * step;
    const y1 = direction === 'received' ? middle : PLOT.top;
    const y2 = direction === 'sent' ? middle : middle + half;
    return html`<rect class="allowed" x="${x1.toFixed(1)}" y="${y1}" width="${Math.max(2, x2 - x1).toFixed(1)}" height="${y2 - y1}"><title>allowed ${direction}: ${min ?? 0} to ${max ?? 'any'} B</title></rect>`;
  });
  return html`<svg class="plot" viewBox="0 0 ${PLOT.width} ${PLOT.height}" role="img" aria-label="Packets by size, sent above and received below the line">
${allowed}${bars}<line class="axis" x1="${PLOT.left}" x2="${PLOT.width - PLOT.right}" y1="${middle}" y2="${middle}"/>
<text x="${PLOT.left - 5}" y="${PLOT.top + 12}" text-anchor="end">sent</text><text x="${PLOT.left - 5}" y="${middle + half - 4}" text-anchor="end">received</text>
${[0, 500, 1000, 1500].map((size) => html`<text x="${PLOT.left + (size / SIZE_STEP) * step}" y="${PLOT.height - 6}" text-anchor="${size === 0 ? 'start' : 'middle'}">${size} B</text>`)}</svg>`;
}

/** A tick step of 1, 2 or 5 times a power of ten that gives at most `most` ticks up to `max`. */
function tickStep(max: number, most: number): number {
  if (max <= 0) return 1;
  const raw = max / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw) ?? 10;
  return factor * power;
}
