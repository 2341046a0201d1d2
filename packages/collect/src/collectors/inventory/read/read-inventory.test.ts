import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { InventoryType } from '@vedette/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readInventory } from './index.ts'

/** A folder that stands for the root of a machine. */
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vedette-inventory-'))
  put('/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:A:/home/alice:/bin/sh\nbroken\n')
  put('/etc/group', 'root:x:0:\nsudo:x:27:alice,bob\n')
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), mode)
}

const read = (type: InventoryType, exclude: readonly string[] = []) =>
  readInventory({ root, types: [type], exclude, maxFiles: 10_000 }).get(type) ?? []
const facts = (type: InventoryType) => read(type).map((item) => item.facts)

test('users and groups, with the state of a password and never the password', () => {
  put('/etc/shadow', 'root:$6$salt$hash:1::::::\nalice:!:1::::::\n', 0o600)
  expect(facts('user')).toEqual([
    { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash', password: 'set' },
    { name: 'alice', uid: 1000, gid: 1000, home: '/home/alice', shell: '/bin/sh', password: 'locked' },
  ])
  expect(JSON.stringify(facts('user'))).not.toContain('hash')
  expect(facts('group')).toContainEqual({ name: 'sudo', gid: 27, members: 'alice,bob' })
})

test('authorized keys with the fingerprint that ssh-keygen has for them', () => {
  const key = join(root, 'key')
  expect(
    spawnSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'a@b', '-f', key]).status,
  ).toBe(0)
  const line = spawnSync('cat', [`${key}.pub`], { encoding: 'utf8' }).stdout.trim()
  const fingerprint = /SHA256:\S+/.exec(
    spawnSync('/usr/bin/ssh-keygen', ['-lf', key], { encoding: 'utf8' }).stdout,
  )?.[0]
  put(
    '/home/alice/.ssh/authorized_keys',
    `# nothing\n\nfrom="192.0.2.1",command="echo hi there" ${line}\nnonsense\n`,
  )
  expect(facts('authorized_key')).toEqual([
    {
      path: '/home/alice/.ssh/authorized_keys',
      user: 'alice',
      type: 'ssh-ed25519',
      fingerprint,
      comment: 'a@b',
      options: 'from="192.0.2.1",command="echo hi there"',
    },
  ])
})

test('tables of cron of all kinds', () => {
  put('/etc/crontab', 'SHELL=/bin/sh\n# a remark\n17 *\t* * *\troot\tcd / && run-parts\n@reboot bob /opt/x\n')
  put('/etc/cron.d/sync', '*/5 * * * * www-data /usr/bin/sync-it\n')
  put('/var/spool/cron/crontabs/alice', '0 3 * * 1 backup --all\n@daily /home/alice/x\n')
  put('/etc/cron.daily/clean', '#!/bin/sh\n', 0o755)
  put('/etc/anacrontab', '1\t5\tcron.daily\trun-parts /etc/cron.daily\n')
  expect(facts('cron_job')).toMatchObject([
    { path: '/etc/crontab', schedule: '17 * * * *', user: 'root', command: 'cd / && run-parts' },
    { schedule: '@reboot', user: 'bob', command: '/opt/x' },
    { path: '/etc/cron.d/sync', schedule: '*/5 * * * *', user: 'www-data', packaged: false },
    { user: 'alice', schedule: '0 3 * * 1', command: 'backup --all' },
    { user: 'alice', schedule: '@daily', command: '/home/alice/x' },
    { path: '/etc/anacrontab', schedule: '1', command: 'run-parts /etc/cron.daily' },
    { path: '/etc/cron.daily/clean', schedule: 'daily', mode: '0755' },
  ])
})

test('units and timers of systemd, with what they start', () => {
  put('/etc/systemd/system/evil.service', '[Service]\nExecStartPre=/bin/a\nExecStart=/tmp/x\nUser=bob\n')
  put('/usr/lib/systemd/system/t.timer', '[Timer]\nOnCalendar=daily\n')
  put('/etc/systemd/system/ssh.service.d/more.conf', '[Service]\nExecStartPost=/tmp/y\n')
  put('/home/alice/.config/systemd/user/u.service', '[Service]\nExecStart=/tmp/z\n')
  symlinkSync('usr/lib', join(root, 'lib'))
  expect(facts('systemd_unit')).toMatchObject([
    { path: '/etc/systemd/system/evil.service', exec_start: '/bin/a; /tmp/x', user: 'bob', packaged: false },
    { path: '/etc/systemd/system/ssh.service.d/more.conf', exec_start: '/tmp/y' },
    { path: '/usr/lib/systemd/system/t.timer', schedule: 'daily' },
    { path: '/home/alice/.config/systemd/user/u.service', exec_start: '/tmp/z' },
  ])
})

test('setuid and setgid programs, those of packages and others', () => {
  put('/usr/bin/su', 'x', 0o4755)
  put('/opt/own', 'x', 0o2711)
  put('/opt/no-program', 'x', 0o4644)
  put('/var/lib/docker/a/su', 'x', 0o4755)
  put(
    '/var/lib/dpkg/status',
    'Package: login\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n',
  )
  put('/var/lib/dpkg/info/login.list', '/.\n/bin\n/bin/su\n')
  expect(read('setuid_file', ['/var/lib/docker']).map((item) => item.facts)).toMatchObject([
    { path: '/opt/own', mode: '2711', setuid: false, setgid: true, packaged: false },
    { path: '/usr/bin/su', mode: '4755', setuid: true, packaged: true, package: 'login' },
  ])
})

test('rules of sudo and PAM, preloaded libraries, settings of modules, start files', () => {
  put(
    '/etc/sudoers',
    '# a remark\nDefaults env_reset\nalice ALL=(ALL) \\\n  NOPASSWD: ALL\n#includedir /etc/sudoers.d\n',
  )
  put('/etc/sudoers.d/x.bak', 'bob ALL=(ALL) ALL\n')
  put('/etc/sudoers.d/carol', 'carol ALL=(ALL) ALL\n')
  put('/etc/pam.d/sshd', '# a remark\n@include common-auth\nauth   sufficient /tmp/evil.so # x\n')
  put('/etc/ld.so.preload', '/tmp/a.so:/tmp/b.so # remark\n')
  put('/etc/modprobe.d/x.conf', '# remark\ninstall usb-storage /bin/false\n')
  put('/home/alice/.bashrc', 'evil\n')
  expect(facts('sudo_rule').map(({ rule }) => rule)).toEqual([
    'Defaults env_reset',
    'alice ALL=(ALL) NOPASSWD: ALL',
    '#includedir /etc/sudoers.d',
    'carol ALL=(ALL) ALL',
  ])
  expect(facts('pam_rule')).toEqual([
    { path: '/etc/pam.d/sshd', rule: 'auth sufficient /tmp/evil.so', module: '/tmp/evil.so' },
  ])
  expect(facts('preloaded_library').map(({ library }) => library)).toEqual(['/tmp/a.so', '/tmp/b.so'])
  expect(facts('module_setting')).toMatchObject([
    { setting: 'install usb-storage /bin/false', packaged: false },
  ])
  expect(facts('start_file')).toMatchObject([{ path: '/home/alice/.bashrc', mode: '0644', packaged: false }])
})

test('this machine has a kernel, mounts and packages', () => {
  const found = readInventory({
    types: ['kernel', 'mount', 'package', 'listening_socket'],
    exclude: [],
    maxFiles: 1,
  })
  expect(found.get('kernel')?.[0]?.facts['release']).toMatch(/^\d+\./)
  expect(found.get('mount')?.map(({ key }) => key)).toContain('/')
})

test('a pipe in the place of a file holds nothing up', () => {
  mkdirSync(join(root, '/home/alice/.ssh'), { recursive: true })
  expect(spawnSync('mkfifo', [join(root, '/home/alice/.ssh/authorized_keys')]).status).toBe(0)
  expect(facts('authorized_key')).toEqual([])
})
