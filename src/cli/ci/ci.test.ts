// A review as JUnit and Markdown: what it says, and that hostile names break out of neither.

import { describe, expect, it } from 'vitest';
import { runPolicyTests } from '#engine';
import { parsePolicy } from '#policy';
import { junitText } from './junit.ts';
import { markdownText } from './markdown.ts';
import { isSound, type Review } from './review.ts';

const AT = 1_790_000_000_000_000;
const HOSTILE = 'a"b<c>&`d`|e``@team [x](http://x) ]]>\n\u0000\ud800';

const POLICY = `picket: 1
timezone: UTC
elements:
  recorder: { kind: server, address: 10.0.3.10, mode: enforce }
  camera: { kind: device, address: 10.0.3.21, mode: enforce }
services:
  video: { on: recorder, protocol: tcp, port: 554 }
rules:
  stream: { from: camera, to: video }
tests:
  - camera may use recorder video
  - camera may not use recorder video
`;

function reviewOf(text: string, more: Partial<Review> = {}): Review {
  const { policy, problems } = parsePolicy(text, 'policy.yaml');
  const tests = policy === null ? [] : runPolicyTests(policy, { now: AT });
  return { file: 'policy.yaml', problems, tests, against: null, changes: [], rehearsed: null, applied: null, ...more };
}

const conversation = {
  from: HOSTILE,
  to: HOSTILE,
  protocol: 'tcp',
  port: 554,
  reason: 'no-rule',
  rule: HOSTILE,
  openings: 3,
};
const hostile: Review = {
  ...reviewOf(POLICY.replace('  - camera may not use recorder video\n', '')),
  file: HOSTILE,
  problems: [{ code: 'PICKET-P900', severity: 'warning', message: HOSTILE, place: null, help: HOSTILE }],
  against: HOSTILE,
  changes: [{ section: 'rules', id: HOSTILE, kind: 'changed', fields: ['from'], from: null, to: null }],
  rehearsed: {
    since: '2026-11-18T08:00:00.000Z',
    conversations: 2,
    deniedConversations: 1,
    denied: [conversation],
    permittedConversations: 1,
    permitted: [conversation],
    exceedingConversations: 1,
    exceeding: [{ ...conversation, rule: HOSTILE, kind: 'volume', hourBytesMax: 1_000, hourBytes: 2_000 }],
    unjudged: [HOSTILE],
  },
  applied: {
    revision: 8,
    deadline: '2026-11-25T08:01:30.000Z',
    agents: [{ agent: HOSTILE, state: 'failed', problem: HOSTILE }],
  },
};

describe('a review', () => {
  it('passes only without an error and with every test', () => {
    expect(isSound(reviewOf(POLICY))).toBe(false);
    expect(isSound(reviewOf('picket: 2\n'))).toBe(false);
    expect(isSound(hostile)).toBe(true);
  });

  it('tells a failed test and an error in both forms', () => {
    const failed = reviewOf(POLICY);
    expect(junitText(failed, AT)).toContain('tests="3" failures="1"');
    expect(junitText(failed, AT)).toMatch(
      /name="camera may not use recorder video" file="policy.yaml" line="12"><failure/,
    );
    expect(markdownText(failed)).toContain('**Tests**: 1 of 2 hold');
    const broken = reviewOf('picket: 2\n');
    expect(junitText(broken, AT)).toMatch(/name="the policy is valid" file="policy.yaml" line="1"><failure/);
    expect(markdownText(broken)).toContain('does **not** pass');
  });

  it('is well-formed XML, whatever names hold', () => {
    const text = junitText(hostile, AT);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids them.
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Cs}/u);
    expect(text.replace(/&(amp|lt|gt|quot|#10|#13);/g, '')).not.toContain('&');
    const open: string[] = [];
    for (const [, close, name = '', self] of text.matchAll(/<(\/?)([a-z-]+)(?: [a-z]+="[^"<>]*")*(\/?)>/g))
      if (close === '/') expect(open.pop()).toBe(name);
      else if (self === '') open.push(name);
    expect(open).toEqual([]);
    expect(text.replace(/<\/?[a-z-]+(?: [a-z]+="[^"<>]*")*\/?>|<\?xml[^>]*>/g, '')).not.toMatch(/[<>]/);
  });

  it('keeps every name in a code span and a table in its columns', () => {
    const text = markdownText(hostile);
    const outside = text.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(outside).not.toMatch(/[<>[\]@]/);
    for (const row of text.split('\n').filter((line) => line.startsWith('| `')))
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
    expect(text).toContain('1 would be denied from now on');
  });
});
