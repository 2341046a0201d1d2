import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figure, PlantedFault } from './row.ts'

const run = fileURLToPath(new URL('run.ts', import.meta.url))
const plant = new URL('plant.ts', import.meta.url).href

/** The short form of a row in a process whose code has a mistake in it. */
export async function runPlanted(row: string, fault: PlantedFault, seed: number): Promise<Figure[]> {
  const environment = {
    ...process.env,
    VEDETTE_PLANTED: JSON.stringify(fault),
    NODE_OPTIONS: `--import=${plant}`,
  }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [run, row, '--short', '--json', '--seed', String(seed)],
    { env: environment, maxBuffer: 16 << 20 },
  ).catch((error: unknown) => {
    // A broken bound is exit code 1, and what is hoped for.
    const failed = error as { code?: unknown; stdout?: string; stderr?: string }
    if (failed.code === 1 && failed.stdout?.startsWith('[') === true) return { stdout: failed.stdout }
    throw new Error(`${row} with a planted fault ended otherwise than by a broken bound: ${failed.stderr}`)
  })
  return JSON.parse(stdout) as Figure[]
}
