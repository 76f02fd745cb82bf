// One element's passport: when it talks, how much, how large, on which ports, with which operations, each beside what is allowed.

import { bytesText, countText, zonedText } from '../output/text.ts';
import type { ElementReport, RuleUse } from './data.ts';
import { SIZE_STEP } from './data.ts';
import { type Html, html, NOTHING } from './html.ts';
import { drawHours, drawSizes, drawVolume } from './pictures.ts';

/** Rules drawn per passport; the others stand in its table. */
const USES_DRAWN = 6;
/** Ports shown at once; a scan brings many. */
const PORTS_SHOWN = 8;

export function drawPassport(element: ElementReport, timezone: string): Html {
  const drawn = element.uses.slice(0, USES_DRAWN);
  return html`<section class="passport" id="element-${element.id}"><h3>${element.id} <span class="tag">${element.kind}</span> <span class="tag">${element.mode}</span> ${verdictTags(element)}</h3>
<div class="top"><div><h4>Hours of the week</h4>${drawHours(element.hours, element.open)}<p class="legend">Filled: traffic, orange where no rule was open. Dark outline: a rule is open (dashed: for part of the hour). Local time, ${timezone}.</p>
<details><summary>Table</summary>${hoursTable(element.hours)}</details></div>
<div><h4>Rules it uses</h4>${usesTable(element.uses)}</div></div>
${drawn.map((use) => drawUse(use, timezone))}
${element.uses.length > drawn.length ? html`<p class="soft">${element.uses.length - drawn.length} more rules are in the table above.</p>` : NOTHING}</section>`;
}

function verdictTags(counts: { readonly denied: number; readonly recorded: number }): Html {
  const denied =
    counts.denied > 0 ? html`<span class="tag no">✕ ${countText(counts.denied)} packets denied</span>` : NOTHING;
  const recorded =
    counts.recorded > 0
      ? html` <span class="tag would">○ ${countText(counts.recorded)} would be denied</span>`
      : NOTHING;
  return html`${denied}${recorded}`;
}

function usesTable(uses: readonly RuleUse[]): Html {
  if (uses.length === 0) return html`<p class="none">No traffic of this element in this input.</p>`;
  return html`<table><tr><th>rule</th><th>as</th><th class="n">packets</th><th class="n">volume</th><th class="n">denied</th></tr>
${uses.map((use) => html`<tr><td>${use.rule ?? html`<i>no rule</i>`}</td><td>${use.role}</td><td class="n">${countText(use.packets)}</td><td class="n">${bytesText(use.bytes)}</td><td class="n">${countText(use.denied + use.recorded)}</td></tr>`)}</table>`;
}

function drawUse(use: RuleUse, timezone: string): Html {
  return html`<div class="use"><h4>${use.rule ?? 'No rule'} <span class="soft">(as ${use.role})</span></h4><p class="soft">${use.sentence}</p>
<div class="pair"><div><h4>Volume per ${use.windowText}</h4>${drawVolume(use, timezone)}<details><summary>Table</summary>${volumeTable(use, timezone)}</details></div>
<div><h4>Packet sizes</h4>${drawSizes(use)}<details><summary>Table</summary>${sizesTable(use)}</details></div></div>
<p class="legend">Dark: sent by the one who began. Light: received. Green: allowed sizes. Dashed: ceiling and floor.</p>
<div class="pair"><div>${portsTable(use.ports)}</div><div>${use.operations.length === 0 ? NOTHING : operationsTable(use)}</div></div></div>`;
}

function portsTable(ports: readonly { readonly name: string; readonly packets: number }[]): Html {
  const rows = ports.map(
    ({ name, packets }) => html`<tr><td>${name}</td><td class="n">${countText(packets)}</td></tr>`,
  );
  const table = (shown: readonly Html[]): Html =>
    html`<table><tr><th>port</th><th class="n">packets</th></tr>${shown}</table>`;
  if (rows.length <= PORTS_SHOWN) return table(rows);
  const rest = html`<details><summary>${rows.length - PORTS_SHOWN} more</summary>${table(rows.slice(PORTS_SHOWN))}</details>`;
  return html`${table(rows.slice(0, PORTS_SHOWN))}${rest}`;
}

function operationsTable(use: RuleUse): Html {
  return html`<table><tr><th>operation</th><th class="n">packets</th><th class="n">denied</th></tr>
${use.operations.map(({ name, packets, denied }) => html`<tr><td>${name}</td><td class="n">${countText(packets)}</td><td class="n">${countText(denied)}</td></tr>`)}</table>`;
}

function volumeTable(use: RuleUse, timezone: string): Html {
  return html`<table><tr><th>from</th><th class="n">sent</th><th class="n">received</th></tr>
${use.volume.map(({ start, sent, received }) => html`<tr><td>${zonedText(start, timezone)}</td><td class="n">${bytesText(sent)}</td><td class="n">${bytesText(received)}</td></tr>`)}</table>`;
}

function sizesTable(use: RuleUse): Html {
  const rows = use.sizesSent.map((sent, at) => ({
    from: at * SIZE_STEP + 1,
    sent,
    received: use.sizesReceived[at] ?? 0,
  }));
  return html`<table><tr><th>from bytes</th><th class="n">sent</th><th class="n">received</th></tr>
${rows.filter(({ sent, received }) => sent + received > 0).map(({ from, sent, received }) => html`<tr><td>${from}</td><td class="n">${countText(sent)}</td><td class="n">${countText(received)}</td></tr>`)}</table>`;
}

function hoursTable(hours: readonly number[]): Html {
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  const rows = days.map((day, at) => ({
    day,
    busy: hours
      .slice(at * 24, at * 24 + 24)
      .flatMap((packets, hour) => (packets > 0 ? [`${String(hour).padStart(2, '0')}: ${countText(packets)}`] : [])),
  }));
  return html`<table><tr><th>day</th><th>packets by hour</th></tr>${rows.map(({ day, busy }) => html`<tr><td>${day}</td><td>${busy.length === 0 ? 'none' : busy.join(', ')}</td></tr>`)}</table>`;
}
