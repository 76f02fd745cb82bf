// Every bound and threshold of the detectors, with its reason and what happens at it. Those a site may want to move are options.

import { DAY, HOUR, MINUTE, type Micros, SECOND } from '#model';

/** Settings a site may move. */
export interface Thresholds {
  /** How long edges and rhythms are only learned. A week has every working day and one weekend. */
  readonly learningMicros: Micros;
  /** Ports of one host that were tried in vain before it is a scan. Set-ups of real devices try up to three. */
  readonly scanPortsMin: number;
  /** Hosts of the house tried in vain at one port. */
  readonly scanHostsMin: number;
  /** Hosts of the internet, never named by DNS, tried in vain at one port: peer-to-peer programs meet a few dead ones. */
  readonly scanStrangersMin: number;
  /** The shortest silence worth telling: shorter ones are a reboot. */
  readonly silenceMin: Micros;
  /** How many times its longest pause an element must be silent. Of 28,000 pauses in real weeks none was longer than twice the longest before. */
  readonly silenceFactor: number;
  /** Hardware addresses that an address must change between, there and back, within ten minutes. */
  readonly flapsMin: number;
  /** IPv4 addresses that one hardware address may claim anew within an hour. */
  readonly claimsMax: number;
}

export const THRESHOLDS: Thresholds = {
  learningMicros: 7 * DAY,
  scanPortsMin: 5,
  scanHostsMin: 5,
  scanStrangersMin: 8,
  silenceMin: 2 * MINUTE,
  silenceFactor: 2,
  flapsMin: 3,
  claimsMax: 8,
};

/** Sequential test of first contacts (Jung et al. 2004): 80 % of an honest host's succeed, 20 % of a scanner's; 1 % false alarms, 99 % found. */
export const WALK_STEP = Math.log(0.8 / 0.2);
export const WALK_LIMIT = Math.log(0.99 / 0.01);
/** Suspicion halves in this time, so that a few dead servers over a week do not add up; a probe an hour still does. */
export const SUSPICION_HALVES: Micros = DAY;

/** An unanswered contact has failed after this time: three SYNs of an ordinary client. */
export const ANSWER_WAIT: Micros = 7 * SECOND;
/** Contacts awaiting an answer (about 100 bytes each). When full, new ones are not judged, only counted as `unjudged`. */
export const PENDING_MAX = 8_192;
/** Of one source; a source beyond it is scanning by any measure, and its further contacts wait for nothing. So 128 scanners fill the table, not one. */
export const PENDING_PER_SOURCE_MAX = 64;
/** Fingerprints of contacts that worked, in each of two generations; the older is forgotten when the newer is full, and its contacts count as first ones again. */
export const KNOWN_MAX = 65_536;

/** Sources under suspicion (a few hundred bytes each, 4 KiB for those with many targets). When full, of eight looked at the least suspicious goes. */
export const SOURCES_MAX = 2_048;
export const SOURCES_LOOKED_AT = 8;
/** Failed contacts of a source kept one by one, to tell the pattern; beyond them only the bitmaps count. */
export const FAILED_MAX = 64;
/** Bits of the counting bitmaps for hosts and ports: within 5 % up to 4,000 different ones; fuller ones are said to be "more than". */
export const BITMAP_BITS = 2_048;
/** Services of the house met for the first time and answering, within this time, that are worth a note. */
export const SWEEP_MIN = 24;
export const SWEEP_TIME: Micros = 10 * MINUTE;
/** From here up ports are handed out at random. */
export const HIGH_PORT = 32_768;
/** Failing targets of one infrastructure service (names, time, leases, discovery) before they count at all: a device cut off from its time servers tried 37 of a pool in a day. */
export const INFRASTRUCTURE_MIN = 48;

/** Edges known in all, and of one end (about 100 bytes each). Beyond either, further edges of the house are not judged: the detector cannot tell. */
export const EDGES_MAX = 65_536;
export const EDGES_PER_END_MAX = 1_024;

/** Elements whose rhythm is followed; further ones are not, which `ignored` counts. */
export const RHYTHMS_MAX = 4_096;
/** Addresses whose element is remembered. When full, all are asked for again. */
export const NAMED_ENDS_MAX = 16_384;
/** Pauses that a rhythm must have had room for: an element seen for less than this many of its longest pauses has shown no rhythm. */
export const RHYTHM_SPAN = 24;
/** Packets before there is a rhythm at all. */
export const RHYTHM_PACKETS_MIN = 48;
/** How far the longest pause must lie beyond the next to be an outage and not the rhythm. */
export const OUTAGE_FACTOR = 5;
/** Silences after which a pause of that length is the new rhythm: two are an outage, three a habit. */
export const SILENCES_LEARNED = 3;
/** Longest pauses are those of this and the one before, so that an old outage is forgotten. */
export const RHYTHM_EPOCH: Micros = 7 * DAY;
/** Elements that fall silent together, as a share of those that have a rhythm, and at least how many, that mean the site or the view of it. */
export const TOGETHER_SHARE = 0.5;
export const TOGETHER_MIN = 3;

/** Time that passes without any fact or tick before the detectors take it that they were blind: the clock was set or the machine slept. */
export const BLIND_AFTER: Micros = HOUR;

/** Bindings of address and hardware address kept. When full, the one heard of longest ago goes. */
export const BINDINGS_MAX = 8_192;
/** How long ago a change of hardware address still counts as flapping. */
export const FLAP_TIME: Micros = 10 * MINUTE;
export const CLAIM_TIME: Micros = HOUR;

/** Names given by DNS: client and address, in each of two generations as above. */
export const NAMED_MAX = 65_536;

/** Series of contacts with one unnamed host of the internet; when full, the one that is longest quiet goes. */
export const SERIES_MAX = 2_048;
/** Intervals before a series is called regular, the time they must span, and how far they stray from their mean (200 to 350 s at random: 0.16). */
export const BEACON_INTERVALS_MIN = 16;
export const BEACON_SPAN_MIN: Micros = HOUR;
export const BEACON_SPREAD_MAX = 0.25;

/** Open cases; when full, the one that is longest quiet goes and would be told anew. */
export const CASES_MAX = 1_024;
/** A case ends when nothing was added for this long; what comes later is a new one. */
export const CASE_QUIET: Micros = HOUR;
/** Findings not yet taken; when full, further ones are dropped and counted, and their case is told at its next doubling. */
export const UNTAKEN_MAX = 1_024;
