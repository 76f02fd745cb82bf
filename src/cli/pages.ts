// Pages of `picket explain` for codes outside a policy: inputs (PICKET-I…), the gateway (PICKET-G…) and command lines (PICKET-U…); the doctor's are in pages/, the agent's in its room. Policy codes and reasons have theirs in the policy room.

import { agentCodes, agentPage } from '#agent';
import { identityCodes, identityPage } from '#identity';
import { AGENT_PAGES } from './pages/agent.ts';
import { DOCTOR_PAGES } from './pages/doctor.ts';
import { LAB_PAGES } from './pages/lab.ts';
import { page } from './pages/page.ts';
import { REMOTE_PAGES } from './pages/remote.ts';

const PAGES: ReadonlyMap<string, string> = new Map([
  page('PICKET-I001', 'a file is not there', [
    'The path names nothing, or the folder of a file that is to be written does not exist. Nothing was read and nothing was written.',
    'Check the spelling and the folder you are in. "-" stands for standard input.',
    'Exit code 3 (not found).',
  ]),
  page('PICKET-I002', 'a directory stands where a file is needed, or holds nothing that is read', [
    'A directory given as input stands for all captures and logs in it, four levels deep; names that begin with a dot are left out, and files of other kinds are named and left out. This one holds none that is known. A policy, labels or an output has to be a file.',
    'Exit code 2 (wrong usage).',
  ]),
  page('PICKET-I003', 'the system refused to read or write a file', [
    'The file exists, but you may not open it, or the disk failed. A file that was to be written is never left half written.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I004', 'the input is empty', [
    'There is nothing in it. A capture without packets still has a header, so this is most likely a recording that never began, or a pipe whose program failed.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I005', 'the format of the input is not known', [
    'Captures: pcap, pcapng and snoop. Logs: Zeek (tab-separated, JSON lines, CSV), Suricata EVE, argus text as ra prints it (also .binetflow), NetFlow and IPFIX messages back to back, flow logs of AWS VPC, Azure (network security groups and virtual networks) and Google Cloud VPC. Each also compressed with gzip. See docs/logs.md for what each can tell.',
    'Convert other captures with, for instance: editcap -F pcapng other.cap new.pcapng',
    'Policies and labels are UTF-8 text without zero bytes. Text that Windows saved as "Unicode" (UTF-16) has them: save it as UTF-8.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I006', 'the input ends early or is damaged', [
    'Everything before the damage was read and is in the output; the message says at which byte it broke. JSON output carries "complete": false and the reason.',
    'A capture that was stopped by a full disk or a crash ends in the middle of a packet: that is a cut, and the packets before it are sound. Damage (an impossible length, a broken block) means that what follows cannot be trusted.',
    'Exit code 8 (partly done).',
  ]),
  page('PICKET-I007', 'the input is understood, but tells nothing that is asked for', [
    'It is a log of a known kind that tells no flows, no names and no operations, for instance a Zeek files or weird log. Beside other inputs such a log is left out with a note; alone it is refused, so that an empty answer does not pass for a result.',
    'Name the logs that tell flows (conn) and names (dns, ssl, http) instead, or the folder that holds them all.',
    'Exit code 2 (wrong usage).',
  ]),
  page('PICKET-I008', 'a labels file cannot be read', [
    'Two forms are known. Per packet: lines "number;label" or "number,label", numbers from 1 as in the capture. Per flow: a Zeek-like CSV or tab-separated log with a column named label, joined by uid or by addresses, ports, protocol and time.',
    'A label that is empty, 0, "-", "benign" or "normal" counts as benign; every other one as malicious.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I009', 'the policy has errors, so it was not used', [
    'Every error is listed with its place. Nothing was judged: a policy with an error never stands in for a whole one.',
    'Correct them, check with: picket policy check FILE',
    'Exit code 4 (policy check failed).',
  ]),
  page('PICKET-I010', 'an element appears in no traffic', [
    'Nothing sent or received under that MAC or address in the files (and in the time asked for), so there is nothing to learn. No policy was written.',
    'See which ends there are with: picket flows FILE',
    'Exit code 3 (not found).',
  ]),
  page('PICKET-I011', 'a file exists already', [
    'The command would write over it. Nothing was written. Add --force if that is what you want.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I012', 'there is no traffic in the input', [
    'The input was read, but it has no IP packet or flow record (in the time asked for), so there is nothing to learn from.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I030', 'a MUD file cannot be used', [
    'The text is no manufacturer usage description as RFC 8520 describes it: it is not JSON, lacks a part, or has a value of the wrong kind. Every problem is listed with its path. Nothing was made of it: half a file could permit what the whole one refuses.',
    'Both names of the container of access lists are read: ietf-access-control-list:acls, and access-lists of earlier drafts.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I020', 'a policy of another system cannot be read', [
    'The text is not what the command reads, or a part of it is broken in a way that leaves open who may talk to whom. The message says where. Nothing was written: half an import could permit what the other system denies.',
    'Print it anew with the command that the help of picket import names, and import that.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I021', 'a policy of another system is too large or too deep', [
    'The text, its nesting, its aliases or its chains pass a bound. The bounds keep a hostile file from using up the machine. Nothing was written.',
    'Import it in parts, or write the long lists as ranges.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I031', 'the signature of a MUD file is not good', [
    'A signature was given, and it does not stand: it does not fit the file, its certificate is not vouched for by those of --ca at this time, or its form would say nothing about this file. The file was not imported.',
    'RFC 8520 section 13.2 makes it with: openssl cms -sign -binary -outform DER -signer maker.crt -inkey maker.key -certfile intermediate.crt -in file.json -out file.p7s',
    'A good signature says who made the file, not that a device which names its URL is what it says.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I040', 'the socket for flow records cannot be opened', [
    'Another program listens on the same address and port, the address is not one of this host, or the port is below 1024 and needs rights that you do not have. Nothing was received and nothing was written.',
    'Choose another one with --listen ADDR:PORT, and tell the exporters.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-I041', 'flow records are missing', [
    'The sequence numbers of an exporter skip, its template never came, or datagrams arrived faster than they could be read. Everything that did arrive is in the output; the message says how much is known to be missing.',
    'Lost on the way: look at the network and at the receive buffer (net.core.rmem_max on Linux). Template missing: it is repeated every few minutes, so listen longer.',
    'Exit code 8 (partly done).',
  ]),
  page('PICKET-G001', 'the policy has too many pairs for the kernel', [
    'Ends that no selector tells apart form one class, and each pair of classes that a rule speaks of takes room in the kernel. This policy has more pairs than are safe to load. Nothing was loaded.',
    'Give elements labels and let rules name the labels, instead of naming elements one by one on both sides.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-G002', 'the policy has too many ranges for the kernel', [
    'Ranges of ports and of addresses are searched, where single ones are found in one step: too many of them would let a scan cost more than the traffic it hides in. Nothing was loaded.',
    'Name single ports or every port, and single addresses or fewer prefixes.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-G003', 'the numbers of the table are used up', [
    'Rules and classes have numbers that are never given twice in the life of a table, because connections may still carry them. After many millions of changes there are none left. Nothing was changed.',
    'Take the table down and put it up again.',
    'Exit code 1 (failed).',
  ]),
  ...AGENT_PAGES,
  ...LAB_PAGES,
  ...DOCTOR_PAGES,
  ...REMOTE_PAGES,
  page('PICKET-I099', 'a bug in picket', [
    'This is not your fault. Please report the lines printed below the code, and what you ran.',
    'Exit code 1 (failed).',
  ]),
  page('PICKET-U001', 'there is no such command', [
    'Run picket --help for the list of commands. Exit code 2 (wrong usage).',
  ]),
  page('PICKET-U002', 'the command line cannot be understood', [
    'A flag or argument is missing, unknown, given twice, or has a value that cannot be read; the message says which.',
    'Add --help to the command to see what it takes. Exit code 2 (wrong usage).',
  ]),
  page('PICKET-U003', 'explain does not know this code', [
    'Run picket explain without a code for the list. Exit code 3 (not found).',
  ]),
  page('PICKET-U004', 'the policy has no such element or service', [
    'The question names something the policy does not. Nothing was judged.',
    'An end may be an element id, an address, a MAC, internet, or a DNS name; a service is written after a slash (recorder/video), a port after a colon (recorder:554).',
    'Exit code 3 (not found).',
  ]),
]);

export function cliPage(code: string): string | null {
  return PAGES.get(code) ?? agentPage(code) ?? identityPage(code);
}

export function cliCodes(): readonly string[] {
  return [...PAGES.keys(), ...agentCodes(), ...identityCodes()];
}
