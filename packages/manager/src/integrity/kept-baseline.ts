import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CodedError } from '@vedette/base'
import { SideProcess } from '@vedette/collect/side'
import { type FileLock, lockFile } from '@vedette/linux'
import type { FileFactName, FileFacts, FilePackage } from '@vedette/model'
import { type AcceptRequest, requestAccept } from './accept-requests.ts'
import { Baseline } from './baseline.ts'
import { differingFacts } from './difference.ts'
import { ExaminingJob } from './examining-job.ts'
import { acceptedPaths, BASELINE_FILE, LOCK_FILE } from './file-integrity.ts'
import type { Seen } from './messages.ts'

/** Who is asked looks at nothing first: it answers at once, or is busy with its first look. */
const ANSWER_MS = 15_000
/** The first look at all files. */
const BUILDING_MS = 60_000

/** A file that is not as it was accepted. */
export interface DifferingFile {
  readonly path: string
  readonly change: 'created' | 'changed' | 'removed'
  readonly changed: readonly FileFactName[]
  readonly before?: FileFacts
  readonly after?: FileFacts
  readonly package?: FilePackage
}

export interface BaselineStatus {
  readonly files: number
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  /** Whether somebody keeps it up to date now. */
  readonly isKept: boolean
  /** By what was seen last. */
  readonly differing: readonly DifferingFile[]
}

export interface CheckResult {
  /** Files that were looked at. */
  readonly files: number
  readonly readBytes: number
  readonly differing: readonly DifferingFile[]
  /** Files and folders that could not be looked at. */
  readonly refused: number
}

/**
 * What is known of files, as a baseline in a folder has it. Waits for one that is being made.
 *
 * @throws {CodedError} `no-baseline`, `baseline-damaged`
 */
export async function baselineStatus(folder: string): Promise<BaselineStatus> {
  const baseline = await load(folder)
  const differing = baseline
    .differing()
    .flatMap(([path, { accepted, now }]) => differenceOf(path, accepted, now) ?? [])
  return { files: baseline.size, ...baseline.coverage, isKept: isKept(folder), differing }
}

/**
 * Looks at files, reading all of them, and says which are not as they were accepted. Changes nothing.
 *
 * @param paths files, and folders with what lies in them; all that the baseline is about, where there are none
 * @throws {CodedError} `no-baseline`, `baseline-damaged`, `not-in-baseline`
 */
export async function checkFiles(folder: string, paths: readonly string[]): Promise<CheckResult> {
  const baseline = await load(folder)
  const wanted = within(baseline, paths)
  const seen = new Map<string, Seen>()
  const summary = await lookAt(baseline, wanted, seen)
  const known = [...baseline.entries()].filter(([path]) => isBelow(path, wanted))
  const all = new Set([...known.map(([path]) => path), ...seen.keys()])
  const differing = [...all].sort().flatMap((path): DifferingFile[] => {
    const found = seen.get(path)
    // What could not be looked at is not gone for that.
    if (found !== undefined && found.inspection.outcome !== 'there') return []
    const after = found?.inspection.outcome === 'there' ? found.inspection.facts : undefined
    if (after === undefined && !summary.gone.includes(path)) return []
    const difference = differenceOf(path, baseline.get(path)?.accepted, after)
    if (difference === undefined) return []
    return [{ ...difference, ...(found?.package !== undefined && { package: found.package }) }]
  })
  return { files: summary.files, readBytes: summary.readBytes, differing, refused: summary.refused }
}

/**
 * Takes files as they are now for right: by asking who keeps the baseline, who records it, or by itself where nobody does.
 *
 * @returns how many were accepted
 * @throws {CodedError} `no-baseline`, `baseline-damaged`, `not-in-baseline`, `no-answer`, `refused`
 */
export async function acceptFiles(folder: string, request: AcceptRequest): Promise<number> {
  within(await load(folder), request.paths)
  using lock = lockFile(join(folder, LOCK_FILE))
  if (lock === undefined) return askToAccept(folder, request)
  const baseline = await load(folder)
  const wanted = within(baseline, request.paths)
  const seen = new Map<string, Seen>()
  const { gone } = await lookAt(baseline, wanted, seen)
  for (const { path, inspection } of seen.values()) {
    if (inspection.outcome !== 'there') continue
    const { accepted } = baseline.get(path) ?? {}
    baseline.set(path, {
      ...(accepted !== undefined && {
        accepted: isSame(accepted, inspection.facts) ? inspection.facts : accepted,
      }),
      now: inspection.facts,
      state: inspection.state,
    })
  }
  for (const path of gone) {
    const { accepted } = baseline.get(path) ?? {}
    baseline.set(path, accepted === undefined ? {} : { accepted })
  }
  const paths = acceptedPaths(baseline, request)
  for (const path of paths) baseline.accept(path)
  await baseline.save(join(folder, BASELINE_FILE))
  return paths.length
}

async function askToAccept(folder: string, request: AcceptRequest): Promise<number> {
  let accepted: number | undefined
  try {
    accepted = await requestAccept(folder, request, ANSWER_MS)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('refused', `Cannot accept: ${reason}`)
  }
  if (accepted === undefined)
    throw new CodedError('no-answer', 'Cannot accept: who keeps the baseline does not answer')
  return accepted
}

async function load(folder: string): Promise<Baseline> {
  const file = join(folder, BASELINE_FILE)
  for (let waitedMs = 0; ; waitedMs += 100) {
    const loaded = await Baseline.load(file)
    if (loaded.outcome === 'loaded') return loaded.baseline
    if (loaded.outcome === 'damaged')
      throw new CodedError('baseline-damaged', `The baseline in ${folder} cannot be used: ${loaded.reason}`)
    if (waitedMs >= BUILDING_MS || !isKept(folder))
      throw new CodedError('no-baseline', `There is no baseline of files in ${folder} yet`)
    await delay(100)
  }
}

function isKept(folder: string): boolean {
  const file = join(folder, LOCK_FILE)
  if (!existsSync(file)) return false
  using lock: FileLock | undefined = lockFile(file)
  return lock === undefined
}

function within(baseline: Baseline, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return baseline.coverage.paths
  const strange = paths.find((path) => !isBelow(path, baseline.coverage.paths))
  if (strange !== undefined)
    throw new CodedError('not-in-baseline', `The baseline is not about ${strange}: see integrity.paths`)
  return paths
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder === '/' ? '' : folder}/`))
}

async function lookAt(baseline: Baseline, paths: readonly string[], seen: Map<string, Seen>) {
  await using side = new SideProcess()
  using examining = new ExaminingJob(
    {
      maxFileBytes: 4_294_967_296,
      maxFiles: Number.MAX_SAFE_INTEGER,
      bytesPerSecond: Number.MAX_SAFE_INTEGER,
    },
    side,
  )
  // Without a state that it knows it reads every file: times can be set.
  const known = new Map(
    [...baseline.entries()].filter(([path]) => isBelow(path, paths)).map(([path]) => [path, '']),
  )
  return await examining.scan(
    { paths, exclude: baseline.coverage.exclude, packages: true },
    known,
    (batch) => {
      for (const one of batch) seen.set(one.path, one)
    },
  )
}

function isSame(before: FileFacts, after: FileFacts): boolean {
  return differingFacts(before, after).length === 0
}

function differenceOf(
  path: string,
  before: FileFacts | undefined,
  after: FileFacts | undefined,
): DifferingFile | undefined {
  if (before === undefined && after === undefined) return undefined
  const changed = before !== undefined && after !== undefined ? differingFacts(before, after) : []
  if (before !== undefined && after !== undefined && changed.length === 0) return undefined
  return {
    path,
    change: before === undefined ? 'created' : after === undefined ? 'removed' : 'changed',
    changed,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }
}
