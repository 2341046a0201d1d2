import { addressFacts } from './address.ts'
import { accountName, type AuthenticationFacts } from './facts.ts'

/** util-linux: `FAILED LOGIN 1 FROM tty1 FOR root, Authentication failure`; shadow: `FAILED LOGIN (1) on '/dev/tty1' FOR 'root', ...`. */
const FAILED =
  /^(?:FAILED LOGIN|TOO MANY LOGIN TRIES)(?: SESSION)?(?: \(?\d{1,9}\)?)? (?:FROM|on) (\S{1,255}) (?:from \S{1,255} )?FOR (.{1,300}), [^,]{1,256}$/
/** `LOGIN ON tty1 BY bob`, `ROOT LOGIN ON tty1`, both also with `FROM host`; shadow: `ROOT LOGIN  on '/dev/tty1'`. */
const DONE = /^(?:ROOT )?LOGIN {1,2}(?:ON|on) (\S{1,255})(?: BY (.{1,256}?))?(?: (?:FROM|from) (\S{1,255}))?$/

/** Understands login(1) in both of its common implementations. */
export function parseLogin(message: string): AuthenticationFacts | undefined {
  const failed = FAILED.exec(message)
  if (failed !== null) {
    return {
      activity: 'logon',
      status: 'failure',
      user: accountName(unquoted(failed[2] ?? '')),
      service: 'login',
      protocol: 'password',
      ...addressFacts(unquoted(failed[1] ?? ''), undefined),
      attempts: 1,
    }
  }
  const done = DONE.exec(message)
  if (done === null) return undefined
  return {
    activity: 'logon',
    status: 'success',
    user: accountName(done[2] ?? 'root'),
    service: 'login',
    session: 'opened',
    terminal: unquoted(done[1] ?? '').replace(/^\/dev\//, ''),
    ...addressFacts(unquoted(done[3] ?? ''), undefined),
    attempts: 1,
  }
}

function unquoted(text: string): string {
  return /^['`](.*)'$/.exec(text)?.[1] ?? text
}
