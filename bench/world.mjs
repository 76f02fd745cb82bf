// A made-up network of any size: elements, rules with every kind of limit, and the sessions that they admit. The same size gives the same world.

import { AddressTable, HOUR, NO_LIMITS, parsePrefix } from '#model';

/** Monday 2024-01-01T12:00:00Z: every schedule below is open for eight hours from here. */
export const NOON = 1_704_110_400_000_000;
const SCHEDULES = 50;
/** Rules whose ends are labels instead of elements. */
const LABELLED_OF_TEN = 3;
const LABELS = 100;

export function randomOf(seed) {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const hours = Array.from({ length: SCHEDULES }, (_, at) => ({
  zone: ['UTC', 'Europe/London', 'Africa/Abidjan', 'Atlantic/Reykjavik', 'Africa/Accra'][at % 5],
  spans: [{ days: 127, fromMinute: at * 10, toMinute: 1_200 + at }],
}));

/** Thirty sets of limits in all, as real policies repeat theirs. `isLogonAsked` for those of established traffic. */
export function limitsOf(at, isLogonAsked) {
  return LIMITS[isLogonAsked ? 1 : 0][at % LIMITS[0].length];
}

const LIMITS = [null, { factors: ['person'], within: null }].map((logon) =>
  hours.map((weekly, at) => ({
    ...NO_LIMITS,
    hours: weekly,
    logon,
    sizes: [{ min: 20, max: [512, 1_500, 9_000][at % 3], direction: 'both' }],
    volumes: [
      {
        minBytes: null,
        maxBytes: 1e12 + (at % 8) * 1e11,
        window: { kind: 'fixed', length: HOUR },
        direction: 'both',
        scope: 'rule',
      },
    ],
    rates: [{ unit: 'bytes', perSecond: 1e11, burst: 1e9, direction: 'both', scope: 'rule' }],
  })),
);

function elementOf(at, labels) {
  const address = `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
  return {
    id: `e${at}`,
    kind: 'device',
    macs: [],
    addresses: [parsePrefix(address)],
    login: null,
    labels,
    data: [],
    mode: 'enforce',
    protect: [],
    isSafetyCritical: false,
    owner: null,
  };
}

/** `labels`: how many each element has; `isLogonAsked`: whether every rule asks for one. */
export function worldOf(ruleCount, { labels = 3, isLogonAsked = false } = {}) {
  const random = randomOf(ruleCount);
  const elementCount = Math.max(64, Math.min(1_000_000, ruleCount / 10));
  const elements = Array.from({ length: elementCount }, (_, at) =>
    elementOf(
      at,
      Array.from({ length: labels }, (_, label) => [`l${label}`, `v${(at * 7 + label) % LABELS}`]),
    ),
  );
  const rules = Array.from({ length: ruleCount }, (_, at) => {
    const from = random(elementCount);
    const to = random(elementCount);
    const isLabelled = labels > 0 && at % 10 < LABELLED_OF_TEN;
    const port = 1 + random(60_000);
    const selector = (element) =>
      isLabelled && random(2) === 0
        ? { kind: 'label', key: elements[element].labels[0][0], value: elements[element].labels[0][1] }
        : { kind: 'element', id: `e${element}` };
    const service = {
      id: '',
      on: selector(to),
      protocol: 6,
      ports: [{ from: port, to: port }],
      application: null,
      isLogonRequired: false,
    };
    return {
      use: { from, to, port },
      rule: {
        id: `r${at}`,
        from: selector(from),
        to: [service],
        limits: limitsOf(at, isLogonAsked),
        isAudit: false,
        owner: null,
        why: null,
        until: null,
      },
    };
  });
  const addresses = new AddressTable();
  const ids = elements.map(({ addresses: [prefix] }) => addresses.intern6(prefix.bytes, 0));
  return {
    addresses,
    ids,
    uses: rules.map(({ use }) => use),
    policy: {
      timezone: 'UTC',
      mode: 'enforce',
      elements,
      services: [],
      rules: rules.map(({ rule }) => rule),
      never: [],
      require: [],
      tests: [],
    },
  };
}
