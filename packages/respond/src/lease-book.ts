import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CodedError } from '@vedette/base'
import { z } from 'zod'

/** A frozen process. `wasStopped`: somebody else had stopped it before, so thawing leaves it so. */
export interface LeaseMember {
  readonly pid: number
  readonly startTicks: number
  readonly wasStopped: boolean
}

/** An effect that ends by itself. */
export interface Lease {
  /** The request that asked for it. */
  readonly id: string
  readonly action: 'freeze'
  readonly actor: string
  /** By the wall clock, milliseconds since the epoch. */
  readonly endsMs: number
  /** Length, milliseconds: after a restart no more than that is left, whatever the wall clock says. */
  readonly leaseMs: number
  /** Parents before their children. */
  readonly members: readonly LeaseMember[]
}

const schema = z.object({
  version: z.literal(1),
  bootId: z.string().max(64),
  leases: z.array(
    z.object({
      id: z.string().max(64),
      action: z.literal('freeze'),
      actor: z.string().max(200),
      endsMs: z.number(),
      leaseMs: z.number().min(0).max(86_400_000),
      members: z.array(
        z.object({ pid: z.int().min(1), startTicks: z.int().nonnegative(), wasStopped: z.boolean() }),
      ),
    }),
  ),
})

/** The leases that run, on disk, so that they outlive the process that gave them. */
export class LeaseBook {
  readonly #path: string
  readonly #bootId: string
  #leases: readonly Lease[]

  private constructor(path: string, bootId: string, leases: readonly Lease[]) {
    this.#path = path
    this.#bootId = bootId
    this.#leases = leases
  }

  /**
   * Opens the book; it need not exist. Leases of an earlier boot are void: their processes are gone.
   *
   * @throws {CodedError} `leases-unreadable`: frozen processes may be named in it, so nobody should write over it
   */
  static async open(path: string, bootId: string): Promise<LeaseBook> {
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new LeaseBook(path, bootId, [])
      throw error
    }
    const parsed = schema.safeParse(jsonOf(text))
    if (!parsed.success) {
      throw new CodedError('leases-unreadable', `Cannot read leases ${path}: not what was written there`)
    }
    return new LeaseBook(path, bootId, parsed.data.bootId === bootId ? parsed.data.leases : [])
  }

  get leases(): readonly Lease[] {
    return this.#leases
  }

  /** Writes a lease, new or with more members. On disk once it has resolved; before that nothing may be done. */
  async put(lease: Lease): Promise<void> {
    await this.#write([...this.#leases.filter(({ id }) => id !== lease.id), lease])
  }

  async remove(id: string): Promise<void> {
    await this.#write(this.#leases.filter((lease) => lease.id !== id))
  }

  async #write(leases: readonly Lease[]): Promise<void> {
    const next = `${this.#path}.next`
    await withFile(next, 'w', async (file) => {
      await file.writeFile(JSON.stringify({ version: 1, bootId: this.#bootId, leases }))
      await file.sync()
    })
    await rename(next, this.#path)
    await withFile(dirname(this.#path), 'r', (folder) => folder.sync())
    this.#leases = leases
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function withFile(
  path: string,
  flags: string,
  use: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  await using file = await open(path, flags, 0o600)
  await use(file)
}
