// The columns of argus text by the names that `ra` and the CTU data sets give them, and cells by column. Not their meaning: reader.ts.

/** Column → the names it goes by, in lower case: `ra`'s headers, and the words it takes for `-s`. */
const NAMES = {
  start: ['starttime', 'stime'],
  end: ['lasttime', 'ltime'],
  duration: ['dur', 'runtime'],
  protocol: ['proto'],
  source: ['srcaddr', 'saddr'],
  sourcePort: ['sport'],
  direction: ['dir'],
  destination: ['dstaddr', 'daddr'],
  destinationPort: ['dport'],
  packets: ['totpkts', 'pkts'],
  bytes: ['totbytes', 'bytes'],
  sourcePackets: ['srcpkts', 'spkts'],
  destinationPackets: ['dstpkts', 'dpkts'],
  sourceBytes: ['srcbytes', 'sbytes'],
  destinationBytes: ['dstbytes', 'dbytes'],
  sourceMac: ['srcmac', 'smac'],
  destinationMac: ['dstmac', 'dmac'],
  state: ['state'],
  label: ['label', 'labels'],
} as const;

export type ArgusColumn = keyof typeof NAMES;
export type ArgusColumns = ReadonlyMap<ArgusColumn, number>;

/** Columns that a header must have. */
const NEEDED: readonly ArgusColumn[] = ['start', 'protocol', 'source', 'destination'];
/** Columns read of one header; `ra` knows about a hundred. */
const COLUMNS_MAX = 512;

/** The columns of a header, or null when it is none of argus'. */
export function argusColumns(header: readonly string[]): ArgusColumns | null {
  const columns = new Map<ArgusColumn, number>();
  for (const [at, cell] of header.slice(0, COLUMNS_MAX).entries()) {
    const word = cell.trim().toLowerCase();
    for (const [column, names] of Object.entries(NAMES))
      if (isColumn(column) && !columns.has(column) && names.some((name) => name === word)) columns.set(column, at);
  }
  const hasCounts = ['packets', 'sourcePackets', 'bytes', 'sourceBytes'].some(
    (name) => isColumn(name) && columns.has(name),
  );
  return hasCounts && NEEDED.every((column) => columns.has(column)) ? columns : null;
}

function isColumn(name: string): name is ArgusColumn {
  return Object.hasOwn(NAMES, name);
}

/** Arrows, and argus' words where there is none. */
const DIRECTION = /^(<?[-?|o]+>?|<>|who|man)$/;

/**
 * Cells of a line of aligned columns, in the order of the header: `ra` leaves flags empty, joins address and port with a dot, and has a space
 * in some times, so that cells are found from the arrow outwards. Columns left of the address other than time and protocol stay empty unless
 * every cell is there. Null where the line cannot be one of this header.
 */
export function spacedCells(line: string, header: readonly string[], columns: ArgusColumns): readonly string[] | null {
  const tokens = line.trim().split(/\s+/, COLUMNS_MAX);
  if (tokens.length === header.length) return tokens;
  const arrow = tokens.findIndex((token) => DIRECTION.test(token));
  const source = columns.get('source') ?? -1;
  const destination = columns.get('destination') ?? -1;
  if (arrow < 2 || columns.get('direction') === undefined || destination < source) return null;
  const cells = new Array<string>(header.length).fill('');
  const right = tokens.slice(arrow + 1);
  const rest = header.length - (columns.get('destinationPort') ?? destination) - 1;
  const to = right.slice(0, Math.max(0, right.length - rest));
  if (to.length < 1 || to.length > 2) return null;
  setEnd(cells, to, { address: destination, port: columns.get('destinationPort') ?? -1 });
  for (const [at, token] of right.slice(to.length).entries()) cells[header.length - rest + at] = token;
  const isJoined = to.length === 1 && to[0]?.includes('.') === true;
  const from = tokens.slice(isJoined || to.length === 1 ? arrow - 1 : arrow - 2, arrow);
  setEnd(cells, from, { address: source, port: columns.get('sourcePort') ?? -1 });
  cells[columns.get('direction') ?? -1] = tokens[arrow] ?? '';
  cells[columns.get('protocol') ?? -1] = tokens[arrow - from.length - 1] ?? '';
  cells[columns.get('start') ?? -1] = /^\d{2}:/.test(tokens[1] ?? '') ? `${tokens[0]} ${tokens[1]}` : (tokens[0] ?? '');
  return cells;
}

/** `10.0.0.1 80`, or `10.0.0.1.80` where there is a port behind the address. */
function setEnd(
  cells: string[],
  tokens: readonly string[],
  at: { readonly address: number; readonly port: number },
): void {
  const [address = '', port] = tokens;
  const joined = port === undefined ? /^(\d+\.\d+\.\d+\.\d+|.*:.*)\.(\w+)$/.exec(address) : null;
  cells[at.address] = joined?.[1] ?? address;
  if (at.port >= 0) cells[at.port] = port ?? joined?.[2] ?? '';
}
