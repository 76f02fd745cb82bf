// One frame of a capture, as the reader fills it for everyone behind it. Reused: copy what must outlive the call.

import { newObservation, type Observation } from '#model';

export interface Frame extends Observation {
  /** 1-based number in the file, counting every packet block, IP or not. */
  index: number;
  /** Time as the file has it, exact to the nanosecond: whole seconds since 1970 and nanoseconds 0 to 999,999,999. */
  seconds: number;
  nanoseconds: number;
  /** Length on the wire and length kept, in bytes. */
  wireLength: number;
  capturedLength: number;
  /** Outermost first; empty for untagged. */
  vlans: readonly number[];
  /** Number of the interface and kind of packet (`PACKET_TYPE`), where the recording system tells them; else 0 and -1. */
  interfaceIndex: number;
  packetType: number;
  /** 0 when the frame carries no IP (its other IP fields then mean nothing). */
  ipVersion: 0 | 4 | 6;
  /** Keeps equal addresses of different tunnels apart: 0 outside of tunnels, else a number of the network inside them. */
  network: number;
  /** A fragment other than the first. Its flow row has no ports, whatever `sourcePort` says for policy. */
  isLaterFragment: boolean;
  /** The captured link-layer bytes; valid during the call only. */
  data: Uint8Array;
  /** Transport payload inside `data`: offset, bytes captured, and bytes the headers claim. 0 length where there is none. */
  payloadOffset: number;
  payloadCaptured: number;
  payloadLength: number;
  /** TCP sequence number of the first payload byte, 0 otherwise. */
  tcpSequence: number;
}

export function newFrame(): Frame {
  return {
    ...newObservation(),
    index: 0,
    seconds: 0,
    nanoseconds: 0,
    wireLength: 0,
    capturedLength: 0,
    vlans: [],
    interfaceIndex: 0,
    packetType: -1,
    ipVersion: 0,
    network: 0,
    isLaterFragment: false,
    data: new Uint8Array(0),
    payloadOffset: 0,
    payloadCaptured: 0,
    payloadLength: 0,
    tcpSequence: 0,
  };
}
