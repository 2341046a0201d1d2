import { z } from 'zod'
import { kindNames, quietKinds, socketKinds } from './kinds.ts'
import type { KindSwitches } from './messages.ts'

const MIB = 1 << 20
const ringBytes = z
  .int()
  .min(64 * 1024)
  .max(256 * MIB)
  .refine((bytes) => (bytes & (bytes - 1)) === 0, 'expected a power of two')
const path = z.string().max(4095).startsWith('/', 'expected an absolute path')

/** Files and folders whose change is how an attacker stays, gets higher or covers the tracks. */
const defaultWatch = [
  '/etc/passwd',
  '/etc/group',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/crontab',
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
  '/var/spool/cron',
  '/etc/ssh',
  '/root/.ssh',
  '/home/*/.ssh',
  '/etc/ld.so.preload',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/systemd/system',
  '/usr/lib/systemd/system',
  '/root/.config/systemd/user',
  '/home/*/.config/systemd/user',
  '/etc/init.d',
  '/etc/rc.local',
  '/etc/profile',
  '/etc/profile.d',
  '/etc/bash.bashrc',
  '/root/.bashrc',
  '/root/.profile',
  '/home/*/.bashrc',
  '/home/*/.profile',
  '/etc/pam.d',
  '/etc/security',
  '/etc/modules-load.d',
  '/etc/udev/rules.d',
  '/etc/update-motd.d',
  '/etc/apt/apt.conf.d',
  '/etc/hosts',
  '/var/log/wtmp',
  '/var/log/btmp',
  '/var/log/lastlog',
  '/var/log/auth.log',
  '/var/log/secure',
]

/** Files whose contents are what an attacker is after. */
const defaultReads = [
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/ssh/ssh_host_*_key',
  '/etc/krb5.keytab',
  '/root/.ssh',
  '/root/.aws',
  '/root/.kube',
  '/root/.docker',
]

/** Who watches, logs, lets in or holds secrets: an attacker's first to silence. */
const guardedNames = [
  'auditd',
  'rsyslogd',
  'syslog-ng',
  'systemd-journal',
  'systemd-logind',
  'systemd-udevd',
  'sshd',
  'crond',
  'cron',
  'dbus-daemon',
  'falco',
  'osqueryd',
  'wazuh-agentd',
  'ossec-agentd',
  'clamd',
  'fail2ban-server',
  'suricata',
  'zeek',
  'tetragon',
  'tracee',
  'falcon-sensor',
  'wdavdaemon',
  'ssh-agent',
  'gpg-agent',
  'vault',
]

/** `path` is no kind of its own for people: it finds out what becomes `file`. */
const switchable = kindNames.filter((name) => name !== 'path')

/** Configuration of the `ebpf` collector. */
export const ebpfSchema = z.strictObject({
  process_ring_bytes: ringBytes
    .default(4 * MIB)
    .describe('Size of the ring for exec, fork and exit, bytes: a power of two'),
  ring_bytes: ringBytes
    .default(2 * MIB)
    .describe('Size of the ring for sockets and files, bytes: a power of two'),
  network: z.boolean().default(true).describe('Whether connections are told'),
  kinds: z
    .partialRecord(z.enum(switchable), z.boolean())
    .default({})
    .describe(
      'Kinds of records that are told, or not, each by its name; those that are not named are told, but for count_calls',
    ),
  watch_paths: z
    .array(path)
    .max(500)
    .default(defaultWatch)
    .describe(
      'Files, and folders with what lies in them (eight levels deep, on the same file system), of which a change is told; `*` stands for any name. They need not exist yet',
    ),
  watch_reads: z
    .array(path)
    .max(500)
    .default(defaultReads)
    .describe('Files and folders of which reading is told as well, besides a change'),
  watch_every_call: z
    .boolean()
    .default(false)
    .describe(
      'Whether every system call is looked at, not only those that something is told about: so the calls of 32-bit programs, and those that a 64-bit program makes the 32-bit way (int 0x80), are seen from the first one on, not only once a 32-bit program has been started. Makes each call of everybody some 50 ns slower',
    ),
  send_seconds: z
    .int()
    .min(1)
    .max(3600)
    .default(10)
    .describe(
      'A process that goes on sending datagrams to one place is told again after so many seconds, after each MiB, and when it ends',
    ),
  guarded_names: z
    .array(z.string().min(1).max(64))
    .max(200)
    .default(guardedNames)
    .describe(
      "Names of tasks (as in /proc/PID/comm) of which every signal from another process is told, besides process 1 and Vedette's own",
    ),
  ignore_self: z
    .boolean()
    .default(true)
    .describe('Whether sockets and files of the process that collects are left out'),
  ignored_pids: z
    .array(z.int().min(1).max(4_194_304))
    .max(100)
    .default([])
    .describe('Processes whose sockets and files are left out, as long as they live'),
})

export type EbpfConfig = z.infer<typeof ebpfSchema>

/** Whether each kind is told, by a configuration. */
export function toldKinds(config: Pick<EbpfConfig, 'kinds' | 'network'>): KindSwitches {
  return Object.fromEntries(
    switchable.map((name) => {
      const told = config.kinds[name] ?? !quietKinds.includes(name)
      return [name, told && (config.network || !socketKinds.includes(name))]
    }),
  )
}
