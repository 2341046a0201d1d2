import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { openYaraEngine } from './engines/index.ts'
import { scanFile, type ScanLimits } from './file-scan.ts'
import { type LoadedYaraRules, loadYaraRules } from './load-yara-rules.ts'
import type { FromScanProcess, ScanRequest, ScanSettings } from './messages.ts'

/**
 * A process that scans: started by `YaraScanner`, killed by it when a scan takes too long. What a hostile file does to the
 * engine it does here.
 */

let rules: LoadedYaraRules | undefined
let limits: ScanLimits | undefined

function tell(message: FromScanProcess): void {
  process.send?.(message)
}

function start(settings: ScanSettings): void {
  try {
    if (settings.niceness > 0) setPriority(settings.niceness)
    const engine = openYaraEngine(settings.engine, settings.externals)
    rules = loadYaraRules(settings.rules, engine, settings.externals)
    limits = settings
    tell({ type: 'ready', engine: engine.name, rules: rules.rules.length, problems: rules.problems })
    // It is killed in the end, and would keep nothing of it then.
    flushCompileCache()
  } catch (error) {
    tell({ type: 'unusable', message: error instanceof Error ? error.message : String(error) })
  }
}

async function scan({ id, target }: ScanRequest): Promise<void> {
  if (rules === undefined || limits === undefined) return
  try {
    tell({ type: 'result', id, result: await scanFile(rules, target, limits) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    tell({ type: 'result', id, result: { outcome: 'failed', reason } })
  }
}

process.on('message', (message: ScanSettings | ScanRequest) => {
  if (message.type === 'start') start(message)
  else void scan(message)
})
// Whoever started it is gone. A scan may be under way in a thread of the engine's own, so it is not waited for.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
