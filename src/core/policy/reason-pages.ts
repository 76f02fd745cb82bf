// The pages behind `picket explain` for the reasons of a denial. Every reason has one; the type sees to it.

import type { Reason } from '#model';
import type { Page } from './pages.ts';

const page = (title: string, body: string, example: string, remedy: string): Page => ({ title, body, example, remedy });

export const REASON_PAGES: Readonly<Record<Reason, Page>> = {
  quarantined: page(
    'an end is in quarantine',
    'One of the two elements was set apart. Nothing else is judged.',
    'a camera that scanned the network',
    'Release the element when it is clean.',
  ),
  'stale-program': page(
    'the policy at the point of enforcement is too old',
    'An enforcement point that lost its controller holds the last good policy for a time, then denies.',
    'a gateway without a controller for days',
    'Bring the controller back, or apply a policy by hand.',
  ),
  guardrail: page(
    'a guardrail denies it',
    'A "never" matches, or a "require" matches and its hours or logon do not hold. No rule overrides a guardrail.',
    'never: { from: role=camera, to: internet }',
    'The named guardrail has an owner: ask for a change there.',
  ),
  'unknown-element': page(
    'an end is not known',
    'No rule governs, and one end is neither an element of the policy, nor the internet, nor a group address.',
    'a new device on the network',
    'Add the element, or find out what it is.',
  ),
  'no-rule': page(
    'no rule permits it',
    'No rule has this from, to, protocol and port. What is not permitted is denied where an end enforces.',
    'a camera that dials the printer',
    'Add a rule if the connection is wanted.',
  ),
  'wrong-protocol': page(
    'the protocol is not the permitted one',
    'A rule would govern if the protocol were not looked at.',
    'udp/554 where tcp/554 is permitted',
    'Use the protocol of the service, or correct the service.',
  ),
  'bad-state': page(
    'a packet that no stack sends',
    'TCP flags contradict each other, or a fragment hides its ports.',
    'SYN and FIN in one packet',
    'Look at the sender: scanners do this.',
  ),
  'not-logged-on': page(
    'a logon is missing',
    'The service or the rule needs a logon of the element that begins, and a factor is not logged on.',
    'ssh without a logon of the person',
    'Log on, then connect.',
  ),
  'session-expired': page(
    'the logon or the session is too old',
    'The logon is older than "within" when the session opens, or the session lived as long as its lifetime.',
    'lifetime: 12 h',
    'Log on again, or begin a new connection.',
  ),
  'outside-hours': page(
    'outside the hours',
    'The rule is closed now.',
    'hours: Mon-Fri 06:00-22:00 on a Sunday',
    'Wait until it opens, or change the hours.',
  ),
  'too-many-connections': page(
    'too many connections',
    'One more would pass the number open at once, or opened in the window.',
    'connections: 4 open',
    'Close some, or raise the limit.',
  ),
  'wrong-application': page(
    'another application than the permitted one',
    'The first bytes of the conversation are not those of the application that the service names.',
    'ssh on port 443 of a tls service',
    'Find out what speaks there.',
  ),
  'wrong-operation': page(
    'an operation that is not permitted',
    'The packet asks for something that the rule does not list.',
    'modbus 1/5 (write a coil) where modbus read is permitted',
    'Add the operation if it is wanted.',
  ),
  'packet-size': page(
    'the packet is too small or too large',
    'The IP length of the packet is outside the bounds for its direction.',
    'a DNS query of 1,400 B',
    'Look at the packet; widen the size if it is right.',
  ),
  'over-rate': page(
    'faster than permitted',
    'The packet does not fit the rate and its burst now. Later ones may.',
    'rate: 20 Mbit/s',
    'Slow the sender, or raise the rate or burst.',
  ),
  'over-volume': page(
    'the volume is used up',
    'This packet would pass the ceiling of the window. Fixed and calendar windows stay shut until they end.',
    'volume: "<= 2 GB per hour"',
    'Wait for the next window, or raise the ceiling.',
  ),
  'under-volume': page(
    'less than expected',
    'A whole window inside the hours ended with less than the floor. It is an alarm; no packet is held for it.',
    'volume: ">= 2 kB per 10 min" and a silent sensor',
    'See whether the element still works.',
  ),
};
