import { type BpfMap, KernelFiles } from '@vedette/linux'
import type { KillAtExecConfig } from './config.ts'
import { neverStopped } from '../../prevention/config.ts'

/** As in guard.bpf.c. */
const flag = { stopped: 1, never: 2, trusted: 4 } as const
const KEY_BYTES = 16
const MOST = 4096

/** Which files are meant: paths on one side, the kernel's table of files on the other. */
export class ProgramTable {
  readonly #map: BpfMap
  readonly #config: KillAtExecConfig
  #present = new Map<string, number>()
  #paths = new Map<string, string>()

  constructor(map: BpfMap, config: KillAtExecConfig) {
    this.#map = map
    this.#config = config
  }

  /** Brings the kernel's table up to date with the files that are there now. */
  refresh(): void {
    const files = new KernelFiles()
    const wanted = new Map<string, number>()
    const paths = new Map<string, string>()
    const add = (places: readonly string[], bit: number) => {
      for (const path of places) {
        const file = files.find(path)
        if (file === undefined) continue
        const key = keyOf(file.device, file.inode)
        wanted.set(key, (wanted.get(key) ?? 0) | bit)
        paths.set(key, path)
      }
    }
    // What is never stopped is in the table before what is.
    add([...neverStopped, ...this.#config.never], flag.never)
    add(this.#config.trusted_starters, flag.trusted)
    add(this.#config.programs, flag.stopped)
    for (const key of this.#present.keys()) if (!wanted.has(key)) this.#map.delete(Buffer.from(key, 'latin1'))
    for (const [key, flags] of [...wanted].slice(0, MOST)) {
      if (this.#present.get(key) === flags) continue
      const value = Buffer.alloc(4)
      value.writeUInt32LE(flags)
      this.#map.set(Buffer.from(key, 'latin1'), value)
    }
    this.#present = wanted
    this.#paths = paths
  }

  /** The path by which a file stands in the configuration. */
  pathOf(device: number, inode: bigint): string | undefined {
    return this.#paths.get(keyOf(device, inode))
  }
}

function keyOf(device: number, inode: bigint): string {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeBigUInt64LE(inode, 0)
  key.writeUInt32LE(device, 8)
  return key.toString('latin1')
}
