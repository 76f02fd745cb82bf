// Words of the argument parser in the house's error style: what is wrong, where help is, a code that explain knows.

import {
  type ApplicationText,
  ArgumentScannerError,
  formatMessageForArgumentScannerError,
  text_en,
} from '@stricli/core';

import { Failure, failureText, fileFailure } from './failure.ts';
import { FileError } from './io.ts';

export const TEXT: ApplicationText = {
  ...text_en,
  briefs: {
    ...text_en.briefs,
    help: 'Print this help and exit',
    version: 'Print the version and exit',
    argumentEscapeSequence: 'Everything after it is an argument, not a flag',
  },
  noCommandRegisteredForInput: ({ input, corrections }) =>
    usageError(
      'PICKET-U001',
      `there is no command "${input}"`,
      didYouMean(corrections) ?? 'run "picket --help" for the list',
    ),
  exceptionWhileParsingArguments: (error) => usageError('PICKET-U002', ...argumentMessage(error)),
  exceptionWhileRunningCommand: bugText,
  exceptionWhileLoadingCommandFunction: bugText,
  exceptionWhileLoadingCommandContext: bugText,
  exceptionWhileRunningIntegrationHook: ({ exception }) => bugText(exception),
  exceptionWhileRunningIntegrationFlag: ({ exception }) => bugText(exception),
};

function usageError(code: string, message: string, help: string): string {
  return `error[${code}]: ${message}\n   help: ${help}`;
}

function didYouMean(corrections: readonly string[]): string | null {
  return corrections.length === 0
    ? null
    : `did you mean ${corrections.map((word) => `"${word.replaceAll('`', '')}"`).join(' or ')}?`;
}

const SEE_HELP = 'add --help to see what the command takes';

function argumentMessage(error: unknown): [message: string, help: string] {
  if (!(error instanceof ArgumentScannerError)) return [messageOf(error), SEE_HELP];
  let help = SEE_HELP;
  const message = formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) => {
      help = didYouMean(corrections.map((word) => `--${word.replace(/^--/, '')}`)) ?? SEE_HELP;
      return `there is no flag --${input}`;
    },
    AliasNotFoundError: ({ input }) => `there is no flag -${input}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      `cannot read "${input}" for ${name}: ${messageOf(exception)}`,
    EnumValidationError: ({ externalFlagName, input, values }) => {
      help = `it may be ${values.join(', ')}`;
      return `--${externalFlagName} cannot be "${input}"`;
    },
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} is missing`,
    UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder} is missing`,
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      `"${input}" is one argument too many: at most ${expectedCount} ${expectedCount === 1 ? 'is' : 'are'} taken`,
    UnexpectedFlagError: ({ externalFlagName, previousInput, input }) =>
      `--${externalFlagName} is given twice: "${previousInput}" and "${input}"`,
    InvalidNegatedFlagSyntaxError: ({ externalFlagName }) => `--${externalFlagName} takes no value`,
  });
  return [message, help];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A bug, not the user's fault: the stack is what a maintainer needs. Help that cannot be written is none. */
function bugText(error: unknown): string {
  const failure = error instanceof FileError ? fileFailure('write', '-', error) : null;
  if (failure instanceof Failure) return failureText(failure).trimEnd();
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error[PICKET-I099]: picket itself failed; please report this\n${stack}`;
}
