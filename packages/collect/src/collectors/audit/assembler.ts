import { parseAuditPairs } from '@vedette/formats/logs'

const SYSCALL = 1300
const PATH = 1302
const CWD = 1307
const EXECVE = 1309
const END = 1320
const MODULE = 1330

/** Names by which the parser knows which values are text. */
const names: Readonly<Record<number, string>> = {
  [SYSCALL]: 'SYSCALL',
  [PATH]: 'PATH',
  [CWD]: 'CWD',
  [EXECVE]: 'EXECVE',
  [MODULE]: 'KERN_MODULE',
}

/** Pairs of one record. */
type Pairs = ReadonlyMap<string, string>

/** One system call as the audit system tells it: the records of one serial number. */
export interface AuditedCall {
  readonly timeMs: number
  readonly syscall: Pairs
  /** Pairs of all EXECVE records: a long command line is cut into several. */
  readonly execve: readonly Pairs[]
  readonly cwd?: string
  /** Names of the files that took part, in their order. */
  readonly paths: readonly string[]
  readonly module?: string
}

interface Part {
  timeMs: number
  syscall: Pairs | undefined
  execve: Pairs[]
  cwd: string | undefined
  paths: string[]
  module: string | undefined
}

const HEADER = /^audit\((\d{1,12})\.(\d{3}):(\d{1,20})\): ?/
/** Calls of which records are here and the end is not; the kernel writes those of one call together. */
const MOST_OPEN = 1024
/** Names, or pieces of a command line, of one call. */
const MOST_PARTS = 512

/** Puts the records of one system call together. */
export class AuditAssembler {
  readonly #open = new Map<string, Part>()
  #incomplete = 0

  /** Calls that were given up: their end, or the record of the call itself, did not come. */
  get incomplete(): number {
    return this.#incomplete
  }

  /** Takes a record; gives the call that it is the last one of. */
  add(type: number, text: string): AuditedCall | undefined {
    const header = HEADER.exec(text)
    if (header === null || (names[type] === undefined && type !== END)) return undefined
    const [{ length }, seconds, milliseconds, serial = ''] = header
    if (type === END) return this.#end(serial)
    const part = this.#part(serial, Number(seconds) * 1000 + Number(milliseconds))
    const pairs = parseAuditPairs(`type=${names[type]} ${text.slice(length)}`)
    if (type === SYSCALL) part.syscall = pairs
    else if (type === CWD) part.cwd = pairs.get('cwd')
    else if (type === MODULE) part.module = pairs.get('name')
    else if (type === EXECVE && part.execve.length < MOST_PARTS) part.execve.push(pairs)
    else if (type === PATH && part.paths.length < MOST_PARTS) part.paths.push(pairs.get('name') ?? '')
    return undefined
  }

  #part(serial: string, timeMs: number): Part {
    const known = this.#open.get(serial)
    if (known !== undefined) return known
    const part = {
      timeMs,
      syscall: undefined,
      execve: [],
      cwd: undefined,
      paths: [],
      module: undefined,
    }
    this.#open.set(serial, part)
    const [oldest] = this.#open.keys()
    if (this.#open.size > MOST_OPEN && oldest !== undefined) {
      this.#open.delete(oldest)
      this.#incomplete += 1
    }
    return part
  }

  #end(serial: string): AuditedCall | undefined {
    const part = this.#open.get(serial)
    this.#open.delete(serial)
    if (part === undefined) return undefined
    const { timeMs, syscall, execve, cwd, paths, module } = part
    if (syscall === undefined) {
      this.#incomplete += 1
      return undefined
    }
    return {
      timeMs,
      syscall,
      execve,
      paths,
      ...(cwd === undefined ? undefined : { cwd }),
      ...(module === undefined ? undefined : { module }),
    }
  }
}
