import type { AccountActivity } from '@vedette/model'
import { accountName, type AccountName } from './facts.ts'

/** What a line of a log says about a change of an account or of a group. */
export interface AccountFacts {
  readonly activity: AccountActivity
  readonly status: 'success' | 'failure'
  readonly user?: AccountName
  readonly group?: AccountName
  /** Who did it. */
  readonly actor?: AccountName
  /** `useradd`, `passwd`, or the service that PAM names. */
  readonly service: string
}

interface Form {
  readonly activity: AccountActivity
  /** Named groups: `user`, `uid`, `group`, `gid`, `actor`. */
  readonly pattern: RegExp
  readonly status?: 'failure'
}

const form = (activity: AccountActivity, pattern: RegExp): Form => ({ activity, pattern })

const TO_GROUP = form('attach_group', /^add '(?<user>[^']{1,256})' to group '(?<group>[^']{1,256})'/)
const FROM_GROUP = form('detach_group', /^delete '(?<user>[^']{1,256})' from group '(?<group>[^']{1,256})'/)
const NEW_GROUP = form('create', /^new group: name=(?<group>[^,]{1,256}), GID=(?<gid>\d{1,10})/)

/**
 * How the programs of the shadow suite word what they have done. What they say a second time (of the shadow file of
 * groups) is left out.
 */
const FORMS: Readonly<Record<string, readonly Form[]>> = {
  useradd: [
    form('create', /^new user: name=(?<user>[^,]{1,256}), UID=(?<uid>\d{1,10}),/),
    NEW_GROUP,
    TO_GROUP,
    { ...form('create', /^failed adding user '(?<user>[^']{1,256})'/), status: 'failure' },
  ],
  groupadd: [NEW_GROUP],
  usermod: [
    TO_GROUP,
    FROM_GROUP,
    form('lock', /^lock user '(?<user>[^']{1,256})' password$/),
    form('unlock', /^unlock user '(?<user>[^']{1,256})' password$/),
    form('password_change', /^change user '(?<user>[^']{1,256})' password$/),
    form('update', /^change user (?:name )?'(?<user>[^']{1,256})' /),
  ],
  userdel: [
    form('delete', /^delete user '(?<user>[^']{1,256})'$/),
    FROM_GROUP,
    form('delete', /^removed group '(?<group>[^']{1,256})' owned by '/),
  ],
  groupdel: [form('delete', /^group '(?<group>[^']{1,256})' removed$/)],
  groupmod: [
    form('update', /^group changed in \/etc\/group \(group (?<group>[^/]{1,256})\/(?<gid>\d{1,10})/),
  ],
  passwd: [
    form('password_change', /^password for '(?<user>[^']{1,256})' changed by '(?<actor>[^']{1,256})'$/),
    form('password_change', /^password changed for (?<user>.{1,256})$/),
    {
      ...form('password_change', /^can't view or modify password information for (?<user>.{1,256})$/),
      status: 'failure',
    },
  ],
  chage: [form('update', /^changed password expiry for (?<user>.{1,256})$/)],
  chsh: [form('update', /^changed user '(?<user>[^']{1,256})' shell to '/)],
  chfn: [form('update', /^changed user '(?<user>[^']{1,256})' information$/)],
  gpasswd: [
    form('attach_group', /^user (?<user>.{1,256}?) added by (?<actor>.{1,256}) to group (?<group>.{1,256})$/),
    form(
      'detach_group',
      /^user (?<user>.{1,256}?) removed by (?<actor>.{1,256}) from group (?<group>.{1,256})$/,
    ),
    form('update', /^(?:members|administrators) of group (?<group>.{1,256}?) set by (?<actor>.{1,256}?) to /),
    form('update', /^password of group (?<group>.{1,256}?) (?:changed|removed) by (?<actor>.{1,256})$/),
  ],
}
const PROGRAMS = new Map(Object.entries(FORMS))

/**
 * Understands changes of accounts and groups: useradd, usermod, userdel and their kin of the shadow suite. Undefined for
 * every other message.
 *
 * @param program its name without folders
 */
export function parseAccountTool(program: string, message: string): AccountFacts | undefined {
  for (const { pattern, activity, status } of PROGRAMS.get(program) ?? []) {
    const found = pattern.exec(message)?.groups
    if (found === undefined) continue
    const { user, uid, group, gid, actor } = found
    return {
      activity,
      status: status ?? 'success',
      ...(user !== undefined && { user: { ...accountName(user), ...(uid !== undefined && { uid }) } }),
      ...(group !== undefined && {
        group: { ...accountName(group), ...(gid !== undefined && { uid: gid }) },
      }),
      ...(actor !== undefined && { actor: accountName(actor) }),
      service: program,
    }
  }
  return undefined
}
