// Labels in every form that is known, and what is no labels file.

import { describe, expect, test } from 'vitest';
import { AddressTable, newObservation, newVerdict, reasonBit } from '#model';
import { ReplayFlows } from './flows.ts';
import { flowKey, isMaliciousLabel, parseLabels } from './labels.ts';
import { Scorer } from './score.ts';

const lines = (text: string): string[] => text.split('\n');

describe('isMaliciousLabel()', () => {
  test.each(['0', '', '-', 'benign', 'Benign', ' NORMAL ', '(empty)'])('%j is benign', (label) =>
    expect(isMaliciousLabel(label)).toBe(false),
  );
  test.each(['1', '2', 'malicious', 'Malicious', 'C&C', 'PartOfAHorizontalPortScan'])('%j is malicious', (label) =>
    expect(isMaliciousLabel(label)).toBe(true),
  );
});

describe('parseLabels()', () => {
  test.each([
    ['semicolons', '1;0\n2;1\n3;0\n'],
    ['commas', '1,0\n2,1\n3,0'],
    ['a heading', 'frame;label\n1;0\n2;1\n3;0\n'],
    ['words', '1;benign\n2;malicious\n3;benign\n'],
    ['quotes and spaces', '"1"; "0"\n 2 ; 1\n3;0\n'],
  ])('reads labels per packet with %s', (_, text) => {
    const labels = parseLabels(lines(text));
    expect(labels).toMatchObject({ kind: 'packets' });
    expect(labels?.kind === 'packets' ? [...labels.byNumber] : []).toEqual([0, 1, 2, 1]);
  });

  const key = flowKey({ a: '10.0.0.1', aPort: 5, b: '10.0.0.2', bPort: 80, protocol: 6 });

  test.each([
    [
      'a CSV with a heading',
      'ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,label\n7.5,C1,10.0.0.1,5,10.0.0.2,80,tcp,Malicious',
    ],
    [
      'a Zeek log',
      '#separator \\x09\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tlabel\n7.5\t10.0.0.1\t5\t10.0.0.2\t80\ttcp\tMalicious',
    ],
    [
      'a Zeek log whose last column holds three',
      '#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttunnel_parents   label   detailed-label\n7.5\t10.0.0.1\t5\t10.0.0.2\t80\ttcp\t(empty)   Malicious   C&C',
    ],
    ['columns of other names', 'timestamp,src,sport,dst,dport,protocol,label\n7.5,10.0.0.1,5,10.0.0.2,80,6,"1"'],
  ])('reads labels per flow from %s', (_, text) => {
    const labels = parseLabels(lines(text));
    expect(labels).toMatchObject({ kind: 'flows', count: 1 });
    expect(labels?.kind === 'flows' ? labels.byFlow.get(key) : null).toMatchObject([
      { at: 7_500_000, isMalicious: true },
    ]);
  });

  test.each(['', 'hello\nworld', '1;0\nnonsense', 'ts,uid\n1,2', '99999999999;1'])('refuses %j', (text) =>
    expect(parseLabels(lines(text))).toBeNull(),
  );
});

describe('Scorer', () => {
  test('counts only enforced denials as caught, and joins a packet to the record that was running', () => {
    const text =
      'ts,src,sport,dst,dport,proto,label\n10,10.0.0.1,5,10.0.0.2,80,tcp,benign\n20,10.0.0.1,5,10.0.0.2,80,tcp,bad\n99,10.0.0.9,5,10.0.0.2,80,tcp,bad';
    const labels = parseLabels(lines(text));
    if (labels === null) throw new Error('labels were not read');
    const addresses = new AddressTable();
    const scorer = new Scorer(labels, addresses);
    const flows = new ReplayFlows();
    const verdict = newVerdict();
    const judge = (at: number, isDenied: boolean, isEnforced = true): void => {
      const observation = {
        ...newObservation(),
        at: at * 1e6,
        source: addresses.intern('10.0.0.2'),
        sourcePort: 80,
        destination: addresses.intern('10.0.0.1'),
        destinationPort: 5,
        protocol: 6,
      };
      verdict.reasons = isDenied ? reasonBit('no-rule') : 0;
      verdict.isEnforced = isEnforced;
      scorer.add(observation, verdict, {
        place: { number: 1, input: 0, isLaterFragment: false },
        flow: flows.of(observation, false),
      });
    };
    judge(9, false);
    judge(12, true);
    judge(20, false);
    judge(21, true);
    judge(22, true, false);
    expect(scorer.packets).toEqual({ malicious: 3, caught: 1, missed: 2, benign: 2, falselyDenied: 1, unlabelled: 0 });
    expect(scorer.flows()).toMatchObject({ malicious: 1, caught: 1, benign: 1, falselyDenied: 1, unseen: 1 });
  });
});
