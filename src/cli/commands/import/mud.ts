// `picket import mud`: manufacturer usage descriptions (RFC 8520) as Picket policy.

import { buildCommand } from '@stricli/core';
import { GENERIC, type Generic, type Imported, importMud, type MudOptions } from '#exchange';
import { type Mac, parseMac, type Selector } from '#model';
import { command, type Desk, type PicketContext } from '../../context.ts';
import { EXIT, type Exit } from '../../exits.ts';
import { Failure, nameOf, wrongUsage } from '../../failure.ts';
import { description } from '../../help.ts';
import { safeText } from '../../output/text.ts';
import { selectorWord } from '../../selector-word.ts';
import { word } from '../parameters.ts';
import { IMPORT_FLAGS, type ImportFlags, prefixFlag, runImport } from './importing.ts';

interface Flags extends ImportFlags {
  readonly element?: string;
  readonly mac?: Mac;
  readonly address?: ReturnType<typeof prefixFlag>;
  readonly label?: readonly (readonly [string, string])[];
  readonly controller?: readonly (readonly [string, Selector])[];
  readonly myController?: Selector;
  readonly localNetworks?: readonly ReturnType<typeof prefixFlag>[];
  readonly generic?: ReadonlySet<Generic>;
  readonly signature?: string;
  readonly ca?: string;
}

const OPTIONAL = { kind: 'parsed', parse: word, optional: true } as const;

export const importMudCommand = buildCommand<Flags, string[], PicketContext>({
  func: command(importFiles),
  parameters: {
    flags: {
      element: { ...OPTIONAL, parse: idFlag, brief: 'Name of the device in the policy', placeholder: 'ID' },
      mac: { ...OPTIONAL, parse: macFlag, brief: 'MAC that recognises the device', placeholder: 'MAC' },
      address: {
        ...OPTIONAL,
        parse: prefixFlag,
        brief: 'Address that recognises it, with or without a MAC',
        placeholder: 'IP',
      },
      label: {
        ...OPTIONAL,
        parse: labelFlag,
        variadic: true,
        brief: 'Label of every device',
        placeholder: 'KEY=VALUE',
      },
      controller: {
        ...OPTIONAL,
        parse: controllerFlag,
        variadic: true,
        brief: 'Who a controller class of the file is',
        placeholder: 'URI=SELECTOR',
      },
      myController: {
        ...OPTIONAL,
        parse: (text: string) => selectorWord(text),
        brief: 'Who controls the device',
        placeholder: 'SELECTOR',
      },
      localNetworks: {
        ...OPTIONAL,
        parse: (text: string) => text.split(',').map((part) => prefixFlag(part.trim())),
        brief: 'What "local-networks" means here',
        placeholder: 'PREFIX,...',
      },
      generic: {
        ...OPTIONAL,
        parse: genericFlag,
        brief: `What every device may, whatever its file says: ${GENERIC.join(',')} if not stated, or none`,
        placeholder: 'LIST',
      },
      signature: { ...OPTIONAL, brief: 'Detached signature of the file (CMS, DER)', placeholder: 'FILE' },
      ca: { ...OPTIONAL, brief: 'Certificates that may vouch for the signer (PEM)', placeholder: 'FILE' },
      ...IMPORT_FLAGS,
    },
    aliases: { o: 'output' },
    positional: { kind: 'array', minimum: 1, parameter: { parse: word, brief: 'MUD file', placeholder: 'FILE' } },
  },
  docs: {
    brief: 'Make a policy of MUD files (RFC 8520)',
    customUsage: ['FILE... [--mac MAC | --address IP] [-o FILE] [more flags]'],
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
        {
          line: 'picket import mud bulb.json --signature bulb.p7s --ca maker.pem',
          what: 'refused unless the signature is good',
        },
      ],
    ),
  },
});

async function importFiles(desk: Desk, flags: Flags, ...paths: string[]): Promise<Exit> {
  checkFlags(flags, paths);
  const [path = ''] = paths;
  const { signature, ca } = flags;
  const signed = signature === undefined || ca === undefined ? null : await verified(desk, { path, signature, ca });
  return runImport(desk, flags, {
    paths,
    read: (sources) => {
      // The file was read twice: what is imported must be what was verified.
      if (signed !== null && sources[0]?.text !== signed.text) throw changed(path);
      const texts = sources.map(({ file, text }) => ({ name: file, text }));
      const result = importMud(texts, optionsOf(flags));
      if (result.kind === 'refused') throw refused(result.name, result.problems);
      return withSignature(result.imported, signed?.signer ?? null);
    },
  });
}

/** What reads signatures is loaded for signed files alone: no other command has to wait for it. */
async function verified(desk: Desk, which: { readonly path: string; readonly signature: string; readonly ca: string }) {
  const { verifiedText } = await import('../../mud-signature.ts');
  return verifiedText(desk.io, which);
}

function checkFlags(flags: Flags, paths: readonly string[]): void {
  const ofOne = flags.element ?? flags.mac ?? flags.address ?? flags.signature;
  if (paths.length > 1 && ofOne !== undefined)
    throw wrongUsage('--element, --mac, --address and --signature are about one file, and several are given');
  if ((flags.signature === undefined) !== (flags.ca === undefined))
    throw wrongUsage('--signature and --ca need each other', 'a signature says nothing without somebody to trust');
  if (flags.signature !== undefined && paths.includes('-'))
    throw wrongUsage('a signed MUD file is read twice, so it cannot come from standard input');
}

function withSignature(imported: Imported, signer: string | null): Imported {
  const line = signer === null ? 'No signature was checked.' : `Signature checked and good, by ${safeText(signer)}.`;
  const comments = new Map(imported.comments);
  comments.set('', [...(comments.get('') ?? []), line]);
  if (signer === null) return { ...imported, comments };
  return { ...imported, comments, notCarried: imported.notCarried.filter(({ place }) => place !== 'mud-signature') };
}

function changed(path: string): Failure {
  return new Failure({
    code: 'PICKET-I031',
    exit: EXIT.failed,
    message: `cannot import ${nameOf(path)}: it changed while its signature was checked`,
  });
}

function refused(name: string, problems: readonly { readonly path: string; readonly message: string }[]): Failure {
  const lines = problems.map(({ path, message }) => `\n   ${safeText(path)} ${safeText(message)}`);
  return new Failure({
    code: 'PICKET-I030',
    exit: EXIT.failed,
    message: `cannot import ${nameOf(name)}, and nothing was made of it:${lines.join('')}`,
  });
}

function optionsOf(flags: Flags): MudOptions {
  return {
    element: {
      id: flags.element ?? null,
      macs: flags.mac === undefined ? [] : [flags.mac],
      addresses: flags.address === undefined ? [] : [flags.address],
    },
    labels: flags.label ?? [],
    controllers: new Map(flags.controller ?? []),
    myController: flags.myController ?? null,
    localNetworks: flags.localNetworks ?? null,
    generic: flags.generic ?? new Set(GENERIC),
  };
}

function idFlag(text: string): string {
  if (/^[a-z][a-z0-9_.-]{0,59}$/.test(text)) return text;
  throw new Error('a name begins with a-z and goes on with a-z 0-9 - _ .');
}

function macFlag(text: string): Mac {
  const mac = parseMac(text);
  if (mac !== null) return mac;
  throw new Error('it is no MAC; write 02:42:ac:11:00:05');
}

function labelFlag(text: string): readonly [string, string] {
  const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9_./-]{0,62})=([^\s()&|!=,"'#]{1,128})$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined && key !== 'kind' && key !== 'name') return [key, value];
  throw new Error('write key=value, for instance site=plant-1');
}

function controllerFlag(text: string): readonly [string, Selector] {
  const [, uri, selector] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (uri !== undefined && selector !== undefined) return [uri, selectorWord(selector)];
  throw new Error('write URI=SELECTOR');
}

function genericFlag(text: string): ReadonlySet<Generic> {
  if (text === 'none') return new Set();
  return new Set(
    text.split(',').map((part) => {
      const known = GENERIC.find((name) => name === part.trim());
      if (known !== undefined) return known;
      throw new Error(`it takes ${GENERIC.join(', ')}, joined by commas, or none`);
    }),
  );
}
