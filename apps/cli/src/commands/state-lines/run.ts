import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openStateAdministration } from '@vedette/store/administration'
import type { Invocation } from '../../command.ts'
import { stateOptions } from '../migrate/state-options.ts'

/** The state as lines on standard output, or from standard input. */
export async function stateLines(
  invocation: Invocation,
  _options: object,
  direction: 'dump' | 'load',
): Promise<void> {
  if (direction === 'load') mkdirSync(join(invocation.paths.server, 'pg'), { recursive: true, mode: 0o700 })
  await using administration = await openStateAdministration(stateOptions(invocation))
  if (direction === 'load') {
    await administration.load(createInterface({ input: process.stdin }))
    return
  }
  const lines = administration.dump()
  await pipeline(Readable.from(withNewlines(lines)), process.stdout, { end: false })
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
