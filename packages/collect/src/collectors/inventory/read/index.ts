import { type InventoryItem, type InventoryType, inventoryTypes } from '@vedette/model'
import { authorizedKeys, groups, pamRules, sudoRules, users } from './accounts.ts'
import { kernel, kernelModules, listeningSockets, moduleSettings, mounts } from './kernel.ts'
import { Machine } from './machine.ts'
import { cronJobs, systemdUnits } from './schedules.ts'
import { setuidFiles } from './setuid-files.ts'
import { initScripts, preloadedLibraries, startFiles } from './start-files.ts'

export interface InventoryOptions {
  /** A folder that stands for the machine's root. Default: the machine's own. */
  readonly root?: string
  readonly types?: readonly InventoryType[]
  /** Folders in which setuid files are not looked for. */
  readonly exclude: readonly string[]
  /** Files among which they are looked for, at most. */
  readonly maxFiles: number
}

/** All that is there, by type. */
export type Inventory = ReadonlyMap<InventoryType, readonly InventoryItem[]>

/** All of one type. */
export type OfType = readonly [InventoryType, readonly InventoryItem[]]

/** Reads what is there on a machine. Synchronous, and looking for setuid files takes seconds: for a command. */
export function readInventory(options: InventoryOptions): Inventory {
  return new Map([...inventoryInSteps(options)].filter((step) => step !== undefined))
}

/** The same one type after the other. Yields undefined where there is more to do and others may have their turn. */
export function* inventoryInSteps({
  root = '',
  types = inventoryTypes,
  exclude,
  maxFiles,
}: InventoryOptions): Generator<OfType | undefined> {
  const machine = new Machine(root)
  const readers: Readonly<Record<Exclude<InventoryType, 'setuid_file'>, () => InventoryItem[]>> = {
    cron_job: () => cronJobs(machine),
    systemd_unit: () => systemdUnits(machine),
    init_script: () => initScripts(machine),
    start_file: () => startFiles(machine),
    authorized_key: () => authorizedKeys(machine),
    preloaded_library: () => preloadedLibraries(machine),
    kernel_module: () => kernelModules(machine),
    module_setting: () => moduleSettings(machine),
    pam_rule: () => pamRules(machine),
    sudo_rule: () => sudoRules(machine),
    package: () => packages(machine),
    listening_socket: () => listeningSockets(machine),
    user: () => users(machine),
    group: () => groups(machine),
    kernel: () => kernel(machine),
    mount: () => mounts(machine),
  }
  for (const type of types) {
    const items =
      type === 'setuid_file' ? yield* setuidFiles(machine, { exclude, maxFiles }) : readers[type]()
    yield [type, unique(items)]
  }
}

function packages({ packages: database }: Machine): InventoryItem[] {
  return database.packages().map(({ name, version, arch, manager }) => ({
    key: `${manager} ${name}:${arch}`,
    facts: { name, version, arch, manager },
  }))
}

/** Something that is said twice is there once. */
function unique(items: readonly InventoryItem[]): InventoryItem[] {
  return [...new Map(items.map((item) => [item.key, item])).values()]
}
