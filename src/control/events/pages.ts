// Pages of `picket explain` for events and their delivery (PICKET-C250 to C299).

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-C250', 'a receiver of events does not take them', [
    'The file, syslog server or webhook that events are sent to could not be written or reached, or refused them. Events wait in a spool on the disk and are sent again, later and later, up to every five minutes.',
    'Look at the receiver, and at the address in the configuration of the controller. Nothing else waits for it.',
  ]),
  page('PICKET-C251', 'events were dropped', [
    'The spool of a receiver was full, so the oldest events went to make room, or the receiver said for good that it will not take some. How many is in the metric picket_events_total{outcome="dropped"}, and the receiver is told in the stream itself.',
    'The ledger has every change all the same: picket audit export.',
  ]),
  page('PICKET-C252', 'a receiver of events is configured wrongly', [
    'The message says which field and what is needed. The controller does not start with a receiver that could never work.',
  ]),
  page('PICKET-C253', 'the spool of events cannot be used', [
    'The folder "spool" in the data folder cannot be read or written. Events of that receiver are dropped and counted until it can.',
    'Look at the disk and at the rights of the folder.',
  ]),
]);

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}

export function eventsPage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function eventsCodes(): readonly string[] {
  return [...PAGES.keys()];
}
