import { lstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Logger, silentLogger } from '@vedette/base'
import {
  builtInYaraRules,
  type External,
  type FileFinding,
  type LoadedSet,
  type ScanCounters,
  yaraRuleInfo,
  YaraScanner,
} from '@vedette/detect/yara'
import type { RuleInfo, Technique } from '@vedette/model'
import { type Walked, walkFiles } from './walk-files.ts'

export interface ScanPathsOptions {
  /** Files and folders that are scanned. */
  readonly paths: readonly string[]
  /** Files and folders of rules. Default: those that come with Vedette. */
  readonly rules?: readonly string[]
  readonly engine?: 'auto' | 'native' | 'wasm'
  readonly externals?: Readonly<Record<string, External>>
  /** Files whose status has changed later alone (ctime, which no program can set), milliseconds since the epoch. */
  readonly changedSinceMs?: number
  /** Default 64 MiB. */
  readonly maxFileBytes?: number
  /** For one file. Default 60 s. */
  readonly timeoutMs?: number
  /** Default: one a core. */
  readonly workers?: number
  /** Looks up a technique of ATT&CK. */
  readonly technique?: (id: string) => Technique | undefined
  readonly log?: Logger
}

/** A rule that a file matches. */
export interface ScanFinding {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly rule: RuleInfo
  /** Name of the rule in its file. */
  readonly ruleName: string
  readonly matches: FileFinding['matches']
  readonly matchCount: number
}

export interface ScanProgress {
  readonly files: number
  readonly bytes: number
  readonly findings: number
  /** The file that was done last. */
  readonly path: string
}

export interface ScanSummary {
  /** Files that were scanned. */
  readonly files: number
  readonly bytes: number
  /** Findings, and files that have any. */
  readonly findings: number
  readonly infected: number
  readonly unreadable: number
  readonly tooLarge: number
  readonly timedOut: number
  readonly skipped: number
  readonly rules: number
  readonly engine: 'native' | 'wasm'
  readonly aborted: boolean
}

/** Told of what a scan comes to. */
export interface ScanSink {
  /** Once, before the first file. */
  readonly loaded: (rules: LoadedSet) => void
  readonly found: (finding: ScanFinding) => void
  /** A file that was not scanned, or a folder that was not entered. Links, pipes and the like are not told. */
  readonly unscanned: (
    path: string,
    outcome: 'unreadable' | 'too-large' | 'timed-out',
    reason: string,
  ) => void
  readonly progress: (progress: ScanProgress) => void
}

/** Files on their way for each process that scans, so that none waits for the walk. */
const AHEAD = 4

/**
 * Scans files and whole folders, on all cores.
 *
 * @throws {Error} when no rule can be used, or no engine works
 */
export async function scanPaths(
  options: ScanPathsOptions,
  sink: ScanSink,
  signal?: AbortSignal,
): Promise<ScanSummary> {
  const { workers = availableParallelism(), technique, log = silentLogger } = options
  await using scanner = new YaraScanner({
    rules: options.rules ?? [builtInYaraRules],
    engine: options.engine ?? 'auto',
    externals: options.externals ?? {},
    maxFileBytes: options.maxFileBytes ?? 64 << 20,
    timeoutMs: options.timeoutMs ?? 60_000,
    workers,
    maxWaiting: workers * AHEAD,
    idleMs: 60_000,
    niceness: 0,
    log,
  })
  const loaded = await scanner.load()
  if (loaded === undefined)
    throw new Error(`Files cannot be scanned: ${scanner.failure ?? 'the scanner ended'}`)
  sink.loaded(loaded)
  let bytes = 0
  let findings = 0
  let infected = 0
  let unreadable = 0

  const scan = async (target: Extract<Walked, { readonly type: 'file' }>): Promise<void> => {
    const { path, rawPath, within } = target
    const result = await scanner.scan({
      path,
      ...(rawPath !== undefined && { rawPath }),
      ...(within !== undefined && { within }),
    })
    if (result.outcome !== 'scanned') {
      if (signal?.aborted === true || result.outcome === 'skipped') return
      if (result.outcome === 'too-large' || result.outcome === 'timed-out') {
        sink.unscanned(path, result.outcome, result.reason)
      } else {
        unreadable += 1
        sink.unscanned(path, 'unreadable', result.reason)
      }
      return
    }
    bytes += result.sizeBytes
    if (result.findings.length > 0) infected += 1
    for (const { rule, matches, matchCount } of result.findings) {
      findings += 1
      sink.found({
        path,
        sha256: result.sha256 ?? '',
        sizeBytes: result.sizeBytes,
        rule: yaraRuleInfo(rule, technique),
        ruleName: rule.name,
        matches,
        matchCount,
      })
    }
    sink.progress({ files: scanner.counters().scanned, bytes, findings, path })
  }

  const underWay = new Set<Promise<void>>()
  const { changedSinceMs } = options
  const look = (walked: Walked): void => {
    if (walked.type === 'file' && changedSinceMs !== undefined && !hasChanged(walked, changedSinceMs)) return
    if (walked.type === 'unreadable') {
      unreadable += 1
      sink.unscanned(walked.path, 'unreadable', walked.reason)
      return
    }
    const done = scan(walked).finally(() => underWay.delete(done))
    underWay.add(done)
  }
  for await (const walked of walkFiles(options.paths, signal)) {
    if (signal?.aborted === true) break
    look(walked)
    while (underWay.size >= workers * AHEAD) await Promise.race(underWay)
  }
  if (signal?.aborted === true) await scanner[Symbol.asyncDispose]()
  await Promise.all(underWay)
  const counters: ScanCounters = scanner.counters()
  return {
    files: counters.scanned,
    bytes,
    findings,
    infected,
    unreadable,
    tooLarge: counters.too_large,
    timedOut: counters.timed_out,
    skipped: counters.skipped,
    rules: loaded.rules,
    engine: loaded.engine,
    aborted: signal?.aborted === true,
  }
}

function hasChanged({ path, rawPath }: Extract<Walked, { readonly type: 'file' }>, sinceMs: number): boolean {
  const status = lstatSync(rawPath === undefined ? path : Buffer.from(rawPath), { throwIfNoEntry: false })
  return status !== undefined && status.ctimeMs >= sinceMs
}
