/** A manifest whose factors multiply to more visits than an experiment may have. */
export class PlanTooLarge extends Error {
  readonly code = 'PlanTooLarge';
  readonly visits: number;
  constructor(visits: number, limit: number, factors: Readonly<Record<string, number>>) {
    const product = Object.entries(factors).map(([name, count]) => `${count} ${name}`);
    super(
      `the plan has ${visits} visits, at most ${limit} are allowed: ${product.join(' x ')} and the baselines; ` +
        'lower cuts.maxCount or name fewer codecs, links, batchSizes or blocks',
    );
    this.name = 'PlanTooLarge';
    this.visits = visits;
  }
}
