// The keys of the document, map by map, in the canonical order. The reader, the printer and the schema all take them from here.

export const DOCUMENT_KEYS = [
  'picket',
  'timezone',
  'mode',
  'elements',
  'services',
  'rules',
  'never',
  'require',
  'tests',
] as const;
export const ELEMENT_KEYS = [
  'kind',
  'address',
  'mac',
  'login',
  'labels',
  'data',
  'mode',
  'protect',
  'safety',
  'owner',
] as const;
export const SERVICE_KEYS = ['on', 'protocol', 'port', 'application', 'logon'] as const;
export const RULE_KEYS = ['from', 'to', 'limits', 'mode', 'owner', 'why', 'until'] as const;
export const LIMIT_KEYS = [
  'hours',
  'volume',
  'size',
  'rate',
  'connections',
  'lifetime',
  'logon',
  'operations',
  'drain',
] as const;
export const NEVER_KEYS = ['from', 'to', 'owner', 'why'] as const;
export const REQUIRE_KEYS = ['from', 'to', 'hours', 'logon', 'owner', 'why'] as const;
