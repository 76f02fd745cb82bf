// The lab's attacks and the limit that has to stop each. Data, and how a denial is told to be the expected one.

/** A denial as it was recorded: names of elements where there are any, else addresses. */
export interface Denial {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly reason: string;
}

export interface Attack extends Denial {
  readonly name: string;
  readonly what: string;
}

/** Records of a flood of denials are thinned in the kernel, so which of the hosts and ports are told is chance. */
const ANY_END = '';
const ANY_PORT = 0;

export const ATTACKS: readonly Attack[] = [
  { name: 'scan', what: 'camera scans the subnet', from: 'camera', to: ANY_END, port: ANY_PORT, reason: 'no-rule' },
  { name: 'lateral', what: "nvr tries web's shell", from: 'nvr', to: 'web', port: 22, reason: 'no-rule' },
  {
    name: 'exfiltration',
    what: 'camera uploads 3 MB where it may fetch firmware',
    from: 'camera',
    to: '203.0.113.10',
    port: 443,
    reason: 'over-volume',
  },
  {
    name: 'oversize',
    what: 'camera asks for the time with 1,200 bytes',
    from: 'camera',
    to: ANY_END,
    port: 123,
    reason: 'packet-size',
  },
  { name: 'forged-write', what: 'pc writes to the plc', from: 'pc', to: 'plc', port: 502, reason: 'no-rule' },
  {
    name: 'forged-operation',
    what: 'scada switches coils, which it never did',
    from: 'scada',
    to: 'plc',
    port: 502,
    reason: 'wrong-operation',
  },
  {
    name: 'closed-hour',
    what: "admin's laptop is used outside working hours",
    from: 'admin',
    to: 'web',
    port: 22,
    reason: 'outside-hours',
  },
  {
    name: 'flood',
    what: 'pc floods web with connections',
    from: 'pc',
    to: 'web',
    port: 80,
    reason: 'too-many-connections',
  },
  {
    name: 'spoofing',
    what: "camera speaks with scada's address",
    from: 'camera',
    to: ANY_END,
    port: ANY_PORT,
    reason: 'address',
  },
];

export function isExpected(denial: Denial, { from, to, port, reason }: Attack): boolean {
  if (denial.from !== from || denial.reason !== reason) return false;
  return (to === ANY_END || denial.to === to) && (port === ANY_PORT || denial.port === port);
}
