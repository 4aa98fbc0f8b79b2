/** Counts times in a fixed amount of memory, however many there are. @module */

/** Number of buckets for each doubling: percentiles are at most 1.1 % too high. */
const PER_DOUBLING = 64;

/** Number of buckets: from 1 µs to more than an hour. */
const BUCKETS = 1 + 32 * PER_DOUBLING;

/** Times of one range, in microseconds. */
export interface Part {
  /** Lower edge. */
  readonly from: number;
  /** Upper edge. */
  readonly to: number;
  /** Number of times. */
  readonly count: number;
}

/** Lower edges of the parts of a decade, from coarse to fine. */
const STEPS: readonly (readonly number[])[] = [
  [1],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2],
];

/** Histogram with a logarithmic scale. */
export class Histogram {
  /** Number of times. */
  count = 0;
  /** The shortest time, in microseconds. */
  min = Infinity;
  /** The longest time, in microseconds. */
  max = 0;
  #sum = 0;
  readonly #counts: Float64Array = new Float64Array(BUCKETS);

  /** Adds a time, in microseconds. */
  add(time: number): void {
    this.count++;
    this.#sum += time;
    if (time < this.min) this.min = time;
    if (time > this.max) this.max = time;
    const bucket = time < 1 ? 0 : 1 + Math.floor(Math.log2(time) * PER_DOUBLING);
    this.#counts[Math.min(bucket, BUCKETS - 1)]!++;
  }

  /** The average, in microseconds; 0 if there are no times. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** Returns the time that so many percent do not exceed, in microseconds; 0 if there are none. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil(this.count * percent / 100));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(2 ** (bucket / PER_DOUBLING), this.max);
    }
    return 0;
  }

  /**
   * Returns parts with round edges, from the shortest time to the longest.
   *
   * @param most Maximum number of parts; at least 7.
   */
  parts(most: number): Part[] {
    if (this.count === 0) return [];
    const scales = STEPS.map((steps) => this.#edges(steps));
    const edges = scales.filter((scale) => scale.length - 1 <= most).at(-1) ?? scales[0]!;
    return edges.slice(1).map((to, i) => ({ from: edges[i]!, to, count: this.#between(i, edges) }));
  }

  /** Returns round numbers, the first not above the shortest time, the last above the longest. */
  #edges(steps: readonly number[]): number[] {
    const shortest = Math.max(this.min, 1);
    const longest = Math.max(this.max, 1);
    const edges: number[] = [];
    for (let decade = 1; decade <= longest; decade *= 10) {
      for (const step of steps) {
        const edge = step * decade;
        if (edge <= shortest) edges.length = 0;
        edges.push(edge);
        if (edge > longest) return edges;
      }
      if (decade * 10 > longest) edges.push(decade * 10);
    }
    return edges;
  }

  /** Counts the times of a part. A bucket belongs to the part of its middle, or to the nearest. */
  #between(part: number, edges: readonly number[]): number {
    const from = part === 0 ? 0 : edges[part]!;
    const to = part === edges.length - 2 ? Infinity : edges[part + 1]!;
    let count = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const middle = 2 ** ((bucket - 0.5) / PER_DOUBLING);
      if (middle >= from && middle < to) count += this.#counts[bucket]!;
    }
    return count;
  }
}
