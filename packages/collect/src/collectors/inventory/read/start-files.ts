import type { InventoryItem } from '@vedette/model'
import type { Machine } from './machine.ts'

export function initScripts(machine: Machine): InventoryItem[] {
  return files(machine, [
    ...machine.glob('/etc/init.d/*'),
    '/etc/rc.local',
    ...machine.glob('/etc/local.d/*'),
  ])
}

/** What shells and desktops read when somebody comes in. */
const OF_ALL = [
  '/etc/profile',
  '/etc/bash.bashrc',
  '/etc/bashrc',
  '/etc/zsh/*',
  '/etc/profile.d/*',
  '/etc/environment',
  '/etc/xdg/autostart/*',
  '/etc/update-motd.d/*',
]
const OF_USERS = [
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.kshrc',
  '.cshrc',
  '.tcshrc',
  '.login',
  '.config/fish/config.fish',
  '.xprofile',
  '.xinitrc',
  '.pam_environment',
  '.ssh/rc',
]

export function startFiles(machine: Machine): InventoryItem[] {
  const homes = new Set(
    machine.accounts.map(({ home }) => home).filter((home) => home.startsWith('/') && home !== '/'),
  )
  return files(machine, [
    ...OF_ALL.flatMap((pattern) => (pattern.includes('*') ? machine.glob(pattern) : [pattern])),
    ...[...homes].flatMap((home) => [
      ...OF_USERS.map((name) => `${home}/${name}`),
      ...machine.glob(`${home}/.config/autostart/*.desktop`),
    ]),
  ])
}

function files(machine: Machine, paths: readonly string[]): InventoryItem[] {
  return [...new Set(paths)]
    .filter((path) => {
      const stats = machine.stats(path)
      return stats?.isFile() === true || stats?.isSymbolicLink() === true
    })
    .map((path) => ({ key: path, facts: machine.fileFacts(path) }))
}

/** ld.so(8): libraries that are loaded into every program. */
export function preloadedLibraries(machine: Machine): InventoryItem[] {
  const text = (machine.text('/etc/ld.so.preload') ?? '').replaceAll(/#.*/g, '')
  return text
    .split(/[\s:]+/)
    .filter((library) => library !== '')
    .map((library) => ({ key: library, facts: { library, ...machine.packageFacts(library) } }))
}
