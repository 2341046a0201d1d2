import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  globSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import type { InventoryItem } from '@vedette/model'
import { AccountNames } from '../../../files/account-names.ts'
import { PackageDatabase } from '../../../files/package-database.ts'

/** Of a table or a settings file no more is read. */
const MAX_TEXT_BYTES = 4 << 20
const MAX_NAMES = 20_000

/** A user as passwd(5) has it. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/** The files of a machine, or of a folder that stands for one. Whatever cannot be read is not there. */
export class Machine {
  /** Empty for this machine itself. */
  readonly root: string
  readonly packages: PackageDatabase
  readonly names: AccountNames
  readonly accounts: readonly Account[]

  constructor(root = '') {
    this.root = root === '/' ? '' : root
    this.packages = new PackageDatabase(this.root)
    this.names = new AccountNames(this.root)
    this.accounts = this.lines('/etc/passwd').flatMap((line) => {
      const [name = '', , uid = '', gid = '', , home = '', shell = ''] = line.split(':')
      return name !== '' && /^\d+$/.test(uid) && /^\d+$/.test(gid)
        ? { name, uid: Number(uid), gid: Number(gid), home, shell }
        : []
    })
  }

  /** Undefined for what is no plain file. Pipes and devices are not opened in earnest. */
  text(path: string): string | undefined {
    return this.bytes(path)?.toString('utf8')
  }

  bytes(path: string): Buffer | undefined {
    let descriptor: number
    try {
      descriptor = openSync(
        `${this.root}${path}`,
        constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
      )
    } catch {
      return undefined
    }
    try {
      if (!fstatSync(descriptor).isFile()) return undefined
      const chunks: Buffer[] = []
      for (let left = MAX_TEXT_BYTES; left > 0;) {
        const chunk = Buffer.alloc(Math.min(65_536, left))
        const length = readSync(descriptor, chunk, 0, chunk.length, null)
        if (length === 0) break
        chunks.push(chunk.subarray(0, length))
        left -= length
      }
      return Buffer.concat(chunks)
    } catch {
      return undefined
    } finally {
      closeSync(descriptor)
    }
  }

  lines(path: string): string[] {
    return (this.text(path) ?? '').split('\n')
  }

  /** Names in a folder, in order; none where it is none. */
  list(folder: string): string[] {
    try {
      return readdirSync(`${this.root}${folder}`).sort().slice(0, MAX_NAMES)
    } catch {
      return []
    }
  }

  /** Paths that a pattern stands for. */
  glob(pattern: string): string[] {
    return globSync(`${this.root}${pattern}`)
      .map((path) => path.slice(this.root.length))
      .sort()
      .slice(0, MAX_NAMES)
  }

  stats(path: string): BigIntStats | undefined {
    try {
      return lstatSync(`${this.root}${path}`, { bigint: true })
    } catch {
      return undefined
    }
  }

  /** Facts that any file has: who owns it, its rights, its content's checksum, its package. */
  fileFacts(path: string): InventoryItem['facts'] {
    const stats = this.stats(path)
    const bytes = this.bytes(path)
    return {
      path,
      ...(stats !== undefined && {
        mode: modeText(stats),
        owner: this.names.of(Number(stats.uid), Number(stats.gid)).owner ?? Number(stats.uid),
      }),
      ...(bytes !== undefined && { sha256: createHash('sha256').update(bytes).digest('hex') }),
      ...this.packageFacts(path),
    }
  }

  packageFacts(path: string): { readonly packaged: boolean; readonly package?: string } {
    const owner = this.packages.ownerOf(path)
    return owner === undefined ? { packaged: false } : { packaged: true, package: owner.package.name }
  }
}

/** `0755`. */
export function modeText({ mode }: BigIntStats): string {
  return Number(mode & 0o7777n)
    .toString(8)
    .padStart(4, '0')
}
