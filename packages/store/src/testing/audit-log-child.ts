import { silentLogger, systemClock } from '@vedette/base'
import { openAudit } from '../audit/open-audit.ts'

/** Writes records until it is killed and says the sequence of each that is on disk. Arguments: folder, checkpoint. */
const [folder = '', checkpoint = ''] = process.argv.slice(2)
const log = await openAudit(folder, { clock: systemClock, log: silentLogger, checkpoint })
for (;;) {
  const records = await Promise.all(
    Array.from({ length: 4 }, (_, number) =>
      log.append({
        actor: 'ann',
        action: 'respond.kill',
        target: 'x'.repeat(number * 1000),
        outcome: 'intended',
        detail: {},
      }),
    ),
  )
  for (const { sequence } of records) process.stdout.write(`${sequence}\n`)
}
