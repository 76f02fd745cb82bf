// The three spellings of a Zeek conn log, each turned into "give me the field of this name": TSV with #fields, JSON lines, CSV.
// Not the meaning of the fields: log-record.ts.

/** The text of a field, or '' where the record has none. Names are Zeek's own, with dots: `id.orig_h`. */
export type Fields = (name: string) => string;

export type LogFormat = 'zeek-tsv' | 'zeek-json' | 'zeek-csv';

/** Fields without which a line says nothing about who spoke to whom. */
const NEEDED = ['ts', 'id.orig_h', 'id.resp_h', 'proto'] as const;
/** Fields that of all Zeek logs only conn has; other logs carry addresses too. */
const CONN_ONLY = ['conn_state', 'orig_bytes', 'orig_pkts', 'orig_ip_bytes', 'history'] as const;
/** Fields that other Zeek logs have and conn has not. */
const OTHERS_ONLY = ['query', 'server_name', 'host', 'method', 'note', 'fuid', 'operation', 'version'] as const;
/** Columns read of one header line; a conn log has about 25. */
const COLUMNS_MAX = 1_024;
/** Bytes of a file that are enough to tell it by. */
const HEAD_BYTES = 16_384;

/** Columns of a header line, by Zeek's own names whatever the spelling. */
export type Columns = ReadonlyMap<string, number>;

export function columnsOf(names: readonly string[]): Columns {
  return new Map(names.slice(0, COLUMNS_MAX).map((name, at) => [zeekName(name.trim()), at]));
}

/** `id_orig_h` is what some exporters write for `id.orig_h`. */
function zeekName(name: string): string {
  return name.replace(/^id_(orig|resp)_([hp])$/, 'id.$1_$2');
}

/** Whether these columns can be those of a conn log. */
export function areConnColumns(columns: Columns): boolean {
  const hasNeeded = NEEDED.every((name) => columns.has(name));
  return hasNeeded && (CONN_ONLY.some((name) => columns.has(name)) || !OTHERS_ONLY.some((name) => columns.has(name)));
}

/** Fields of one split line; `-` and `(empty)` are Zeek's words for nothing. */
export function fieldsOfCells(columns: Columns, cells: readonly string[]): Fields {
  return (name) => {
    const at = columns.get(name);
    const text = at === undefined ? '' : (cells[at] ?? '');
    return text === '-' || text === '(empty)' ? '' : text;
  };
}

/** Columns of a `#fields` line. IoT-23 parts its last three columns by three spaces instead of a tab. */
export function tsvCells(line: string): readonly string[] {
  return line.includes('   ') ? line.split(/\t| {3}/) : line.split('\t');
}

/** Cells of one CSV line (RFC 4180, without line ends inside quotes), or null when a quote is not closed. */
export function csvCells(line: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (char === '"' && isQuoted && line[at + 1] === '"') {
      cell += char;
      at++;
    } else if (char === '"') isQuoted = !isQuoted;
    else if (char === ',' && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += char;
  }
  cells.push(cell);
  return isQuoted ? null : cells;
}

/** Fields of a JSON line, or null when it is no JSON object. */
export function jsonFields(line: string): { readonly fields: Fields; readonly columns: Columns } | null {
  const object = parseObject(line);
  if (object === null) return null;
  const values = new Map(Object.entries(object).map(([name, value]) => [zeekName(name), value]));
  const columns = new Map([...values.keys()].map((name, at) => [name, at]));
  return { fields: (name) => textOf(values.get(name)), columns };
}

function parseObject(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    // Not JSON is an answer, not a fault: the caller counts the line as unreadable.
    return null;
  }
}

/** Numbers as decimals without an exponent, lists as Zeek writes sets. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(6);
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string').join(',');
  return '';
}

/** The format that the first line of a log shows, or null; `#` lines other than `#fields` and `#path` decide nothing. */
export function formatOfLine(line: string): LogFormat | null {
  if (line.startsWith('#')) return 'zeek-tsv';
  if (line.startsWith('{')) {
    const json = jsonFields(line);
    return json !== null && areConnColumns(json.columns) ? 'zeek-json' : null;
  }
  const cells = csvCells(line);
  return cells !== null && areConnColumns(columnsOf(cells)) ? 'zeek-csv' : null;
}

/** Whether a file that begins with these bytes is a Zeek conn log in one of the three spellings. */
export function isConnLog(head: Uint8Array): boolean {
  const lines = new TextDecoder()
    .decode(head.subarray(0, HEAD_BYTES))
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  if (!first.startsWith('#')) return formatOfLine(first) !== null;
  const path = lines.find((line) => line.startsWith('#path'));
  if (path !== undefined && tsvCells(path)[1] !== 'conn') return false;
  const fields = lines.find((line) => line.startsWith('#fields\t'));
  return fields !== undefined && areConnColumns(columnsOf(tsvCells(fields).slice(1)));
}
