import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Clock, CodedError } from '@vedette/base'
import { lockFolder } from '../folder-lock.ts'
import { writeKeyFile } from './key-file.ts'
import { type DataKeyRecord, type KeyringFile, type MasterRecord, parseKeyring } from './keyring-form.ts'
import { type MasterKey, type MasterKeyKind, type MasterKeySource, readMasterKey } from './master-key.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import { aboutOf, SealingKey } from './sealing-key.ts'

/** What data keys are for. Each has keys of its own, and those of tenants each tenant. */
export type KeyClass = 'state' | 'files' | 'spool'

/** What can be told of a keyring without its master key. Times in milliseconds since the epoch. */
export interface KeyringStatus {
  readonly master: { readonly id: string; readonly from: MasterKeyKind; readonly since: number }
  readonly keys: readonly {
    readonly class: string
    /** Empty where it is nobody's. */
    readonly tenant: string
    /** Of the one in use. */
    readonly id: string
    readonly createdAt: number
    /** Keys before it, which still open what they sealed. */
    readonly before: number
  }[]
}

export interface KeyringOptions {
  /** Made, 0700, with the first key. */
  readonly folder: string
  readonly master: MasterKeySource
  readonly clock: Pick<Clock, 'now'>
}

/** Name of the file within a keyring's folder. */
const KEYRING_FILE = 'keyring.json'

const SOURCES: Readonly<Record<MasterKeyKind, string>> = {
  generated: 'a file that was made beside them',
  key: 'a file of yours or the environment',
  passphrase: 'a passphrase',
}

/**
 * The keys of one home: data keys, each wrapped by the master key (envelope encryption). A key of a class and tenant is made
 * when it is first asked for, and on disk before anything is sealed with it. Nothing of an old key is thrown away.
 *
 * Another process may change the file too: what this one does not know it looks for there.
 */
export class Keyring {
  readonly #folder: string
  readonly #file: string
  readonly #clock: Pick<Clock, 'now'>
  #source: MasterKeySource
  /** Made of a passphrase, which takes too long to do it again. */
  #derived: MasterKey | undefined
  #ring: KeyringFile | undefined
  #seen = ''
  readonly #keys = new Map<string, { readonly key: SealingKey; readonly owner: string }>()
  readonly #current = new Map<string, SealingKey>()

  private constructor({ folder, master, clock }: KeyringOptions) {
    this.#folder = folder
    this.#file = join(folder, KEYRING_FILE)
    this.#source = master
    this.#clock = clock
  }

  /**
   * Reads the keys of a folder and opens each of them; where there are none it is empty. Changes nothing.
   *
   * @throws {CodedError} `master-key-missing`, `master-key-wrong`, `keyring-damaged`, `key-refused`
   */
  static open(options: KeyringOptions): Keyring {
    const ring = new Keyring(options)
    ring.#read()
    return ring
  }

  /**
   * The key to seal with from now on; made where there is none.
   *
   * @throws {CodedError} `folder-in-use` when another process changes the keys in this moment
   */
  key(keyClass: KeyClass, tenant = ''): SealingKey {
    const found = this.#current.get(ownerOf(keyClass, tenant))
    if (found !== undefined) return found
    this.#change((ring, master) =>
      ring.keys.some((one) => one.class === keyClass && one.tenant === tenant)
        ? ring
        : { ...ring, keys: [...ring.keys, this.#record(ring, master, SealingKey.make(), keyClass, tenant)] },
    )
    return this.#current.get(ownerOf(keyClass, tenant)) as SealingKey
  }

  /** Id of the key that `key` would give, as far as there is one. */
  idOf(keyClass: KeyClass, tenant = ''): string | undefined {
    return this.#current.get(ownerOf(keyClass, tenant))?.id
  }

  /** The key with an id, to open with; nothing where there is none of that class and tenant. */
  find(id: string, keyClass: KeyClass, tenant = ''): SealingKey | undefined {
    if (!this.#keys.has(id)) this.refresh()
    const found = this.#keys.get(id)
    return found?.owner === ownerOf(keyClass, tenant) ? found.key : undefined
  }

  /** Whether there is a key with that id, of whatever class. */
  has(id: string): boolean {
    return this.#keys.has(id)
  }

  /**
   * Takes over a key from elsewhere, for what it sealed; it is the one in use where there is no other.
   *
   * @param secret 32 bytes, the caller's to overwrite
   */
  adopt(keyClass: KeyClass, secret: Uint8Array): SealingKey {
    const key = new SealingKey(secret)
    this.#change((ring, master) =>
      ring.keys.some(({ id }) => id === key.id)
        ? ring
        : { ...ring, keys: [this.#record(ring, master, key, keyClass, ''), ...ring.keys] },
    )
    return key
  }

  /**
   * Makes a new data key for each class and tenant, for what is sealed from now on.
   *
   * @param olderThanMs only where the one in use is older
   * @returns how many were made
   */
  rotate(olderThanMs = -1): number {
    if (this.due(olderThanMs) === 0) return 0
    let made = 0
    this.#change((ring, master) => {
      const fresh = this.#due(ring, olderThanMs).map((one) =>
        this.#record(ring, master, SealingKey.make(), one.class, one.tenant),
      )
      made = fresh.length
      return { ...ring, keys: [...ring.keys, ...fresh] }
    })
    return made
  }

  /** How many keys in use are older than that. */
  due(olderThanMs: number): number {
    return this.#ring === undefined ? 0 : this.#due(this.#ring, olderThanMs).length
  }

  /**
   * Wraps every data key with another master key, and nothing else: what they sealed stays as it is. Killed in between, either
   * the old master key opens them or the new one. The file of a generated key that is replaced is kept under another name, for
   * backups of before.
   *
   * @param next where the new one comes from; left out, a new one is made in place of a generated one
   * @returns where the old one is kept, if it was in a file of ours
   * @throws {CodedError} `no-keys`, `master-key-given`, `master-key-same`, `key-refused`
   */
  rotateMaster(next?: MasterKeySource): string | undefined {
    if (this.#ring === undefined)
      throw new CodedError('no-keys', 'There are no keys yet that could be wrapped anew')
    if (next === undefined && this.#source.from !== 'generated') {
      throw new CodedError(
        'master-key-given',
        'The master key is one that was given, so that a new one has to be given too',
      )
    }
    const source = next ?? this.#source
    const generated = source.from === 'generated' ? source.file : undefined
    const kept = this.#source.from === 'generated' ? this.#source.file : undefined
    const pending = generated === undefined ? undefined : `${generated}.next`
    let fresh: MasterKey | undefined
    let old: string | undefined
    this.#change((ring, master) => {
      if (pending !== undefined) writeKeyFile(pending).fill(0)
      fresh = readMasterKey(pending === undefined ? source : { from: 'generated', file: pending })
      const { key } = fresh
      if (key.id === master.key.id)
        throw new CodedError('master-key-same', 'That is the master key that is in use already')
      old = master.key.id
      const keys = ring.keys.map((record) => ({
        ...record,
        wrapped: {
          ...record.wrapped,
          [key.id]: key
            .wrap(this.#keys.get(record.id)?.key ?? unknownKey(record.id), aboutKey(ring, record))
            .toString('base64url'),
        },
      }))
      const before = ring.masters.filter(({ id }) => id === master.key.id)
      return { ...ring, masters: [...before, this.#masterRecord(ring.id, source.from, fresh)], keys }
    })
    // From here on both open it. What is moved away is never missing: the new one is in its place at once after.
    const aside = kept === undefined ? undefined : join(dirname(kept), `master-${old ?? ''}.key`)
    if (kept !== undefined && aside !== undefined) {
      const bytes = readPrivateFile(kept)
      if (bytes !== undefined) writePrivateFile(aside, bytes)
      bytes?.fill(0)
    }
    if (pending !== undefined && generated !== undefined) renameSync(pending, generated)
    this.#source = source
    this.#derived = source.from === 'passphrase' ? fresh : undefined
    this.#change((ring, master) => ({
      ...ring,
      masters: ring.masters.filter(({ id }) => id === master.key.id),
      keys: ring.keys.map((record) => ({
        ...record,
        wrapped: { [master.key.id]: record.wrapped[master.key.id] ?? '' },
      })),
    }))
    // What was copied aside first.
    if (kept !== undefined && generated === undefined) rmSync(kept, { force: true })
    return aside
  }

  /** Reads the file again if another process changed it. */
  refresh(): void {
    if (stampOf(this.#file) !== this.#seen) this.#read()
  }

  /** Nothing where there are no keys yet. */
  status(): KeyringStatus | undefined {
    return this.#ring && statusOf(this.#ring)
  }

  #due(ring: KeyringFile, olderThanMs: number): KeyringStatus['keys'] {
    const now = this.#clock.now()
    return statusOf(ring).keys.filter(({ createdAt }) => now - createdAt > olderThanMs)
  }

  #read(): void {
    const seen = stampOf(this.#file)
    const content = readPrivateFile(this.#file)
    this.#ring = content && parseKeyring(content, this.#file)
    this.#seen = seen
    if (this.#ring !== undefined) this.#unwrap(this.#ring, this.#masterOf(this.#ring))
  }

  #unwrap(ring: KeyringFile, { key: master }: MasterKey): void {
    for (const record of ring.keys) {
      const owner = ownerOf(record.class, record.tenant)
      let key = this.#keys.get(record.id)?.key
      if (key === undefined) {
        try {
          key = master.unwrap(
            Buffer.from(record.wrapped[master.id] ?? '', 'base64url'),
            aboutKey(ring, record),
          )
        } catch (error) {
          throw new CodedError(
            'keyring-damaged',
            `${this.#file} was altered: the key ${record.id} does not open; bring the file back from a backup`,
            { cause: error },
          )
        }
        this.#keys.set(record.id, { key, owner })
      }
      this.#current.set(owner, key)
    }
  }

  /** The master key, which has to be one that these keys are wrapped with. */
  #masterOf(ring: KeyringFile): MasterKey {
    const records = ring.masters.filter(({ from }) => from === this.#source.from)
    if (records.length === 0) {
      const kind = ring.masters[0]?.from ?? 'key'
      throw new CodedError(
        'master-key-wrong',
        `The keys in ${this.#folder} are wrapped with a master key of ${SOURCES[kind]}, and what was given is of ` +
          `${SOURCES[this.#source.from]}: set encryption.master_key as it was; nothing was changed`,
      )
    }
    for (const record of records) {
      const { passphrase: cost } = record
      const isKnown = this.#derived?.key.id === record.id
      const master = isKnown ? (this.#derived as MasterKey) : readMasterKey(this.#source, cost)
      if (master.key.id !== record.id) continue
      try {
        master.key.open(Buffer.from(record.check, 'base64url'), aboutMaster(ring.id, record))
      } catch (error) {
        throw new CodedError('keyring-damaged', `${this.#file} was altered: bring it back from a backup`, {
          cause: error,
        })
      }
      if (this.#source.from === 'passphrase') this.#derived = master
      return master
    }
    throw new CodedError(
      'master-key-wrong',
      `The master key is not the one that the keys in ${this.#folder} are wrapped with (${records.map(({ id }) => id).join(', ')}): ` +
        'give the right one; until then nothing is started and nothing is changed',
    )
  }

  /** Reads, changes and writes the file while no other process does. */
  #change(change: (ring: KeyringFile, master: MasterKey) => KeyringFile): void {
    using _ = lockFolder(this.#folder)
    this.#read()
    let before = this.#ring
    let master: MasterKey
    if (before === undefined) {
      if (this.#source.from === 'generated' && !existsSync(this.#source.file))
        writeKeyFile(this.#source.file).fill(0)
      master = readMasterKey(this.#source)
      if (this.#source.from === 'passphrase') this.#derived = master
      const id = randomBytes(16).toString('hex')
      before = { keyring: 1, id, masters: [this.#masterRecord(id, this.#source.from, master)], keys: [] }
    } else master = this.#masterOf(before)
    const after = change(before, master)
    if (after === this.#ring) return
    writePrivateFile(this.#file, `${JSON.stringify(after)}\n`)
    this.#ring = after
    this.#seen = stampOf(this.#file)
    this.#unwrap(after, master)
  }

  #record(
    ring: KeyringFile,
    master: MasterKey,
    key: SealingKey,
    keyClass: string,
    tenant: string,
  ): DataKeyRecord {
    const named = { id: key.id, class: keyClass, tenant, created_at: this.#clock.now() }
    const wrapped = master.key.wrap(key, aboutKey(ring, named)).toString('base64url')
    return { ...named, wrapped: { [master.key.id]: wrapped } }
  }

  #masterRecord(ringId: string, from: MasterKeyKind, { key, cost }: MasterKey): MasterRecord {
    const named = {
      id: key.id,
      from,
      ...(cost !== undefined && { passphrase: cost }),
      since: this.#clock.now(),
    }
    return { ...named, check: key.seal(Buffer.alloc(0), aboutMaster(ringId, named)).toString('base64url') }
  }
}

/**
 * What can be told of the keys in a folder; nothing where there are none.
 *
 * @throws {CodedError} `keyring-damaged`, `key-refused`
 */
export function keyringStatus(folder: string): KeyringStatus | undefined {
  const file = join(folder, KEYRING_FILE)
  const content = readPrivateFile(file)
  return content && statusOf(parseKeyring(content, file))
}

function statusOf({ masters, keys }: KeyringFile): KeyringStatus {
  const { id = '', from = 'key', since = 0 } = masters.at(-1) ?? {}
  const owners = Map.groupBy(keys, (record) => ownerOf(record.class, record.tenant))
  return {
    master: { id, from, since },
    keys: [...owners.values()].flatMap((records) => {
      const last = records.at(-1)
      if (last === undefined) return []
      const { class: keyClass, tenant, created_at: createdAt } = last
      return [{ class: keyClass, tenant, id: last.id, createdAt, before: records.length - 1 }]
    }),
  }
}

function ownerOf(keyClass: string, tenant: string): string {
  return `${keyClass} ${tenant}`
}

function aboutKey(
  { id: ring }: Pick<KeyringFile, 'id'>,
  { id, class: keyClass, tenant }: Pick<DataKeyRecord, 'id' | 'class' | 'tenant'>,
): Buffer {
  return aboutOf('vedette data key', ring, id, keyClass, tenant)
}

function aboutMaster(
  ring: string,
  { id, from, passphrase }: Pick<MasterRecord, 'id' | 'from' | 'passphrase'>,
): Buffer {
  return aboutOf('vedette master key', ring, id, from, JSON.stringify(passphrase ?? null))
}

/** Changes whenever a file is replaced. */
function stampOf(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false, bigint: true })
  return status === undefined ? '' : `${status.ino} ${status.mtimeNs} ${status.size}`
}

function unknownKey(id: string): never {
  throw new CodedError('keyring-damaged', `There is no key ${id}`)
}
