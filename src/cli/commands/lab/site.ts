// The lab's live site as the commands reach it: its script, its folder, its gateway, its agent. Not what is done with them.

import type { AgentClient } from '#agent';
import { Bridge } from '#bridge';
import type { Desk } from '../../context.ts';
import { EXIT } from '../../exits.ts';
import { Failure } from '../../failure.ts';
import { agentOf } from '../../live/place.ts';
import { safeText } from '../../output/text.ts';
import { word } from '../parameters.ts';

const FOLDER = '/var/lib/picket-lab';
/** The longest piece, a day on a busy machine, and some. */
const PIECE_MILLIS_MAX = 300_000;
/** A piece of work that was not done ends the script so, after it told which. */
const UNDONE = 1;

export interface LabFlags {
  readonly lab?: string;
}

export const LAB_FLAG = {
  kind: 'parsed',
  parse: word,
  optional: true,
  brief: `Folder of the site [${FOLDER}]`,
  placeholder: 'DIR',
} as const;

export class LabSite {
  readonly #desk: Desk;
  readonly #folder: string;

  constructor(desk: Desk, { lab }: LabFlags) {
    this.#desk = desk;
    this.#folder = lab ?? FOLDER;
  }

  get socket(): string {
    return `${this.#folder}/run/agent.sock`;
  }

  get agent(): AgentClient {
    return agentOf(this.#desk, { socket: this.socket });
  }

  /** Runs a piece of the lab; its lines, or a failure with its last words. Work that was left undone is no failure of the piece. */
  async run(what: string, ...words: readonly string[]): Promise<readonly string[]> {
    const { machine } = this.#desk.io;
    const command = ['bash', `${machine.packageFolder}/lab/live.sh`, what, this.#folder, ...words];
    const { status, stdout, stderr } = await machine.run(command, { timeoutMillis: PIECE_MILLIS_MAX });
    const lines = stdout.split('\n').filter((line) => line !== '');
    if (status === 0 || (what === 'day' && status === UNDONE && lines.length > 0)) return lines;
    const said = stderr.trim().split('\n').at(-1) ?? '';
    throw new Failure({
      code: 'PICKET-A030',
      exit: EXIT.failed,
      message: said === '' ? `the lab's ${what} failed` : safeText(said.replace(/^lab: /, '')),
      help: 'begin with: picket lab up; take it away with: picket lab down',
    });
  }

  /** The gateway's bridge, of which every port is bound to its host. Close it after use; what it set stays. */
  async bridge(): Promise<Bridge> {
    const { machine } = this.#desk.io;
    const [keeper = ''] = ((await machine.text(`${this.#folder}/keeper`)) ?? '').split(' ');
    const first = ((await machine.text(`/proc/${keeper}/task/${keeper}/children`)) ?? '').trim();
    const within = ['nsenter', `--net=/proc/${first}/root/run/netns/router`, '--'];
    // What it changed vanishes with the namespace, so no note outlives it.
    return new Bridge({
      nft: [...within, 'nft'],
      ip: [...within, 'ip'],
      sysctl: [...within, 'sysctl'],
      save: async () => {},
    });
  }
}
