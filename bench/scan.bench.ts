import { globSync, statSync } from 'node:fs'
import { silentLogger } from '@vedette/base'
import { builtInYaraRules, YaraScanner } from '@vedette/detect/yara'
import { report } from './figures.ts'

/**
 * How fast one process scans by the rules that come with Vedette: small files one after another, and one large buffer, by
 * either build of the engine; and what the process takes. `--save` keeps the figures.
 */

const FILES = 400
const LARGEST_BYTES = 200_000
const BUFFER_MIB = 16

const files = globSync('/usr/{bin,share}/**', { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`)
  .filter((path) => statSync(path).size <= LARGEST_BYTES)
  .slice(0, FILES)

async function measure(engine: 'native' | 'wasm') {
  await using scanner = new YaraScanner({
    rules: [builtInYaraRules],
    engine,
    externals: {},
    maxFileBytes: 64 << 20,
    timeoutMs: 60_000,
    workers: 1,
    maxWaiting: 10,
    idleMs: 60_000,
    niceness: 0,
    log: silentLogger,
  })
  const startMs = performance.now()
  const loaded = await scanner.load()
  const loadMs = performance.now() - startMs
  const filesMs = await timed(async () => {
    for (const path of files) await scanner.scan({ path })
  })
  const data = Buffer.alloc(BUFFER_MIB << 20, 'a line of text like any other\n')
  const bufferMs = await timed(() => scanner.scan({ path: 'buffer', data }))
  return {
    rules: loaded?.rules,
    loadMs: Math.round(loadMs),
    filesPerSecond: Math.round((files.length / filesMs) * 1000),
    bufferMiBPerSecond: Math.round((BUFFER_MIB / bufferMs) * 1000),
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

report('scan', { files: files.length, native: await measure('native'), wasm: await measure('wasm') })
