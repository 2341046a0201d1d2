import { createHash } from 'node:crypto'
import type { InventoryItem } from '@vedette/model'
import type { Machine } from './machine.ts'

export function users(machine: Machine): InventoryItem[] {
  const locked = new Map(
    machine.lines('/etc/shadow').map((line) => {
      const [name = '', password = ''] = line.split(':')
      return [name, password] as const
    }),
  )
  return machine.accounts.map(({ name, uid, gid, home, shell }) => {
    const password = locked.get(name)
    return {
      key: name,
      facts: {
        name,
        uid,
        gid,
        home,
        shell,
        // Never the hash itself: whoever reads the inventory may not crack it.
        ...(password !== undefined && { password: passwordState(password) }),
      },
    }
  })
}

/** shadow(5). */
function passwordState(password: string): string {
  if (password === '') return 'none_needed'
  if (password.startsWith('!') || password.startsWith('*')) return 'locked'
  return 'set'
}

export function groups(machine: Machine): InventoryItem[] {
  return machine.lines('/etc/group').flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.split(':')
    return name !== '' && /^\d+$/.test(gid) ? { key: name, facts: { name, gid: Number(gid), members } } : []
  })
}

/** Files of keys by which sshd(8) lets users in, in each user's folder. */
const KEY_FILES = ['.ssh/authorized_keys', '.ssh/authorized_keys2']
/** Of `[options] type key [comment]` the types that OpenSSH knows. */
const KEY = /(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s+(.*))?$/

export function authorizedKeys(machine: Machine): InventoryItem[] {
  const files = new Map<string, string>()
  for (const { home, name } of machine.accounts) {
    if (home.startsWith('/'))
      for (const file of KEY_FILES) files.set(`${home === '/' ? '' : home}/${file}`, name)
  }
  for (const path of machine.glob('/etc/ssh/authorized_keys/*')) {
    files.set(path, path.slice(path.lastIndexOf('/') + 1))
  }
  return [...files].flatMap(([path, user]) =>
    machine.lines(path).flatMap((line): InventoryItem[] => {
      const found = line.startsWith('#') ? null : KEY.exec(line)
      if (found === null) return []
      const [, type = '', base64 = '', comment = ''] = found
      const options = line.slice(0, found.index).trim()
      const fingerprint = `SHA256:${createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64').replace(/=+$/, '')}`
      return [
        {
          key: `${path} ${fingerprint}`,
          facts: {
            path,
            user,
            type,
            fingerprint,
            ...(comment !== '' && { comment }),
            ...(options !== '' && { options }),
          },
        },
      ]
    }),
  )
}

/** Lines of sudoers(5) but for comments; a line that ends with a backslash goes on. */
export function sudoRules(machine: Machine): InventoryItem[] {
  const included = machine
    .list('/etc/sudoers.d')
    // As sudo reads them: not those with a dot, or of an editor.
    .filter((name) => !name.includes('.') && !name.endsWith('~'))
    .map((name) => `/etc/sudoers.d/${name}`)
  return ['/etc/sudoers', ...included].flatMap((path) =>
    (machine.text(path) ?? '')
      .replaceAll(/\s*\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && (!line.startsWith('#') || /^#include|^#\d/.test(line)))
      .map((rule) => ({ key: `${path} ${rule}`, facts: { path, rule } })),
  )
}

/** Lines of pam.d(5). */
export function pamRules(machine: Machine): InventoryItem[] {
  return [...machine.glob('/etc/pam.d/*'), '/etc/pam.conf'].flatMap((path) =>
    machine.lines(path).flatMap((line): InventoryItem[] => {
      const rule = line.replace(/#.*/, '').trim().replaceAll(/\s+/g, ' ')
      if (rule === '' || rule.startsWith('@include')) return []
      const module = /(\S+\.so)\b/.exec(rule)?.[1]
      return [{ key: `${path} ${rule}`, facts: { path, rule, ...(module !== undefined && { module }) } }]
    }),
  )
}
