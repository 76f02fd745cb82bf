// "With so many bytes used already": the ceilings of the asked rule are lowered by what was used, and the answer's numbers raised again.

import { type Policy, REASONS, type Rule, type Verdict } from '#model';

const OVER_VOLUME = REASONS.indexOf('over-volume');

/** Judging `bytes` against `max - used` is judging `used + bytes` against `max`. */
export class Usage {
  readonly #rule: Rule;
  readonly #used: number;

  constructor(rule: Rule, used: number) {
    this.#rule = rule;
    this.#used = used;
  }

  narrowed(policy: Policy): Policy {
    const rules = policy.rules.map((rule) => {
      if (rule.id !== this.#rule.id) return rule;
      const volumes = rule.limits.volumes.map((volume) =>
        volume.maxBytes === null ? volume : { ...volume, maxBytes: volume.maxBytes - this.#used },
      );
      return { ...rule, limits: { ...rule.limits, volumes } };
    });
    return { ...policy, rules };
  }

  restore(verdict: Verdict): void {
    verdict.observed[OVER_VOLUME] = (verdict.observed[OVER_VOLUME] ?? 0) + this.#used;
    verdict.limit[OVER_VOLUME] = (verdict.limit[OVER_VOLUME] ?? 0) + this.#used;
  }
}
