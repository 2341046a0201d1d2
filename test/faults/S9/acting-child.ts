import { appendFileSync } from 'node:fs'
import { silentLogger, systemClock } from '@vedette/base'
import { auditPaths, openAudit } from '@vedette/store/audit'
import { createAudited } from '../../../apps/server/src/access/audited.ts'

/**
 * Does what has to be recorded, as the server does, four acts at a time, until it is killed or, where a limit keeps it from
 * writing, until an act was refused 8 times. Arguments: folder of the log, file in which each act leaves a line, name of
 * this run. What it may not do it says on standard output.
 */
const [folder = '', acts = '', run = ''] = process.argv.slice(2)
// A write beyond the limit fails then, where it would end the process.
process.on('SIGXFSZ', () => undefined)
const log = await openAudit(folder, {
  clock: systemClock,
  log: silentLogger,
  checkpoint: auditPaths(folder).checkpoint,
  signing: { name: 'server', ...auditPaths(folder), every: 50 },
})
const audited = createAudited(log, silentLogger)
let number = 0
let refused = 0

async function actUntilRefused(): Promise<void> {
  while (refused < 8) {
    const target = `${run}-${number}`
    number += 1
    try {
      await audited.act({ actor: 'ann', action: 'respond.freeze', target, detail: {} }, async () =>
        appendFileSync(acts, `${target}\n`),
      )
    } catch {
      refused += 1
      process.stdout.write(`refused ${target}\n`)
    }
  }
}

await Promise.all([0, 1, 2, 3].map(actUntilRefused))
process.exit(0)
