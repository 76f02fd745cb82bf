// Which packets tcpdump is asked for: all that come in, and of those that go out the ones that this host may have sent itself. What it only
// passes on was seen when it came in, so half of a gateway's packets need not be copied. Not the last word: the gate looks at addresses.

import { commandText } from './command.ts';

/**
 * A host's own packets leave with their whole time to live, those that it passes on have lost one of it. Besides the system's own value these
 * are taken: 255 (discovery, routing), 128 and 65 (set by some rules), and up to 32 (multicast, traceroute).
 */
const WHOLE_TIMES = [64, 65, 128, 255];
const SHORT_TIME_MAX = 32;

const TIME_FILES = ['/proc/sys/net/ipv4/ip_default_ttl', '/proc/sys/net/ipv6/conf/all/hop_limit'];
const ANSWER_CHARS_MAX = 16;

/** The filter for the host that `prefix` leads to, in tcpdump's words. */
export async function captureFilter(prefix: readonly string[]): Promise<string> {
  const times = new Set(WHOLE_TIMES);
  for (const file of TIME_FILES) times.add(await timeIn(prefix, file));
  const fields = ['ip[8]', 'ip6[7]'].flatMap((field) => [
    ...[...times].map((time) => `${field} = ${time}`),
    `${field} <= ${SHORT_TIME_MAX}`,
  ]);
  return `not outbound or ${fields.join(' or ')}`;
}

/** Where the file cannot be read, Linux's own value. */
async function timeIn(prefix: readonly string[], file: string): Promise<number> {
  try {
    const time = Number(await commandText([...prefix, 'cat', file], ANSWER_CHARS_MAX));
    return Number.isInteger(time) && time > 0 && time <= 255 ? time : 64;
  } catch {
    return 64;
  }
}
