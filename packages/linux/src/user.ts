import { readFileSync } from 'node:fs'

/** A user by its numbers. */
export interface User {
  readonly uid: number
  readonly gid: number
}

/**
 * A user of /etc/passwd by name. Users that only a name service knows (LDAP, NIS) are not found.
 *
 * @param passwd text in the form of passwd(5)
 */
export function findUser(
  name: string,
  passwd: string = readFileSync('/etc/passwd', 'utf8'),
): User | undefined {
  for (const line of passwd.split('\n')) {
    const [user, , uid, gid] = line.split(':')
    if (user === name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')) {
      return { uid: Number(uid), gid: Number(gid) }
    }
  }
  return undefined
}
