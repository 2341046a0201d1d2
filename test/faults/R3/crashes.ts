import { silentLogger } from '@vedette/base'
import type { EventBatch } from '@vedette/model'
import { DiskSpool } from '../../../packages/store/src/spool/disk-spool.ts'
import { SealingKey } from '../../../packages/store/src/keys/sealing-key.ts'
import { Crash, ForgetfulFiles, seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import { batch } from '../../../packages/store/src/testing/sample-events.ts'
import type { Figure } from '../row.ts'
import { isSame, waitingIn } from './spool-state.ts'

const LIVES = 4
/** Sealed, as the agent's spool is. */
const key = new SealingKey(Buffer.alloc(32, 7))
const keys = { current: () => key, find: (id: string) => (id === key.id ? key : undefined) }
const RUN = '0123456789abcdef'

interface Toll {
  crashes: number
  kept: number
  lost: number
  altered: number
  disordered: number
  failures: number
}

/** Random histories of appends and acknowledgements over several crashes each. */
export async function crashes(seed: number, histories: number): Promise<Figure[]> {
  const toll: Toll = { crashes: 0, kept: 0, lost: 0, altered: 0, disordered: 0, failures: 0 }
  for (let history = 0; history < histories; history += 1) await liveAndDie(seed * 1_000_003 + history, toll)
  return [
    { name: 'histories', value: histories, must: { be: histories } },
    { name: 'crashes', value: toll.crashes, must: { beAtLeast: histories } },
    { name: 'batches kept', value: toll.kept, must: { beAtLeast: histories } },
    { name: 'kept and lost in a crash', value: toll.lost, must: { be: 0 } },
    { name: 'altered by a crash', value: toll.altered, must: { be: 0 } },
    { name: 'given out of order', value: toll.disordered, must: { be: 0 } },
    { name: 'starts and reads that failed', value: toll.failures, must: { be: 0 } },
  ]
}

async function liveAndDie(seed: number, toll: Toll): Promise<void> {
  const random = seeded(seed)
  const upTo = (limit: number) => Math.floor(random() * limit)
  const kept = new Set<number>()
  const acknowledged = new Set<number>()
  let files = new ForgetfulFiles(random, upTo(60))
  let next = 0
  for (let life = 0; life < LIVES; life += 1) {
    try {
      const spool = await DiskSpool.open(files, silentLogger, { segmentBytes: 300 + upTo(3000), keys })
      for (;;) {
        check(await waitingIn(spool), kept, acknowledged, toll)
        const appends = Array.from({ length: 1 + upTo(4) }, async () => {
          const number = next
          next += 1
          if ((await spool.append(sample(number))) === 'kept') {
            kept.add(number)
            toll.kept += 1
          }
        })
        await Promise.all(appends)
        for (const number of [...kept].filter((one) => !acknowledged.has(one))) {
          if (random() < 0.6) continue
          acknowledged.add(number)
          await spool.acknowledge(RUN, number)
        }
      }
    } catch (error) {
      if (isCrash(error)) toll.crashes += 1
      else toll.failures += 1
    }
    files = files.afterCrash(upTo(60))
  }
  try {
    // The last look is at peace: no crash comes in between.
    const spool = await DiskSpool.open(files.afterCrash(Number.POSITIVE_INFINITY), silentLogger, { keys })
    check(await waitingIn(spool), kept, acknowledged, toll)
  } catch {
    toll.failures += 1
  }
}

function check(found: readonly EventBatch[], kept: Set<number>, acknowledged: Set<number>, toll: Toll): void {
  const numbers = found.map(({ sequence }) => sequence)
  const there = new Set(numbers)
  const missing = [...kept].filter((one) => !acknowledged.has(one) && !there.has(one))
  toll.lost += missing.length
  // Counted once, not again after each further crash.
  for (const one of missing) kept.delete(one)
  toll.altered += found.filter((one) => !isSame(one, sample(one.sequence))).length
  toll.disordered += numbers.filter(
    (number, index) => index > 0 && number <= (numbers[index - 1] ?? -1),
  ).length
}

function sample(number: number): EventBatch {
  return batch(number, 1 + (number % 4), RUN)
}

function isCrash(error: unknown): boolean {
  return error instanceof Crash || (error instanceof Error && isCrash(error.cause))
}
