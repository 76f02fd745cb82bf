// Ports that services are known by: they tell which end of a conversation serves, where its beginning was not seen.
// A convention, never a proof: whoever knows better (SYN, a log's word) does not ask here.

/** At and above 1,024 (IANA, and what databases and web servers are run on). */
const KNOWN = new Set([
  1_433, 1_521, 1_883, 1_900, 3_306, 3_389, 3_478, 5_060, 5_432, 5_672, 5_683, 5_684, 5_900, 6_379, 8_080, 8_443, 8_883,
  9_092, 9_200, 27_017,
]);

/** UDP ports below 1,024 from which a first packet is an answer. From the others clients ask as well: remote procedure calls. */
const ANSWERING = new Set([53, 67, 69, 88, 111, 123, 137, 161, 389, 443, 500, 502, 514, 547, 853]);

/** Whether an end at this port serves, as a rule. */
export function isServicePort(port: number): boolean {
  return (port >= 0 && port < 1_024) || KNOWN.has(port);
}

/** Whether a first UDP packet from this port is an answer. */
export function isAnsweringPort(port: number): boolean {
  return ANSWERING.has(port) || KNOWN.has(port);
}
