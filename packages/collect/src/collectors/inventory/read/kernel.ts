import { parseTcpTable, readProcess, readSocketOwners } from '@vedette/linux'
import type { InventoryItem } from '@vedette/model'
import type { Machine } from './machine.ts'

/** Of this machine alone: a folder that stands for one has no kernel. */
export function kernelModules(machine: Machine): InventoryItem[] {
  const text = machine.text('/proc/modules')
  if (text === undefined) return []
  const here = machine.text('/proc/sys/kernel/osrelease')?.trim() ?? ''
  const files = new Map<string, string>()
  for (const line of machine.lines(`/lib/modules/${here}/modules.dep`)) {
    const path = line.split(':', 1)[0] ?? ''
    const name = /([^/]+)\.ko(?:\.\w+)?$/.exec(path)?.[1]
    if (name !== undefined) files.set(name.replaceAll('-', '_'), `/lib/modules/${here}/${path}`)
  }
  return text.split('\n').flatMap((line): InventoryItem[] => {
    // `nf_tables 376832 3 - Live 0x0000000000000000 (OE)`
    const [name = '', , , , , , flags = ''] = line.split(' ')
    if (name === '') return []
    const path = files.get(name)
    const taint = flags.replaceAll(/[()+-]/g, '')
    return [
      {
        key: name,
        facts: {
          name,
          /** Whether it is one of those that came with the kernel. */
          in_tree: path !== undefined && !taint.includes('O'),
          unsigned: taint.includes('E'),
          ...(path !== undefined && { path, ...machine.packageFacts(path) }),
        },
      },
    ]
  })
}

/** modprobe.d(5) and modules-load.d(5). */
export function moduleSettings(machine: Machine): InventoryItem[] {
  const paths = [
    '/etc/modules',
    ...[
      '/etc/modprobe.d',
      '/run/modprobe.d',
      '/usr/lib/modprobe.d',
      '/etc/modules-load.d',
      '/usr/lib/modules-load.d',
    ].flatMap((folder) => machine.glob(`${folder}/*.conf`)),
  ]
  return paths.flatMap((path) =>
    machine
      .lines(path)
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== '')
      .map((setting) => ({
        key: `${path} ${setting}`,
        facts: { path, setting, ...machine.packageFacts(path) },
      })),
  )
}

export function kernel(machine: Machine): InventoryItem[] {
  const version = machine.text('/proc/version')?.trim()
  if (version === undefined) return []
  return [
    {
      key: 'kernel',
      facts: {
        release: machine.text('/proc/sys/kernel/osrelease')?.trim() ?? '',
        version,
        command_line: machine.text('/proc/cmdline')?.trim() ?? '',
        tainted: Number(machine.text('/proc/sys/kernel/tainted') ?? 0),
      },
    },
  ]
}

export function mounts(machine: Machine): InventoryItem[] {
  const items = new Map<string, InventoryItem>()
  for (const line of machine.lines('/proc/self/mounts')) {
    const [source = '', target = '', type = '', options = ''] = line.split(' ').map(unescaped)
    if (target !== '') items.set(target, { key: target, facts: { target, source, type, options } })
  }
  return [...items.values()]
}

/** proc_pid_mounts(5): blanks as octal numbers. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}

/** Sockets of this network namespace that others may come to, with a process that holds each, where that can be seen. */
export function listeningSockets(machine: Machine): InventoryItem[] {
  if (machine.root !== '') return []
  const owners = new Map(readSocketOwners().map(({ inode, pid }) => [inode, pid]))
  const items = new Map<string, InventoryItem>()
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const isTcp = protocol.startsWith('tcp')
    for (const socket of parseTcpTable(machine.text(`/proc/self/net/${protocol}`) ?? '')) {
      // An unconnected UDP socket takes what comes; its state reads as `closing`. Those of clients have ports that change.
      const takes = isTcp
        ? socket.state === 'listen'
        : socket.remotePort === 0 && !isEphemeral(machine, socket.localPort)
      if (!takes || socket.localPort === 0) continue
      const { localAddress: address, localPort: port, uid, inode } = socket
      const pid = owners.get(inode)
      const process = pid === undefined ? undefined : readProcess(pid)
      const name = isTcp ? 'tcp' : 'udp'
      const key = `${name} ${address.includes(':') ? `[${address}]` : address}:${port}`
      const program = process?.executable
      items.set(key, {
        key,
        facts: { protocol: name, address, port, uid, ...(program !== undefined && { program }) },
      })
    }
  }
  return [...items.values()]
}

function isEphemeral(machine: Machine, port: number): boolean {
  const [from = 32_768, to = 60_999] = (machine.text('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
    .trim()
    .split(/\s+/)
    .map(Number)
  return port >= from && port <= to
}
