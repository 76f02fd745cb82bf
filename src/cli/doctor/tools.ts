// Checks of the programs that a gateway runs: are they there, and young enough. Says which package has them.

import { type Check, type Checked, fail, ok, type Surroundings } from './checked.ts';

/** The oldest nft whose language the table is written and tested in. */
const NFT_LEAST = [1, 0, 6] as const;

export const checkNft: Check = async ({ machine }) => {
  const { isFound, stdout, stderr } = await machine.run(['nft', '--version']);
  if (!isFound)
    return [fail({ code: 'PICKET-D003', name: 'nft', found: 'there is no such program' }, 'apt-get install nftables')];
  const version = /v(\d+)\.(\d+)\.(\d+)/.exec(stdout);
  if (version === null) {
    const said = (stdout + stderr).split('\n')[0]?.trim().slice(0, 60) ?? '';
    const found = said === '' ? 'says no version' : `says "${said}"`;
    return [fail({ code: 'PICKET-D004', name: 'nft', found }, `install nftables ${NFT_LEAST.join('.')} or later`)];
  }
  const numbers = version.slice(1).map(Number);
  const found = numbers.join('.');
  if (isAtLeast(numbers, NFT_LEAST)) return [ok({ code: 'PICKET-D004', name: 'nft', found })];
  return [
    fail(
      { code: 'PICKET-D004', name: 'nft', found: `${found}, too old` },
      `install nftables ${NFT_LEAST.join('.')} or later: an older one does not know what the table is written in`,
    ),
  ];
};

function isAtLeast(numbers: readonly number[], least: readonly number[]): boolean {
  const at = least.findIndex((part, place) => numbers[place] !== part);
  return at < 0 || (numbers[at] ?? 0) > (least[at] ?? 0);
}

/** Program, what it is for, its Debian package, and the word that makes it say its version. */
const TOOLS = [
  { tool: 'conntrack', what: 'sees connections begin and end', from: 'conntrack', word: '--version' },
  { tool: 'tcpdump', what: 'sees packets and names', from: 'tcpdump', word: '--version' },
  { tool: 'ip', what: 'tells interfaces and routes', from: 'iproute2', word: '-V' },
] as const;

export async function checkTools({ machine }: Surroundings): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const { tool, what, from, word } of TOOLS) {
    const { isFound, status, stdout, stderr } = await machine.run([tool, word]);
    const facts = { code: 'PICKET-D007', name: tool } as const;
    if (!isFound) {
      const found = `there is no such program: it ${what}`;
      checked.push(fail({ ...facts, found }, `apt-get install ${from}`));
    } else if (status !== 0) {
      checked.push(
        fail({ ...facts, found: `does not run: ${firstLine(stderr)}` }, `apt-get install --reinstall ${from}`),
      );
    } else checked.push(ok({ ...facts, found: versionIn(stdout + stderr) }));
  }
  return checked;
}

function versionIn(text: string): string {
  return /\bv?(\d+(?:\.\d+)+)/.exec(text)?.[1] ?? firstLine(text);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 120) ?? '';
}
