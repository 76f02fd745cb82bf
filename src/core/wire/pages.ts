// Pages of `picket explain` for the connection between agents and controllers (PICKET-C600 to C699). They stand here so that both sides find them.

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-C600', 'the other side ends', [
    'The controller stops, or the agent leaves or comes again with a new certificate. Agents go to another controller at once, or come back when this one is there again. What is in force stays.',
  ]),
  page('PICKET-C601', 'agent and controller speak no common version', [
    'The protocol between them has a version. This agent and this controller have none in common. The last good policy stays in force.',
    'Bring the older of the two up to date: first the controllers, then the agents.',
  ]),
  page('PICKET-C602', 'a message could not be read', [
    'It was longer than the protocol allows, no JSON, or had a field that is not known. The connection was ended and nothing in the message counts.',
    'A faulty agent, or a program that is none, uses a certificate of the domain. The message says which field.',
  ]),
  page('PICKET-C603', 'too many messages', [
    'An agent sends a report and a few words every ten seconds. This one sent far more, so it was disconnected.',
  ]),
  page('PICKET-C604', 'another connection with this certificate took over', [
    'An agent has one connection; the newest counts. If it goes on, two machines run with one key: a disk was cloned, or a key was stolen.',
    'See which machines run this agent. If in doubt revoke the identity and enrol the right one anew: picket identities revoke',
  ]),
  page('PICKET-C605', 'the certificate was revoked', [
    'The connection was cut at once. The last good policy stays in force on the agent.',
    'If it is to come back, it has to be enrolled anew: picket tokens enrol',
  ]),
  page('PICKET-C606', 'the certificate ended while the connection was open', [
    'A connection never outlives the certificate it was opened with. The agent renews and comes again by itself.',
  ]),
  page('PICKET-C607', 'the controller has too many agents', [
    'One controller holds 10,000 connections. The agent tries the other controllers of its domain.',
    'Run another controller on the same PostgreSQL.',
  ]),
  page('PICKET-C608', 'no hello came in time', [
    'Somebody with a certificate of the domain connected and said nothing for ten seconds.',
  ]),
  page('PICKET-C609', 'a message came out of order', [
    'The first message is hello, and it comes once. The connection was ended.',
  ]),
  page('PICKET-C610', 'the agent is ahead of the controller', [
    'The agent took a revision that is higher than the current one here, so it takes nothing from this controller. Revisions never go back: most likely the database was restored from an old backup.',
    'Apply policies until the number is above the one that the message names, or bring the newer database back.',
  ]),
  page('PICKET-C611', 'a revision that was applied has errors', [
    'Its text was checked when it was applied, so it is of another version of the language. It is sent to nobody; agents keep what they have.',
    'Run the version of Picket that took it, and correct the policy there.',
  ]),
  page('PICKET-C612', 'a certificate could not be judged', [
    'What the authority knows could not be read, so the agent was not let in. It tries again by itself.',
  ]),
  page('PICKET-C615', 'the controller cannot read its database', [
    'It does not know any more which policy is current, so it sends its agents to the other controllers and takes none until it can read again. What is in force stays.',
    'Look at the database and the network between: picket controller status',
  ]),
  page('PICKET-C616', 'the clock of an agent is wrong', [
    "It is more than five minutes ahead of the controller, or more than a week behind. What it reports is kept under the controller's time, so that it neither stands in the future nor takes the place of what others report. Hours of rules go by the agent's own clock.",
    'Set the clock of that machine, and let NTP keep it.',
  ]),
  page('PICKET-C617', 'elements in quarantine are not held on an agent', [
    'The agent took the list and could not hold some of its elements: it does not know them, or the kernel refused. Other gateways may hold them.',
    'See what the agent says: picket agents show NAME; the policy in force there has to have the element.',
  ]),
  page('PICKET-C650', 'this element belongs to no domain', [
    'It has not joined one, or has left it. Policies are local.',
    'picket join LINK, with the link that picket tokens enrol printed at the controller.',
  ]),
  page('PICKET-C651', 'this element belongs to a domain already', [
    'An element has one domain. Nothing was changed.',
    'To join another: picket leave, then picket join LINK',
  ]),
  page('PICKET-C652', 'what answers is not the controller that the link names', [
    'The link holds the fingerprint of the root by which the controller is known. What answered at its address showed another, so neither the token nor anything else was sent.',
    'Check the address, and that no proxy or other server answers there.',
  ]),
  page('PICKET-C653', 'the controller did not take this element in', [
    'The message says why: the token was used, is over, or is for another name. Nothing was changed here.',
    'Make a new link at the controller: picket tokens enrol',
  ]),
  page('PICKET-C654', 'a statement is not signed by the domain', [
    'Policies and quarantine lists are signed by the policy key of the domain. This one is not, or was changed on its way. It was not used, and what is in force stays.',
    'If it goes on, somebody between the agent and the controller, or in the controller, forges policies.',
  ]),
  page('PICKET-C655', 'a policy goes back', [
    'It is older than one that this agent took, or has the number of one with another content. It was not used.',
    'The controller may have been restored from an old backup (see PICKET-C610), or somebody replays old messages.',
  ]),
  page('PICKET-C656', 'a statement is for another domain', [
    'It was signed, but for a domain that this element does not belong to. It was not used.',
  ]),
  page('PICKET-C657', 'a change does not fit what is held', [
    'After the change the policy would not be what was signed. The change was taken back, and the whole policy is asked for. It needs no help.',
  ]),
  page('PICKET-C658', 'the policy of the domain cannot be put in force here', [
    'It is signed and newer, but it has errors for this version of Picket, a test in it fails, or the kernel refused it. What was in force before still is, and the controller was told.',
  ]),
  page('PICKET-C659', 'this element takes its policy from its domain', [
    'It has joined a domain, so the policy is changed at the controller and reaches every element from there. Nothing was changed.',
    'At the controller: picket policy apply FILE. In an emergency, when no controller can be reached: picket policy apply FILE --local. That is reported, and the next policy of the domain takes its place.',
  ]),
  page('PICKET-C660', 'no controller can be reached', [
    'The agent keeps the last good policy in force and tries its controllers in turn, with growing pauses of at most a minute.',
    'See that a controller runs, that its agents port (7444) can be reached, and that the clocks agree to a minute.',
  ]),
  page('PICKET-C661', 'the certificate ended while this element was away', [
    'It was off for longer than its certificate lives, and holds no renewal key that could get a new one. The last good policy stays in force.',
    'Enrol it anew: picket tokens enrol at the controller, then picket leave and picket join LINK here.',
  ]),
  page('PICKET-C663', "the link's folder cannot be used", [
    'Keys, certificate and the newest policy of the domain are kept in the folder "link" of the state directory. A file there is damaged, or the disk is full. The policy in force stays.',
    'Look at the disk. To give the membership up: picket leave',
  ]),
  page('PICKET-C664', 'a quarantine list goes back', [
    'It is older than one that this agent took, so it was not used: somebody who is in quarantine must not get out by an old message.',
  ]),
  page('PICKET-C666', 'the file is no signed policy that can be used', [
    'It was cut off or changed on its way, it is something else, or its revision was not confirmed when it was written. Nothing was changed.',
    'Write it anew at the controller: picket policy export -o FILE',
  ]),
  page('PICKET-C665', 'a certificate came that was not asked for', [
    'It is for another name or another key than this element asked for. It was not used; the old one is kept, and it is asked again.',
  ]),
]);

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}

export function wirePage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function wireCodes(): readonly string[] {
  return [...PAGES.keys()];
}
