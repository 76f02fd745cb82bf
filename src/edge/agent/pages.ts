// Pages of `picket explain` for what the agent refuses (PICKET-G020 to G049). Policy codes and those of inputs have theirs elsewhere.

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-G020', 'no agent is running', [
    'The command speaks to an agent over a Unix socket, and nobody listens there. The table in the kernel may still be up: an agent that ended leaves it, grants run out and denials stay.',
    'Start it with picket up. A table that a dead agent left is taken away with picket down.',
  ]),
  page('PICKET-G021', 'you may not speak to the agent', [
    'The socket belongs to root, because whoever opens it can change what the network may do.',
    'Run the command with sudo.',
  ]),
  page('PICKET-G022', 'the agent went away in the middle of an answer', [
    'It ended or was ended before it had answered, so it is not known from here whether the request took effect. A change that was under way is taken back when the agent begins again, unless it was confirmed.',
    'Look with picket status, and at what is in force with picket policy history.',
  ]),
  page('PICKET-G023', 'command and agent do not understand each other', [
    'The running agent is of another version than the command. Nothing was changed.',
    'Start the agent anew: picket down, then picket up. Policy and history stay.',
  ]),
  page('PICKET-G024', 'another agent has this state', [
    "Two agents with one state directory would undo each other. The lock is the kernel's: it is free as soon as its holder is gone, however that ended. Nothing was changed.",
  ]),
  page('PICKET-G025', 'a change waits to be confirmed', [
    'One change at a time: another one now would hide which of them locked somebody out. Nothing was changed.',
    'Confirm it from a new session with picket policy confirm, take it back with picket policy rollback, or wait until it reverts by itself.',
  ]),
  page('PICKET-G026', 'the policy would deny your own connection', [
    'The agent looked at the connection by which you came (SSH_CONNECTION of your shell or its parents) and asked the new policy about it. Nothing was changed.',
    'Add a rule that lets it in. To go on all the same add --lose-session: the change still reverts by itself unless it is confirmed from a new session.',
  ]),
  page('PICKET-G027', 'nothing waits to be confirmed', [
    'There is no change under way, or its time was over and it was taken back.',
  ]),
  page('PICKET-G028', 'this confirmation does not count', [
    'A confirmation shows that a new session can still be opened under the new policy. So it has to come from the user who applied the change, in another session, and over SSH by another connection. The change still waits.',
    'Leave this session open, open a second login, and confirm there: picket policy confirm',
  ]),
  page('PICKET-G029', 'the agent does not know that name', [
    'The element, service, revision or newcomer named is not there. Nothing was changed.',
    'See picket elements ls, picket elements ls --new, picket status, picket policy history.',
  ]),
  page('PICKET-G030', 'the name is taken', [
    'Names of elements are given once. Nothing was changed.',
    'Choose another one.',
  ]),
  page('PICKET-G031', 'the element is marked safety-critical', [
    'Taking it off the network may hurt somebody, so no detector ever does, and a person has to say so twice. Nothing was changed.',
    'If it has to be: picket elements quarantine ELEMENT --force',
  ]),
  page('PICKET-G032', 'the state on disk cannot be used', [
    'The agent keeps the policy, its history and what is in quarantine on disk. It could not be read or written, or is damaged. The agent does not begin with less than it had: the table in the kernel stays as it is.',
    'Look at the disk and at the rights of the directory. To give the state up: picket down --purge',
  ]),
  page('PICKET-G033', 'the agent cannot run here', [
    'A program that it needs is missing, or its socket cannot be opened. Nothing was changed.',
    'picket doctor says what is missing.',
  ]),
  page('PICKET-G034', 'somebody else uses marks', [
    'Picket owns the marks of connections and packets, and another table or routing rule of this machine uses them too. Each would break the other. Nothing was changed.',
    'Take the other user away first, or keep Picket off this machine.',
  ]),
  page('PICKET-G035', 'the policy text cannot be changed in place', [
    'Single entries are changed in the text itself, so that its comments stay. This text is JSON with comments, or something that no program should rewrite. Nothing was changed.',
    'Change it yourself and apply it whole: picket policy apply FILE',
  ]),
  page('PICKET-G036', 'a test of the policy fails', [
    'The sentences below "tests" say what must hold. One does not, so the policy was not put in force.',
    'picket policy check FILE shows each of them.',
  ]),
  page('PICKET-G037', 'the kernel refused', [
    'nft could not carry out a change. What was in force before still is; what has to happen in time (a revert, an hour that opens) is tried again every second.',
    'picket doctor looks for the reason; picket status shows whether it still stands.',
  ]),
  page('PICKET-G038', 'the asking process cannot be seen', [
    'The agent looks the asking process up in /proc, to tell who applies and who confirms. It is not there: it runs in a container or on another machine, or has ended. Nothing was changed.',
    'Ask from the machine itself, or apply with a confirmation of 0 seconds, which cannot be taken back by time.',
  ]),
  page('PICKET-G039', 'the agent cannot read the request', [
    'A field is missing or of another kind than is needed; the message says which. Nothing was changed.',
  ]),
  page('PICKET-G040', 'no ticket could be given', [
    'A ticket lets one element open one connection, by a rule that needs a logon and lets this element use this service. Nothing was changed. "picket why ELEMENT SERVICE --live" says which rule governs.',
  ]),
  page('PICKET-G041', 'too many programs follow a record', ['Each record has at most 32 followers. End one of them.']),
  page('PICKET-G042', 'a setting of the kernel could not be set', [
    'The agent sets nf_conntrack_acct, nf_conntrack_timestamp, nf_conntrack_events (1) and nf_conntrack_tcp_loose (0), and puts them back at the end. Without the first three less is seen; without the last a TCP connection that was cut may come back in its middle.',
  ]),
  page('PICKET-G043', 'a source of observation is away', [
    'One of the children that observe (packets, flows, verdicts, answers) ended, or the kernel does not count. It is begun again by itself; what happened in between was not seen. What the table denies is denied all the same.',
  ]),
  page('PICKET-G044', 'nothing is observed', [
    'Observation could not begin; the table in the kernel holds all the same. It is tried again every half minute.',
    'picket doctor says whether tcpdump and conntrack are there and permitted.',
  ]),
  page('PICKET-G045', "the bridge's ports cannot be kept apart", [
    'The layout of the bridge does not fit what is there, or a tool failed. The bridge is as it was before, except where the message says that putting it back failed as well.',
    'picket doctor looks at the tools; ip link show type bridge_slave at the ports.',
  ]),
  page('PICKET-G049', 'an element in quarantine is missing in the policy', [
    'A quarantine holds an element of the policy. Without the element nobody would be held any more, so a policy that leaves it out, gives it another name, or removes it is refused as long. Nothing was changed.',
    'picket status says who is in quarantine; picket elements release ELEMENT lets it out.',
  ]),
  page('PICKET-G046', 'records began anew', [
    'More than 500,000 different addresses were seen, which no site has: most likely somebody scans or forges sources. To keep memory bounded, records, sessions and what was being learned were given up and began anew. The table in the kernel held all the while; logons have to be made again.',
    'Look at picket findings and at who sends: picket flows -f',
  ]),
]);

function page(code: string, title: string, paragraphs: readonly string[]): readonly [string, string] {
  return [code, `${code}: ${title}\n\n${paragraphs.join('\n\n')}\n`];
}

export function agentPage(code: string): string | null {
  return PAGES.get(code) ?? null;
}

export function agentCodes(): readonly string[] {
  return [...PAGES.keys()];
}
