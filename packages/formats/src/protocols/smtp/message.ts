import { decodeWords, parameterOf } from './header-value.ts'
import { type BodyEncoding, LinkFinder } from './link-finder.ts'

const MOST_HEADER = 2048
const MOST_LISTED = 64
/** Parts within parts. */
const MOST_DEEP = 8

/** What the header of a mail says, the names of files within it, and addresses of the web in its texts. */
export interface MessageFacts {
  from?: string
  to?: readonly string[]
  cc?: readonly string[]
  reply_to?: string
  subject?: string
  message_uid?: string
  date?: string
  user_agent?: string
  received?: readonly string[]
  attachments?: readonly string[]
  urls?: readonly string[]
}

/** Reads a mail line by line (RFC 5322, 2045): its header, and the headers of its parts. Keeps no bodies. */
export class MessageReader {
  #facts: MessageFacts = {}
  readonly #attachments: string[] = []
  readonly #received: string[] = []
  readonly #boundaries: string[] = []
  #where: 'header' | 'part-header' | 'body' = 'header'
  /** A header field that may go on in the next line. */
  #field = ''
  #disposition = ''
  #type = ''
  #encoding = ''
  readonly #links = new LinkFinder()
  /** The body that is read is a text for people. */
  #isText = false

  facts(): MessageFacts {
    this.#endField()
    if (this.#where === 'part-header') this.#endPartHeader()
    this.#links.end()
    const urls = this.#links.links
    return {
      ...this.#facts,
      ...(this.#received.length > 0 && { received: [...this.#received] }),
      ...(this.#attachments.length > 0 && { attachments: [...this.#attachments] }),
      ...(urls.length > 0 && { urls }),
    }
  }

  line(text: string): void {
    if (this.#where === 'body') this.#bodyLine(text)
    else if (text === '') this.#endHeader()
    else if (text.startsWith(' ') || text.startsWith('\t')) {
      if (this.#field.length < MOST_HEADER) this.#field += text.slice(0, MOST_HEADER)
    } else {
      this.#endField()
      this.#field = text.slice(0, MOST_HEADER * 2)
    }
  }

  #bodyLine(text: string): void {
    if (!text.startsWith('--') || !this.#isBoundary(text)) {
      if (this.#isText) this.#links.line(text)
    }
  }

  #isBoundary(text: string): boolean {
    for (let at = this.#boundaries.length - 1; at >= 0; at -= 1) {
      const boundary = this.#boundaries[at] ?? ''
      if (!text.startsWith(boundary, 2)) continue
      const rest = text.slice(boundary.length + 2).trim()
      if (rest !== '' && rest !== '--') continue
      this.#boundaries.length = rest === '--' ? at : at + 1
      this.#where = rest === '--' ? 'body' : 'part-header'
      this.#isText = false
      this.#links.end()
      return true
    }
    return false
  }

  #endHeader(): void {
    this.#endField()
    const [type, isPart] = [this.#type, this.#where === 'part-header']
    this.#isText = /^\s*(?:text\/|$)/i.test(type) && !/^\s*attachment/i.test(this.#disposition)
    if (this.#isText) this.#links.begin(encodingOf(this.#encoding))
    this.#endPartHeader()
    this.#where = 'body'
    const boundary = /^\s*multipart\//i.test(type) ? parameterOf(type, 'boundary') : undefined
    if (boundary !== undefined && boundary !== '' && this.#boundaries.length < MOST_DEEP)
      this.#boundaries.push(boundary.slice(0, 256))
    // A mail within a mail: its header is that of a part.
    else if (isPart && /^\s*message\/rfc822/i.test(type)) this.#where = 'part-header'
  }

  #endPartHeader(): void {
    const name = parameterOf(this.#disposition, 'filename') ?? parameterOf(this.#type, 'name')
    if (name !== undefined && name !== '' && this.#attachments.length < MOST_LISTED)
      this.#attachments.push(name.slice(0, 1024))
    this.#disposition = ''
    this.#type = ''
    this.#encoding = ''
  }

  #endField(): void {
    const field = this.#field
    this.#field = ''
    const colon = field.indexOf(':')
    if (colon <= 0) return
    const name = field.slice(0, colon).trimEnd().toLowerCase()
    const value = field.slice(colon + 1).trim()
    if (name === 'content-disposition') this.#disposition = value
    else if (name === 'content-type') this.#type = value
    else if (name === 'content-transfer-encoding') this.#encoding = value
    else if (this.#where === 'header') this.#note(name, value)
  }

  /** The first of a name counts, as mail programs show it. */
  #note(name: string, value: string): void {
    const facts = this.#facts
    const text = decodeWords(value).slice(0, MOST_HEADER)
    if (name === 'from') facts.from ??= text
    else if (name === 'to') facts.to ??= listOf(text)
    else if (name === 'cc') facts.cc ??= listOf(text)
    else if (name === 'reply-to') facts.reply_to ??= text
    else if (name === 'subject') facts.subject ??= text
    else if (name === 'message-id') facts.message_uid ??= text
    else if (name === 'date') facts.date ??= text
    else if (name === 'x-mailer' || name === 'user-agent') facts.user_agent ??= text
    else if (name === 'received' && this.#received.length < 16)
      this.#received.push(value.slice(0, MOST_HEADER))
  }
}

/** Addresses of a list: commas within quotes and brackets part nothing. */
function listOf(text: string): string[] {
  const found = text.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<]|["<])+/g) ?? []
  return found
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .slice(0, MOST_LISTED)
}

function encodingOf(value: string): BodyEncoding {
  const name = value.trim().toLowerCase()
  return name === 'base64' ? 'base64' : name === 'quoted-printable' ? 'quoted' : 'plain'
}
