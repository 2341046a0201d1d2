/** Text of one mail that is searched, and links that are kept of it. */
const MOST_SEARCHED = 262_144
const MOST_LINKS = 32
const MOST_LINK = 1024
/** Decoded text that waits for the end of a link. */
const MOST_HELD = 4096

const LINK = /\b(?:https?|ftp):\/\/[^\s"'<>\\^`{|}]{3,1024}/gi
/** What ends a sentence, or closes brackets, is no part of a link at its end. */
const CLOSING = /[.,;:!?)\]]+$/

export type BodyEncoding = 'base64' | 'quoted' | 'plain'

/** Finds addresses of the web in the texts of a mail, encoded as they may be (RFC 2045, 6), line by line. */
export class LinkFinder {
  readonly #found = new Set<string>()
  #encoding: BodyEncoding = 'plain'
  /** Digits of base64 that do not make whole bytes yet. */
  #digits = ''
  #text = ''
  #searched = 0

  get links(): string[] {
    return [...this.#found]
  }

  begin(encoding: BodyEncoding): void {
    this.end()
    this.#encoding = encoding
  }

  line(line: string): void {
    if (this.#searched >= MOST_SEARCHED || this.#found.size >= MOST_LINKS) return
    this.#searched += line.length
    this.#take(this.#decoded(line))
  }

  /** The text is over. */
  end(): void {
    this.#search(this.#text)
    this.#text = ''
    this.#digits = ''
  }

  #decoded(line: string): string {
    if (this.#encoding === 'plain') return `${line}\n`
    if (this.#encoding === 'quoted') {
      const goesOn = line.endsWith('=')
      const text = (goesOn ? line.slice(0, -1) : `${line}\n`).replaceAll(
        /=([\da-f]{2})/gi,
        (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)),
      )
      return text
    }
    const digits = this.#digits + line.trim()
    const whole = digits.length - (digits.length % 4)
    this.#digits = digits.slice(whole)
    return Buffer.from(digits.slice(0, whole), 'base64').toString('latin1')
  }

  #take(piece: string): void {
    const text = this.#text + piece
    // A link may go on in what comes next, and nothing before white space can.
    const last = Math.max(text.lastIndexOf('\n'), text.lastIndexOf(' ')) + 1
    const until = text.length - last > MOST_HELD ? text.length : last
    this.#search(text.slice(0, until))
    this.#text = text.slice(until)
  }

  #search(text: string): void {
    for (const [link] of text.matchAll(LINK)) {
      if (this.#found.size >= MOST_LINKS) return
      this.#found.add(link.slice(0, MOST_LINK).replace(CLOSING, ''))
    }
  }
}
