import { type Secret, visible } from '@vedette/base'
import type { AgentReport } from '@vedette/model'
import type { AgentMessageLine } from '@vedette/agent'
import type { Invocation } from '../command.ts'
import { wrap } from '../format/wrap.ts'
import { parseObject } from './json-lines.ts'
import type { PartFailure } from './part.ts'

/** Parts of the agent that see nothing themselves. */
const agentParts: readonly string[] = ['normalise', 'batches', 'spool', 'uplink']
const INDENT = 17

/** What `vedette up` says: calm lines for a person or, with `--json`, one object a line. */
export class Announcer {
  readonly #invocation: Invocation
  readonly #version: string
  readonly #startedMs: number
  #url: string | undefined
  #report: AgentReport | undefined
  #isStopping = false

  constructor(invocation: Invocation, version: string) {
    this.#invocation = invocation
    this.#version = version
    this.#startedMs = invocation.clock.monotonic()
  }

  begin(warnings: readonly string[]): void {
    const { paths, style } = this.#invocation
    this.#tell({ type: 'starting', version: this.#version, home: paths.home }, [
      `${style.bold('Vedette')} ${this.#version} starts in ${visible(paths.home)}`,
    ])
    for (const warning of warnings) this.#warn('config', warning)
  }

  recovered(parts: number): void {
    this.#warn('recovered', `The last run was killed: waited for the end of ${parts} of its processes`)
  }

  /** @param setupToken given while there is no account */
  serverReady(url: string, setupToken: Secret | undefined): void {
    const { style } = this.#invocation
    this.#url = url
    const token = setupToken?.reveal()
    const lines = [`  Console      ${style.bold(token === undefined ? url : `${url}/#token=${token}`)}`]
    if (token !== undefined) lines.push(`  Setup token  ${token}   (once: it makes the first account)`)
    this.#tell({ type: 'server', url, setupToken: token ?? null }, lines)
    if (this.#report !== undefined) this.#tellSight(this.#report)
    this.#report = undefined
  }

  /** Told to a person after the console's address, which matters more, whichever comes first. */
  watching(report: AgentReport): void {
    const { hostname, parts, blindSpots } = report
    this.#tell({ type: 'watching', hostname, parts, blindSpots }, [])
    if (this.#url === undefined) this.#report = report
    else this.#tellSight(report)
  }

  /** Of an agent alone, which watches for a server elsewhere. */
  watchingFor(server: string, report: AgentReport): void {
    const { hostname, parts, blindSpots } = report
    this.#url = server
    this.#tell({ type: 'watching', hostname, parts, blindSpots }, [
      `  Server       ${this.#invocation.style.bold(visible(server))}`,
    ])
    this.#tellSight(report)
  }

  /** The line to a server elsewhere is there, or is lost. */
  line(isConnected: boolean, server: string): void {
    if (isConnected) {
      this.#tell({ type: 'connected', server }, [`Connected with ${visible(server)}. Ctrl-C stops it.`])
    } else if (!this.#isStopping) {
      this.#warn('disconnected', `${server} is away; what happens is kept on disk until it is back`)
    }
  }

  #tellSight({ parts, blindSpots }: AgentReport): void {
    const { style, json, terminal } = this.#invocation
    if (json) return
    const collectors = parts.filter(({ name, state }) => state === 'running' && !agentParts.includes(name))
    const names = collectors.map(({ name }) => visible(name)).join(', ')
    terminal.out(`  Sees         ${names === '' ? style.bad('nothing') : names}\n`)
    for (const [i, { message }] of blindSpots.entries()) {
      const head = i === 0 ? 'Cannot see ' : '           '
      const lines = wrap(visible(message), Math.max(40, Math.min(terminal.columns, 120) - INDENT))
      for (const [j, line] of lines.entries()) {
        const bullet = j === 0 ? style.warn('-') : ' '
        terminal.out(`  ${j === 0 ? head : '           '}  ${bullet} ${line}\n`)
      }
    }
  }

  ready(): void {
    const { style, clock } = this.#invocation
    const elapsedMs = Math.round(clock.monotonic() - this.#startedMs)
    this.#tell({ type: 'ready', url: this.#url, pid: process.pid, elapsedMs }, [
      `${style.good('Watching')} since ${(elapsedMs / 1000).toFixed(1)} s after the start. Ctrl-C stops it.`,
    ])
  }

  /** What a part logs: its warnings and errors for a person; the rest stays in its log file. */
  partLog(part: string, line: string): void {
    const { style, json, terminal } = this.#invocation
    const entry = parseObject(line)
    const level = Number(entry?.['level'] ?? 0)
    // While it stops, that others hang up is what should happen.
    if (entry === undefined || level < (this.#isStopping ? 50 : 40)) return
    // The same is told, and better, as the error that ends the part.
    if (entry['msg'] === `${part} cannot go on`) return
    const text = visible(entryText(entry)).slice(0, 1000)
    if (json) this.#tell({ type: 'log', part, level: level >= 50 ? 'error' : 'warn', message: text }, [])
    else terminal.err(`${level >= 50 ? style.bad(part) : style.warn(part)}: ${text}\n`)
  }

  restarting(failure: PartFailure): void {
    this.#warn('restart', `${failure.message}; it is started again`)
  }

  /** It starts anew by itself. */
  renewed(): void {
    this.#warn('renewed', 'the server assigned other settings; the agent starts with them')
  }

  /** What becomes of another version that the server wants here. */
  upgrade(message: string): void {
    this.#warn('upgrade', message)
  }

  stopping(): void {
    this.#isStopping = true
    this.#tell({ type: 'stopping' }, ['', 'Stopping; Ctrl-C again does not wait.'])
  }

  agentStopped({ waiting, lost }: Extract<AgentMessageLine, { type: 'stopped' }>): void {
    if (this.#url === undefined || (waiting === 0 && lost === 0)) return
    const kept = waiting > 0 ? `${waiting} batches wait on disk for the next start` : ''
    const gone = lost > 0 ? `${lost} events were lost in all` : ''
    this.#warn('agent-stopped', [kept, gone].filter((text) => text !== '').join('; '))
  }

  stopped(): void {
    this.#tell({ type: 'stopped' }, ['Stopped.'])
  }

  #warn(code: string, message: string): void {
    const { style, json, terminal } = this.#invocation
    if (json) this.#tell({ type: 'warning', code, message }, [])
    else terminal.err(`${style.warn('note')}: ${visible(message)}\n`)
  }

  #tell(object: object, lines: readonly string[]): void {
    const { json, terminal } = this.#invocation
    if (json) terminal.out(`${JSON.stringify(object)}\n`)
    else for (const line of lines) terminal.out(`${line}\n`)
  }
}

/** A log line in words: its message, the error that it carries, its other fields. */
function entryText({
  msg,
  error,
  level: _level,
  time: _time,
  part: _part,
  ...fields
}: Record<string, unknown>): string {
  const message = typeof msg === 'string' ? msg : 'unnamed'
  const reason =
    typeof error === 'object' && error !== null && 'message' in error ? `: ${String(error.message)}` : ''
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${message}${reason}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`
}
