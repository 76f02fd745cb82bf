// Numbers that are counted in this process, and their Prometheus text. Bounded: a label set that grows is summed under `other`. Keeps no history.

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricDefinition<Label extends string = string> {
  readonly name: string;
  readonly kind: MetricKind;
  /** One sentence for whoever reads /metrics. */
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[];
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** Series of one metric. Labels are names of closed lists and of what an owner has marked, never of peers; this is the guard behind that. */
export const SERIES_MAX = 1_000;
const OTHER = 'other';

interface Series {
  readonly labels: readonly string[];
  value: number;
  /** Of a histogram: observations in each bucket, not added up. */
  readonly counts: number[];
  count: number;
}

interface Metric {
  readonly definition: MetricDefinition;
  readonly series: Map<string, Series>;
}

export class Metrics {
  readonly #metrics: ReadonlyMap<string, Metric>;
  readonly #readers: ((metrics: Metrics) => void)[] = [];

  /** Only metrics that are defined can be counted; a name that is defined twice is a bug. */
  constructor(definitions: readonly MetricDefinition[]) {
    this.#metrics = new Map(
      definitions.map((definition) => [definition.name, { definition, series: new Map<string, Series>() }]),
    );
    if (this.#metrics.size !== definitions.length) throw new Error('a metric is defined twice');
  }

  add<Label extends string>(metric: MetricDefinition<Label>, labels: Labels<Label>, by = 1): void {
    // A counter that goes down would look like a restart.
    if (by < 0 || !Number.isFinite(by)) return;
    this.#seriesOf(metric, labels).value += by;
  }

  set<Label extends string>(metric: MetricDefinition<Label>, labels: Labels<Label>, value: number): void {
    this.#seriesOf(metric, labels).value = value;
  }

  observe<Label extends string>(metric: MetricDefinition<Label>, labels: Labels<Label>, value: number): void {
    const series = this.#seriesOf(metric, labels);
    const bucket = (metric.buckets ?? []).findIndex((bound) => value <= bound);
    if (bucket !== -1) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.count++;
    series.value += value;
  }

  /** Forgets the series of a gauge, before those that are there now are set. */
  clear(metric: MetricDefinition): void {
    this.#metrics.get(metric.name)?.series.clear();
  }

  /** Called whenever the text is made, to set what is only known then. */
  onRead(reader: (metrics: Metrics) => void): void {
    this.#readers.push(reader);
  }

  /** The text exposition format, version 0.0.4. */
  text(): string {
    for (const reader of this.#readers) reader(this);
    return [...this.#metrics.values()].map(textOf).join('');
  }

  #seriesOf<Label extends string>(definition: MetricDefinition<Label>, labels: Labels<Label>): Series {
    const metric = this.#metrics.get(definition.name);
    if (metric === undefined) throw new Error(`the metric ${definition.name} is not defined`);
    const values = definition.labels.map((label) => labels[label]);
    const found = metric.series.get(values.join('\0'));
    if (found !== undefined) return found;
    const isFull = metric.series.size >= SERIES_MAX;
    const kept = isFull ? values.map(() => OTHER) : values;
    const key = kept.join('\0');
    const series = metric.series.get(key) ?? { labels: kept, value: 0, counts: [], count: 0 };
    metric.series.set(key, series);
    return series;
  }
}

function textOf({ definition, series }: Metric): string {
  const { name, kind, help } = definition;
  const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${kind}\n`;
  const lines = [...series.values()].map((one) =>
    kind === 'histogram' ? histogramText(definition, one) : `${name}${labelText(definition, one)} ${one.value}\n`,
  );
  return head + lines.join('');
}

function histogramText(definition: MetricDefinition, series: Series): string {
  const { name } = definition;
  let below = 0;
  const buckets = (definition.buckets ?? []).map((bound, index) => {
    below += series.counts[index] ?? 0;
    return `${name}_bucket${labelText(definition, series, ['le', String(bound)])} ${below}\n`;
  });
  const all = `${name}_bucket${labelText(definition, series, ['le', '+Inf'])} ${series.count}\n`;
  const labels = labelText(definition, series);
  return `${buckets.join('')}${all}${name}_sum${labels} ${series.value}\n${name}_count${labels} ${series.count}\n`;
}

function labelText({ labels }: MetricDefinition, series: Series, more?: readonly [string, string]): string {
  const pairs = labels.map((label, index): readonly [string, string] => [label, series.labels[index] ?? '']);
  const all = more === undefined ? pairs : [...pairs, more];
  if (all.length === 0) return '';
  return `{${all.map(([label, value]) => `${label}="${escaped(value)}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
