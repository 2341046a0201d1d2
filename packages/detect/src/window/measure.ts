import type { Entry } from './entry.ts'
import { SortedNumbers } from './sorted-numbers.ts'

/** What is worked out of the hits in a window, kept up as they come and go: nothing is counted again. */
export interface Measure {
  add(entry: Entry<unknown>): void
  remove(entry: Entry<unknown>): void
  /** The value now. NaN where there is nothing to say, which no condition meets. */
  readonly value: number
  /** Where it depends on the order of the hits: works it out again, as a late hit came between. */
  again?(first: Entry<unknown> | undefined): void
}

/** How many hits. */
export function countMeasure(): Measure {
  let count = 0
  return {
    add: () => void (count += 1),
    remove: () => void (count -= 1),
    get value() {
      return count
    },
  }
}

/** The sum of values, or their mean; the error of adding and taking away is kept and put right (Neumaier's sum). */
export function sumMeasure(mean: boolean): Measure {
  let sum = 0
  let error = 0
  let count = 0
  const plus = (number: number) => {
    const next = sum + number
    error += Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum
    sum = next
  }
  return {
    add: ({ value }) => {
      count += 1
      plus(value as number)
    },
    remove: ({ value }) => {
      count -= 1
      plus(-(value as number))
      if (count === 0) sum = error = 0
    },
    get value() {
      if (count === 0) return Number.NaN
      return mean ? (sum + error) / count : sum + error
    },
  }
}

/** The value at a percentile, by nearest rank: the least value that at least `percentile` per cent do not exceed. */
export function percentileMeasure(percentile: number): Measure {
  const numbers = new SortedNumbers()
  return {
    add: ({ value }) => numbers.add(value as number),
    remove: ({ value }) => numbers.remove(value as number),
    get value() {
      const rank = Math.max(0, Math.ceil((percentile / 100) * numbers.size) - 1)
      return numbers.at(rank) ?? Number.NaN
    },
  }
}

/** How many of several rules have a hit. */
export function presenceMeasure(references: number): Measure & { has(reference: number): boolean } {
  const counts = new Int32Array(references)
  let present = 0
  return {
    add: ({ reference }) => {
      counts[reference] = (counts[reference] ?? 0) + 1
      if (counts[reference] === 1) present += 1
    },
    remove: ({ reference }) => {
      counts[reference] = (counts[reference] ?? 0) - 1
      if (counts[reference] === 0) present -= 1
    },
    has: (reference) => (counts[reference] ?? 0) > 0,
    get value() {
      return present
    },
  }
}
