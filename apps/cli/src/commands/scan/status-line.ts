import type { Clock } from '@vedette/base'
import type { ScanProgress } from '@vedette/manager/scan'
import { bytes, count } from '../../format/quantity.ts'
import type { Style } from '../../format/style.ts'
import { safe } from '../../print.ts'
import type { Terminal } from '../../terminal.ts'

const EVERY_MS = 100
/** A scan that is over sooner shows nothing. */
const QUIET_MS = 500

/** One line on standard error that is drawn over as a scan goes on; nothing where that is no terminal. */
export class StatusLine {
  readonly #terminal: Terminal
  readonly #style: Style
  readonly #clock: Clock
  readonly #startMs: number
  #drawnMs: number
  #isVisible = false

  constructor(terminal: Terminal, style: Style, clock: Clock) {
    this.#terminal = terminal
    this.#style = style
    this.#clock = clock
    this.#startMs = clock.monotonic()
    this.#drawnMs = this.#startMs + QUIET_MS - EVERY_MS
  }

  show(progress: ScanProgress): void {
    const columns = this.#terminal.errColumns
    if (columns === undefined) return
    const nowMs = this.#clock.monotonic()
    if (nowMs - this.#drawnMs < EVERY_MS) return
    this.#drawnMs = nowMs
    this.#isVisible = true
    const line = statusText(progress, (nowMs - this.#startMs) / 1000).slice(0, columns - 1)
    this.#terminal.err(`\r\u001b[K${this.#style.dim(line)}`)
  }

  /** Takes the line away, before something else is written. */
  clear(): void {
    if (this.#isVisible) this.#terminal.err('\r\u001b[K')
    this.#isVisible = false
  }
}

/** `12 480 files  3.1 GiB  412.0 MiB/s  2 found  /usr/lib/x86_64-linux-gnu/libc.so.6`. */
export function statusText({ files, bytes: read, findings, path }: ScanProgress, seconds: number): string {
  return [
    `${count(files)} files`,
    bytes(read),
    `${bytes(Math.round(read / Math.max(seconds, 0.001)))}/s`,
    `${count(findings)} found`,
    safe(path, 200),
  ].join('  ')
}
