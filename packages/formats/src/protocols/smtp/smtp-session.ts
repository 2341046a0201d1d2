import type { SmtpFacts } from '@vedette/model'
import { LineReader } from '../bytes/line-reader.ts'
import type { ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { MessageReader } from './message.ts'

const MOST_LINE = 4096
const MOST_TEXT = 1024
const MOST_RECIPIENTS = 64
/** Commands that wait for their answers: pipelining (RFC 2920). */
const MOST_WAITING = 256

type Verb =
  | 'greeting'
  | 'hello'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'message'
  | 'bdat'
  | 'rset'
  | 'starttls'
  | 'auth'
  | 'quit'
  | 'other'

/** A command that was not answered yet. */
interface Waiting {
  readonly verb: Verb
  /** The mail that it is about. */
  readonly mail?: Mail
  /** What it names: a sender, a recipient, a client. */
  readonly argument?: string
}

/** A mail on its way: what was accepted of it. */
interface Mail {
  hello?: string
  from?: string
  readonly to: string[]
  reader?: MessageReader
  size: number
  complete: boolean
  code?: number
  isTold: boolean
}

const newMail = (): Mail => ({ to: [], size: 0, complete: false, isTold: false })

/**
 * One connection. What the client says is taken when it is said, and taken back when the server refuses it: both count,
 * since commands may be sent before the answers to those before (RFC 2920), and answers may not have been seen.
 */
export class SmtpSession implements ProtocolSession {
  readonly #lines = { client: new LineReader(MOST_LINE), server: new LineReader(MOST_LINE) }
  #waiting: Waiting[] = [{ verb: 'greeting' }]
  #mail = newMail()
  #hello: string | undefined
  #banner: string | undefined
  #user: string | undefined
  #told = 0
  /** Where the client is: commands, the lines of a mail, or so many bytes of one (BDAT, RFC 3030). */
  #body: 'none' | 'lines' | 'bytes' = 'none'
  #bytesLeft = 0
  #lastChunk = false
  /** The next line of the client answers a challenge of AUTH. */
  #challenge: 'none' | 'user' | 'plain' | 'secret' = 'none'
  #auth: 'PLAIN' | 'LOGIN' | '' = ''
  #serverSpoke = false

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    return speaker === 'client'
      ? this.#fromClient(bytes, timeMs, tell)
      : this.#fromServer(bytes, timeMs, tell)
  }

  gap(speaker: Speaker, length: number): Wants {
    this.#lines[speaker].skip()
    if (speaker === 'client' && this.#body === 'bytes') {
      if (length > this.#bytesLeft) this.#body = 'none'
      this.#bytesLeft = Math.max(0, this.#bytesLeft - length)
    }
    return 'more'
  }

  end(timeMs: number, tell: Tell): void {
    for (const { mail } of this.#waiting.splice(0))
      if (mail?.complete === true) this.#tellMail(mail, timeMs, tell)
    this.#tellMail(this.#mail, timeMs, tell)
    if (this.#told === 0 && (this.#hello !== undefined || this.#banner !== undefined)) {
      this.#told += 1
      tell('smtp', { smtp: this.#head({}) }, timeMs)
    }
  }

  #fromClient(bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const reader = this.#lines.client
    let at = 0
    while (at >= 0 && at < bytes.length) {
      if (this.#body === 'bytes' && this.#bytesLeft > 0) {
        const end = Math.min(bytes.length, at + this.#bytesLeft)
        this.#bytesLeft -= end - at
        this.#mail.size += end - at
        at = this.#chunk(bytes.subarray(0, end), at)
        if (this.#bytesLeft === 0) this.#endChunk(timeMs, tell)
        continue
      }
      at = reader.read(bytes, at)
      if (at < 0) break
      if (this.#body === 'lines') this.#messageLine(reader.line, timeMs, tell)
      else this.#command(reader.line, timeMs, tell)
    }
    return 'more'
  }

  /** Lines within a chunk; the next chunk may go on within a line. */
  #chunk(bytes: Uint8Array, from: number): number {
    const reader = this.#lines.client
    for (let at = reader.read(bytes, from); at >= 0; at = reader.read(bytes, at))
      this.#mail.reader?.line(reader.line)
    return bytes.length
  }

  #endChunk(timeMs: number, tell: Tell): void {
    this.#body = 'none'
    this.#lines.client.clear()
    if (this.#lastChunk) this.#endMessage('bdat', timeMs, tell)
    else this.#wait({ verb: 'other' })
  }

  #messageLine(line: string, timeMs: number, tell: Tell): void {
    const mail = this.#mail
    if (line === '.') {
      this.#body = 'none'
      this.#endMessage('message', timeMs, tell)
      return
    }
    mail.size += line.length + 2
    mail.reader?.line(line.startsWith('.') ? line.slice(1) : line)
  }

  /** It was sent whole; what follows is about the next one. */
  #endMessage(verb: 'message' | 'bdat', timeMs: number, tell: Tell): void {
    const mail = this.#mail
    mail.complete = true
    this.#wait({ verb, mail })
    // Where only the client is seen, no answer will come.
    if (!this.#serverSpoke) this.#tellMail(mail, timeMs, tell)
    this.#mail = newMail()
  }

  #command(line: string, timeMs: number, tell: Tell): void {
    if (this.#challenge !== 'none') {
      this.#credentials(line)
      return
    }
    const verb = /^[a-z]{1,12}/i.exec(line)?.[0].toUpperCase() ?? ''
    const rest = line.slice(verb.length).trim().slice(0, MOST_TEXT)
    if (!this.#serverSpoke && this.#waiting[0]?.verb === 'greeting') this.#waiting.shift()
    switch (verb) {
      case 'HELO':
      case 'EHLO':
      case 'LHLO':
        // It stands as long as the server does not refuse it: one that is accepted also ends the mail before.
        this.#hello ??= rest
        this.#wait({ verb: 'hello', argument: rest, mail: this.#mail })
        return
      case 'MAIL':
        if (this.#mail.from !== undefined) this.#next(timeMs, tell)
        this.#mail.from = pathOf(rest, 'FROM')
        this.#wait({ verb: 'mail', mail: this.#mail, argument: this.#mail.from })
        return
      case 'RCPT': {
        const to = pathOf(rest, 'TO')
        if (this.#mail.to.length < MOST_RECIPIENTS) this.#mail.to.push(to)
        this.#wait({ verb: 'rcpt', mail: this.#mail, argument: to })
        return
      }
      case 'DATA':
        // Where the server refuses, what follows are commands again.
        this.#body = 'lines'
        this.#mail.reader = new MessageReader()
        this.#wait({ verb: 'data', mail: this.#mail })
        return
      case 'BDAT':
        this.#startChunk(rest, timeMs, tell)
        return
      case 'RSET':
        this.#wait({ verb: 'rset', mail: this.#mail })
        this.#next(timeMs, tell)
        return
      case 'AUTH':
        this.#startAuth(rest)
        return
      case 'STARTTLS':
        this.#wait({ verb: 'starttls' })
        return
      case 'QUIT':
        this.#wait({ verb: 'quit' })
        return
      default:
        this.#wait({ verb: 'other' })
    }
  }

  #startChunk(rest: string, timeMs: number, tell: Tell): void {
    const [, digits = '', last] = /^(\d{1,10})(?:\s+(LAST))?/i.exec(rest) ?? []
    this.#mail.reader ??= new MessageReader()
    this.#bytesLeft = Number(digits)
    this.#lastChunk = last !== undefined
    this.#body = 'bytes'
    if (this.#bytesLeft === 0) this.#endChunk(timeMs, tell)
  }

  #startAuth(rest: string): void {
    const [, mechanism = '', initial] = /^(\S{1,32})(?:\s+(\S{1,1024}))?/.exec(rest) ?? []
    const name = mechanism.toUpperCase()
    this.#auth = name === 'PLAIN' || name === 'LOGIN' ? name : ''
    if (initial !== undefined) this.#takeUser(initial)
    this.#wait({ verb: 'auth', ...(initial !== undefined && { argument: initial }) })
  }

  /** A line that answers a challenge: of it the name is kept, never the password. */
  #credentials(line: string): void {
    if (this.#challenge !== 'secret') this.#takeUser(line)
    this.#challenge = 'none'
    this.#wait({ verb: 'auth', argument: 'given' })
  }

  #takeUser(encoded: string): void {
    const text = Buffer.from(encoded.slice(0, MOST_TEXT), 'base64').toString('latin1')
    const user = this.#auth === 'PLAIN' ? text.split('\0')[1] : this.#auth === 'LOGIN' ? text : undefined
    if (user !== undefined && user !== '') this.#user = user.slice(0, 256)
  }

  #fromServer(bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    const reader = this.#lines.server
    for (let at = reader.read(bytes, 0); at >= 0; at = reader.read(bytes, at)) {
      const [, digits, mark, text = ''] = /^([2-5]\d\d)([ -]|$)(.*)$/s.exec(reader.line) ?? []
      if (digits === undefined) continue
      this.#serverSpoke = true
      if (this.#waiting[0]?.verb === 'greeting') this.#banner ??= text.slice(0, MOST_TEXT)
      if (mark === '-') continue
      if (this.#answered(Number(digits), timeMs, tell)) return 'other'
    }
    return 'more'
  }

  /** Whether what follows is TLS. */
  #answered(code: number, timeMs: number, tell: Tell): boolean {
    const waiting = this.#waiting.shift()
    const isRefused = code >= 400
    const mail = waiting?.mail
    switch (waiting?.verb) {
      case 'hello':
        if (isRefused) break
        this.#hello = waiting.argument
        // RFC 5321, 4.1.4: as if RSET had been said.
        if (mail !== undefined && mail === this.#mail && isBegun(mail)) this.#next(timeMs, tell)
        this.#mail.hello = this.#hello ?? ''
        break
      case 'mail':
        if (isRefused && mail !== undefined) delete mail.from
        break
      case 'rcpt':
        if (mail !== undefined && isRefused) mail.to.splice(mail.to.indexOf(waiting.argument ?? ''), 1)
        break
      case 'data':
        if (isRefused && this.#mail === mail) this.#body = 'none'
        break
      case 'message':
      case 'bdat':
        if (mail === undefined) break
        mail.code = code
        this.#tellMail(mail, timeMs, tell)
        break
      case 'auth':
        this.#challenge = code === 334 ? this.#nextChallenge(waiting.argument) : 'none'
        break
      case 'starttls':
        if (code !== 220) break
        this.#told += 1
        tell('smtp', { smtp: { ...this.#head({}), starttls: true } }, timeMs)
        return true
      default:
    }
    return false
  }

  #nextChallenge(given: string | undefined): 'user' | 'plain' | 'secret' {
    if (given === undefined)
      return this.#auth === 'PLAIN' ? 'plain' : this.#auth === 'LOGIN' ? 'user' : 'secret'
    return 'secret'
  }

  /** The mail before is over as it is. */
  #next(timeMs: number, tell: Tell): void {
    this.#tellMail(this.#mail, timeMs, tell)
    this.#mail = newMail()
  }

  #wait(waiting: Waiting): void {
    if (this.#waiting.length >= MOST_WAITING) this.#waiting = this.#waiting.slice(-MOST_WAITING / 2)
    this.#waiting.push(waiting)
  }

  #head(mail: { readonly hello?: string }): SmtpFacts {
    const hello = mail.hello ?? this.#hello
    return {
      ...(this.#banner !== undefined && { banner: this.#banner }),
      ...(hello !== undefined && { smtp_hello: hello }),
      ...(this.#user !== undefined && { user: this.#user }),
    }
  }

  #tellMail(mail: Mail, timeMs: number, tell: Tell): void {
    if (mail.isTold || !isBegun(mail)) return
    mail.isTold = true
    this.#told += 1
    const smtp: SmtpFacts = {
      ...this.#head(mail),
      ...(mail.from !== undefined && { smtp_from: mail.from }),
      ...(mail.to.length > 0 && { smtp_to: mail.to }),
      ...mail.reader?.facts(),
      ...(mail.reader !== undefined && { size: mail.size }),
      ...(mail.code !== undefined && { code: mail.code }),
      complete: mail.complete,
    }
    tell('smtp', { smtp }, timeMs)
  }
}

function isBegun(mail: Mail): boolean {
  return mail.from !== undefined || mail.to.length > 0 || mail.reader !== undefined
}

/** The path of `FROM:<a@b> SIZE=1`, without angle brackets (RFC 5321, 4.1.2). */
function pathOf(text: string, word: 'FROM' | 'TO'): string {
  const after = text.toUpperCase().startsWith(`${word}:`) ? text.slice(word.length + 1).trim() : text
  return /^<([^>]*)>/.exec(after)?.[1] ?? after.split(' ', 1)[0] ?? ''
}
