// Pages of `picket explain` for what `picket doctor` finds (PICKET-D…). Data only.

import { page } from './page.ts';

export const DOCTOR_PAGES: readonly (readonly [string, string])[] = [
  page('PICKET-D001', 'Node is too old', [
    'Picket is written for Node 20.19 and later. An older one lacks parts of the language and of the file interface.',
  ]),
  page('PICKET-D002', 'you may not manage packets', [
    'A gateway holds its policy in the kernel, and only root, or a process with CAP_NET_ADMIN and CAP_NET_RAW, may change it and see packets. In a container root may lack both.',
    'Run it with sudo, or by the systemd unit, which gives the agent these two and nothing else. Reading captures and logs (flows, learn, replay, why, policy) needs no rights at all.',
  ]),
  page('PICKET-D003', 'nft is not there', [
    'The table of a gateway is put into the kernel by the program nft, of the package nftables. Nothing was changed.',
    'Debian, Ubuntu: apt-get install nftables. Fedora: dnf install nftables. Alpine: apk add nftables.',
  ]),
  page('PICKET-D004', 'nft is too old', [
    'The table is written in the language of nft 1.0.6 and tested with it. An older nft refuses parts of it, or worse, takes them for something else.',
  ]),
  page('PICKET-D005', 'the kernel lacks a part', [
    'A table that uses every kind of limit was loaded in a network namespace made for the purpose, and the kernel refused it. The parts that are missing are named where they could be told apart.',
    'They are modules of every distribution: nf_tables, nf_conntrack, nfnetlink_log, nft_ct, nft_limit, nft_quota, nft_connlimit, nft_reject_inet. In a container they have to be loaded on its host.',
  ]),
  page('PICKET-D006', 'the kernel could not be tried', [
    'Making a network namespace is not allowed here, so it is not known whether the kernel has all parts. Putting a table up is all or nothing: where a part is missing nothing is changed.',
  ]),
  page('PICKET-D007', 'a tool is not there, or does not run', [
    'conntrack (package conntrack) tells the agent when connections begin and end, tcpdump shows it packets and names, ip (package iproute2) tells interfaces and routes. Without them a gateway would hold a policy, but learn nothing and see nothing; so it does not begin.',
  ]),
  page('PICKET-D008', 'somebody else uses the marks of connections', [
    'Picket knows each session by the number in its connection mark. Policy routing, some VPNs, container networks and load balancers write marks too: either would break the other, so the table is not put up beside them.',
    'The line found is shown. Take that service off this machine, or put the gateway on another one.',
  ]),
  page('PICKET-D009', 'another firewall manager is there', [
    'Tables of nftables stand side by side: a packet passes where all of them let it pass. So nothing breaks, but what firewalld, ufw or Docker denies stays denied whatever the policy says, and two places have to be looked at.',
    'Those that use marks are refused (PICKET-D008).',
  ]),
  page('PICKET-D010', 'forwarding', [
    'A gateway passes packets on between its interfaces, which net.ipv4.ip_forward and net.ipv6.conf.all.forwarding switch on. Without it Picket protects this host alone. Both are right; picket never switches it.',
  ]),
  page('PICKET-D011', 'a setting of connection tracking is not as needed', [
    'nf_conntrack_acct=1 counts the bytes of connections, nf_conntrack_timestamp=1 tells when they began, nf_conntrack_events=1 tells of each of them, nf_conntrack_tcp_loose=0 keeps a connection that began unseen from being taken for an open one. The agent sets them when it starts and puts back what was there when it goes; somebody changed them in between.',
  ]),
  page('PICKET-D012', 'the table of connections is nearly full', [
    'The kernel tracks at most net.netfilter.nf_conntrack_max connections. Where it is full, new ones are refused, those that the policy permits among them.',
  ]),
  page('PICKET-D013', 'the clock is not plausible', [
    'Hours, windows of quotas and ends of rules go by the clock. It stands before this program was written, beyond any calendar, behind what the agent wrote last, or is not synchronised.',
    'The agent watches for jumps and makes the table anew for the new time; a grant is never made longer by one.',
  ]),
  page('PICKET-D014', 'a service flushes all rules', [
    'nftables.service with "flush ruleset" in /etc/nftables.conf takes every table of the machine away when it is reloaded, Picket\'s among them. The agent sees that and puts its table up again, but in between nothing is held.',
    'Replace "flush ruleset" by lines that delete the file\'s own tables: table inet filter; delete table inet filter.',
  ]),
  page('PICKET-D015', 'the agent does not run, or is of another version', [
    'The agent is the process that holds the gateway: it renews hours, keeps used quotas, sees traffic. Without it the table stays as it is: grants run out, denials stay.',
    'Start it with picket up, or by systemd: systemctl enable --now picket.',
  ]),
  page('PICKET-D016', 'there is a table, and no agent that holds it', [
    'An agent ended and left its table, as it should: what was denied stays denied, what was granted runs out. picket up takes it over with what was used of every quota; picket down takes it away.',
  ]),
  page('PICKET-D017', 'the table is not as the agent left it', [
    'Another process changed or removed the table. The agent puts it right as soon as it sees it, and counts how often.',
  ]),
  page('PICKET-D018', 'the agent reports that something is not well', [
    'The line says what, and the code beside it has a page of its own. picket status shows the same.',
  ]),
  page('PICKET-D019', 'the state directory is not safe', [
    'It holds the policy in force and its history: who can write it, writes the policy. It belongs to the user of the agent and nobody else may enter it (mode 700).',
  ]),
  page('PICKET-D020', 'the disk is nearly full', [
    'Every revision and every quota is written whole before it counts. Where there is no room the change is refused and nothing is in force by halves.',
  ]),
  page('PICKET-D021', "the controller's data folder is not safe", [
    'Database, ledger and keys of the controller are in it. It belongs to the user of the controller and nobody else may enter it (mode 700).',
  ]),
  page('PICKET-D022', "the disk of the controller's data folder is nearly full", [
    'Changes are refused where there is no room, and nothing is ever half written. Flows are the most of what is kept.',
  ]),
  page('PICKET-D023', 'the controller does not run, or is not well', [
    'The line says what is not well, and the code beside it in "picket controller status" has a page of its own. Agents enforce what they have without a controller.',
  ]),
];
