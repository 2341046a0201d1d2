import type { Inspection } from '@vedette/collect/files'
import type { FilePackage } from '@vedette/model'

/** What the job is opened with. */
export interface JobOptions {
  readonly maxFileBytes: number
  readonly bytesPerSecond: number
  readonly maxFiles: number
}

/** Looks at one file. */
export interface LookRequest {
  readonly type: 'look'
  readonly id: number
  readonly path: string
  /** The state that it had. */
  readonly known?: string
  /** Executables of who did it and of its ancestors, as long as these are programs of this host; nearest first. */
  readonly actors: readonly string[]
}

/** Some of the states that files had, by path: those that still have them are not read by the scan that is asked for next. */
export interface KnownStates {
  readonly type: 'known'
  /** Of the scan. */
  readonly id: number
  readonly states: readonly (readonly [path: string, state: string])[]
}

/** Looks at all files below some paths. */
export interface ScanRequest {
  readonly type: 'scan'
  readonly id: number
  /** Real paths, free of patterns. */
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  /** Whether packages of what differs are looked up. */
  readonly packages: boolean
}

export type ToJob = LookRequest | KnownStates | ScanRequest

/** What was seen of one file. */
export interface Seen {
  readonly path: string
  readonly inspection: Inspection
  readonly package?: FilePackage
}

export interface Looked extends Seen {
  readonly type: 'looked'
  readonly id: number
  readonly byPackageManager: boolean
}

/** Some of what a scan saw that is not as it was known. */
export interface ScanBatch {
  readonly type: 'batch'
  readonly id: number
  readonly seen: readonly Seen[]
}

export interface ScanEnd {
  readonly type: 'end'
  readonly id: number
  readonly summary: ScanSummary
}

export interface ScanSummary {
  /** Files that were looked at. */
  readonly files: number
  readonly readBytes: number
  /** Files that are known and were not met. */
  readonly gone: readonly string[]
  /** Whether there are more files than are known at most. */
  readonly truncated: boolean
  /** Types of file systems that were passed over, since somebody else answers for them. */
  readonly remote: readonly string[]
  /** Files and folders that could not be looked at. */
  readonly refused: number
}

export type FromJob = Looked | ScanBatch | ScanEnd
