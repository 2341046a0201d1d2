import type { InventoryItem } from '@vedette/model'
import type { Machine } from './machine.ts'

/** Five fields or `@daily`, then the user (in the system's tables) and the command; crontab(5). */
const SYSTEM_LINE = /^(@\w+|(?:[^\s=]+\s+){4}[^\s=]+)\s+(\S+)\s+(.+)$/
const USER_LINE = /^(@\w+|(?:[^\s=]+\s+){4}[^\s=]+)\s+(.+)$/

/** Jobs of all tables of cron and anacron, scripts of its folders, and jobs of at. */
export function cronJobs(machine: Machine): InventoryItem[] {
  return [
    ...['/etc/crontab', ...machine.glob('/etc/cron.d/*')].flatMap((path) =>
      jobs(machine, path, SYSTEM_LINE, undefined),
    ),
    ...[...machine.glob('/var/spool/cron/crontabs/*'), ...machine.glob('/var/spool/cron/*')].flatMap((path) =>
      jobs(machine, path, USER_LINE, path.slice(path.lastIndexOf('/') + 1)),
    ),
    ...machine.lines('/etc/anacrontab').flatMap((line): InventoryItem[] => {
      const found = /^(\d+|@\w+)\s+\d+\s+(\S+)\s+(.+)$/.exec(line)
      if (found === null) return []
      const [, schedule = '', name = '', command = ''] = found
      return [
        {
          key: `/etc/anacrontab ${name}`,
          facts: { path: '/etc/anacrontab', user: 'root', schedule, command },
        },
      ]
    }),
    ...['hourly', 'daily', 'weekly', 'monthly', 'yearly'].flatMap((schedule) =>
      machine
        .list(`/etc/cron.${schedule}`)
        .filter((name) => !name.startsWith('.'))
        .map((name) => {
          const path = `/etc/cron.${schedule}/${name}`
          return { key: path, facts: { ...machine.fileFacts(path), user: 'root', schedule } }
        }),
    ),
    ...['/var/spool/cron/atjobs', '/var/spool/at'].flatMap((folder) =>
      machine
        .list(folder)
        .filter((name) => name.startsWith('a') || name.startsWith('='))
        .map((name) => ({
          key: `${folder}/${name}`,
          facts: { ...machine.fileFacts(`${folder}/${name}`), schedule: 'once' },
        })),
    ),
  ]
}

function jobs(machine: Machine, path: string, form: RegExp, user: string | undefined): InventoryItem[] {
  const { packaged } = machine.packageFacts(path)
  return machine.lines(path).flatMap((line): InventoryItem[] => {
    const found = form.exec(line.trim())
    if (found === null || line.trim().startsWith('#')) return []
    const [, schedule = '', ...rest] = found
    const [who, command] = user === undefined ? rest : [user, rest[0]]
    const facts = {
      path,
      user: who ?? '',
      schedule: schedule.replaceAll(/\s+/g, ' '),
      command: command ?? '',
      packaged,
    }
    return [{ key: `${path} ${facts.schedule} ${facts.user} ${facts.command}`, facts }]
  })
}

/** Folders of units in systemd.unit(5), those of users besides. */
const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/etc/systemd/user',
  '/usr/lib/systemd/user',
]
const UNIT = /\.(service|timer|socket|path|mount|automount)$/

export function systemdUnits(machine: Machine): InventoryItem[] {
  const folders = [
    ...UNIT_FOLDERS,
    ...machine.accounts
      .filter(({ home }) => home.startsWith('/'))
      .map(({ home }) => `${home}/.config/systemd/user`),
  ]
  const items = new Map<string, InventoryItem>()
  const seen = new Set<string>()
  for (const folder of folders) {
    // One folder may lead to another.
    const stats = machine.stats(folder)
    if (stats === undefined || stats.isSymbolicLink() || seen.has(`${stats.dev} ${stats.ino}`)) continue
    seen.add(`${stats.dev} ${stats.ino}`)
    const units = [
      ...machine.glob(`${folder}/*`).filter((path) => UNIT.test(path)),
      ...machine.glob(`${folder}/*.d/*.conf`).filter((path) => UNIT.test(path.replace(/\.d\/[^/]*$/, ''))),
    ]
    for (const path of units) {
      // A link says that a unit is started, or is another's name.
      if (machine.stats(path)?.isSymbolicLink() === true) continue
      const text = machine.text(path) ?? ''
      const say = (name: string, key: string) => {
        const values = [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) =>
          value.trim(),
        )
        return values.length > 0 && { [name]: values.join('; ').slice(0, 4096) }
      }
      items.set(path, {
        key: path,
        facts: {
          ...machine.fileFacts(path),
          ...say('exec_start', 'Exec(?:Start|StartPre|StartPost|Stop|Reload)'),
          ...say('user', 'User'),
          ...say('schedule', 'On(?:Calendar|BootSec|StartupSec|UnitActiveSec|ActiveSec)'),
        },
      })
    }
  }
  return [...items.values()]
}
