import type { FtpFacts } from '@vedette/model'
import { LineReader } from '../bytes/line-reader.ts'
import type { ProtocolParser, ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { type DataEndpoint, extendedPortOf, passivePortOf, portOf } from './data-endpoint.ts'
import { FTP_PORT, recogniseFtp } from './recognise.ts'

/** FTP (RFC 959, 2228, 2428): every command with its answers, up to where it goes on over TLS. */
export const ftpParser: ProtocolParser = {
  name: 'ftp',
  transports: ['tcp'],
  ports: [FTP_PORT],
  recognise: recogniseFtp,
  open: () => new FtpSession(),
}

const MOST_LINE = 4096
/** Commands that wait for their answers; of more, the oldest are told without. */
const MOST_WAITING = 4
const MOST_REPLIES = 16
const MOST_REPLY_TEXT = 256
const SECRET = new Set(['PASS', 'ACCT', 'ADAT'])
const NAMES_A_FILE = new Set(
  'APPE CWD DELE LIST MDTM MKD MLSD MLST NLST RETR RMD RNFR RNTO SIZE STAT STOR STOU XCWD XMKD XRMD'.split(
    ' ',
  ),
)
/** Commands that a connection for data is opened for. */
const CARRIED = new Set('APPE LIST MLSD NLST RETR STOR STOU'.split(' '))

interface Command {
  readonly command?: string
  readonly argument?: string
  readonly isCut: boolean
}

class FtpSession implements ProtocolSession {
  readonly #lines = { client: new LineReader(MOST_LINE), server: new LineReader(MOST_LINE) }
  /** The greeting answers no command. */
  readonly #waiting: Command[] = [{ isCut: false }]
  #codes: number[] = []
  #responses: string[] = []
  #replyCut = false
  /** Of an answer of several lines, as long as its last one did not come. */
  #openCode: number | undefined
  #user: string | undefined
  #data: ({ type: 'active' | 'passive' } & DataEndpoint) | undefined

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const reader = this.#lines[speaker]
    for (let at = reader.read(bytes, 0); at >= 0; at = reader.read(bytes, at)) {
      if (speaker === 'client') this.#command(reader.line, reader.isCut, timeMs, tell)
      else if (this.#reply(reader.line, reader.isCut, timeMs, tell)) return 'other'
    }
    return 'more'
  }

  gap(speaker: Speaker): Wants {
    this.#lines[speaker].skip()
    return 'more'
  }

  end(timeMs: number, tell: Tell): void {
    const isEmpty = this.#codes.length === 0
    for (const [at, command] of this.#waiting.splice(0).entries())
      if (command.command !== undefined || !(isEmpty && at === 0)) this.#tell(command, timeMs, tell)
  }

  #command(line: string, isCut: boolean, timeMs: number, tell: Tell): void {
    const space = line.indexOf(' ')
    const command = (space < 0 ? line : line.slice(0, space)).toUpperCase()
    if (!/^[A-Z]{3,8}$/.test(command)) return
    const argument = space < 0 ? '' : line.slice(space + 1)
    // The greeting was not seen.
    if (this.#waiting[0]?.command === undefined && this.#codes.length === 0) this.#waiting.shift()
    if (this.#waiting.length >= MOST_WAITING) this.#next(timeMs, tell)
    this.#waiting.push({ command, ...(argument !== '' && !SECRET.has(command) && { argument }), isCut })
    if (command === 'USER') this.#user = argument.slice(0, 256)
    const data =
      command === 'PORT' ? portOf(argument) : command === 'EPRT' ? extendedPortOf(argument) : undefined
    if (data !== undefined) this.#data = { type: 'active', ...data }
  }

  /** Whether what follows is another protocol. */
  #reply(line: string, isCut: boolean, timeMs: number, tell: Tell): boolean {
    const [, digits, mark, text = line] = /^([1-6]\d\d)([ -]|$)(.*)$/s.exec(line) ?? []
    const code = digits === undefined ? undefined : Number(digits)
    if (this.#openCode === undefined && code === undefined) return false
    this.#replyCut ||= isCut
    const isOver = code !== undefined && mark !== '-' && (this.#openCode ?? code) === code
    if (this.#codes.length < MOST_REPLIES && (isOver || this.#openCode === undefined) && code !== undefined)
      if (this.#codes.at(-1) !== code || this.#openCode === undefined) this.#codes.push(code)
    if (this.#responses.length < MOST_REPLIES) this.#responses.push(text.slice(0, MOST_REPLY_TEXT))
    this.#openCode = isOver ? undefined : (this.#openCode ?? code)
    if (!isOver) return false
    const [waiting] = this.#waiting
    if (waiting?.command === 'PASV' && code === 227) this.#passive(portOf(text))
    if (waiting?.command === 'EPSV' && code === 229) this.#passive(passivePortOf(text))
    // 1yz: another answer follows (RFC 959, 4.2.1).
    if (code >= 200 && waiting !== undefined) this.#next(timeMs, tell)
    return waiting?.command === 'AUTH' && code === 234
  }

  #passive(data: DataEndpoint | undefined): void {
    if (data !== undefined) this.#data = { type: 'passive', ...data }
  }

  #next(timeMs: number, tell: Tell): void {
    const command = this.#waiting.shift()
    if (command !== undefined) this.#tell(command, timeMs, tell)
  }

  #tell({ command, argument, isCut }: Command, timeMs: number, tell: Tell): void {
    const isAboutData =
      command !== undefined && (CARRIED.has(command) || /^(?:E?PORT|EPRT|PASV|EPSV)$/.test(command))
    const ftp: FtpFacts = {
      ...(command !== undefined && { command }),
      ...(argument !== undefined && { argument }),
      command_truncated: isCut,
      codes: this.#codes,
      command_responses: this.#responses,
      reply_truncated: this.#replyCut,
      ...(this.#user !== undefined && this.#user !== '' && { user: this.#user }),
      ...(command !== undefined && NAMES_A_FILE.has(command) && argument !== undefined && { name: argument }),
      ...(isAboutData && this.#data),
    }
    this.#codes = []
    this.#responses = []
    this.#replyCut = false
    tell('ftp', { ftp }, timeMs)
  }
}
