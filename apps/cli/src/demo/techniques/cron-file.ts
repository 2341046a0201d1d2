import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Technique } from '../technique.ts'

/** A line that cron would understand as a comment, if it ever came to it. */
const LINE = '# * * * * * root /bin/true\n'

/** A new file in a `cron.d` of our own, which the sensor is told to watch. No cron ever looks there. */
export const cronFile: Technique = {
  name: 'cron-file',
  title: 'A new cron file appears (in a scratch folder that no cron reads)',
  ids: ['T1053.003'],
  seenBy: ['ebpf', 'proc-events', 'proc-poll'],

  async act({ scratch, track, watch, signal }) {
    const folder = join(scratch, 'cron.d')
    mkdirSync(folder, { mode: 0o700 })
    if (!(await watch(folder))) return
    for (let i = 0; i < 3 && !signal.aborted; i += 1) {
      // The order to watch is on its way to the sensor; a file that was there before it arrived is seen at the next one.
      await delay(250 + i * 1500, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const child = spawn('tee', [join(folder, `vedette-demo-${i}`)], {
        stdio: ['pipe', 'ignore', 'ignore'],
        env: {},
      })
      track(child)
      child.stdin.end(LINE)
      await once(child, 'exit')
    }
  },
}
