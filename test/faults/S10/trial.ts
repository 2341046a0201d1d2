import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Figure } from '../row.ts'
import { restartsAfterCrash } from './crashes.ts'
import { tryDocuments } from './intake.ts'
import { rollOutMany } from './roll-outs.ts'

export interface Extent {
  readonly documents: number
  readonly crashes: number
  readonly rollOuts: number
}

export async function trial(seed: number, extent: Extent): Promise<readonly Figure[]> {
  const random = seeded(seed)
  const folder = mkdtempSync(join(tmpdir(), 'vedette-S10-'))
  try {
    const taken = await tryDocuments(join(folder, 'documents'), extent.documents, random)
    let restarts = 0
    for (let crash = 0; crash < extent.crashes; crash += 1) {
      restarts = Math.max(restarts, await restartsAfterCrash(join(folder, `crash-${crash}`)))
    }
    const rolled = rollOutMany(extent.rollOuts, random)
    return [
      { name: 'bundles and settings that are no good', value: taken.tried, must: { be: extent.documents } },
      { name: 'loaded', value: taken.loaded, must: { be: 0 } },
      { name: 'files written where none belong', value: taken.strays, must: { be: 0 } },
      { name: 'good ones between them', value: taken.good, must: { beAtLeast: extent.documents / 25 } },
      { name: 'good ones not loaded', value: taken.good - taken.goodLoaded, must: { be: 0 } },
      { name: 'crashing ones', value: extent.crashes },
      { name: 'restarts until the last good one', value: restarts, must: { beAtMost: 3 } },
      { name: 'roll-outs', value: rolled.tried },
      { name: 'went on with more than 1 % bad', value: rolled.wentOn, must: { be: 0 } },
      { name: 'agents broken after that', value: rolled.beyond, must: { be: 0 } },
      { name: 'stopped without', value: rolled.stopped, must: { be: 0 } },
      { name: 'reached all', value: rolled.finished, must: { beAtLeast: 1 } },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
