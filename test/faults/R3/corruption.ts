import { silentLogger } from '@vedette/base'
import { DiskSpool } from '../../../packages/store/src/spool/disk-spool.ts'
import { ForgetfulFiles, seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import { batch } from '../../../packages/store/src/testing/sample-events.ts'
import type { Figure } from '../row.ts'
import { isSame, waitingIn } from './spool-state.ts'

interface Toll {
  tried: number
  altered: number
  uncounted: number
  /** Damage that took more than a batch on each side of it. */
  spread: number
}

/** A full segment of three batches and a second one with a fourth; each byte of the first flipped, cut out, or its end. */
export async function corruption(seed: number, flips: number): Promise<Figure[]> {
  const random = seeded(seed)
  const { first, second, names } = await twoSegments()
  const toll: Toll = { tried: 0, altered: 0, uncounted: 0, spread: 0 }
  for (let offset = 0; offset < first.length; offset += 1) {
    for (let flip = 0; flip < flips; flip += 1) {
      const broken = Buffer.from(first)
      broken.writeUInt8(broken.readUInt8(offset) ^ (1 + Math.floor(random() * 255)), offset)
      await look({ [names[0]]: broken, [names[1]]: second }, 14, 3, toll)
      // The same where nothing follows it.
      await look({ [names[0]]: broken }, 9, 2, toll)
    }
    const cut = Buffer.concat([first.subarray(0, offset), first.subarray(offset + 1)])
    await look({ [names[0]]: cut, [names[1]]: second }, 14, 3, toll)
    await look({ [names[0]]: first.subarray(0, offset), [names[1]]: second }, 14, 1, toll)
  }
  return [
    { name: 'places damaged', value: toll.tried, must: { beAtLeast: first.length * (2 * flips + 2) } },
    { name: 'altered, or a start that failed', value: toll.altered, must: { be: 0 } },
    { name: 'missing and not counted', value: toll.uncounted, must: { be: 0 } },
    { name: 'more lost than the damaged batch', value: toll.spread, must: { be: 0 } },
  ]
}

async function twoSegments() {
  const files = new ForgetfulFiles(seeded(1))
  const spool = await DiskSpool.open(files, silentLogger, { segmentBytes: 1000 })
  for (let sequence = 0; sequence < 4; sequence += 1) await spool.append(batch(sequence, 2 + sequence))
  const [first = '', second = ''] = files.list().sort()
  return { first: await files.read(first), second: await files.read(second), names: [first, second] as const }
}

async function look(
  contents: Readonly<Record<string, Buffer>>,
  events: number,
  atLeast: number,
  toll: Toll,
): Promise<void> {
  toll.tried += 1
  const files = new ForgetfulFiles(seeded(1))
  for (const [name, bytes] of Object.entries(contents)) {
    const file = await files.create(name)
    await file.write(bytes)
    await file.sync()
  }
  try {
    await using spool = await DiskSpool.open(files, silentLogger)
    const found = await waitingIn(spool)
    toll.altered += found.filter((one) => !isSame(one, batch(one.sequence, 2 + one.sequence))).length
    const given = found.reduce((sum, one) => sum + one.events.length, 0)
    const { emitted, lost } = spool.counters()
    if (emitted !== events || lost !== events - given) toll.uncounted += 1
    if (found.length < atLeast) toll.spread += 1
  } catch {
    toll.altered += 1
  }
}
