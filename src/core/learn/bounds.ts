// Every bound of the learner, with its reason and with what happens at it. Nothing here is a setting: a learner must not be starved by its input.

import { HOUR, MINUTE, type Micros, PROTOCOL, SECOND } from '#model';

/** Idle times of conversations, as docs/semantics.md 8 has them. */
export function idleMicros(protocol: number): Micros {
  if (protocol === PROTOCOL.tcp) return 7_440 * SECOND;
  if (protocol === PROTOCOL.udp) return 180 * SECOND;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) return 30 * SECOND;
  return 600 * SECOND;
}

/** Conversations kept at once (about 20 MiB). When full, idle ones go first, then the oldest: they count anew if they go on. */
export const CONVERSATIONS_MAX = 65_536;
/** Lines (initiator, responder, service, name) in all, about 1 KiB each. Beyond it the peer is folded away. */
export const LINES_MAX = 16_384;
/** Lines of one initiator: beyond it new peers are folded to "internet" or "private" per service. A scanner must not fill the book. */
export const LINES_PER_INITIATOR_MAX = 1_024;
/** Lines that folding itself may make on top of both bounds; beyond it traffic is only counted. */
export const FOLDED_LINES_MAX = 4_096;
/** Hour counters over all lines (about 60 MiB of map entries at most). Beyond it a line keeps only its largest hours. */
export const HOUR_ENTRIES_MAX = 500_000;
/** Days kept one by one in a line: more than a year tells nothing new. */
export const DAYS_MAX = 400;
/** DNS bindings kept; beyond it expired ones go, then new ones are refused, so that their peers are learned as bare addresses. */
export const BINDINGS_MAX = 131_072;
/** Names kept as text; beyond it a new name counts as none. */
export const NAMES_MAX = 65_536;
/** SNI and HTTP hosts kept as hints for bare addresses; beyond it there is no hint. */
export const HINTS_MAX = 16_384;
/** Devices (MACs) followed; beyond it a new one is known by its address only. */
export const MACS_MAX = 16_384;
/** Addresses remembered per MAC; one with more carries other hosts' traffic. */
export const ADDRESSES_PER_MAC_MAX = 64;
/** Different operations of one line; beyond it no operations are proposed, since a set cut short would deny what was seen. */
export const OPERATIONS_MAX = 128;
/** Elements of one proposal: a policy with more is no proposal anyone reads, and made-up sources must not fill it. Beyond it the devices with the fewest lines are peers. */
export const ELEMENTS_MAX = 512;
/** Far ends of one service, nearly all met once, from which it looks like a scan. */
export const SCAN_ENDS_MIN = 64;
/** Elements made only so that conversations of strangers have one; beyond it such conversations are left out, and the notes say how many. */
export const COVER_MAX = 256;

/** Elements that say the same to a group of their link before every host of the link may. */
export const SHARED_ELEMENTS_MIN = 3;
/** Rules per element that a person will still read; more are folded together. */
export const RULES_PER_ELEMENT_MAX = 10;
/** Names or addresses in one selector before they are folded to a coarser key. */
export const SIBLINGS_MAX = 8;
/** Share of conversations a key may have left unforeseen over the last days. */
export const UNSEEN_TARGET = 0.02;

/** From here up ports on the local network are handed out at random (UPnP eventing and the like), so they are one class. */
export const HIGH_PORT = 32_768;
/** Stands for the class of ports from HIGH_PORT up in line keys. */
export const HIGH_PORTS = 65_536;

/** Packets per direction before size bounds are proposed at all: fewer say nothing of the extremes. */
export const SIZED_PACKETS_MIN = 20;
/** Room beyond the sizes seen, as a share of them, until that many packets were seen; exact from the last on. Of 47 later packets outside exact bounds 27 lie in this room. */
export const SIZE_ROOM = [
  { packets: 200, share: 1 / 2 },
  { packets: 1_000, share: 1 / 4 },
] as const;
/** Room never goes beyond an Ethernet's payload unless that was seen. */
export const SIZE_USUAL_MAX = 1_500;
/** The least room above the largest hour: one full burst, so that tiny elements are spared. */
export const VOLUME_ROOM = 65_536;
/** The ceiling over the largest hour: twice it was exceeded by 0.57 % of later hours. With few hours of traffic the largest is a poor guess of the next: twice it failed on three of nine splits of a real week, thrice on none. */
export const VOLUME_FACTOR = 2;
export const VOLUME_FACTOR_FEW = 4;
export const VOLUME_HOURS_FEW = 24;
/** Before two days have passed a quiet day may have been the only one: cameras had later hours of six times their first day's largest. */
export const VOLUME_FACTOR_YOUNG = 10;
export const VOLUME_YOUNG = 48;
/** Hours the learning must span before volume is proposed at all: a part of an hour says nothing of an hour. */
export const VOLUME_WINDOWS_MIN = 6;
/** Windows, none of them empty, before a floor is proposed. */
export const FLOOR_WINDOWS_MIN = 48;
/** The single hour that exceeds the second largest by this factor is shown for review and not learned from. */
export const BURST_FACTOR = 5;
/** Local days, and hours empty on all of them, before hours are proposed. */
export const HOURS_DAYS_MIN = 7;
export const HOURS_EMPTY_MIN = 6;
/** Share of days on which a used hour of the day must have had traffic, on average: two lookups a day at odd times make silent hours by chance. */
export const HOURS_REGULAR_MIN = 1 / 3;

/** A set-up phase ends at the first silence of this length, or after an hour. */
export const SETUP_SILENCE: Micros = 10 * MINUTE;
export const SETUP_LENGTH_MAX: Micros = HOUR;

/** A DNS answer binds for at least this long (docs/semantics.md 5). */
export const BINDING_MIN: Micros = HOUR;
/** Days are scored when there are at least this many, else eighths of the whole span. */
export const DAYS_TO_SCORE = 3;
export const SLICES_OF_SHORT_SPAN = 8;
