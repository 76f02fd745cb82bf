// `picket completion bash|zsh`: a script for the shell's start file. It asks picket itself, so it never goes stale.

import { buildCommand } from '@stricli/core';
import { command, type PicketContext } from '../context.ts';
import { EXIT } from '../exits.ts';
import { wrongUsage } from '../failure.ts';
import { description } from '../help.ts';

/** Words after `picket` up to and with the one being typed go to `picket __complete`; file names fill in where it proposes nothing. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  [
    'bash',
    `# picket completion for bash; add to ~/.bashrc:  eval "$(picket completion bash)"
_picket() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _picket picket ./picket
`,
  ],
  [
    'zsh',
    `#compdef picket
# picket completion for zsh; add to ~/.zshrc:  eval "$(picket completion zsh)"
_picket() {
  local -a proposals
  proposals=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- \${proposals:#} || _files
}
compdef _picket picket ./picket
`,
  ],
]);

export const completionCommand = buildCommand<Record<never, never>, [shell: string], PicketContext>({
  func: command(({ paper }, _flags: object, shell: string) => {
    const script = SCRIPTS.get(shell);
    if (script === undefined) throw wrongUsage(`there is no completion for "${shell}"`, 'it may be bash or zsh');
    paper.write(script);
    return EXIT.done;
  }),
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: (input: string) => input,
          proposeCompletions: (partial: string) => [...SCRIPTS.keys()].filter((name) => name.startsWith(partial)),
          brief: 'bash or zsh',
          placeholder: 'SHELL',
        },
      ],
    },
  },
  docs: {
    brief: 'Print a completion script for your shell',
    fullDescription: description('Prints a script that completes commands and flags when you press Tab.', [
      { line: 'eval "$(picket completion bash)"', what: 'for this shell; add the line to ~/.bashrc to keep it' },
    ]),
  },
});
