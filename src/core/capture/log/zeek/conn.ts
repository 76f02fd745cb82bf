// One record of a conn log as observations: the originator's direction, and the responder's when it sent anything.

import type { Observation } from '#model';
import { turnRound } from '../ends.ts';
import { applicationOf, countOf } from '../values.ts';
import { fillEnds } from './ends.ts';
import type { Fields } from './fields.ts';
import type { ZeekRecord } from './kind.ts';

export function readConn({ fields, addresses, observation, sink, begin }: ZeekRecord): string | null {
  const reason = fillEnds(fields, { addresses, observation });
  if (reason !== null) return reason;
  observation.packets = countOf(fields.text('orig_pkts')) ?? 1;
  observation.bytes = countOf(fields.text('orig_ip_bytes')) ?? countOf(fields.text('orig_bytes')) ?? 0;
  observation.application = applicationOf(fields.text('service'));
  begin();
  sink.observe(observation);
  if (turnToResponder(fields, observation)) sink.observe(observation);
  return null;
}

/** Turns a filled originator's observation into the responder's; false when the responder sent nothing. */
function turnToResponder(fields: Fields, observation: Observation): boolean {
  const packets = countOf(fields.text('resp_pkts'));
  const bytes = countOf(fields.text('resp_ip_bytes')) ?? countOf(fields.text('resp_bytes')) ?? 0;
  if ((packets ?? 0) === 0 && bytes === 0) return false;
  turnRound(observation, { packets: packets ?? 1, bytes });
  return true;
}
