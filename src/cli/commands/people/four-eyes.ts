// `picket users four-eyes`: which changes of a domain's policy need a second person.

import { buildCommand } from '@stricli/core';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { safeText } from '../../output/text.ts';
import { answeredBy } from '../../remote/asking.ts';
import { controllerOf, REMOTE_FLAGS, type RemoteFlags } from '../../remote/controller.ts';
import { JSON_FLAG, word } from '../parameters.ts';

interface Flags extends RemoteFlags {
  readonly all?: boolean;
  readonly none?: boolean;
  readonly json?: boolean;
}

const SWITCH = { kind: 'boolean', optional: true, withNegated: false } as const;

export const fourEyesCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(fourEyes),
  parameters: {
    flags: {
      ...REMOTE_FLAGS,
      all: { ...SWITCH, brief: 'Every change of the policy' },
      none: { ...SWITCH, brief: 'No change' },
      json: JSON_FLAG,
    },
    positional: {
      kind: 'array',
      parameter: { parse: word, brief: 'services whose changes need a second person', placeholder: 'SERVICE' },
    },
  },
  docs: {
    brief: 'Show or say which changes need a second person',
    fullDescription: description(
      'A change that needs a second person is confirmed by another approver than its author, or goes back by itself. More of them are in force at once; fewer when another owner asks for the same within a day. Without services and flags it shows what is set.',
      [
        { line: 'picket users four-eyes', what: 'show what is set' },
        { line: 'picket users four-eyes ssh payments', what: 'changes that touch these two' },
        { line: 'picket users four-eyes --all', what: 'every change' },
      ],
    ),
  },
});

async function fourEyes(desk: Desk, flags: Flags, ...services: string[]): Promise<Exit> {
  const ways = [flags.all === true, flags.none === true, services.length > 0].filter(Boolean).length;
  if (ways > 1) throw wrongUsage('services, --all and --none are three answers', 'choose one');
  const { client, routes, domain } = await controllerOf(desk, flags);
  const params = { domain: domain() };
  const body = { isWholePolicy: flags.all === true, services: [...services] };
  const asked =
    ways === 0
      ? client.call(routes.users.fourEyes, { params })
      : client.call(routes.users.setFourEyes, { params, body });
  const { value } = await answeredBy(desk, asked);
  if (flags.json === true) {
    desk.paper.line(JSON.stringify({ schema: 'picket.four-eyes/v1', ...params, ...value }));
    return EXIT.done;
  }
  desk.paper.line(sentence(value));
  const { wish } = value;
  if (wish !== null) {
    desk.paper.line(
      `Asked for by ${safeText(wish.by)}, in force when another owner asks for the same by ${wish.endsAt}:`,
    );
    desk.paper.line(`  ${sentence(wish)}`);
  }
  return EXIT.done;
}

function sentence({
  isWholePolicy,
  services,
}: {
  readonly isWholePolicy: boolean;
  readonly services: readonly string[];
}) {
  if (isWholePolicy) return 'Every change of the policy needs a second person.';
  if (services.length === 0) return 'No change needs a second person.';
  return `Changes that touch ${services.map(safeText).join(', ')} need a second person.`;
}
