// `picket import mud`: manufacturer usage descriptions (RFC 8520) as Picket policy.

import { buildCommand } from '@stricli/core';
import { GENERIC, type Generic, importMud, type MudOptions, type MudText } from '#exchange';
import { type Mac, type Prefix, parseMac, parsePrefix, type Selector } from '#model';
import { printPolicy } from '#policy';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, nameOf, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { readText } from '../../input/source.ts';
import { counted, safeText } from '../../output/text.ts';
import { selectorWord } from '../../selector-word.ts';
import { checkOutputs, writeOut } from '../../write.ts';
import { OUTPUT_FLAG, word } from '../parameters.ts';

interface Flags {
  readonly element?: string;
  readonly mac?: string;
  readonly address?: string;
  readonly label?: readonly string[];
  readonly controller?: readonly string[];
  readonly myController?: string;
  readonly localNetworks?: string;
  readonly generic: string;
  readonly output?: string;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;

export const importMudCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(importFiles),
  parameters: {
    flags: {
      element: { ...OPTIONAL, brief: 'Name of the device in the policy', placeholder: 'ID' },
      mac: { ...OPTIONAL, brief: 'What recognises the device', placeholder: 'MAC' },
      address: { ...OPTIONAL, brief: 'The same', placeholder: 'IP' },
      label: { ...OPTIONAL, variadic: true, brief: 'Label of every device', placeholder: 'KEY=VALUE' },
      controller: {
        ...OPTIONAL,
        variadic: true,
        brief: 'Who a controller class of the file is',
        placeholder: 'URI=SELECTOR',
      },
      myController: { ...OPTIONAL, brief: 'Who controls the device', placeholder: 'SELECTOR' },
      localNetworks: { ...OPTIONAL, brief: 'What "local-networks" means here', placeholder: 'PREFIX,...' },
      generic: {
        kind: 'parsed',
        parse: word,
        default: GENERIC.join(','),
        brief: 'What every device may, whatever its file says; or none',
        placeholder: 'LIST',
      },
      output: OUTPUT_FLAG,
    },
    aliases: { o: 'output' },
    positional: { kind: 'array', minimum: 1, parameter: { parse: word, brief: 'MUD file', placeholder: 'FILE' } },
  },
  docs: {
    brief: 'Make a policy of MUD files (RFC 8520)',
    customUsage: ['FILE... [--element ID] [--mac MAC | --address IP] [-o FILE] [more flags]'],
    fullDescription: description(
      "Makes a policy of what a manufacturer says a device needs. The file is its maker's claim: the policy observes until you say otherwise, and what only a person can say is asked for.",
      [
        {
          line: 'picket import mud bulb.json --mac 00:17:88:24:76:ff -o policy.yaml',
          what: 'a policy to read, complete and approve',
        },
        {
          line: 'picket import mud bulb.json --controller urn:ietf:params:mud:gateway=192.168.1.1',
          what: 'a class of the file, filled by you',
        },
      ],
    ),
  },
});

async function importFiles(desk: Desk, flags: Flags, ...paths: string[]): Promise<Exit> {
  const options = optionsOf(flags, paths.length);
  await checkOutputs(desk.io, [flags.output], paths);
  const texts: MudText[] = [];
  for (const path of paths) texts.push({ name: path, text: await readText(desk.io, path) });
  const result = importMud(texts, options);
  if (result.kind === 'refused') throw refused(result.name, result.problems);
  const { policy, comments, notCarried, questions } = result.imported;
  await writeOut(desk, flags.output ?? '-', printPolicy(policy, comments));
  desk.say(
    `${counted(policy.elements.length, 'element')}, ${counted(policy.rules.length, 'rule')} from ${counted(paths.length, 'file')}`,
  );
  for (const { place, what, why } of notCarried) desk.say(`not carried: ${place}: ${what}: ${why}`);
  for (const question of questions) desk.say(`question: ${question}`);
  return EXIT.done;
}

function refused(name: string, problems: readonly { readonly path: string; readonly message: string }[]): Failure {
  const lines = problems.map(({ path, message }) => `\n   ${safeText(path)} ${safeText(message)}`);
  return new Failure({
    code: 'PICKET-I030',
    exit: EXIT.failed,
    message: `cannot import ${nameOf(name)}, and nothing was made of it:${lines.join('')}`,
  });
}

function optionsOf(flags: Flags, files: number): MudOptions {
  if (files > 1 && (flags.element ?? flags.mac ?? flags.address) !== undefined)
    throw wrongUsage('--element, --mac and --address name one device, and several files are given');
  return {
    element: {
      id: flags.element === undefined ? null : idFlag(flags.element),
      macs: flags.mac === undefined ? [] : [macFlag(flags.mac)],
      addresses: flags.address === undefined ? [] : [prefixFlag(flags.address, '--address')],
    },
    labels: (flags.label ?? []).map(labelFlag),
    controllers: new Map((flags.controller ?? []).map(controllerFlag)),
    myController: flags.myController === undefined ? null : selectorWord(flags.myController, '--my-controller'),
    localNetworks:
      flags.localNetworks === undefined
        ? null
        : flags.localNetworks.split(',').map((text) => prefixFlag(text.trim(), '--local-networks')),
    generic: genericFlag(flags.generic),
  };
}

function idFlag(text: string): string {
  if (/^[a-z][a-z0-9_.-]{0,59}$/.test(text)) return text;
  throw wrongUsage(`"${text}" cannot be the name of an element`, 'begin with a-z, go on with a-z 0-9 - _ .');
}

function macFlag(text: string): Mac {
  const mac = parseMac(text);
  if (mac !== null) return mac;
  throw wrongUsage(`cannot read the MAC "${text}"`, 'write 02:42:ac:11:00:05');
}

function prefixFlag(text: string, flag: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix !== null) return prefix;
  throw wrongUsage(`cannot read the address "${text}" of ${flag}`, 'write 192.168.1.7 or 192.168.1.0/24');
}

function labelFlag(text: string): readonly [string, string] {
  const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9_./-]{0,62})=([^\s()&|!=,"'#]{1,128})$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined && key !== 'kind' && key !== 'name') return [key, value];
  throw wrongUsage(`cannot read the label "${text}"`, 'write key=value, for instance site=plant-1');
}

function controllerFlag(text: string): readonly [string, Selector] {
  const [, uri, selector] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (uri !== undefined && selector !== undefined) return [uri, selectorWord(selector, '--controller')];
  throw wrongUsage(`cannot read the controller "${text}"`, 'write URI=SELECTOR');
}

function genericFlag(text: string): ReadonlySet<Generic> {
  if (text === 'none') return new Set();
  return new Set(
    text.split(',').map((part) => {
      const known = GENERIC.find((name) => name === part.trim());
      if (known !== undefined) return known;
      throw wrongUsage(
        `--generic does not know "${part}"`,
        `it takes ${GENERIC.join(', ')}, joined by commas, or none`,
      );
    }),
  );
}
