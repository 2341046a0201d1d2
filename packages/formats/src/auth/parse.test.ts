import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuthenticationFacts, parseAccountChange, parseAuthentication } from './parse.ts'

function understood(program: string, message: string): AuthenticationFacts {
  const facts = parseAuthentication(program, message)
  if (facts === undefined) throw new Error(`not understood: ${message}`)
  return facts
}

describe('sshd', () => {
  test.each<[string, Partial<AuthenticationFacts>]>([
    [
      'Failed password for root from 192.0.2.1 port 40022 ssh2',
      {
        activity: 'logon',
        status: 'failure',
        user: { name: 'root' },
        protocol: 'password',
        address: '192.0.2.1',
        port: 40022,
      },
    ],
    [
      'Failed password for invalid user bob from 2001:db8::1 port 1 ssh2',
      { status: 'failure', user: { name: 'bob' }, unknownUser: true, address: '2001:db8::1' },
    ],
    [
      'Failed password for invalid user  from 192.0.2.1 port 1 ssh2',
      { user: { name: '' }, unknownUser: true, address: '192.0.2.1' },
    ],
    [
      'Accepted password for alice from ::ffff:192.0.2.7 port 2 ssh2',
      { activity: 'logon', status: 'success', user: { name: 'alice' }, address: '192.0.2.7' },
    ],
    [
      'Accepted publickey for alice from 192.0.2.7 port 2 ssh2: ED25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
      { status: 'success', protocol: 'publickey', address: '192.0.2.7' },
    ],
    [
      'Invalid user admin from 192.0.2.1 port 40022',
      { activity: 'other', status: 'failure', user: { name: 'admin' }, unknownUser: true, port: 40022 },
    ],
    ['Invalid user admin from 192.0.2.1', { user: { name: 'admin' }, address: '192.0.2.1', port: 0 }],
    [
      'error: maximum authentication attempts exceeded for invalid user x from 192.0.2.1 port 22 ssh2 [preauth]',
      { activity: 'other', status: 'failure', user: { name: 'x' }, unknownUser: true, address: '192.0.2.1' },
    ],
    [
      'Connection closed by authenticating user root 192.0.2.1 port 22 [preauth]',
      { activity: 'other', status: 'failure', user: { name: 'root' }, address: '192.0.2.1', port: 22 },
    ],
    [
      'Connection reset by invalid user a b 192.0.2.1 port 22 [preauth]',
      { user: { name: 'a b' }, unknownUser: true, address: '192.0.2.1' },
    ],
    [
      'Disconnected from user alice 192.0.2.1 port 22',
      { activity: 'logoff', status: 'success', user: { name: 'alice' }, address: '192.0.2.1' },
    ],
    [
      'Disconnecting authenticating user root 192.0.2.1 port 22: Too many authentication failures [preauth]',
      { activity: 'other', status: 'failure', user: { name: 'root' }, address: '192.0.2.1' },
    ],
    [
      'User bob from 192.0.2.1 not allowed because not listed in AllowUsers',
      { activity: 'other', status: 'failure', user: { name: 'bob' }, address: '192.0.2.1' },
    ],
    ['ROOT LOGIN REFUSED FROM 192.0.2.1 port 22', { status: 'failure', user: { name: 'root' } }],
    [
      'error: PAM: Authentication failure for illegal user bob from 192.0.2.1',
      {
        activity: 'other',
        status: 'failure',
        user: { name: 'bob' },
        unknownUser: true,
        address: '192.0.2.1',
      },
    ],
    [
      'message repeated 5 times: [ Failed password for root from 192.0.2.1 port 42393 ssh2]',
      { activity: 'logon', status: 'failure', attempts: 5, address: '192.0.2.1' },
    ],
  ])('%s', (message, expected) => {
    expect(understood('sshd', message)).toMatchObject({ service: 'sshd', attempts: 1, ...expected })
  })

  test('sshd-session of newer servers and a path mean sshd too', () => {
    const message = 'Failed password for root from 192.0.2.1 port 1 ssh2'
    expect(understood('sshd-session', message)).toEqual(understood('sshd', message))
    expect(understood('/usr/sbin/sshd', message)).toEqual(understood('sshd', message))
  })

  test.each([
    'Received disconnect from 192.0.2.1 port 22:11: Bye Bye [preauth]',
    'Connection closed by 192.0.2.1 port 22 [preauth]',
    'Disconnected from 192.0.2.1 port 22 [preauth]',
    'Server listening on 0.0.0.0 port 22.',
    'Failed password for root',
    'Accepted',
    '',
  ])('%s is about no account', (message) => {
    expect(parseAuthentication('sshd', message)).toBeUndefined()
  })

  test('a number of repeats is believed up to 100', () => {
    const line = 'message repeated 999999999 times: [ Failed password for root from 192.0.2.1 port 1 ssh2]'
    expect(understood('sshd', line).attempts).toBe(100)
  })
})

describe('a user name that imitates the rest of the line', () => {
  const addresses = '198.51.100.7'
  // What a client may send as its name: anything without a line break, with as many false addresses as it likes.
  const lie = fc.constantFrom(
    'root from 192.0.2.1 port 22 ssh2',
    ' from 192.0.2.1 port 22 ssh2: RSA SHA256:abc',
    'invalid user x from 192.0.2.1 port 1',
    'a 192.0.2.1 port 22',
    'from',
    ' port 22 ssh2',
    '\u2028',
  )
  const name = fc
    .array(fc.oneof(lie, fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 5 })
    .map((parts) => parts.join('').replaceAll(/[\r\n]/g, ''))

  test('the address after it is taken, and the whole name', () => {
    expect(
      understood(
        'sshd',
        `Failed password for root from 192.0.2.1 port 22 ssh2 from ${addresses} port 22 ssh2`,
      ),
    ).toMatchObject({ user: { name: 'root from 192.0.2.1 port 22 ssh2' }, address: addresses })
  })

  test('no name can put another address in its place', () => {
    const forms = [
      (user: string) => `Failed password for invalid user ${user} from ${addresses} port 5 ssh2`,
      (user: string) => `Failed publickey for ${user} from ${addresses} port 5 ssh2: RSA SHA256:abc`,
      (user: string) => `Invalid user ${user} from ${addresses} port 5`,
      (user: string) => `Invalid user ${user} from ${addresses}`,
      (user: string) => `Connection closed by invalid user ${user} ${addresses} port 5 [preauth]`,
      (user: string) => `Disconnected from authenticating user ${user} ${addresses} port 5`,
      (user: string) =>
        `error: maximum authentication attempts exceeded for invalid user ${user} from ${addresses} port 5 ssh2 [preauth]`,
    ]
    fc.assert(
      fc.property(fc.constantFrom(...forms), name, (form, user) => {
        const facts = understood('sshd', form(user))
        expect(facts.address).toBe(addresses)
      }),
      { numRuns: 3000 },
    )
  })

  test('where text of the client stands on both sides, an address is given only if all agree', () => {
    const certificate = (id: string, from: string) =>
      `Failed publickey for root from ${from} port 5 ssh2: ED25519-CERT SHA256:a ID ${id} (serial 0) CA RSA SHA256:b`
    expect(understood('sshd', certificate('me', addresses)).address).toBe(addresses)
    expect(understood('sshd', certificate('x from 192.0.2.1 port 5 ssh2', addresses)).address).toBeUndefined()
    const reason = (user: string, quoted: string) =>
      `Disconnecting invalid user ${user} ${addresses} port 5: Change of username or service not allowed: (${quoted},ssh-connection) -> (b,ssh-connection) [preauth]`
    expect(understood('sshd', reason('a', 'a')).address).toBe(addresses)
    expect(understood('sshd', reason('a 192.0.2.1 port 7: ', 'a')).address).toBeUndefined()
  })

  test('a name that is an address of no host is no address', () => {
    expect(understood('sshd', 'Failed password for root from evil.example port 22 ssh2')).not.toHaveProperty(
      'address',
    )
  })
})

describe('sudo', () => {
  test.each<[string, Partial<AuthenticationFacts>]>([
    [
      '   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id -u',
      { status: 'success', user: { name: 'root' }, actor: { name: 'alice' } },
    ],
    [
      'alice : PWD=/ ; USER=postgres ; GROUP=x ; ENV=A=1 ; COMMAND=/usr/bin/psql',
      { status: 'success', user: { name: 'postgres' } },
    ],
    [
      'alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/bash',
      { status: 'failure', user: { name: 'root' }, attempts: 3, protocol: 'password' },
    ],
    [
      'mallory : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { status: 'failure' },
    ],
    ['alice : command not allowed ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh', { status: 'failure' }],
    [
      'alice : a password is required ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { status: 'failure' },
    ],
  ])('%s', (message, expected) => {
    expect(understood('sudo', message)).toMatchObject({ activity: 'logon', service: 'sudo', ...expected })
  })

  test('a folder or an argument that imitates the fields cannot hide that it was root', () => {
    const folder =
      'alice : TTY=pts/0 ; PWD=/tmp/a ; USER=nobody ; COMMAND=/bin/true ; USER=root ; COMMAND=/bin/sh'
    const argument =
      'alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -c x ; USER=nobody ; COMMAND=/bin/true'
    expect(understood('sudo', folder).user).toEqual({ name: 'root' })
    expect(understood('sudo', argument).user).toEqual({ name: 'root' })
  })
})

describe('PAM, su, login and logind', () => {
  test.each<[string, string, Partial<AuthenticationFacts>]>([
    [
      'sshd',
      'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root',
      { activity: 'other', status: 'failure', service: 'sshd', user: { name: 'root' }, address: '192.0.2.1' },
    ],
    [
      'vsftpd',
      'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=bob rhost=192.0.2.1 ',
      { activity: 'logon', status: 'failure', service: 'vsftpd', user: {}, actor: { name: 'bob' } },
    ],
    [
      'sshd(pam_unix)',
      'authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=192.0.2.1 ',
      { activity: 'logon', status: 'failure', service: 'sshd', address: '192.0.2.1' },
    ],
    [
      'sshd(pam_unix)',
      'authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=Host-7.Example.NET.  user=root',
      { status: 'failure', host: 'host-7.example.net', user: { name: 'root' } },
    ],
    [
      'su',
      'pam_unix(su-l:session): session opened for user root(uid=0) by alice(uid=1000)',
      {
        activity: 'other',
        service: 'su',
        user: { name: 'root', uid: '0' },
        actor: { name: 'alice', uid: '1000' },
      },
    ],
    [
      'CRON',
      'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)',
      { activity: 'other', status: 'success', service: 'cron', user: { name: 'root', uid: '0' } },
    ],
    [
      'gdm-password]',
      'pam_unix(gdm-password:session): session opened for user bob(uid=1000) by (uid=0)',
      { activity: 'logon', status: 'success', service: 'gdm-password' },
    ],
    [
      'sshd',
      'pam_unix(sshd:session): session closed for user fztu',
      { activity: 'logoff', user: { name: 'fztu' } },
    ],
    [
      'sudo',
      'pam_unix(sudo:auth): auth could not identify password for [alice]',
      { status: 'failure', user: { name: 'alice' } },
    ],
    [
      'su',
      '(to root) alice on pts/0',
      { status: 'success', user: { name: 'root' }, actor: { name: 'alice' } },
    ],
    ['su', 'FAILED SU (to root) alice on pts/0', { activity: 'logon', status: 'failure' }],
    ['su', 'FAILED su for root by alice', { activity: 'logon', status: 'failure', actor: { name: 'alice' } }],
    [
      'login',
      "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure",
      { status: 'failure', user: { name: 'root' } },
    ],
    [
      'login',
      'FAILED LOGIN 2 FROM 192.0.2.1 FOR bob, Authentication failure',
      { status: 'failure', user: { name: 'bob' }, address: '192.0.2.1' },
    ],
    ['login', 'ROOT LOGIN ON tty1', { status: 'success', user: { name: 'root' } }],
    ['login', 'LOGIN ON pts/3 BY bob FROM 192.0.2.1', { user: { name: 'bob' }, address: '192.0.2.1' }],
    ['login', 'LOGIN ON tty1 BY bob', { activity: 'logon', session: 'opened', terminal: 'tty1' }],
    [
      'systemd-logind',
      'New session 12 of user anna.',
      { activity: 'other', session: 'opened', sessionId: '12', user: { name: 'anna' } },
    ],
    [
      'systemd-logind',
      "New session '5' of user 'anna' with class 'user' and type 'tty'.",
      { session: 'opened', sessionId: '5', protocol: 'tty' },
    ],
    ['systemd-logind', 'Removed session 12.', { session: 'closed', sessionId: '12', user: {} }],
    [
      'sshd-session',
      'Starting session: shell on pts/0 for anna from 192.0.2.1 port 50111 id 0',
      { activity: 'other', session: 'opened', terminal: 'pts/0', address: '192.0.2.1', port: 50_111 },
    ],
    [
      'sshd',
      'Accepted publickey for anna from 192.0.2.1 port 50111 ssh2: ED25519 SHA256:abc',
      { session: 'opened' },
    ],
    ['sshd', 'Disconnected from user anna 192.0.2.1 port 50111', { activity: 'logoff', session: 'closed' }],
    [
      'su',
      'pam_unix(su:session): session opened for user root by (uid=1000)',
      { activity: 'other', session: 'opened' },
    ],
  ])('%s: %s', (program, message, expected) => {
    expect(understood(program, message)).toMatchObject(expected)
  })

  test('programs with names of Object.prototype are nobody', () => {
    for (const program of ['constructor', '__proto__', 'toString', '']) {
      expect(parseAuthentication(program, 'new user: name=bob, UID=1001,')).toBeUndefined()
      expect(parseAccountChange(program, 'new user: name=bob, UID=1001,')).toBeUndefined()
    }
  })
})

describe('changes of accounts', () => {
  test.each<[program: string, message: string, expected: object]>([
    [
      'useradd',
      'new user: name=bob, UID=1001, GID=1001, home=/home/bob, shell=/bin/bash, from=/dev/pts/0',
      { activity: 'create', status: 'success', user: { name: 'bob', uid: '1001' } },
    ],
    [
      '/usr/sbin/useradd',
      'new group: name=bob, GID=1001',
      { activity: 'create', group: { name: 'bob', uid: '1001' } },
    ],
    ['useradd', "failed adding user 'bob', exit code: 9", { activity: 'create', status: 'failure' }],
    [
      'usermod',
      "add 'bob' to group 'sudo'",
      { activity: 'attach_group', user: { name: 'bob' }, group: { name: 'sudo' } },
    ],
    ['usermod', "delete 'bob' from group 'sudo'", { activity: 'detach_group', group: { name: 'sudo' } }],
    ['usermod', "lock user 'bob' password", { activity: 'lock', user: { name: 'bob' } }],
    ['usermod', "unlock user 'bob' password", { activity: 'unlock' }],
    ['usermod', "change user 'bob' UID from '1001' to '0'", { activity: 'update', user: { name: 'bob' } }],
    ['userdel', "delete user 'bob'", { activity: 'delete', user: { name: 'bob' } }],
    [
      'groupadd',
      'new group: name=ops, GID=1005',
      { activity: 'create', group: { name: 'ops', uid: '1005' } },
    ],
    ['groupdel', "group 'ops' removed", { activity: 'delete', group: { name: 'ops' } }],
    [
      'passwd',
      'pam_unix(passwd:chauthtok): password changed for bob',
      { activity: 'password_change', user: { name: 'bob' }, service: 'passwd' },
    ],
    [
      'chpasswd',
      'pam_unix(chpasswd:chauthtok): password changed for bob',
      { activity: 'password_change', service: 'chpasswd' },
    ],
    [
      'passwd',
      "password for 'bob' changed by 'root'",
      { activity: 'password_change', user: { name: 'bob' }, actor: { name: 'root' } },
    ],
    ['chage', 'changed password expiry for bob', { activity: 'update', user: { name: 'bob' } }],
    ['chsh', "changed user 'bob' shell to '/bin/zsh'", { activity: 'update' }],
    [
      'gpasswd',
      'user bob added by root to group docker',
      { activity: 'attach_group', user: { name: 'bob' }, actor: { name: 'root' }, group: { name: 'docker' } },
    ],
  ])('%s: %s', (program, message, expected) => {
    expect(parseAccountChange(program, message)).toMatchObject(expected)
    expect(parseAuthentication(program, message)).toBeUndefined()
  })

  test('what a program says a second time is left out', () => {
    expect(parseAccountChange('useradd', "add 'bob' to shadow group 'sudo'")).toBeUndefined()
    expect(parseAccountChange('groupadd', 'group added to /etc/gshadow: name=ops')).toBeUndefined()
  })
})

test('whatever the message, there is an answer', () => {
  const program = fc.constantFrom('sshd', 'sudo', 'su', 'login', 'useradd', 'passwd', 'sshd(pam_unix)', 'x')
  const piece = fc.constantFrom(
    'Failed password for ',
    'Accepted publickey for ',
    'invalid user ',
    ' from 192.0.2.1 port 22 ssh2',
    ' from ',
    'message repeated 3 times: [ ',
    'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=',
    'pam_unix(su:session): session opened for user ',
    ' rhost=',
    ' user=',
    ' by ',
    '(uid=0)',
    'alice : TTY=pts/0 ; ',
    'USER=root ; ',
    ' ; COMMAND=',
    "add 'x' to group '",
    'Connection closed by invalid user ',
    ': ',
    ']',
  )
  const message = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 })))
    .map((all) => all.join(''))
  fc.assert(
    fc.property(program, message, (name, text) => {
      const facts = parseAuthentication(name, text)
      expect(facts?.attempts ?? 1).toBeLessThanOrEqual(100)
      expect(facts?.user.name?.length ?? 0).toBeLessThanOrEqual(256)
    }),
    { numRuns: 3000 },
  )
})
