import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { openProcess, readProcessStat } from '@vedette/linux'
import { z } from 'zod'
import { writeFileInOneStep } from './write-file.ts'

const schema = z
  .array(z.strictObject({ name: z.string(), pid: z.int().min(2), startTicks: z.number() }))
  .max(16)

/** The processes of a start, written down so that the next one finds them if the supervisor is killed. */
export type RunningParts = z.output<typeof schema>

export function writeRunningParts(path: string, parts: ReadonlyMap<string, number>): void {
  const running = [...parts].flatMap(([name, pid]) => {
    const stat = readProcessStat(pid)
    return stat ? [{ name, pid, startTicks: stat.startTicks }] : []
  })
  writeFileInOneStep(path, `${JSON.stringify(running)}\n`)
}

/**
 * Waits for the parts of a start whose supervisor was killed: they notice that its end of the pipe is gone and stop by
 * themselves. After `patienceMs` what is left is killed. They are known by pid and start time, so that no other process
 * is taken for one.
 *
 * @returns how many were still there
 */
export async function awaitOldParts(path: string, patienceMs: number, signal: AbortSignal): Promise<number> {
  const left = () => readParts(path).filter(isThere)
  const found = left()
  const deadlineMs = performance.now() + patienceMs
  while (left().length > 0 && performance.now() < deadlineMs && !signal.aborted) {
    await delay(50, undefined, { signal }).catch(() => undefined)
  }
  for (const { pid, startTicks } of left()) {
    using process = openProcess(pid, startTicks)
    process?.signal('SIGKILL')
  }
  while (left().length > 0 && !signal.aborted) await delay(20)
  return found.length
}

function readParts(path: string): RunningParts {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return []
  }
}

/** A zombie holds no file and no lock any more; who should collect it may be somebody who never does. */
function isThere({ pid, startTicks }: RunningParts[number]): boolean {
  const stat = readProcessStat(pid)
  return stat?.startTicks === startTicks && stat.state !== 'Z'
}
