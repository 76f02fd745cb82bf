// Takes flow export datagrams out of a capture. Asked for explicitly only: a capture tells first of all of its own packets.

import { type ExportDatagram, type Frame, isFlowExport, TrafficReader } from '#capture';
import { AddressTable, PROTOCOL } from '#model';
import type { Desk } from '../context.ts';
import { nameOf } from '../failure.ts';
import { look } from './look.ts';
import { Source } from './source.ts';

/** Hands on the payload of every UDP datagram that can be a message, fragments joined; whether the capture was whole. */
export async function readExports(
  desk: Desk,
  path: string,
  take: (datagram: ExportDatagram) => void,
): Promise<boolean> {
  const source = await Source.open(desk.io, path);
  await look(source);
  const addresses = new AddressTable();
  const inspect = (frame: Frame): void => {
    const { payloadOffset, payloadCaptured, payloadLength, protocol } = frame;
    if (protocol !== PROTOCOL.udp || payloadCaptured < payloadLength) return;
    const data = frame.data.subarray(payloadOffset, payloadOffset + payloadCaptured);
    if (isFlowExport(data)) take({ data, exporter: addresses.text(frame.source), at: frame.at });
  };
  const reader = new TrafficReader({ addresses, inspector: { inspect }, sink: { frame: () => {} } });
  for await (const chunk of source.chunks(() => {})) reader.push(chunk);
  const { kind, message } = reader.end();
  const damage = source.gzipFault?.message ?? message;
  const isWhole = kind === 'whole' && source.gzipFault === null;
  if (!isWhole) desk.say(`warning[PICKET-I006]: ${nameOf(path)}: ${damage}; what comes before it is in the output`);
  return isWhole;
}
