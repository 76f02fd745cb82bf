// Names and their patterns: the registered domain, and the longest suffix that sibling names share. Not a public suffix list.

/** Second-level labels under which countries register names; the usual ones, not all. */
const SECOND_LEVEL = new Set(['co', 'com', 'net', 'org', 'ac', 'gov', 'edu', 'ne', 'or', 'go']);

/** Domains under which anybody can get a name: a pattern for all of them would hold for strangers as well. */
const SHARED_HOSTS: readonly string[] = [
  'amazonaws.com',
  'cloudfront.net',
  'aliyuncs.com',
  'azure-devices.net',
  'azurewebsites.net',
  'cloudapp.net',
  'trafficmanager.net',
  'windows.net',
  'appspot.com',
  'googleusercontent.com',
  'herokuapp.com',
  'akamaiedge.net',
  'akamai.net',
  'edgekey.net',
  'fastly.net',
  'github.io',
  'pages.dev',
  'workers.dev',
  'duckdns.org',
];

/** How many labels from the right are registered by one owner: `api.example.co.uk` has 3, a name under a shared host all of them. */
function registeredLabels(name: string): number {
  const labels = name.split('.');
  if (SHARED_HOSTS.some((host) => name.endsWith(`.${host}`))) return labels.length;
  const last = labels.at(-1) ?? '';
  const second = labels.at(-2) ?? '';
  return last.length === 2 && SECOND_LEVEL.has(second) ? 3 : 2;
}

export function registeredDomain(name: string): string {
  return lastLabels(name, registeredLabels(name));
}

function lastLabels(name: string, count: number): string {
  return name.split('.').slice(-count).join('.');
}

/**
 * Patterns for sibling names of one registered domain: `*.` and their longest common suffix, cut before any label that
 * holds a digit (instances, regions), never above the registered domain. The suffix itself is added where it was seen.
 */
export function patternsOf(names: readonly string[]): readonly string[] {
  const [first = ''] = names;
  const least = registeredLabels(first);
  let count = Math.max(least, first.split('.').length - 1);
  while (count > least && !isCommon(lastLabels(first, count), names)) count--;
  const labels = first.split('.').slice(-count);
  const token = labels.slice(0, Math.max(0, count - least)).findLastIndex((label) => /\d/.test(label));
  const suffix = labels.slice(token + 1).join('.');
  return names.includes(suffix) ? [suffix, `*.${suffix}`] : [`*.${suffix}`];
}

function isCommon(suffix: string, names: readonly string[]): boolean {
  return names.every((name) => name === suffix || name.endsWith(`.${suffix}`));
}
