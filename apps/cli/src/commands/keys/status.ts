import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { operations } from '@vedette/client/rest'
import type { Invocation } from '../../command.ts'
import { exact } from '../../format/time.ts'
import { count } from '../../format/quantity.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { rest } from '../../rest.ts'
import { readRunning } from '../../up/running.ts'
import { ringsOf } from './rings.ts'

const FROM = {
  generated: 'a file that was made at the first start',
  key: 'a file of yours or the environment',
  passphrase: 'a passphrase',
} as const

/** From the files themselves, so that it also tells of a house that does not run. */
export async function status(invocation: Invocation): Promise<void> {
  const { paths } = invocation
  const rings = ringsOf(paths)
  const runs = existsSync(paths.server) && readRunning(paths) !== undefined
  // One that was killed has left its address behind.
  const pending = runs
    ? await rest(invocation)((to) => operations.getKeys(to)).then(
        ({ pending: waiting }) => waiting,
        () => null,
      )
    : null
  if (invocation.json) {
    return printJson(invocation, {
      parts: rings.map(({ part, home, status: { master, keys } }) => ({
        part,
        folder: join(home, 'keys'),
        master: { id: master.id, from: master.from, since: new Date(master.since).toISOString() },
        keys: keys.map(({ class: of, tenant, id, createdAt, before }) => ({
          class: of,
          tenant,
          id,
          created_at: new Date(createdAt).toISOString(),
          before,
        })),
      })),
      pending,
    })
  }
  if (rings.length === 0) {
    printLine(invocation, "There are no keys yet; 'vedette up' makes them")
    return
  }
  for (const {
    part,
    home,
    status: { master },
  } of rings) {
    printLine(
      invocation,
      `Master key of the ${part}: ${master.id}, of ${FROM[master.from]}, since ${exact(master.since)}`,
    )
    if (master.from === 'generated') printLine(invocation, `  ${safe(join(home, 'keys', 'master.key'))}`)
  }
  printTable(
    invocation,
    [
      { title: 'PART' },
      { title: 'FOR' },
      { title: 'TENANT', flexible: true },
      { title: 'KEY' },
      { title: 'MADE' },
      { title: 'BEFORE', align: 'right' },
    ],
    rings.flatMap(({ part, status: { keys } }) =>
      keys.map(({ class: of, tenant, id, createdAt, before }) => [
        part,
        safe(of, 32),
        safe(tenant, 64),
        id,
        exact(createdAt).slice(0, 10),
        String(before),
      ]),
    ),
  )
  if (pending !== null && pending > 0) {
    printLine(invocation, `${count(pending)} secrets wait to be sealed with the newest key`)
  }
  printLine(invocation, invocation.style.dim('Keep copies of the master keys elsewhere: no backup has them.'))
}
