// The controller's log: one JSON object a line, made once and handed to every room. Not the ledger and not the security events.

import pino from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Facts by fixed names: `element`, `rule`, `agent`, `code`. Secrets among them are `***` because of their type. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Log {
  debug(facts: Facts, message: string): void;
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  error(facts: Facts, message: string): void;
  /** A log whose every line carries these facts as well. */
  with(facts: Facts): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes whole lines. */
  readonly out: { write(line: string): unknown };
}

/** Longer texts from outside are cut: a log line is for reading. */
const TEXT_CHARACTERS_MAX = 8_192;
/** Deeper or wider facts are cut by the serialiser. */
const DEPTH_MAX = 6;
const WIDTH_MAX = 200;

export function createLog({ level, now, out }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      depthLimit: DEPTH_MAX,
      edgeLimit: WIDTH_MAX,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: cutTexts },
      serializers: { error: errorFacts },
    },
    { write: (line) => void out.write(safeLine(line)) },
  );
  return logOf(logger);
}

function logOf(logger: pino.Logger): Log {
  return {
    debug: (facts, message) => logger.debug(facts, message),
    info: (facts, message) => logger.info(facts, message),
    warn: (facts, message) => logger.warn(facts, message),
    error: (facts, message) => logger.error(facts, message),
    with: (facts) => logOf(logger.child(cutTexts(facts))),
  };
}

function cutTexts(facts: Facts): Record<string, unknown> {
  const cut = ([key, value]: readonly [string, unknown]): [string, unknown] => [
    key,
    typeof value === 'string' && value.length > TEXT_CHARACTERS_MAX ? `${value.slice(0, TEXT_CHARACTERS_MAX)}…` : value,
  ];
  return Object.fromEntries(Object.entries(facts).map(cut));
}

/** Name, code and message of an error and of its causes. Other properties may hold anything, so they are left out. */
function errorFacts(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const rest = cause === undefined || depth >= 4 ? {} : { cause: errorFacts(cause, depth + 1) };
  return { name, ...code, message, stack: depth === 0 ? stack : undefined, ...rest };
}

/** JSON leaves characters as they are that a terminal obeys or that break lines for some readers. */
function safeLine(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
