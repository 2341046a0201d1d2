import type { Clock } from '@vedette/base'
import type { HuntProgress } from '@vedette/manager/hunt'
import { bytes, count } from '../../format/quantity.ts'
import type { Style } from '../../format/style.ts'
import type { Terminal } from '../../terminal.ts'

const EVERY_MS = 100
/** A hunt that is over sooner shows nothing. */
const QUIET_S = 0.5
const BAR = 20

/** One line on standard error that is drawn over as a hunt goes on; nothing where that is no terminal. */
export class ProgressLine {
  readonly #terminal: Terminal
  readonly #style: Style
  readonly #clock: Clock
  #drawnMs = -Infinity
  #visible = false

  constructor(terminal: Terminal, style: Style, clock: Clock) {
    this.#terminal = terminal
    this.#style = style
    this.#clock = clock
  }

  show(progress: HuntProgress): void {
    const columns = this.#terminal.errColumns
    if (columns === undefined || progress.seconds < QUIET_S) return
    const nowMs = this.#clock.monotonic()
    if (nowMs - this.#drawnMs < EVERY_MS) return
    this.#drawnMs = nowMs
    this.#visible = true
    const line = progressText(progress).slice(0, columns - 1)
    this.#terminal.err(`\r\u001b[K${this.#style.dim(line)}`)
  }

  /** Takes the line away, before something else is written. */
  clear(): void {
    if (this.#visible) this.#terminal.err('\r\u001b[K')
    this.#visible = false
    this.#drawnMs = -Infinity
  }
}

/** `█████░░░░░  25 %  1.2 GiB of 4.8 GiB  183 412 events/s  27 matches  12 s left`. */
export function progressText({ events, matches, done, bytes: read, seconds }: HuntProgress): string {
  const filled = Math.round(done * BAR)
  const left = done > 0.01 ? (seconds * (1 - done)) / done : undefined
  return [
    `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`,
    `${String(Math.floor(done * 100)).padStart(3)} %`,
    ...(read === undefined ? [] : [`${bytes(read.read)} of ${bytes(read.total)}`]),
    `${count(events / Math.max(seconds, 0.001))} events/s`,
    `${count(matches)} ${matches === 1 ? 'match' : 'matches'}`,
    ...(left === undefined ? [] : [`${span(left)} left`]),
  ].join('  ')
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
function span(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
