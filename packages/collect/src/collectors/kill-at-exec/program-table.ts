import type { BpfMap, KernelFile } from '@vedette/linux'
import { neverStopped } from '../../prevention/config.ts'
import { HeldFiles } from '../../prevention/held-files.ts'
import type { KillAtExecConfig } from './config.ts'

/** As in guard.bpf.c. */
const flag = { stopped: 1, never: 2, trusted: 4 } as const
const KEY_BYTES = 16

/** Which files are meant: paths on one side, the kernel's table of files on the other. */
export class ProgramTable implements Disposable {
  readonly #map: BpfMap
  /** What is never stopped comes into the table before what is. */
  readonly #lists: readonly (readonly [flag: number, files: HeldFiles])[]
  readonly #flags = new Map<string, number>()
  readonly #paths = new Map<string, string>()

  constructor(map: BpfMap, config: KillAtExecConfig) {
    this.#map = map
    this.#lists = [
      [flag.never, new HeldFiles([...neverStopped, ...config.never])],
      [flag.trusted, new HeldFiles(config.trusted_starters)],
      [flag.stopped, new HeldFiles(config.programs)],
    ]
  }

  /** Brings the kernel's table up to date with the files that are there now. */
  refresh(): void {
    for (const [bit, files] of this.#lists) {
      files.refresh(
        (file) => {
          this.#write(keyOf(file), (flags) => flags | bit)
          this.#paths.set(keyOf(file), file.path)
        },
        (file) => this.#write(keyOf(file), (flags) => flags & ~bit),
      )
    }
  }

  /** The path by which a file stands in the configuration. */
  pathOf(file: KernelFile): string | undefined {
    return this.#paths.get(keyOf(file))
  }

  [Symbol.dispose](): void {
    for (const [, files] of this.#lists) files[Symbol.dispose]()
  }

  #write(key: string, change: (flags: number) => number): void {
    const flags = change(this.#flags.get(key) ?? 0)
    const bytes = Buffer.from(key, 'latin1')
    if (flags === 0) {
      this.#map.delete(bytes)
      this.#flags.delete(key)
      this.#paths.delete(key)
      return
    }
    const value = Buffer.alloc(4)
    value.writeUInt32LE(flags)
    this.#map.set(bytes, value)
    this.#flags.set(key, flags)
  }
}

function keyOf({ device, inode }: KernelFile): string {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeBigUInt64LE(inode, 0)
  key.writeUInt32LE(device, 8)
  return key.toString('latin1')
}
