import { actionModes } from '@vedette/model'
import { z } from 'zod'

const mode = z.enum(actionModes).default('dry_run')
const risk = (standard: number) => z.number().min(0).max(100).default(standard)

/** Programs that nothing may touch, whoever asks: the way in for a person, and what others' data hangs on. */
const defaultNeverTouch = [
  '/sbin/init',
  '/usr/lib/systemd/systemd*',
  '/usr/sbin/sshd',
  '/usr/lib/openssh/sshd-*',
  '/usr/libexec/openssh/sshd-*',
  '/usr/bin/dbus-daemon',
  '/usr/bin/dbus-broker*',
  '/usr/sbin/NetworkManager',
  '/usr/sbin/dhclient',
  '/usr/bin/containerd*',
  '/usr/bin/dockerd',
  '/usr/lib/postgresql/*/bin/postgres',
  '/usr/pgsql-*/bin/postgres',
  '/usr/sbin/mysqld',
  '/usr/sbin/mariadbd',
  '/usr/bin/mongod',
  '/usr/bin/redis-server',
  '/usr/bin/redis-check-rdb',
]

/** Section `response` of the configuration. */
export const responseSchema = z
  .strictObject({
    /** When false nothing is ever done on this host, whoever asks; previews still work. */
    enabled: z.boolean().default(true),
    /** Killing cannot be taken back, so it is switched on apart from the rest. */
    enable_kill: z.boolean().default(false),
    /** How far each action may go without a person. What a person asks for is done in every mode. */
    mode: z.strictObject({ freeze: mode, kill: mode }).prefault({}),
    /** Risk of a process tree, 0-100, from which on somebody is told. */
    warn_threshold: risk(60),
    freeze_threshold: risk(80),
    /** From which on the host would be cut off from the network; no action does that yet. */
    isolate_threshold: risk(90),
    kill_threshold: risk(95),
    /** Executable files whose processes are left alone. Absolute paths; `*` stands for names. */
    never_touch: z.array(z.string().startsWith('/').max(4096)).max(1000).default(defaultNeverTouch),
    /** Between SIGTERM and SIGKILL, milliseconds. */
    kill_grace_ms: z.int().min(0).max(60_000).default(3000),
    /** Larger process trees are refused whole: that is no incident but a host. */
    max_processes: z.int().min(1).max(10_000).default(256),
  })
  .refine(
    ({ warn_threshold: warn, freeze_threshold: freeze, isolate_threshold: isolate, kill_threshold: kill }) =>
      warn <= freeze && freeze <= isolate && isolate <= kill,
    { path: ['kill_threshold'], message: 'expected warn <= freeze <= isolate <= kill' },
  )

export type ResponseConfig = z.output<typeof responseSchema>
