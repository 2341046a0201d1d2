import type { RuleProblem } from '@vedette/model'
import type { YaraConfig } from './config.ts'
import type { External } from './variables.ts'
import type { YaraRuleFacts } from './rule-info.ts'

/** What the scanning process is told first. */
export interface ScanSettings {
  readonly type: 'start'
  /** Files and folders of rules. */
  readonly rules: readonly string[]
  readonly engine: YaraConfig['engine']
  readonly externals: Readonly<Record<string, External>>
  readonly maxFileBytes: number
  /** Most matches of a rule, and most of its metadata, that are told. */
  readonly mostMatches: number
  readonly mostMeta: number
  /** Steps by which it stands back behind everything else on the machine, 0-19. */
  readonly niceness: number
}

/** What is to be scanned. */
export type ScanTarget =
  /** A file by its path; a link in the last place is not followed, and what is not a plain file is passed over. */
  | {
      readonly path: string
      /** Its bytes, where they are no UTF-8. */
      readonly rawPath?: Uint8Array
      /** Real path of a folder out of which the path must not lead, through whatever links. */
      readonly within?: string
    }
  /** A file that is open already. `path` is what it is called. */
  | { readonly path: string; readonly descriptor: { readonly pid: number; readonly number: number } }
  /** Bytes in memory. `path` is what they are called. */
  | { readonly path: string; readonly data: Uint8Array }

export interface ScanRequest {
  readonly type: 'scan'
  readonly id: number
  readonly target: ScanTarget
}

/** A pattern of a rule, where it stands in a file. */
export interface FoundPattern {
  readonly name: string
  readonly offset: number
  readonly length: number
  /** Its first bytes; those that are not printable as `\xNN`. */
  readonly data: string
}

/** A rule that a file matches. Everything in it is bounded. */
export interface FileFinding {
  readonly rule: YaraRuleFacts
  readonly matches: readonly FoundPattern[]
  readonly matchCount: number
}

export type ScanResult =
  | {
      readonly outcome: 'scanned'
      readonly findings: readonly FileFinding[]
      readonly sizeBytes: number
      /** 64 lower-case hex digits, where there is a finding. */
      readonly sha256?: string
    }
  | {
      /**
       * - `too-large`: beyond `max_file_size`
       * - `timed-out`: it took longer than `timeout_ms`
       * - `lost`: too many were waiting, or the scanner ended before its turn
       * - `skipped`: not a plain file, or a link, or gone
       * - `failed`: it cannot be read, or the engine failed
       */
      readonly outcome: 'too-large' | 'timed-out' | 'lost' | 'skipped' | 'failed'
      readonly reason: string
    }

export type FromScanProcess =
  | {
      readonly type: 'ready'
      readonly engine: 'native' | 'wasm'
      /** Rules that can be found. */
      readonly rules: number
      readonly problems: readonly RuleProblem[]
    }
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'result'; readonly id: number; readonly result: ScanResult }
