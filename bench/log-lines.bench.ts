import { silentLogger, systemClock } from '@vedette/base'
import { bootId } from '@vedette/linux'
import type { AgentId, LineRecord } from '@vedette/model'
import { createNormaliser, normaliseConfigSchema } from '@vedette/normalise'
import { report } from './figures.ts'

/**
 * How many MB of log lines a second one core turns into Events, by what the lines are: sign-ins of sshd, a mixed syslog, the
 * access log of a web server. Every secret is looked for in each. No two lines are alike. `--save` keeps the figures.
 */

const BATCH = 1000
const SECONDS = 3
/** Made beforehand: only the work on them counts. */
const LINES = 20_000

/** Lines of one second: who writes more than a few has many in each. */
const LINES_A_SECOND = 50
const two = (n: number) => String(n % 60).padStart(2, '0')
const clock = (n: number) =>
  `07:${two(Math.trunc(n / LINES_A_SECOND / 60))}:${two(Math.trunc(n / LINES_A_SECOND))}`
const iso = (n: number) => `2026-11-20T${clock(n)}.${String((n * 7919) % 1_000_000).padStart(6, '0')}+00:00`
const traditional = (n: number) => `Nov 20 ${clock(n)}`
const address = (n: number) => `203.0.${n % 113}.${n % 251}`

const signIns = [
  (n: number) =>
    `${traditional(n)} web-1 sshd[${n}]: Failed password for invalid user u${n % 900} from ${address(n)} port ${1024 + n} ssh2`,
  (n: number) =>
    `${traditional(n)} web-1 sshd[${n}]: Accepted publickey for deploy from ${address(n)} port ${1024 + n} ssh2: ED25519 SHA256:bG9yZW0taXBzdW0tZG9sb3Itc2l0LWFtZXQtY29uc2VjdA`,
  (n: number) =>
    `${traditional(n)} web-1 sshd[${n}]: pam_unix(sshd:session): session opened for user deploy(uid=1000) by (uid=0)`,
  (n: number) =>
    `${traditional(n)} web-1 sshd[${n}]: Received disconnect from ${address(n)} port ${1024 + n}:11: Bye Bye [preauth]`,
  (n: number) =>
    `${traditional(n)} web-1 sudo:   deploy : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/systemctl restart app-${n % 9}`,
]
const mixed = [
  (n: number) => `${iso(n)} web-1 systemd[1]: Started session-${n}.scope - Session ${n} of User deploy.`,
  (n: number) => `${iso(n)} web-1 CRON[${n}]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)`,
  (n: number) =>
    `${iso(n)} web-1 dhclient[611]: DHCPREQUEST for 192.0.2.${n % 250} on eth0 to 192.0.2.1 port 67`,
  (n: number) =>
    `${iso(n)} web-1 app[${n}]: level=info msg="request done" path=/api/v1/orders/${n} status=200 duration=${n % 300}ms id=7f${n}c1`,
  (n: number) =>
    `${iso(n)} web-1 postfix/smtpd[${n}]: connect from mail-${n}.example.org[${address(n)}]: TLS connection established, cipher ECDHE-RSA-AES256-GCM-SHA384`,
]
const access = [
  (n: number) =>
    `${address(n)} - - [20/Nov/2026:${clock(n)} +0000] "GET /static/app.${n}.js?v=${n} HTTP/1.1" 200 ${n} "https://shop.example.org/item/${n}" "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"`,
  (n: number) =>
    `${address(n)} - bob [20/Nov/2026:${clock(n)} +0000] "POST /api/v1/orders/${n} HTTP/2.0" 201 ${n} "-" "curl/8.11.0"`,
]

async function megabytesPerSecond(path: string, makers: readonly ((n: number) => string)[]): Promise<number> {
  using normaliser = createNormaliser({
    device: { uid: 'bench' as AgentId, hostname: 'bench' },
    bootId: bootId(),
    run: '0'.repeat(16),
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    clock: systemClock,
    log: silentLogger,
    processes: { list: () => [], read: () => undefined },
  })
  const records = Array.from({ length: LINES }, (_, n): LineRecord => {
    const text = (makers[n % makers.length] as (n: number) => string)(n)
    // Out of one buffer, as lines that were read are.
    return { source: 'line', timeMs: Date.now(), path, text: Buffer.from(text).toString(), truncated: false }
  })
  let bytes = 0
  let spentMs = 0
  for (let at = 0; spentMs < SECONDS * 1000; at = (at + BATCH) % LINES) {
    const batch = records.slice(at, at + BATCH)
    const start = process.cpuUsage()
    await normaliser.normalise(batch)
    const { user, system } = process.cpuUsage(start)
    spentMs += (user + system) / 1000
    for (const { text } of batch) bytes += text.length + 1
  }
  if (normaliser.counters().rejected > 0) throw new Error('lines were rejected')
  return Math.round((bytes / 1e6 / (spentMs / 1000)) * 10) / 10
}

report('log-lines', {
  'MB/s of one core': {
    'sign-ins of sshd and sudo': await megabytesPerSecond('/var/log/auth.log', signIns),
    'mixed syslog': await megabytesPerSecond('/var/log/syslog', mixed),
    'access log of nginx': await megabytesPerSecond('/var/log/nginx/access.log', access),
  },
})
