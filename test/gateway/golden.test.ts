// What is printed for a policy, topic by topic: a change to a golden is a change to what gateways hold. Rewritten by npm run golden only.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Compiled, compileTable, contentCommands, numberBook, tableText } from '#enforce';
import { parsePolicy } from '#policy';

const FOLDER = fileURLToPath(new URL('./golden/', import.meta.url));
const TOPICS = readdirSync(FOLDER, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
/** A Tuesday noon, so that hours are open on weekdays. */
const NOW = Date.parse('2026-11-24T12:00:00Z') * 1_000;

function made(topic: string): Extract<Compiled, { kind: 'compiled' }> {
  const path = `${FOLDER}${topic}/policy.yaml`;
  const { policy, problems } = parsePolicy(readFileSync(path, 'utf8'), path);
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  const compiled = compileTable(policy, { book: numberBook(), now: NOW });
  if (compiled.kind === 'refused') throw new Error(compiled.problem.message);
  return compiled;
}

function golden(name: string, text: string): void {
  const path = `${FOLDER}${name}`;
  if (process.env.PICKET_GOLDEN === 'rewrite') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** Address ranges are the same long list everywhere and are told by their first topic only. */
function contentText(topic: string): string {
  const commands = contentCommands(made(topic).content, NOW).map(({ nft }) => nft);
  const shown = topic.startsWith('01') ? commands : commands.filter((line) => !/ net[46] /.test(line));
  return `${shown.map((line) => line.replaceAll(', ', ',\n  ')).join('\n')}\n`;
}

describe('goldens', () => {
  it('the chains and sets, the same for every policy', () => golden('table.golden.nft', tableText([43_200]).nft));

  it.each(TOPICS)('%s: content', (topic) => golden(`${topic}/content.golden.nft`, contentText(topic)));

  it.each(TOPICS)('%s: what is not held', (topic) => {
    const notes = made(topic).notHeld.map(
      ({ where, subject, effect, message }) => `${where}: ${subject} (${effect}): ${message}\n`,
    );
    golden(`${topic}/not-held.golden.txt`, notes.join(''));
  });

  it.each(TOPICS)('%s: no word of the policy, only numbers, addresses and the words of nft', (topic) => {
    const text = contentCommands(made(topic).content, NOW)
      .map(({ nft }) => nft)
      .join('\n');
    const words = new Set(text.match(/[A-Za-z_]{2,}[A-Za-z0-9_]*/g) ?? []);
    expect(
      [...words].filter(
        (word) => !NFT_WORDS.has(word) && !/^([0-9a-f]+|[qc][0-9a-f]{24}|l\d+|x[0-9a-f]{8})$/.test(word),
      ),
    ).toEqual([]);
    expect(text).not.toMatch(/[;{}]\s*(flush ruleset|table)/);
  });
});

const NFT_WORDS = new Set(
  `add element delete flush rule chain inet picket quota limit over bytes burst packets rate second minute hour day week ct count
  timeout ms counter meta mark id born_in born eid4 eid6 net4 net6 exact wide ranges anyport anyproto free live proven audit open drains gates
  sizes_sent sizes_received conns0 conns1 conncount periods0 periods1 tallies0 tallies1 rails fresh leased tickets redeems lives mss4 mss6
  quota_sent0 quota_sent1 quota_received0 quota_received1 rate_sent0 rate_sent1 rate_received0 rate_received1`.split(
    /\s+/,
  ),
);
