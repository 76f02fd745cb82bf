// Semantics 6 to 9: what a session is, who began it, when it idles out. Whether it may open is judged elsewhere.

import { type Instant, type Micros, type Observation, PROTOCOL, SECOND, TCP } from '#model';
import { endOf } from './ends.ts';
import type { Session, State } from './state.ts';

/** More than this after the opening, another SYN from the initiator opens anew (8). */
const RETRANSMISSION: Micros = SECOND;

export function keyOf(observation: Observation): string {
  const ends = [
    `${observation.source} ${observation.sourcePort}`,
    `${observation.destination} ${observation.destinationPort}`,
  ].sort();
  return `${observation.protocol}: ${ends.join(' - ')}`;
}

export function idleTimeOf(protocol: number): Micros {
  if (protocol === PROTOCOL.tcp) return 7_440 * SECOND;
  if (protocol === PROTOCOL.udp) return 180 * SECOND;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) return 30 * SECOND;
  return 600 * SECOND;
}

export function idlesOutAt(session: Session): Instant {
  return session.lastSeen + idleTimeOf(session.protocol);
}

/** Neither idled out nor cut. */
export function isLive(session: Session, now: Instant): boolean {
  return !session.isCut && now < idlesOutAt(session);
}

function hasFlag(observation: Observation, flag: number): boolean {
  if (observation.protocol !== PROTOCOL.tcp || observation.tcpFlags === -1) return false;
  return Math.floor(observation.tcpFlags / flag) % 2 === 1;
}

export function isSynWithoutAck(observation: Observation): boolean {
  return hasFlag(observation, TCP.syn) && !hasFlag(observation, TCP.ack);
}

export function isSynWithAck(observation: Observation): boolean {
  return hasFlag(observation, TCP.syn) && hasFlag(observation, TCP.ack);
}

/** A TCP packet known to carry no SYN. Unknown flags say nothing. */
export function isWithoutSyn(observation: Observation): boolean {
  return observation.protocol === PROTOCOL.tcp && observation.tcpFlags !== -1 && !hasFlag(observation, TCP.syn);
}

/** The answer to an opening that was denied or not seen (7). */
export function isReset(observation: Observation): boolean {
  return isWithoutSyn(observation) && hasFlag(observation, TCP.rst);
}

/** Whether both ends of a TCP connection ended it, or one broke it off (8). */
export function isClosed({ done }: Session): boolean {
  return done.size === 2;
}

/** Takes down what a packet of a session says of its end: FIN for who sends it, RST for both. */
export function noteEnd(session: Session, observation: Observation): void {
  const isReset = hasFlag(observation, TCP.rst);
  const sender = isFromInitiator(session, observation) ? 'initiator' : 'responder';
  if (isReset || hasFlag(observation, TCP.fin)) session.done.add(sender);
  if (isReset) session.done.add(sender === 'initiator' ? 'responder' : 'initiator');
}

/** Flags that no stack sends, or ports that a later fragment hides (15). */
export function isBadState(observation: Observation): boolean {
  const { protocol, sourcePort, destinationPort, tcpFlags } = observation;
  if (protocol === PROTOCOL.tcp && tcpFlags !== -1) {
    if (tcpFlags === 0) return true;
    if (hasFlag(observation, TCP.syn) && (hasFlag(observation, TCP.fin) || hasFlag(observation, TCP.rst))) return true;
  }
  const hasPorts = protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp || protocol === PROTOCOL.sctp;
  return hasPorts && (sourcePort === -1 || destinationPort === -1);
}

export function isFromInitiator(session: Session, observation: Observation): boolean {
  const { initiator } = session.ends;
  return observation.source === initiator.address && observation.sourcePort === initiator.port;
}

/** Whether a packet of a known tuple begins the conversation anew (8, 22). */
export function beginsAnew(session: Session, observation: Observation, now: Instant): boolean {
  if (now >= idlesOutAt(session)) return true;
  if (!isSynWithoutAck(observation) || !isFromInitiator(session, observation)) return false;
  return session.isCut || isClosed(session) || now - session.opened > RETRANSMISSION;
}

/** The two ends of a packet, as it runs. */
export function endsOf(state: State, observation: Observation) {
  const { policy, addresses } = state;
  const { sourceMac, destinationMac, sourcePort, destinationPort } = observation;
  return {
    source: endOf(observation.source, { mac: sourceMac, port: sourcePort, policy, addresses }),
    destination: endOf(observation.destination, { mac: destinationMac, port: destinationPort, policy, addresses }),
  };
}
