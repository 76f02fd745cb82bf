// `picket policy schema`: the JSON Schema that editors use to help while a policy is typed.

import { buildCommand } from '@stricli/core';
import { policySchema } from '#policy';
import { command, type PicketContext } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { description } from '../../help.ts';

export const schemaCommand = buildCommand<Record<never, never>, [], PicketContext>({
  func: command(({ paper }) => {
    paper.line(JSON.stringify(policySchema(), null, 2));
    return EXIT.done;
  }),
  parameters: {},
  docs: {
    brief: 'Print the JSON Schema of a policy',
    fullDescription: description('Prints the JSON Schema (2020-12) of the policy document.', [
      { line: 'picket policy schema > policy.schema.json', what: 'point your editor at it' },
    ]),
  },
});
