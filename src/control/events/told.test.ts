// Secrets, logs and metrics: what is hidden stays hidden, what is printed is one line, what grows is bounded.

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { METRICS } from './metric-names.ts';
import { Metrics, SERIES_MAX } from './metrics.ts';
import { Secret } from './secret.ts';

const WORD = 'hunter2-hunter2';

describe('Secret', () => {
  const secret = new Secret(WORD);

  it.each([
    ['a template', `${secret}`],
    ['a sum', `x${String(secret)}`],
    ['JSON', JSON.stringify({ secret, list: [secret] })],
    ['inspect', inspect({ secret, deep: { secret } }, { depth: 9, showHidden: true })],
    ['keys', Object.keys(secret).join()],
    ['a copy', JSON.stringify({ ...secret })],
    ['an error', new Error(`cannot log on with ${secret}`).message],
    ['toString of Object', Object.prototype.toString.call(secret)],
  ])('shows nothing in %s', (_, text) => {
    expect(text).not.toContain('hunter2');
  });

  it('gives its value to whoever asks for it by name', () => {
    expect(secret.reveal()).toBe(WORD);
  });
});

describe('createLog()', () => {
  function logged(level: 'debug' | 'warn' = 'debug') {
    const lines: string[] = [];
    return {
      lines,
      log: createLog({ level, now: () => 1_790_000_000_000, out: { write: (line) => lines.push(line) } }),
    };
  }

  it('hides secrets wherever they are, also in causes and in facts that every line carries', () => {
    const { lines, log } = logged();
    const secret = new Secret(WORD);
    const cause = Object.assign(new Error('inner'), { password: WORD });
    log
      .with({ token: secret })
      .error({ secret, deep: { list: [{ secret }] }, error: new Error('outer', { cause }) }, 'failed');
    expect(lines.join()).not.toContain('hunter2');
    expect(lines[0]).toContain('"inner"');
  });

  it('writes one line with time, level and fixed names, whatever the text holds', () => {
    const { lines, log } = logged();
    log.info({ element: 'a\nb\u2028\u001b[2J\u202e', long: 'x'.repeat(100_000) }, 'said "so"\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n\u2028\u202e\u009b]+\n$/);
    expect(lines[0]?.length).toBeLessThan(10_000);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      time: '2026-09-21T14:13:20.000Z',
      message: 'said "so"\n',
      element: 'a\nb\u2028\u001b[2J\u202e',
    });
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = logged('warn');
    log.info({}, 'no');
    log.warn({}, 'yes');
    expect(lines).toHaveLength(1);
  });
});

describe('Metrics', () => {
  it('prints counters, gauges and histograms as Prometheus reads them', () => {
    const metrics = new Metrics([METRICS.verdicts, METRICS.policyRevision, METRICS.requestSeconds]);
    const labels = { domain: 'plant.example', verdict: 'deny', reason: 'a"b\\c\nd', mode: 'enforce' };
    metrics.add(METRICS.verdicts, labels);
    metrics.add(METRICS.verdicts, labels, 2);
    metrics.add(METRICS.verdicts, labels, -5);
    metrics.set(METRICS.policyRevision, { domain: 'plant.example' }, 7);
    metrics.observe(METRICS.requestSeconds, {}, 0.003);
    metrics.observe(METRICS.requestSeconds, {}, 99);
    const text = metrics.text();
    expect(text).toContain(
      'picket_verdicts_total{domain="plant.example",verdict="deny",reason="a\\"b\\\\c\\nd",mode="enforce"} 3\n',
    );
    expect(text).toContain('# TYPE picket_policy_revision gauge\npicket_policy_revision{domain="plant.example"} 7\n');
    expect(text).toContain('picket_api_request_seconds_bucket{le="0.0025"} 0\n');
    expect(text).toContain('picket_api_request_seconds_bucket{le="0.005"} 1\n');
    expect(text).toContain('picket_api_request_seconds_bucket{le="+Inf"} 2\n');
    expect(text).toContain('picket_api_request_seconds_count 2\n');
  });

  it.each([
    [SERIES_MAX - 1, SERIES_MAX - 1, 0],
    [SERIES_MAX, SERIES_MAX, 0],
    [SERIES_MAX + 1, SERIES_MAX + 1, 1],
    [SERIES_MAX + 50, SERIES_MAX + 1, 50],
  ])('with %i series keeps %i and sums %i under "other"', (made, kept, other) => {
    const metrics = new Metrics([METRICS.ruleHits]);
    for (let rule = 0; rule < made; rule++) metrics.add(METRICS.ruleHits, { domain: 'd', rule: `r${rule}` });
    const lines = metrics
      .text()
      .split('\n')
      .filter((line) => line.startsWith('picket_rule_hits_total{'));
    expect(lines).toHaveLength(kept);
    expect(lines.some((line) => line.endsWith(`{domain="other",rule="other"} ${other}`))).toBe(other > 0);
  });

  it('has every name once, in the form that Prometheus wants', () => {
    const names = Object.values(METRICS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, kind, labels } of Object.values(METRICS)) {
      expect(name).toMatch(/^picket_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    }
  });
});
