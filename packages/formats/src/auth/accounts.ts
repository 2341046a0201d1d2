import { accountName, type AuthenticationFacts } from './facts.ts'

interface Form {
  readonly pattern: RegExp
  readonly status: 'success' | 'failure'
}

const done = (pattern: RegExp): Form => ({ pattern, status: 'success' })
const failed = (pattern: RegExp): Form => ({ pattern, status: 'failure' })

/** How the programs of the shadow suite (and chpasswd's PAM) word a change. The account is the first group. */
const FORMS: Readonly<Record<string, readonly Form[]>> = {
  useradd: [
    done(/^new user: name=([^,]{1,256}), UID=(\d{1,10}),/),
    done(/^add '([^']{1,256})' to (?:shadow )?group '/),
    failed(/^failed adding user '([^']{1,256})'/),
  ],
  usermod: [
    done(/^add '([^']{1,256})' to (?:shadow )?group '/),
    done(/^delete '([^']{1,256})' from (?:shadow )?group '/),
    done(/^change user (?:name )?'([^']{1,256})' /),
    done(/^(?:lock|unlock) user '([^']{1,256})' password$/),
  ],
  userdel: [done(/^delete user '([^']{1,256})'$/), done(/^delete '([^']{1,256})' from (?:shadow )?group '/)],
  passwd: [
    done(/^password for '([^']{1,256})' changed by '/),
    done(/^password changed for (.{1,256})$/),
    failed(/^can't view or modify password information for (.{1,256})$/),
  ],
  chage: [done(/^changed password expiry for (.{1,256})$/)],
  gpasswd: [
    done(/^user (.{1,256}?) (?:added by .{1,256} to|removed by .{1,256} from) group .{1,256}$/),
    done(/^members of group .{1,256} set by .{1,256} to (.{1,256})$/),
  ],
}
const PROGRAMS = new Map(Object.entries(FORMS))

/** Understands changes of accounts. They are no logins: their activity is `other`. */
export function parseAccountChange(program: string, message: string): AuthenticationFacts | undefined {
  for (const { pattern, status } of PROGRAMS.get(program) ?? []) {
    const match = pattern.exec(message)
    if (match?.[1] === undefined) continue
    const uid = match[2]
    return {
      activity: 'other',
      status,
      user: { ...accountName(match[1]), ...(uid !== undefined && { uid }) },
      service: program,
      attempts: 1,
    }
  }
  return undefined
}
