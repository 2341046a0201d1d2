import type { Topics } from '@vedette/manager'
import { GraphQLError } from 'graphql'
import type { Context } from './context.ts'

/** Values that wait for a socket that is slow. */
const CAPACITY = 1000

/** A subscriber was too slow: so many values have been dropped so far. It is told in the place of a value. */
export class Lagging {
  readonly lost: number

  constructor(lost: number) {
    this.lost = lost
  }
}

/**
 * Live values of the viewer's tenant, from now on until the subscriber leaves. One that does not keep up gets a
 * `Lagging` before the next value, so that it knows to read the list again.
 */
export function liveValues<T extends keyof Topics>(
  topic: T,
  context: Context,
  wanted: (value: Topics[T]) => boolean = () => true,
): AsyncIterableIterator<Topics[T] | Lagging> {
  const stop = new AbortController()
  const values = read(topic, context, wanted, stop.signal)
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => values.next(),
    // A generator that waits for its next value hears of a return only after it: the signal ends the waiting.
    return() {
      stop.abort()
      return values.return(undefined)
    },
  }
}

async function* read<T extends keyof Topics>(
  topic: T,
  { services, tenant }: Context,
  wanted: (value: Topics[T]) => boolean,
  signal: AbortSignal,
): AsyncGenerator<Topics[T] | Lagging, undefined> {
  let lost = 0
  let told = 0
  const onLoss = (count: number) => {
    lost = count
  }
  for await (const value of services.bus.subscribe(topic, { capacity: CAPACITY, onLoss }, signal)) {
    if (lost > told) {
      told = lost
      yield new Lagging(lost)
    }
    if (value.tenant === tenant && wanted(value)) yield value
  }
}

/** The value, or the fault by which a subscriber is told that it has missed some. */
export function valueOrFault<T extends object>(value: T | Lagging): T {
  if (!(value instanceof Lagging)) return value
  throw new GraphQLError(`You did not keep up: ${value.lost} values were dropped; read the list again`, {
    extensions: { code: 'subscription-lagging', lost: value.lost },
  })
}
